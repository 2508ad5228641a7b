"""Longhorn's own view of its volumes, which follows what is really provisioned and attached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from mediatui.demo.api.ownership import Writer
from mediatui.demo.api.verbs import Options
from mediatui.demo.controllers.base import ATTACHMENTS, NAMESPACES, VOLUMES, Hands, is_ending, own
from mediatui.demo.controllers.loop import Keys
from mediatui.demo.objects import Key, Object, dig
from mediatui.demo.parts.quantities import amount
from mediatui.demo.parts.storage import DRIVER
from mediatui.demo.resources import Resource, named
from mediatui.demo.world import World

_NAMESPACE: Final = "longhorn-system"
_LONGHORN: Final = named("volumes", "longhorn.io")
_WRITER: Final = Writer("longhorn-manager")
_STATUS: Final = Writer("longhorn-manager", "Update", "status")


class LonghornManager:
    """Keeps the ``volumes.longhorn.io``, where Longhorn is installed: where its namespace is.

    Args:
        world: The cluster.
    """

    def __init__(self, world: World) -> None:
        self._hands = Hands(world, "longhorn-volume-controller")

    @property
    def watches(self) -> Mapping[Resource, Keys]:
        """Volumes and their attachments."""
        return {VOLUMES: own, ATTACHMENTS: _of_attachment}

    def reconcile(self, key: Key) -> float | None:
        """Bring Longhorn's volume behind one PersistentVolume up to date."""
        if self._hands.get(NAMESPACES, Key("", _NAMESPACE)) is None:
            return None
        volume = self._hands.get(VOLUMES, key)
        if volume is None:
            self._forget(key.name)
            return None
        if dig(volume, "spec.csi.driver") != DRIVER:
            return None
        there = Key(_NAMESPACE, volume["spec"]["csi"]["volumeHandle"])
        known = self._hands.get(_LONGHORN, there)
        if known is None:
            known = self._make(volume, there)
        node, state = self._where(key.name)
        claim = volume["spec"].get("claimRef") or {}
        kubernetes = {
            **dig(known, "status.kubernetesStatus", {}),
            "pvName": key.name,
            "pvStatus": dig(volume, "status.phase", ""),
            "namespace": claim.get("namespace", ""),
            "pvcName": claim.get("name", ""),
        }
        status = {
            **known.get("status", {}),
            "state": state,
            "robustness": "healthy" if node else "unknown",
            "currentNodeID": node,
            "kubernetesStatus": kubernetes,
        }
        if known.get("status") != status:
            self._hands.api.edit(
                _LONGHORN, there.namespace, there.name, _STATUS, lambda copy: copy.update(status=status)
            )
        return None

    def _make(self, volume: Object, there: Key) -> Object:
        attributes = volume["spec"]["csi"].get("volumeAttributes") or {}
        body: Object = {
            "apiVersion": "longhorn.io/v1beta2",
            "kind": "Volume",
            "metadata": {"name": there.name, "namespace": there.namespace, "labels": {"longhornvolume": there.name}},
            "spec": {
                "size": str(int(amount(volume["spec"]["capacity"]["storage"]))),
                "numberOfReplicas": int(attributes.get("numberOfReplicas", "2")),
                "accessMode": "rwx" if "ReadWriteMany" in volume["spec"]["accessModes"] else "rwo",
                "dataEngine": "v1",
                "frontend": "blockdev",
            },
        }
        return self._hands.api.create(_LONGHORN, body, there.namespace, Options(_WRITER)).item.data

    def _forget(self, volume: str) -> None:
        for one in self._hands.all(_LONGHORN, _NAMESPACE):
            if dig(one, "status.kubernetesStatus.pvName") == volume:
                finalizers = one["metadata"].get("finalizers")
                if finalizers:
                    name = one["metadata"]["name"]
                    self._hands.api.edit(
                        _LONGHORN, _NAMESPACE, name, _WRITER, lambda copy: copy["metadata"].pop("finalizers")
                    )
                self._hands.delete(_LONGHORN, one)

    def _where(self, volume: str) -> tuple[str, str]:
        for one in self._hands.all(ATTACHMENTS):
            if one["spec"]["source"].get("persistentVolumeName") == volume:
                attached = dig(one, "status.attached", False)
                if is_ending(one):
                    return one["spec"]["nodeName"], "detaching"
                return (one["spec"]["nodeName"], "attached") if attached else ("", "attaching")
        return "", "detached"


def _of_attachment(one: Object) -> Iterable[Key]:
    return (Key("", one["spec"]["source"].get("persistentVolumeName", "")),)
