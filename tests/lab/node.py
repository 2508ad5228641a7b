"""A real single-node Kubernetes: control plane, containerd and kubelet in namespaces of their own, with no docker."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from tests.lab import cgroups
from tests.lab.build import programs
from tests.lab.controlplane import ControlPlane
from tests.lab.credentials import NODE, kubeconfig, write_kubeconfig
from tests.lab.images import catalogue
from tests.lab.inside import BRIDGE
from tests.lab.leftovers import temporary_folder
from tests.lab.objects import is_ready
from tests.lab.packages import NODE as PACKAGES
from tests.lab.packages import environment, unpacked
from tests.lab.processes import Child, Process, tail
from tests.lab.waiting import wait_until

NAME: Final = NODE.rpartition(":")[2]
"""The node's name."""
GPU: Final = "gpu.intel.com/i915"
_CHECKOUT: Final = Path(__file__).parents[2]
_SOCKET: Final = "/run/containerd/containerd.sock"


class CannotRunError(Exception):
    """A node cannot run here; the text says why in one line."""


class Node:
    """One node with its own control plane; several can be up at once.

    Args:
        folder: Where everything lies; a temporary one without it. It is removed at the end.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or temporary_folder()
        self.plane: ControlPlane
        self._init: Child | None = None
        self._commands: socket.socket | None = None
        self._answers: Any = None
        self._environment: dict[str, str] = {}
        self._servers: dict[str, Process] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start everything and return when pods can run.

        Raises:
            CannotRunError: The machine does not allow it.
            CannotBuildError: Programs are missing and cannot be built.
            RuntimeError: It does not come up; with the ends of its logs.
        """
        check()
        binaries = programs("control-plane", "node")
        root = unpacked(PACKAGES)
        images = catalogue.archive()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._environment = environment(root)
        group = cgroups.make(self.folder.name)
        try:
            port = self._enter(root)
            self._write_settings(group)
            containerd = self.launch("containerd", ["containerd", "--config", self.folder / "containerd.toml"])
            containerd.start()
            self.plane = ControlPlane(self.folder, launch=self._launch, port=port, address=BRIDGE)
            self.plane.start()
            self._import(images)
            self._start_kubelet(binaries["kubelet"])
            self._wait_ready()
        except BaseException as error:
            words = self.logs()
            self.stop()
            if isinstance(error, (RuntimeError, subprocess.SubprocessError, OSError)):
                raise RuntimeError(f"{error}\n{words}") from error
            raise

    def stop(self) -> None:
        """End everything and remove what it left."""
        if self._commands is not None:
            self._answers.close()
            self._commands.close()
        if self._init is not None:
            self._init.kill()
        try:
            wait_until(lambda: cgroups.remove(self.folder.name), "its control groups cannot be removed", 10)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def kubelet(self) -> Process:
        """The kubelet, to be stopped, frozen and started again."""
        return self._servers["kubelet"]

    @property
    def containerd(self) -> Process:
        """The container runtime."""
        return self._servers["containerd"]

    def kubeconfig(self, user: str = "admin") -> Path:
        """Return a user's kubeconfig; it works on the host."""
        return self.plane.kubeconfig(user)

    def client(self, user: str = "admin") -> httpx.Client:
        """Return a plain HTTP client with a user's token."""
        return self.plane.client(user)

    def launch(self, name: str, command: Sequence[str | Path]) -> Process:
        """Return a server that will run inside, with a log of its own; it is not started yet."""
        self._servers[name] = self._launch(name, command, self.folder / f"{name}.log")
        return self._servers[name]

    def run(self, *command: str | Path, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a command inside and return what it printed."""
        assert self._init is not None
        pid = Path(f"/proc/{self._init.pid}/task/{self._init.pid}/children").read_text().split()[0]
        enter = ["nsenter", "-t", pid, "-m", "-n", "-p", "-i", "-u", "--"]
        return subprocess.run(
            [*enter, *map(str, command)],
            env=_without_kubeconfig() | self._environment,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def give_gpu(self, count: int = 1) -> None:
        """Give the node an Intel GPU as its device plugin and Node Feature Discovery would; nothing runs on it."""
        labels = {"intel.feature.node.kubernetes.io/gpu": "true", "gpu.intel.com/product": "lab"}
        headers = {"Content-Type": "application/merge-patch+json"}
        amounts = {GPU: str(count)}
        with self.client() as client:
            for path, body in (
                (f"/api/v1/nodes/{NAME}", {"metadata": {"labels": labels}}),
                (f"/api/v1/nodes/{NAME}/status", {"status": {"capacity": amounts, "allocatable": amounts}}),
            ):
                client.patch(path, content=json.dumps(body), headers=headers).raise_for_status()

    def logs(self) -> str:
        """Return the end of every log."""
        return "\n".join(f"== {path.stem}\n{tail(path, 15)}" for path in sorted(self.folder.glob("*.log")))

    def ask(self, **command: Any) -> dict[str, Any]:
        """Have process 1 do something; see ``inside.Supervisor``."""
        assert self._commands is not None
        with self._lock:
            self._commands.sendall(json.dumps(command).encode() + b"\n")
            line = self._answers.readline()
        if not line:
            raise RuntimeError("the node has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _launch(self, name: str, command: Sequence[str | Path], log: Path) -> Process:
        return _InsideProcess(self, name, [str(part) for part in command], log)

    def _enter(self, root: Path) -> int:
        """Start process 1 and return the port that it carries."""
        path = str(self.folder / "commands.sock")
        with socket.socket() as outside, socket.socket(socket.AF_UNIX) as commands:
            outside.bind(("127.0.0.1", 0))
            outside.listen(128)
            commands.bind(path)
            commands.listen()
            port: int = outside.getsockname()[1]
            numbers = (outside.fileno(), commands.fileno())
            namespaces = ["--mount", "--net", "--pid", "--ipc", "--uts", "--propagation", "private"]
            command = ["unshare", *namespaces, "--fork", "--kill-child", sys.executable, "-m", "tests.lab.inside"]
            arguments = [str(self.folder), str(root), *map(str, numbers)]
            self._init = Child(
                "init",
                [*command, *arguments],
                self.folder / "init.log",
                environment=_without_kubeconfig() | self._environment,
                keep_open=numbers,
                folder=_CHECKOUT,
            )
            self._init.start()
        self._commands = socket.socket(socket.AF_UNIX)
        self._commands.settimeout(20)
        self._commands.connect(path)
        self._answers = self._commands.makefile("r")
        self.ask(do="ended", pid=0)
        return port

    def _write_settings(self, group: str) -> None:
        (self.folder / "resolv.conf").write_text("nameserver 10.96.0.10\n")
        (self.folder / "containerd.toml").write_text(
            f"""version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "{_SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{catalogue.PAUSE}"
  # Without CAP_SYS_RESOURCE no pod could start otherwise.
  restrict_oom_score_adj = true
"""
        )
        settings = {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": BRIDGE,
            "port": 10250,
            "healthzBindAddress": "127.0.0.1",
            "readOnlyPort": 0,
            "containerRuntimeEndpoint": f"unix://{_SOCKET}",
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": group,
            "failCgroupV1": False,
            "failSwapOn": False,
            "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
            "authorization": {"mode": "AlwaysAllow"},
            "resolvConf": str(self.folder / "resolv.conf"),
            "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
            "enforceNodeAllocatable": ["pods"],
            "imageGCHighThresholdPercent": 100,
            "clusterDNS": ["10.96.0.10"],
            "clusterDomain": "cluster.local",
            # So that a test need not wait a minute for what a cluster does every minute.
            "syncFrequency": "10s",
            "containerLogMaxSize": "1Mi",
            "containerLogMonitorInterval": "3s",
        }
        (self.folder / "kubelet.json").write_text(json.dumps(settings))

    def _import(self, archive: Path) -> None:
        command = f"ctr --address {_SOCKET} --namespace k8s.io images import --snapshotter overlayfs".split()
        wait_until(
            lambda: self.run(*command, archive).returncode == 0,
            "the images could not be imported",
            hopeless=lambda: self.containerd.ended,
        )

    def _start_kubelet(self, program: Path) -> None:
        authority = self.folder / "ca.crt"
        account = write_kubeconfig(
            self.folder / "kubelet.kubeconfig",
            kubeconfig(self.plane.server, NODE, self.plane.tokens.of[NODE], authority),
        )
        self.launch(
            "kubelet",
            [
                program,
                f"--config={self.folder / 'kubelet.json'}",
                f"--kubeconfig={account}",
                f"--hostname-override={NAME}",
                f"--node-ip={BRIDGE}",
                "--v=2",
            ],
        ).start()

    def _wait_ready(self) -> None:
        with self.client() as client:

            def ready() -> bool:
                answer = client.get(f"/api/v1/nodes/{NAME}")
                return answer.status_code == 200 and is_ready(answer.json())

            wait_until(ready, "the node did not get ready", hopeless=lambda: self.kubelet.ended)


class _InsideProcess:
    """A process that process 1 starts and ends."""

    def __init__(self, node: Node, name: str, command: list[str], log: Path) -> None:
        self.name = name
        self._node = node
        self._command = command
        self._log = log
        self._pid = 0

    def start(self) -> None:
        answer = self._node.ask(do="start", command=self._command, log=str(self._log))
        self._pid = answer["pid"]

    @property
    def pid(self) -> int:
        return self._pid

    @property
    def ended(self) -> bool:
        return not self._pid or self._node.ask(do="ended", pid=self._pid)["code"] is not None

    def send(self, number: int) -> None:
        self._node.ask(do="signal", pid=self._pid, number=number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        wait_until(lambda: self.ended, f"{self.name} cannot be ended")

    def tail(self, lines: int = 15) -> str:
        return tail(self._log, lines)


def check() -> None:
    """Find out whether nodes can run here.

    Raises:
        CannotRunError: They cannot: why.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        raise CannotRunError("a node needs Linux and root")
    if why := cgroups.why_not():
        raise CannotRunError(why)
    missing = [tool for tool in ("unshare", "nsenter", "mount", "ip") if shutil.which(tool) is None]
    if missing:
        raise CannotRunError(f"a node needs {', '.join(missing)} on the PATH")
    done = subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "true"], capture_output=True, text=True)
    if done.returncode:
        raise CannotRunError(f"namespaces cannot be made here: {done.stderr.strip()}")


def _without_kubeconfig() -> dict[str, str]:
    """Return the environment without the developer's own cluster: csi-provisioner would prefer it to its option."""
    return {name: value for name, value in os.environ.items() if name != "KUBECONFIG"}
