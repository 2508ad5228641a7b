"""Longhorn's Volume objects, kept in step with the volumes that the laboratory's driver has really made and attached.

The definition is a minimal one of our own; the names of its fields are those of Longhorn's, v1beta2.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any, Final

import httpx

_GROUP: Final = "longhorn.io"
_VERSION: Final = "v1beta2"
NAMESPACE: Final = "longhorn-system"
_OBJECTS: Final = f"/apis/{_GROUP}/{_VERSION}/namespaces/{NAMESPACE}/volumes"
_ANYTHING: Final = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_DEFINITION: Final[dict[str, Any]] = {
    "metadata": {"name": f"volumes.{_GROUP}"},
    "spec": {
        "group": _GROUP,
        "scope": "Namespaced",
        "names": {"plural": "volumes", "singular": "volume", "kind": "Volume", "shortNames": ["lhv"]},
        "versions": [
            {
                "name": _VERSION,
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {"type": "object", "properties": {"spec": _ANYTHING, "status": _ANYTHING}}
                },
            }
        ],
    },
}


class LonghornMirror:
    """Writes a Volume for every PersistentVolume of the driver, in a thread of its own.

    Args:
        connect: Opens a client.
    """

    def __init__(self, connect: Callable[[], httpx.Client]) -> None:
        self._connect = connect
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="longhorn", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def _run(self) -> None:
        with self._connect() as client:
            client.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", json=_DEFINITION)
            client.post("/api/v1/namespaces", json={"metadata": {"name": NAMESPACE}})
            while not self._ended.wait(0.3):
                # The API server may be away for a while: that is what some tests are about.
                with contextlib.suppress(httpx.TransportError, httpx.HTTPStatusError, KeyError):
                    self._follow(client)

    def _follow(self, client: httpx.Client) -> None:
        wanted = {body["metadata"]["name"]: body for body in _volumes(client)}
        there = {one["metadata"]["name"]: one for one in _items(client, _OBJECTS)}
        for name, body in wanted.items():
            if name not in there:
                client.post(_OBJECTS, json=body).raise_for_status()
            if there.get(name, {}).get("status") != body["status"]:
                patch = {"status": body["status"], "spec": body["spec"]}
                headers = {"Content-Type": "application/merge-patch+json"}
                for path in (f"{_OBJECTS}/{name}/status", f"{_OBJECTS}/{name}"):
                    client.patch(path, json=patch, headers=headers).raise_for_status()
        for name in set(there) - set(wanted):
            client.delete(f"{_OBJECTS}/{name}")


def _volumes(client: httpx.Client) -> list[dict[str, Any]]:
    """Return what there should be, from the PersistentVolumes, attachments and pods that there are."""
    attached = {
        one["spec"]["source"].get("persistentVolumeName"): one
        for one in _items(client, "/apis/storage.k8s.io/v1/volumeattachments")
        if one.get("status", {}).get("attached")
    }
    pods = _items(client, "/api/v1/pods")
    bodies = []
    for volume in _items(client, "/api/v1/persistentvolumes"):
        csi = volume["spec"].get("csi") or {}
        if csi.get("driver") != "driver.longhorn.io":
            continue
        name, claim = volume["metadata"]["name"], volume["spec"].get("claimRef") or {}
        attachment = attached.get(name)
        node = attachment["spec"]["nodeName"] if attachment else ""
        size = volume["spec"]["capacity"]["storage"]
        users = [
            {"podName": pod["metadata"]["name"], "podStatus": pod["status"].get("phase", "")}
            for pod in pods
            if pod["metadata"]["namespace"] == claim.get("namespace") and _uses(pod, claim.get("name", ""))
        ]
        bodies.append(
            {
                "apiVersion": f"{_GROUP}/{_VERSION}",
                "kind": "Volume",
                "metadata": {"name": csi["volumeHandle"], "namespace": NAMESPACE},
                "spec": {"size": _bytes(size), "numberOfReplicas": 1, "nodeID": node, "frontend": "blockdev"},
                "status": {
                    "state": _state(attachment),
                    "robustness": "healthy" if node else "unknown",
                    "currentNodeID": node,
                    "kubernetesStatus": {
                        "pvName": name,
                        "pvStatus": volume["status"].get("phase", ""),
                        "namespace": claim.get("namespace", ""),
                        "pvcName": claim.get("name", ""),
                        "workloadsStatus": users,
                    },
                },
            }
        )
    return bodies


def _state(attachment: dict[str, Any] | None) -> str:
    if attachment is None:
        return "detached"
    return "detaching" if "deletionTimestamp" in attachment["metadata"] else "attached"


def _uses(pod: dict[str, Any], claim: str) -> bool:
    volumes = pod["spec"].get("volumes") or []
    return any((one.get("persistentVolumeClaim") or {}).get("claimName") == claim for one in volumes)


def _bytes(size: str) -> str:
    units = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
    return str(int(size[:-2]) * units[size[-2:]]) if size[-2:] in units else size


def _items(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    answer = client.get(path)
    answer.raise_for_status()
    items: list[dict[str, Any]] = answer.json()["items"]
    return items
