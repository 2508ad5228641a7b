"""The storage driver's provisioner: a new empty volume for a claim that asks, and the end of one that is released."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mediatui.demo.api.ownership import Writer
from mediatui.demo.api.verbs import Options
from mediatui.demo.controllers.base import CLAIMS, CLASSES, VOLUMES, Hands, is_ending, own
from mediatui.demo.controllers.binder import COMPLETED, NODE, PROVISIONER
from mediatui.demo.controllers.loop import Keys
from mediatui.demo.objects import Key, Object, dig
from mediatui.demo.parts.storage import DRIVER
from mediatui.demo.resources import Resource
from mediatui.demo.world import World

_WRITER: Final = Writer("csi-provisioner")
_PROVISIONED: Final = "pv.kubernetes.io/provisioned-by"
_FINALIZER: Final = "external-provisioner.volume.kubernetes.io/finalizer"


class Provisioner:
    """Makes and destroys volumes.

    Args:
        world: The cluster.
    """

    def __init__(self, world: World) -> None:
        self._hands = Hands(world, f"{DRIVER}_csi-provisioner")
        self._begun: dict[Key, float] = {}

    @property
    def watches(self) -> Mapping[Resource, Keys]:
        """Claims and volumes; the key of a volume has no namespace."""
        return {CLAIMS: own, VOLUMES: own}

    def reconcile(self, key: Key) -> float | None:
        """Make a claim's volume, or destroy a released one, once the driver has had its time."""
        resource, call = (CLAIMS, "create") if key.namespace else (VOLUMES, "delete")
        obj = self._hands.get(resource, key)
        wanted = obj is not None and (self._is_asked(obj) if key.namespace else _is_released(obj))
        if obj is None or not wanted or call in self._hands.world.disks.dead:
            self._begun.pop(key, None)
            return None
        now = self._hands.world.clock.now()
        if key not in self._begun and key.namespace:
            text = f'External provisioner is provisioning volume for claim "{key.namespace}/{key.name}"'
            self._hands.tell(obj, "Provisioning", text)
        left = self._begun.setdefault(key, now) + self._hands.world.disks.delay - now
        if left > 0:
            return left
        del self._begun[key]
        if key.namespace:
            self._make(obj)
        else:
            self._destroy(obj)
        return None

    def _is_asked(self, claim: Object) -> bool:
        annotations = claim["metadata"].get("annotations") or {}
        if annotations.get(PROVISIONER) != DRIVER or COMPLETED in annotations or claim["spec"].get("volumeName"):
            return False
        found = self._class(claim)
        waits = found is not None and found["volumeBindingMode"] == "WaitForFirstConsumer"
        return found is not None and not is_ending(claim) and (not waits or NODE in annotations)

    def _class(self, claim: Object) -> Object | None:
        return self._hands.get(CLASSES, Key("", claim["spec"].get("storageClassName") or ""))

    def _make(self, claim: Object) -> None:
        metadata, found = claim["metadata"], self._class(claim)
        assert found is not None
        name = f"pvc-{metadata['uid']}"
        self._hands.world.disks.make(name)
        reference = {
            "kind": "PersistentVolumeClaim",
            "namespace": metadata["namespace"],
            "name": metadata["name"],
            "uid": metadata["uid"],
            "apiVersion": "v1",
            "resourceVersion": metadata["resourceVersion"],
        }
        attributes = dict(found.get("parameters") or {})
        size = claim["spec"]["resources"]["requests"]["storage"]
        body: Object = {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {
                "name": name,
                "annotations": {_PROVISIONED: DRIVER},
                "finalizers": [_FINALIZER],
            },
            "spec": {
                "accessModes": claim["spec"]["accessModes"],
                "storageClassName": claim["spec"]["storageClassName"],
                "volumeMode": claim["spec"].get("volumeMode", "Filesystem"),
                "capacity": {"storage": size},
                "csi": {"driver": DRIVER, "fsType": "ext4", "volumeHandle": name, "volumeAttributes": attributes},
                "claimRef": reference,
                "persistentVolumeReclaimPolicy": found["reclaimPolicy"],
            },
        }
        self._hands.api.create(VOLUMES, body, "", Options(_WRITER))
        self._hands.tell(claim, "ProvisioningSucceeded", f"Successfully provisioned volume {name}")

    def _destroy(self, volume: Object) -> None:
        self._hands.world.disks.destroy(volume["spec"]["csi"]["volumeHandle"])
        name = volume["metadata"]["name"]
        self._hands.delete(VOLUMES, volume)
        current = self._hands.get(VOLUMES, Key("", name))
        if current is not None and _FINALIZER in (current["metadata"].get("finalizers") or []):

            def release(copy: Object) -> None:
                copy["metadata"]["finalizers"].remove(_FINALIZER)

            self._hands.api.edit(VOLUMES, "", name, _WRITER, release)


def _is_released(volume: Object) -> bool:
    return (
        dig(volume, "status.phase") == "Released"
        and volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete"
        and (volume["metadata"].get("annotations") or {}).get(_PROVISIONED) == DRIVER
        and "claimRef" in volume["spec"]
    )
