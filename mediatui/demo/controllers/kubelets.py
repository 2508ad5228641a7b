"""The kubelets of the demo's own nodes: every pod that has a node lives its life here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from mediatui.demo.api.ownership import Writer
from mediatui.demo.controllers.attachment import bound_to
from mediatui.demo.controllers.base import ATTACHMENTS, CLAIMS, NODES, PODS, VOLUMES, Hands, own
from mediatui.demo.controllers.loop import Keys
from mediatui.demo.controllers.protection import claims_of
from mediatui.demo.kubelet.lifecycle import PodLife, Step
from mediatui.demo.objects import Key, Object, dig, key_of
from mediatui.demo.parts.events import tell
from mediatui.demo.resources import Resource, named
from mediatui.demo.world import World

EXTERNAL: Final = "demo.mediatui.dev/kubelet"
"""On a node whose kubelet is somebody else's."""
_STATUS: Final = Writer("kubelet", "Update", "status")
_SOURCES: Final = {"configMap": ("configmaps", "name"), "secret": ("secrets", "secretName")}


class Kubelets:
    """Runs the pods of every simulated node.

    Args:
        world: The cluster.
    """

    def __init__(self, world: World) -> None:
        self._hands = Hands(world, "kubelet")
        self._lives: dict[str, PodLife] = {}
        self._uids: dict[Key, str] = {}

    @property
    def watches(self) -> Mapping[Resource, Keys]:
        """Pods, and the attachments that they wait for."""
        return {PODS: own, ATTACHMENTS: self._of_attachment}

    def reconcile(self, key: Key) -> float | None:
        """Take one pod a step further."""
        pod = self._hands.get(PODS, key)
        if pod is None or self._uids.get(key, pod["metadata"]["uid"]) != pod["metadata"]["uid"]:
            self._forget(key)
        if pod is None or not pod["spec"].get("nodeName") or dig(pod, "status.phase") in ("Succeeded", "Failed"):
            return None
        if not self._is_mine(pod):
            return None
        uid, now = pod["metadata"]["uid"], self._hands.world.clock.now()
        life = self._lives.get(uid)
        if life is None:
            life = self._lives[uid] = self._begin(pod, now)
            self._uids[key] = uid
        why = self._missing(pod) if life.phase in ("new", "blocked") else ""
        step = life.advance(pod, now, why)
        self._do(pod, step, again=life.restarts > 0)
        return step.wake

    def _begin(self, pod: Object, now: float) -> PodLife:
        if dig(pod, "status.phase") == "Running":
            return PodLife.adopted(pod, now)
        node = self._hands.get(NODES, Key("", pod["spec"]["nodeName"]))
        rows = dig(node or {}, "status.addresses", [])
        host = next((row["address"] for row in rows if row["type"] == "InternalIP"), "127.0.0.1")
        number = int(pod["metadata"]["uid"][:6], 16)
        address = host if pod["spec"].get("hostNetwork") else f"10.42.{number // 250 % 250}.{number % 250 + 2}"
        return PodLife(address, host)

    def _do(self, pod: Object, step: Step, *, again: bool) -> None:
        key = key_of(pod)
        logs = self._hands.world.logs
        for name in step.ended:
            logs.end(key.namespace, key.name, name)
            self._hands.world.insides.end(pod["metadata"]["uid"], name)
        for name in step.started if again else ():
            logs.begin(key.namespace, key.name, name)
        if step.started:
            for claim in claims_of(pod):
                self._mark(claim, key.name)
        for said in step.told:
            kind = "Warning" if said.warning else "Normal"
            tell(self._hands.world, pod, said.reason, said.message, kind=kind, container=said.container)
        if step.status is not None:
            status = step.status
            self._hands.api.edit(PODS, key.namespace, key.name, _STATUS, lambda copy: copy.update(status=status))
        if step.gone:
            conditions = {"uid": pod["metadata"]["uid"]}
            options = {"gracePeriodSeconds": 0, "preconditions": conditions}
            self._hands.api.delete(PODS, key.namespace, key.name, options)

    def _mark(self, claim: Key, pod: str) -> None:
        """Leave a sign on the disk, as an app does that starts: whose data it is can be read from it."""
        found = self._hands.get(CLAIMS, claim)
        volume = self._hands.get(VOLUMES, Key("", bound_to(found))) if found else None
        if volume is not None and "csi" in volume["spec"]:
            disk = self._hands.world.disks.make(volume["spec"]["csi"]["volumeHandle"])
            files = disk.opened()
            files["starts.log"] = files.get("starts.log", b"") + f"{pod}\n".encode()
            if disk.tag == "EMPTY":
                disk.tag = f"{claim.namespace}/{claim.name}"

    def _missing(self, pod: Object) -> str:
        """Return why the pod's volumes cannot be mounted; empty when they can."""
        namespace, node = pod["metadata"]["namespace"], pod["spec"]["nodeName"]
        for volume in pod["spec"].get("volumes") or []:
            for source, (plural, field) in _SOURCES.items():
                name = dig(volume, f"{source}.{field}")
                if not name or dig(volume, f"{source}.optional"):
                    continue
                if self._hands.get(named(plural, ""), Key(namespace, name)) is None:
                    kind = plural.removesuffix("s")
                    why = f'MountVolume.SetUp failed for volume "{volume["name"]}" : {kind} "{name}" not found'
                    tell(self._hands.world, pod, "FailedMount", why, kind="Warning")
                    return why
        for key in claims_of(pod):
            claim = self._hands.get(CLAIMS, key)
            name = bound_to(claim) if claim else ""
            if not name:
                why = f"error processing PVC {key.namespace}/{key.name}: PVC is not bound"
                tell(self._hands.world, pod, "FailedMount", why, kind="Warning")
                return why
            found = self._hands.get(VOLUMES, Key("", name))
            if found is not None and "csi" in found["spec"] and not self._is_attached(name, node):
                return f"volume {name} is not attached"
        return ""

    def _is_attached(self, volume: str, node: str) -> bool:
        return any(
            one["spec"]["source"].get("persistentVolumeName") == volume
            and one["spec"]["nodeName"] == node
            and dig(one, "status.attached") is True
            and "deletionTimestamp" not in one["metadata"]
            for one in self._hands.all(ATTACHMENTS)
        )

    def _is_mine(self, pod: Object) -> bool:
        node = self._hands.get(NODES, Key("", pod["spec"]["nodeName"]))
        return node is None or EXTERNAL not in (node["metadata"].get("annotations") or {})

    def _of_attachment(self, one: Object) -> Iterable[Key]:
        node = one["spec"]["nodeName"]
        return [key_of(pod) for pod in self._hands.all(PODS) if pod["spec"].get("nodeName") == node and _waits(pod)]

    def _forget(self, key: Key) -> None:
        uid = self._uids.pop(key, None)
        if uid is not None:
            self._lives.pop(uid, None)
            self._hands.world.logs.forget(*key)
            self._hands.world.insides.forget(uid)


def _waits(pod: Object) -> bool:
    phase: str = dig(pod, "status.phase", "")
    return phase == "Pending"
