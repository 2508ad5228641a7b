"""CSI storage on a node: a directory-backed driver under Longhorn's name, with the real provisioner and attacher."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import httpx

from tests.lab.build import programs
from tests.lab.longhorn import LonghornMirror
from tests.lab.node import NAME, Node
from tests.lab.objects import create
from tests.lab.waiting import wait_until

DRIVER: Final = "driver.longhorn.io"
CLASS: Final = "longhorn"
_SOCKET: Final = f"/var/lib/kubelet/plugins/{DRIVER}/csi.sock"
_STORAGE: Final = "/apis/storage.k8s.io/v1"


class Storage:
    """Volumes as folders of the host, one for each volume handle.

    Args:
        node: Where they are mounted.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._mirror = LonghornMirror(node.client)
        self.folder = node.folder / "csi"

    def start(self) -> None:
        """Start the driver, make its class, and return when the node has it.

        Raises:
            CannotBuildError: Programs are missing and cannot be built.
            RuntimeError: The kubelet does not take the driver.
        """
        built = programs("storage")
        admin = f"--kubeconfig={self._node.kubeconfig()}"
        self._node.launch("csidir", [built["csidir"], "-base", self.folder, "-node", NAME]).start()
        for name in ("csi-provisioner", "csi-attacher"):
            pace = ["--kube-api-qps=50", "--kube-api-burst=100", "--retry-interval-max=5s"]
            # Each of them waits for the driver's socket by itself.
            self._node.launch(name, [built[name], f"--csi-address={_SOCKET}", admin, *pace]).start()
        with self._node.client() as client:
            create(client, f"{_STORAGE}/csidrivers", {"metadata": {"name": DRIVER}, "spec": _DRIVER})
            create(client, f"{_STORAGE}/storageclasses", {"metadata": {"name": CLASS}, **_CLASS})
            self._wait(client)
        self._mirror.start()

    def stop(self) -> None:
        """Stop following the volumes; the driver ends with its node."""
        self._mirror.stop()

    def volume(self, handle: str) -> Path:
        """Return the folder of a volume."""
        return self.folder / handle

    def fail(self, call: str, message: str = "on request") -> None:
        """Let ``create``, ``attach``, ``mount`` or ``detach`` fail from now on."""
        (self.folder / f".fail-{call}").write_text(message)

    def slow(self, call: str, seconds: int) -> None:
        """Let it take some seconds."""
        (self.folder / f".slow-{call}").write_text(str(seconds))

    def mend(self) -> None:
        """Let everything work at once again."""
        for knob in (*self.folder.glob(".fail-*"), *self.folder.glob(".slow-*")):
            knob.unlink()

    def _wait(self, client: httpx.Client) -> None:
        def taken() -> bool:
            answer = client.get(f"{_STORAGE}/csinodes/{NAME}")
            drivers = answer.json().get("spec", {}).get("drivers") or [] if answer.status_code == 200 else []
            return any(one["name"] == DRIVER for one in drivers)

        wait_until(taken, "the kubelet does not take the driver", 30, words=self._node.logs)


_DRIVER: Final[dict[str, Any]] = {"attachRequired": True, "podInfoOnMount": True}
_CLASS: Final[dict[str, Any]] = {
    "provisioner": DRIVER,
    "volumeBindingMode": "Immediate",
    "reclaimPolicy": "Delete",
    "allowVolumeExpansion": True,
}
