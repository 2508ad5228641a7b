"""A real Argo CD beside a control plane: application, applicationset and repo-server as plain processes, with redis."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from tests.lab.build import go_module, programs
from tests.lab.controlplane import ControlPlane
from tests.lab.leftovers import temporary_folder
from tests.lab.packages import REDIS, environment, unpacked
from tests.lab.processes import Child, free_ports
from tests.lab.repository import Repository
from tests.lab.waiting import wait_until

NAMESPACE: Final = "argocd"
_MODULE: Final = "github.com/argoproj/argo-cd/v3"
_APPLY: Final = {"Content-Type": "application/apply-patch+yaml"}
_SETTINGS: Final = {
    "argocd-cm": {"timeout.reconciliation": "5s", "timeout.reconciliation.jitter": "0s"},
    **{
        f"argocd-{name}": {}
        for name in (
            "rbac-cm",
            "ssh-known-hosts-cm",
            "tls-certs-cm",
            "gpg-keys-cm",
            "cmd-params-cm",
            "notifications-cm",
        )
    },
}


class CannotRunArgoError(Exception):
    """Argo CD cannot run here; the text says why in one line."""


class ArgoCD:
    """Argo CD for one control plane.

    Args:
        plane: The cluster that it runs for and that it deploys to.
    """

    def __init__(self, plane: ControlPlane) -> None:
        self.folder = temporary_folder()
        self.plane = plane
        self._children: dict[str, Child] = {}

    def start(self) -> None:
        """Start it and return when it takes Applications.

        Raises:
            CannotRunArgoError: Git is missing.
            CannotBuildError: Programs are missing and cannot be built.
            RuntimeError: It does not come up; with the ends of its logs.
        """
        if shutil.which("git") is None:
            raise CannotRunArgoError("Argo CD needs git on the PATH")
        built = programs("argocd")
        self._install()
        self._prepare(built["argocd"], built["kustomize"].parent)
        for child in self._children.values():
            child.start()
        self._wait()

    def stop(self) -> None:
        """End everything and remove what it left."""
        for child in self._children.values():
            child.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def repository(self, name: str) -> Repository:
        """Make a repository."""
        return Repository(self.folder / "repositories" / name)

    def logs(self) -> str:
        """Return the end of every process's log."""
        return "\n".join(f"== {child.name}\n{child.tail()}" for child in self._children.values())

    def application(self, name: str) -> dict[str, Any]:
        """Return an Application, empty when it is not there."""
        with self.plane.client() as client:
            answer = client.get(f"/apis/argoproj.io/v1alpha1/namespaces/{NAMESPACE}/applications/{name}")
        found: dict[str, Any] = answer.json() if answer.status_code == 200 else {}
        return found

    def apply(self, body: dict[str, Any]) -> None:
        """Apply an Application or an ApplicationSet."""
        plural = f"{body['kind'].lower()}s"
        path = f"/apis/argoproj.io/v1alpha1/namespaces/{NAMESPACE}/{plural}/{body['metadata']['name']}"
        with self.plane.client() as client:
            _apply(client, path, body)

    def _install(self) -> None:
        definitions = go_module("argocd", _MODULE) / "manifests" / "crds"
        with self.plane.client() as client:
            for kind in ("application", "applicationset", "appproject"):
                body = yaml.safe_load((definitions / f"{kind}-crd.yaml").read_text())
                path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{body['metadata']['name']}"
                _apply(client, path, body)
            namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
            _apply(client, f"/api/v1/namespaces/{NAMESPACE}", namespace)
            for name, data in _SETTINGS.items():
                _apply(
                    client, f"/api/v1/namespaces/{NAMESPACE}/configmaps/{name}", _object("ConfigMap", name, data=data)
                )
            secret = {"server.secretkey": os.urandom(24).hex(), "admin.passwordMtime": "2026-01-01T00:00:00Z"}
            body = _object("Secret", "argocd-secret", stringData=secret)
            _apply(client, f"/api/v1/namespaces/{NAMESPACE}/secrets/argocd-secret", body)
            project = {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "AppProject",
                "metadata": {"name": "default", "namespace": NAMESPACE},
                "spec": {
                    "sourceRepos": ["*"],
                    "destinations": [{"namespace": "*", "server": "*"}],
                    "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
                },
            }
            _apply(client, f"/apis/argoproj.io/v1alpha1/namespaces/{NAMESPACE}/appprojects/default", project)

    def _prepare(self, argocd: Path, kustomize: Path) -> None:
        folder = self.folder
        redis, repo, repo_metrics, controller, appset, probe, webhook = free_ports(7)
        config = json.loads(self.plane.kubeconfig().read_text())
        config["contexts"][0]["context"]["namespace"] = NAMESPACE
        kubeconfig = folder / "argocd.kubeconfig"
        kubeconfig.write_text(json.dumps(config))
        kubeconfig.chmod(0o600)
        for name in ("tls", "ssh", "gpg/source", "gpg/keys", "tmp", "plugins", "home"):
            (folder / name).mkdir(parents=True)
        packages = unpacked(REDIS)
        own = environment(packages)
        common = {
            **os.environ,
            "KUBECONFIG": str(kubeconfig),
            "HOME": str(folder / "home"),
            "TMPDIR": str(folder / "tmp"),
            "PATH": f"{kustomize}{os.pathsep}{os.environ['PATH']}",
            "HOSTNAME": "argocd-application-controller-0",
            "ARGOCD_FAKE_IN_CLUSTER": "true",
            "ARGOCD_GPG_ENABLED": "false",
            "ARGOCD_TLS_DATA_PATH": str(folder / "tls"),
            "ARGOCD_SSH_DATA_PATH": str(folder / "ssh"),
            "ARGOCD_GPG_DATA_PATH": str(folder / "gpg/source"),
            "ARGOCD_GNUPGHOME": str(folder / "gpg/keys"),
            "ARGOCD_PLUGINSOCKFILEPATH": str(folder / "plugins"),
            "ARGOCD_RECONCILIATION_TIMEOUT": "5s",
        }
        servers = (f"--redis=127.0.0.1:{redis}", "--namespace=argocd")
        commands: dict[str, list[str | Path]] = {
            "repo-server": [
                f"--port={repo}",
                f"--metrics-port={repo_metrics}",
                f"--redis=127.0.0.1:{redis}",
                "--disable-tls",
                "--address=127.0.0.1",
                "--metrics-address=127.0.0.1",
            ],
            "application-controller": [
                *servers,
                f"--repo-server=127.0.0.1:{repo}",
                "--repo-server-plaintext",
                f"--metrics-port={controller}",
                "--app-resync=5",
            ],
            "applicationset-controller": [
                f"--metrics-addr=127.0.0.1:{appset}",
                f"--probe-addr=127.0.0.1:{probe}",
                f"--webhook-addr=127.0.0.1:{webhook}",
                f"--argocd-repo-server=127.0.0.1:{repo}",
                "--repo-server-plaintext",
                "--namespace=argocd",
                "--enable-leader-election=false",
            ],
        }
        program = next(packages.rglob("redis-check-rdb"))  # redis-server is a link to it
        arguments = ["--port", str(redis), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        server = folder / "redis-server"
        server.symlink_to(program)
        self._children["redis"] = Child(
            "redis", [server, *arguments], folder / "redis.log", environment={**os.environ, **own}, folder=folder
        )
        for name, options in commands.items():
            self._children[name] = Child(
                name,
                [argocd, *options],
                folder / f"{name}.log",
                environment={**common, "ARGOCD_BINARY_NAME": f"argocd-{name}"},
                folder=folder,
            )

    def _wait(self) -> None:
        """Wait until an Application is looked at."""
        name = "lab-probe"
        repository = self.repository(name)
        repository.commit("nothing yet", {"kustomization.yaml": "resources: []\n"})
        self.apply(application(name, repository, namespace="default"))
        wait_until(
            lambda: self.application(name).get("status", {}).get("sync"),
            "Argo CD did not come up",
            120,
            hopeless=lambda: any(child.ended for child in self._children.values()),
            words=self.logs,
        )
        with self.plane.client() as client:
            client.delete(f"/apis/argoproj.io/v1alpha1/namespaces/{NAMESPACE}/applications/{name}")


def application(
    name: str, repository: Repository, *, path: str = ".", namespace: str = "media", automated: bool = True
) -> dict[str, Any]:
    """Return a standalone Application; automated means with self-heal and pruning."""
    policy = {"automated": {"selfHeal": True, "prune": True}} if automated else {}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "project": "default",
            "source": {"repoURL": repository.url, "path": path, "targetRevision": "main"},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": namespace},
            "syncPolicy": policy | {"syncOptions": ["CreateNamespace=true"]},
        },
    }


