"""A real control plane on loopback: etcd, API server, controller manager and scheduler; no node, root not needed."""

from __future__ import annotations

import shutil
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from mediatui.demo.certificates import loopback_certificate
from tests.lab.build import programs
from tests.lab.credentials import (
    CLUSTER_READABLE,
    NARROW,
    USERS,
    Tokens,
    kubeconfig,
    service_account_keys,
    write_kubeconfig,
    write_private,
)
from tests.lab.leftovers import temporary_folder
from tests.lab.objects import create
from tests.lab.processes import Child, Launch, Process, free_ports
from tests.lab.waiting import wait_until


class ControlPlane:
    """One control plane in a folder of its own; several can be up at once.

    Args:
        folder: Where everything lies; a temporary one, removed at the end, without it.
        launch: Starts its processes, for one that runs inside a node.
        port: Of the API server; a free one without it.
        address: Where the API server listens and what it calls itself, so that a node's pods reach it.
    """

    def __init__(
        self, folder: Path | None = None, *, launch: Launch = Child, port: int = 0, address: str = "127.0.0.1"
    ) -> None:
        self._temporary = folder is None
        self.folder = folder or temporary_folder()
        self.tokens = Tokens()
        self.server = ""
        self._launch = launch
        self._port = port
        self._address = address
        self._children: dict[str, Process] = {}

    def start(self) -> None:
        """Start everything and return when the API server is ready.

        Raises:
            CannotBuildError: There are no binaries.
            RuntimeError: It does not come up; with the end of its log.
        """
        binaries = programs("control-plane")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._prepare(binaries)
        self._children["etcd"].start()
        self._children["kube-apiserver"].start()
        self.wait_ready()
        self._grant()
        for name in ("kube-controller-manager", "kube-scheduler"):
            self._children[name].start()
        self._wait_for_service_account()

    def stop(self) -> None:
        """End everything and remove what it left."""
        for name in reversed(self._children):
            self._children[name].kill()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def kill_apiserver(self) -> None:
        """Kill the API server, as a power cut does."""
        self._children["kube-apiserver"].kill()

    def restart_apiserver(self) -> None:
        """Start the API server again and wait until it is ready."""
        self._children["kube-apiserver"].start()
        self.wait_ready()

    def kubeconfig(self, user: str = "admin") -> Path:
        """Return a user's kubeconfig."""
        return self.folder / f"{user}.kubeconfig"

    def client(self, user: str = "admin") -> httpx.Client:
        """Return a plain HTTP client with a user's token."""
        return httpx.Client(
            base_url=self.server,
            headers={"Authorization": f"Bearer {self.tokens.of[user]}"},
            verify=ssl.create_default_context(cafile=str(self.folder / "ca.crt")),
            timeout=20,
            trust_env=False,
        )

    def logs(self) -> str:
        """Return the end of every process's log."""
        return "\n".join(f"== {child.name}\n{child.tail()}" for child in self._children.values())

    def pids(self) -> list[int]:
        """Return the ids of every process."""
        return [child.pid for child in self._children.values()]

    def open_for_narrow(self, namespace: str) -> None:
        """Let the user ``narrow`` read in a namespace."""
        with self.client() as client:
            rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
            create(client, f"{rbac}/roles", {"metadata": {"name": "narrow"}, "rules": NARROW})
            create(client, f"{rbac}/rolebindings", _binding("narrow", "Role", "narrow"))

    def wait_ready(self) -> None:
        """Wait until the API server says that it is ready.

        Raises:
            RuntimeError: It has ended, or takes too long.
        """
        server = self._children["kube-apiserver"]
        with self.client() as client:

            def ready() -> bool:
                try:
                    return client.get("/readyz", timeout=2).status_code == 200
                except httpx.TransportError:
                    return False

            problem = "the API server did not get ready"
            wait_until(ready, problem, hopeless=lambda: server.ended, words=self.logs)

    def _prepare(self, binaries: Mapping[str, Path]) -> None:
        etcd, peer, free, manager, scheduler = free_ports(5)
        api = self._port or free
        folder = self.folder
        self.server = f"https://127.0.0.1:{api}"
        certificate = loopback_certificate()
        authority = write_private(folder / "ca.crt", certificate.ca_pem)
        serving = write_private(folder / "server.crt", certificate.certificate_pem)
        key = write_private(folder / "server.key", certificate.key_pem)
        private, public = service_account_keys(folder)
        tokens = write_private(folder / "tokens.csv", self.tokens.csv())
        for user in USERS:
            body = kubeconfig(self.server, user, self.tokens.of[user], authority)
            write_kubeconfig(self.kubeconfig(user), body)
        admin = f"--kubeconfig={self.kubeconfig()}"
        commands: dict[str, list[str | Path]] = {
            "etcd": [
                "--name=lab",
                f"--data-dir={folder / 'etcd'}",
                f"--listen-client-urls=http://127.0.0.1:{etcd}",
                f"--advertise-client-urls=http://127.0.0.1:{etcd}",
                f"--listen-peer-urls=http://127.0.0.1:{peer}",
                f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
                f"--initial-cluster=lab=http://127.0.0.1:{peer}",
                "--unsafe-no-fsync",
                "--log-level=warn",
            ],
            "kube-apiserver": [
                f"--etcd-servers=http://127.0.0.1:{etcd}",
                f"--bind-address={'127.0.0.1' if self._address == '127.0.0.1' else '0.0.0.0'}",
                *([] if self._address == "127.0.0.1" else [f"--advertise-address={self._address}"]),
                f"--secure-port={api}",
                f"--tls-cert-file={serving}",
                f"--tls-private-key-file={key}",
                # A loopback address is no valid endpoint of the service `kubernetes`.
                "--endpoint-reconciler-type=none",
                "--service-cluster-ip-range=10.96.0.0/24",
                "--service-account-issuer=https://kubernetes.default.svc",
                f"--service-account-key-file={public}",
                f"--service-account-signing-key-file={private}",
                f"--token-auth-file={tokens}",
                "--authorization-mode=Node,RBAC",
                "--allow-privileged=true",
                # An aggregated API is reached by its endpoints: nothing here makes cluster addresses work.
                "--enable-aggregator-routing=true",
                # The default asks the node's host name first, which nobody resolves here.
                "--kubelet-preferred-address-types=InternalIP,Hostname",
            ],
            "kube-controller-manager": [
                admin,
                "--leader-elect=false",
                "--bind-address=127.0.0.1",
                f"--secure-port={manager}",
                f"--service-account-private-key-file={private}",
                f"--root-ca-file={authority}",
                "--pvclaimbinder-sync-period=1s",
                "--kube-api-qps=200",
                "--kube-api-burst=400",
            ],
            "kube-scheduler": [
                admin,
                "--leader-elect=false",
                "--bind-address=127.0.0.1",
                f"--secure-port={scheduler}",
            ],
        }
        self._children = {
            name: self._launch(name, [binaries[name], *arguments], folder / f"{name}.log")
            for name, arguments in commands.items()
        }

    def _grant(self) -> None:
        with self.client() as client:
            rbac = "/apis/rbac.authorization.k8s.io/v1"
            create(client, f"{rbac}/clusterroles", {"metadata": {"name": "lab-viewer"}, "rules": CLUSTER_READABLE})
            create(client, f"{rbac}/clusterrolebindings", _binding("viewer", "ClusterRole", "lab-viewer"))

    def _wait_for_service_account(self) -> None:
        """Pods cannot be made before the controller manager has made the service account they run as."""
        account = "/api/v1/namespaces/default/serviceaccounts/default"
        with self.client() as client:
            wait_until(
                lambda: client.get(account).status_code == 200,
                "the controller manager does nothing",
                words=self.logs,
            )


def _binding(user: str, kind: str, role: str) -> dict[str, Any]:
    return {
        "metadata": {"name": f"{role}-{user}"},
        "subjects": [{"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}],
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role},
    }
