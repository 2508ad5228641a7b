"""Claims that pods use and volumes that are bound are not deleted before their time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from mediatui.demo.controllers.base import CLAIMS, MANAGER, PODS, VOLUMES, Hands, is_ending, is_over, own
from mediatui.demo.controllers.loop import Keys
from mediatui.demo.objects import Key, Object, dig
from mediatui.demo.resources import Resource
from mediatui.demo.world import World

_CLAIM: Final = "kubernetes.io/pvc-protection"
_VOLUME: Final = "kubernetes.io/pv-protection"


def claims_of(pod: Object) -> Iterable[Key]:
    """Return the keys of the claims that a pod mounts."""
    namespace = pod["metadata"]["namespace"]
    names = (dig(volume, "persistentVolumeClaim.claimName") for volume in pod["spec"].get("volumes") or [])
    return [Key(namespace, name) for name in names if name]


class ProtectionController:
    """Lets deleted claims and volumes go when nobody uses them any more.

    Args:
        world: The cluster.
    """

    def __init__(self, world: World) -> None:
        self._hands = Hands(world, "")

    @property
    def watches(self) -> Mapping[Resource, Keys]:
        """Claims, volumes, and the pods that use claims."""
        return {CLAIMS: own, VOLUMES: own, PODS: claims_of}

    def reconcile(self, key: Key) -> float | None:
        """Look whether a claim or a volume may go."""
        resource = CLAIMS if key.namespace else VOLUMES
        obj = self._hands.get(resource, key)
        if obj is None or not is_ending(obj):
            return None
        if resource is CLAIMS:
            pods = self._hands.all(PODS, key.namespace)
            kept, finalizer = any(key in claims_of(pod) and _counts(pod) for pod in pods), _CLAIM
        else:
            kept, finalizer = dig(obj, "status.phase") == "Bound", _VOLUME
        if not kept and finalizer in (obj["metadata"].get("finalizers") or []):

            def release(copy: Object) -> None:
                copy["metadata"]["finalizers"].remove(finalizer)

            self._hands.api.edit(resource, key.namespace, key.name, MANAGER, release)
        return None


def _counts(pod: Object) -> bool:
    """Tell whether a pod keeps its claims: one that runs nowhere yet does not."""
    return bool(pod["spec"].get("nodeName")) and not is_over(pod)