def application_set(name: str, member: dict[str, Any], *, ignores_sync_policy: bool) -> dict[str, Any]:
    """Return an ApplicationSet of one member; with the ignore rule it lets the member's sync policy be paused."""
    rule = [{"jsonPointers": ["/spec/syncPolicy/automated"]}] if ignores_sync_policy else []
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "generators": [{"list": {"elements": [{"name": member["metadata"]["name"]}]}}],
            "template": {"metadata": {"name": "{{name}}"}, "spec": member["spec"]},
            **({"ignoreApplicationDifferences": rule} if rule else {}),
        },
    }


def parent(name: str, repository: Repository, members: list[dict[str, Any]]) -> dict[str, Any]:
    """Commit Applications into a repository and return the Application that makes them."""
    files = {f"{one['metadata']['name']}.yaml": yaml.safe_dump(one) for one in members}
    resources = yaml.safe_dump({"resources": sorted(files)})
    repository.commit("members", {**files, "kustomization.yaml": resources})
    return application(name, repository, namespace=NAMESPACE)


def _object(kind: str, name: str, **more: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": NAMESPACE, "labels": {"app.kubernetes.io/part-of": "argocd"}}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **more}


def _apply(client: httpx.Client, path: str, body: dict[str, Any]) -> None:
    """Apply on the server's side; a definition takes a moment to be served."""
    said: list[httpx.Response] = []

    def applied() -> bool:
        parameters = {"fieldManager": "lab", "force": "true"}
        said[:] = [client.patch(path, params=parameters, content=json.dumps(body), headers=_APPLY)]
        return said[0].is_success

    wait_until(
        applied,
        f"{path} could not be applied",
        30,
        hopeless=lambda: said[0].status_code != 404,
        words=lambda: f"{said[0].status_code} {said[0].text}",
    )
