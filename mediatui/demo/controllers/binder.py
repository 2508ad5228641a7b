"""The volume binder: which claim gets which volume, and what becomes of both when one of them goes.

Two things are left to the resync as in the real controller, fifteen seconds apart: a volume that has become free is
offered to the claims that wait, and a bound claim is compared with a volume that was changed behind its back. That gap
is what loses data in practice, so it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from mediatui.demo.controllers.base import CLAIMS, CLASSES, MANAGER, PODS, STATUS, VOLUMES, Hands, is_ending, own
from mediatui.demo.controllers.loop import Keys
from mediatui.demo.controllers.matching import mismatch, smallest_fit
from mediatui.demo.objects import Key, Object, dig, key_of, stamp
from mediatui.demo.parts.quantities import amount
from mediatui.demo.resources import Resource
from mediatui.demo.world import World

COMPLETED: Final = "pv.kubernetes.io/bind-completed"
BY_CONTROLLER: Final = "pv.kubernetes.io/bound-by-controller"
NODE: Final = "volume.kubernetes.io/selected-node"
PROVISIONER: Final = "volume.kubernetes.io/storage-provisioner"
_PROVISIONERS: Final = (f"volume.beta.{PROVISIONER.removeprefix('volume.')}", PROVISIONER)
_NONE: Final = "kubernetes.io/no-provisioner"
RESYNC: Final = 15.0
"""Seconds: the default of ``--pvclaimbinder-sync-period``."""


class Binder:
    """Binds claims and volumes.

    Args:
        world: The cluster.
        resync: Seconds between two resyncs.
    """

    def __init__(self, world: World, resync: float = RESYNC) -> None:
        self._hands = Hands(world, "persistentvolume-controller")
        self._resync = resync
        self._began = world.clock.now() - world.random.random() * resync
        self._ticks: dict[Key, float] = {}

    @property
    def watches(self) -> Mapping[Resource, Keys]:
        """Claims and volumes; the key of a volume has no namespace."""
        return {CLAIMS: self._of_claim, VOLUMES: own}

    def reconcile(self, key: Key) -> float | None:
        """Look at one claim or one volume."""
        now = self._hands.world.clock.now()
        is_tick = self._ticks.get(key, float("inf")) <= now
        if key.namespace:
            claim = self._hands.get(CLAIMS, key)
            settled = claim is None or self._claim(claim, is_tick=is_tick)
        else:
            settled = self._volume(key, is_tick=is_tick)
        if settled:
            self._ticks.pop(key, None)
            return None
        if is_tick or key not in self._ticks:
            self._ticks[key] = now + self._resync - (now - self._began) % self._resync
        return max(0.0, self._ticks[key] - now)

    def _of_claim(self, claim: Object) -> Iterable[Key]:
        volume = claim["spec"].get("volumeName")
        return (key_of(claim), Key("", volume)) if volume else (key_of(claim),)

    def _claim(self, claim: Object, *, is_tick: bool) -> bool:
        """Look at a claim; tell whether it needs no resync."""
        if COMPLETED in (claim["metadata"].get("annotations") or {}):
            return self._bound_claim(claim)
        return self._unbound_claim(claim, is_tick=is_tick)

    def _bound_claim(self, claim: Object) -> bool:
        name = claim["spec"].get("volumeName")
        volume = self._hands.get(VOLUMES, Key("", name)) if name else None
        if volume is None:
            what = "lost its" if name else "lost reference to"
            self._lost(claim, "ClaimLost", f"Bound claim has {what} PersistentVolume. Data on the volume is lost!")
            return True
        reference = volume["spec"].get("claimRef")
        if reference is None or (reference.get("uid") in ("", None) and _names(reference, claim)):
            return False  # bound again at the next resync, by the volume's side
        if reference.get("uid") == claim["metadata"]["uid"]:
            self._bind(claim, volume)
            return True
        self._lost(claim, "ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly")
        return True

    def _unbound_claim(self, claim: Object, *, is_tick: bool) -> bool:
        if is_ending(claim):
            return True
        wanted = claim["spec"].get("volumeName")
        if wanted:
            return self._wanted_volume(claim, self._hands.get(VOLUMES, Key("", wanted)))
        waits = self._waits_for_pod(claim)
        free = self._hands.all(VOLUMES)
        volume = smallest_fit(claim, free, self._hands.world.random, reserved_only=waits)
        if volume is not None:
            self._bind(claim, volume)
            return True
        if waits:
            self._tell_waiting(claim)
            return False
        self._provision(claim)
        return False

    def _wanted_volume(self, claim: Object, volume: Object | None) -> bool:
        if volume is None:
            return False
        reference = volume["spec"].get("claimRef")
        if reference is None:
            why = mismatch(claim, volume)
            if why:
                name = volume["metadata"]["name"]
                text = f'Cannot bind to requested volume "{name}": {why}'
                self._hands.tell(claim, "VolumeMismatch", text, warning=True)
                return False
            self._bind(claim, volume)
            return True
        if _names(reference, claim) and reference.get("uid") in ("", None, claim["metadata"]["uid"]):
            self._bind(claim, volume)
            return True
        text = f'volume "{volume["metadata"]["name"]}" already bound to a different claim.'
        self._hands.tell(claim, "FailedBinding", text, warning=True)
        return False

    def _waits_for_pod(self, claim: Object) -> bool:
        found = self._hands.get(CLASSES, Key("", claim["spec"].get("storageClassName") or ""))
        chosen = NODE in (claim["metadata"].get("annotations") or {})
        return found is not None and found["volumeBindingMode"] == "WaitForFirstConsumer" and not chosen

    def _tell_waiting(self, claim: Object) -> None:
        pods = [pod for pod in self._hands.all(PODS, claim["metadata"]["namespace"]) if _mounts(pod, claim)]
        if pods:
            text = f"waiting for pod {pods[0]['metadata']['name']} to be scheduled"
            self._hands.tell(claim, "WaitForPodScheduled", text)
        else:
            text = "waiting for first consumer to be created before binding"
            self._hands.tell(claim, "WaitForFirstConsumer", text)

    def _provision(self, claim: Object) -> None:
        name = claim["spec"].get("storageClassName")
        if not name:
            text = "no persistent volumes available for this claim and no storage class is set"
            self._hands.tell(claim, "FailedBinding", text)
            return
        found = self._hands.get(CLASSES, Key("", name))
        if found is None:
            text = f'storageclass.storage.k8s.io "{name}" not found'
            self._hands.tell(claim, "ProvisioningFailed", text, warning=True)
            return
        provisioner = found["provisioner"]
        if provisioner == _NONE:
            text = "no volume plugin matched name: kubernetes.io/no-provisioner"
            self._hands.tell(claim, "ProvisioningFailed", text, warning=True)
            return
        if (claim["metadata"].get("annotations") or {}).get(PROVISIONER) != provisioner:
            self._annotate(claim, dict.fromkeys(_PROVISIONERS, provisioner))
        text = (
            f"Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by "
            "the system administrator. If volume creation is delayed, please verify that the provisioner is running "
            "and correctly registered."
        )
        self._hands.tell(claim, "ExternalProvisioning", text)

    def _bind(self, claim: Object, volume: Object) -> None:
        """Bring both sides to Bound, in the order of the real controller: each update can be seen on its own."""
        self._refer(volume, claim)
        self._phase(key_of(volume), "Bound")
        key, name = key_of(claim), volume["metadata"]["name"]
        fresh = self._hands.get(CLAIMS, key)
        if fresh is None:
            return
        annotations = fresh["metadata"].get("annotations") or {}
        marks = {} if fresh["spec"].get("volumeName") == name else {BY_CONTROLLER: "yes"}
        if fresh["spec"].get("volumeName") != name or COMPLETED not in annotations:

            def change(copy: Object) -> None:
                copy["spec"]["volumeName"] = name
                kept = copy["metadata"].get("annotations") or {}
                copy["metadata"]["annotations"] = {**kept, **marks, COMPLETED: "yes"}

            self._hands.api.edit(CLAIMS, key.namespace, key.name, MANAGER, change)
        current = self._hands.get(CLAIMS, key)
        if current is not None:
            size = {"storage": volume["spec"]["capacity"]["storage"]}
            status = {"phase": "Bound", "accessModes": volume["spec"]["accessModes"], "capacity": size}
            if dig(current, "status.phase") != "Bound":
                self._hands.set_status(CLAIMS, current, status)
            if amount(current["spec"]["resources"]["requests"]["storage"]) > amount(size["storage"]):
                text = "waiting for an external controller to expand this PVC"
                self._hands.tell(current, "ExternalExpanding", text)

    def _refer(self, volume: Object, claim: Object) -> None:
        reference = volume["spec"].get("claimRef")
        if reference and reference.get("uid") == claim["metadata"]["uid"]:
            return
        metadata = claim["metadata"]
        full = {
            "kind": "PersistentVolumeClaim",
            "namespace": metadata["namespace"],
            "name": metadata["name"],
            "uid": metadata["uid"],
            "apiVersion": "v1",
            "resourceVersion": metadata["resourceVersion"],
        }

        def change(copy: Object) -> None:
            copy["spec"]["claimRef"] = full
            if reference is None:
                kept = copy["metadata"].get("annotations") or {}
                copy["metadata"]["annotations"] = {**kept, BY_CONTROLLER: "yes"}

        self._hands.api.edit(VOLUMES, "", volume["metadata"]["name"], MANAGER, change)

    def _volume(self, key: Key, *, is_tick: bool) -> bool:
        """Look at a volume; tell whether it needs no resync."""
        volume = self._hands.get(VOLUMES, key)
        if volume is None:
            for claim in self._naming(key.name):
                if COMPLETED in (claim["metadata"].get("annotations") or {}):
                    self._bound_claim(claim)
            return True
        reference = volume["spec"].get("claimRef")
        if reference is None or not reference.get("uid"):
            self._phase(key, "Available")
            if reference is not None:
                expected = self._hands.get(CLAIMS, Key(reference["namespace"], reference["name"]))
                if expected is not None and not is_ending(expected):
                    self._claim(expected, is_tick=is_tick)
                    return True
            return self._misled(key.name, None, is_tick=is_tick)
        owner = self._hands.get(CLAIMS, Key(reference["namespace"], reference["name"]))
        if owner is None or owner["metadata"]["uid"] != reference["uid"]:
            self._phase(key, "Released")
            return self._misled(key.name, None, is_tick=is_tick)
        if not owner["spec"].get("volumeName"):
            self._claim(owner, is_tick=is_tick)
            return True
        if owner["spec"]["volumeName"] == key.name:
            self._phase(key, "Bound")
            bound = COMPLETED in (owner["metadata"].get("annotations") or {}) and dig(owner, "status.phase") == "Bound"
            if not bound:
                self._bind(owner, volume)
            return self._misled(key.name, owner, is_tick=is_tick)
        self._unbind(volume)
        return True

    def _misled(self, name: str, owner: Object | None, *, is_tick: bool) -> bool:
        """Look at the claims that believe to have a volume that is not theirs; only the resync finds them."""
        others = [
            claim
            for claim in self._naming(name)
            if (owner is None or claim["metadata"]["uid"] != owner["metadata"]["uid"])
            and dig(claim, "status.phase") != "Lost"
            and not is_ending(claim)
        ]
        if not others:
            return True
        if is_tick:
            for claim in others:
                volume = self._hands.get(VOLUMES, Key("", name))
                if volume is not None and volume["spec"].get("claimRef") is None:
                    self._bind(claim, volume)
                else:
                    self._claim(claim, is_tick=True)
        return False

    def _naming(self, volume: str) -> list[Object]:
        return [claim for claim in self._hands.all(CLAIMS) if claim["spec"].get("volumeName") == volume]

    def _unbind(self, volume: Object) -> None:
        ours = BY_CONTROLLER in (volume["metadata"].get("annotations") or {})

        def change(copy: Object) -> None:
            if ours:
                copy["spec"].pop("claimRef", None)
                copy["metadata"]["annotations"].pop(BY_CONTROLLER, None)
            else:
                copy["spec"]["claimRef"].pop("uid", None)

        self._hands.api.edit(VOLUMES, "", volume["metadata"]["name"], MANAGER, change)

    def _phase(self, key: Key, phase: str) -> None:
        volume = self._hands.get(VOLUMES, key)
        if volume is None or dig(volume, "status.phase") == phase:
            return
        now = stamp(self._hands.world.clock.now())
        self._hands.set_status(VOLUMES, volume, {"phase": phase, "lastPhaseTransitionTime": now})

    def _lost(self, claim: Object, reason: str, message: str) -> None:
        if dig(claim, "status.phase") != "Lost":
            key = key_of(claim)
            self._hands.tell(claim, reason, message, warning=True)
            self._hands.api.edit(
                CLAIMS, key.namespace, key.name, STATUS, lambda copy: copy.update(status={"phase": "Lost"})
            )

    def _annotate(self, claim: Object, values: Mapping[str, Any]) -> None:
        key = key_of(claim)

        def change(copy: Object) -> None:
            copy["metadata"]["annotations"] = {**(copy["metadata"].get("annotations") or {}), **values}

        self._hands.api.edit(CLAIMS, key.namespace, key.name, MANAGER, change)


def _names(reference: Mapping[str, Any], claim: Object) -> bool:
    return (reference.get("namespace"), reference.get("name")) == key_of(claim)


def _mounts(pod: Object, claim: Object) -> bool:
    name = claim["metadata"]["name"]
    return any(dig(volume, "persistentVolumeClaim.claimName") == name for volume in pod["spec"].get("volumes") or [])
