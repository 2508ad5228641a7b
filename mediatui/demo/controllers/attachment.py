"""Volumes on nodes: attached for the pods that need them, detached when those are gone, by the driver in its time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from mediatui.demo.api.ownership import Writer
from mediatui.demo.controllers.base import ATTACHMENTS, CLAIMS, PODS, VOLUMES, Hands, is_ending, is_over
from mediatui.demo.controllers.binder import COMPLETED
from mediatui.demo.controllers.loop import Keys
from mediatui.demo.controllers.protection import claims_of
from mediatui.demo.objects import Key, Object, dig
from mediatui.demo.parts.cluster import digest
from mediatui.demo.resources import Resource
from mediatui.demo.world import World

_ATTACHER: Final = Writer("csi-attacher")
_ATTACHER_STATUS: Final = Writer("csi-attacher", "Update", "status")


class AttachDetachController:
    """Keeps the VolumeAttachments, and is the driver's attacher too; its keys are volumes.

    Args:
        world: The cluster.
    """

    def __init__(self, world: World) -> None:
        self._hands = Hands(world, "attachdetach-controller")
        self._begun: dict[tuple[str, str], float] = {}

    @property
    def watches(self) -> Mapping[Resource, Keys]:
        """Pods and claims, which say what is needed, and the attachments that there are."""
        return {PODS: self._of_pod, CLAIMS: _of_claim, ATTACHMENTS: _of_attachment}

    def reconcile(self, key: Key) -> float | None:
        """Attach one volume where it is needed, and detach it where it is not."""
        volume = self._hands.get(VOLUMES, key)
        needed = {pod["spec"]["nodeName"]: pod for pod in self._users(key.name)}
        there = [one for one in self._hands.all(ATTACHMENTS) if _volume(one) == key.name]
        waits: list[float] = []
        for one in there:
            if one["spec"]["nodeName"] not in needed and not is_ending(one):
                self._hands.delete(ATTACHMENTS, one)
                one = self._hands.get(ATTACHMENTS, Key("", one["metadata"]["name"])) or one
            left = self._drive(one)
            if left is not None:
                waits.append(left)
        if volume is not None and "csi" in volume["spec"]:
            for node, pod in needed.items():
                self._attach(volume, node, pod, there)
        return min(waits, default=None)

    def _attach(self, volume: Object, node: str, pod: Object, there: list[Object]) -> None:
        name = volume["metadata"]["name"]
        if any(one["spec"]["nodeName"] == node for one in there):
            return
        if there and "ReadWriteMany" not in volume["spec"]["accessModes"]:
            text = (
                f'Multi-Attach error for volume "{name}" Volume is already exclusively attached to one node and '
                "can't be attached to another"
            )
            self._hands.tell(pod, "FailedAttachVolume", text, warning=True)
            return
        driver = volume["spec"]["csi"]["driver"]
        body: Object = {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "VolumeAttachment",
            "metadata": {"name": f"csi-{digest(name, node)}"},
            "spec": {"attacher": driver, "nodeName": node, "source": {"persistentVolumeName": name}},
            "status": {"attached": False},
        }
        self._hands.create(ATTACHMENTS, body)

    def _drive(self, one: Object) -> float | None:
        """Do what the driver does with one attachment; return seconds until it has done it."""
        disks = self._hands.world.disks
        ending, attached = is_ending(one), dig(one, "status.attached", False)
        call = "detach" if ending else "attach"
        if (attached and not ending) or call in disks.dead:
            return None
        now, mark = self._hands.world.clock.now(), (call, one["metadata"]["uid"])
        left = self._begun.setdefault(mark, now) + disks.delay - now
        if left > 0:
            return left
        del self._begun[mark]
        name = one["metadata"]["name"]
        finalizer = f"external-attacher/{one['spec']['attacher'].replace('.', '-')}"
        if self._hands.get(ATTACHMENTS, Key("", name)) is None:
            return None
        if ending:

            def release(copy: Object) -> None:
                kept = copy["metadata"].get("finalizers") or []
                copy["metadata"]["finalizers"] = [mark for mark in kept if mark != finalizer]

            self._hands.api.edit(ATTACHMENTS, "", name, _ATTACHER, release)
            return None

        def hold(copy: Object) -> None:
            copy["metadata"]["finalizers"] = [finalizer]

        self._hands.api.edit(ATTACHMENTS, "", name, _ATTACHER, hold)
        self._hands.api.edit(
            ATTACHMENTS, "", name, _ATTACHER_STATUS, lambda copy: copy.update(status={"attached": True})
        )
        for pod in self._users(_volume(one)):
            text = f'AttachVolume.Attach succeeded for volume "{_volume(one)}"'
            self._hands.tell(pod, "SuccessfulAttachVolume", text)
        return None

    def _users(self, volume: str) -> list[Object]:
        """Return the pods on nodes that mount a volume."""
        found = []
        for pod in self._hands.all(PODS):
            if pod["spec"].get("nodeName") and not is_over(pod):
                claims = (self._hands.get(CLAIMS, key) for key in claims_of(pod))
                if any(claim is not None and bound_to(claim) == volume for claim in claims):
                    found.append(pod)
        return found

    def _of_pod(self, pod: Object) -> Iterable[Key]:
        if not pod["spec"].get("nodeName"):
            return ()
        claims = (self._hands.get(CLAIMS, key) for key in claims_of(pod))
        return [Key("", name) for claim in claims if claim is not None and (name := bound_to(claim))]


def bound_to(claim: Object) -> str:
    """Return the name of the volume that a claim is bound to, empty while it is not."""
    name: str = claim["spec"].get("volumeName", "")
    return name if COMPLETED in (claim["metadata"].get("annotations") or {}) else ""


def _of_claim(claim: Object) -> Iterable[Key]:
    name = bound_to(claim)
    return (Key("", name),) if name else ()


def _of_attachment(one: Object) -> Iterable[Key]:
    return (Key("", _volume(one)),)


def _volume(one: Object) -> str:
    name: str = one["spec"]["source"].get("persistentVolumeName", "")
    return name
