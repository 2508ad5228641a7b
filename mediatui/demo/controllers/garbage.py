"""Garbage collection: what has lost its owner goes too, or is let go, as the deletion asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from mediatui.demo.controllers.base import MANAGER, Hands, is_ending
from mediatui.demo.controllers.loop import Keys
from mediatui.demo.objects import Key, Object, key_of
from mediatui.demo.resources import SERVED, Resource
from mediatui.demo.store import Entry
from mediatui.demo.world import World

_ORPHAN: Final = "orphan"
_FOREGROUND: Final = "foregroundDeletion"


class GarbageCollector:
    """Follows owners; its keys are uids.

    Args:
        world: The cluster.
    """

    def __init__(self, world: World) -> None:
        self._hands = Hands(world, "")
        self._dependents: dict[str, set[tuple[Resource, Key]]] = {}
        self._alive: dict[str, tuple[Resource, Key]] = {}
        for resource in SERVED:
            for item in world.store.all(resource):
                self._note(resource, item.data, gone=False)
        world.store.followers.append(self._follow)

    @property
    def watches(self) -> Mapping[Resource, Keys]:
        """Everything that can own or be owned."""
        return {resource: self._keys for resource in SERVED if not resource.computed and resource.plural != "events"}

    def reconcile(self, key: Key) -> float | None:
        """Look at what depends on one object, and at whether that is still there."""
        uid = key.name
        owner = self._alive.get(uid)
        obj = self._hands.get(*owner) if owner else None
        dependents = [(resource, self._hands.get(resource, there)) for resource, there in self._of(uid)]
        if obj is None:
            for resource, one in dependents:
                if one is not None:
                    self._lose(resource, one, uid)
            return None
        finalizers = obj["metadata"].get("finalizers") or []
        if not is_ending(obj) or owner is None:
            return None
        if _ORPHAN in finalizers:
            for resource, one in dependents:
                if one is not None:
                    self._disown(resource, one, uid)
            self._release(owner, _ORPHAN)
        elif _FOREGROUND in finalizers:
            blocking = False
            for resource, one in dependents:
                if one is None:
                    continue
                blocking = blocking or any(
                    reference["uid"] == uid and reference.get("blockOwnerDeletion")
                    for reference in one["metadata"]["ownerReferences"]
                )
                if not is_ending(one):
                    self._delete(resource, one, {"propagationPolicy": "Foreground"})
            if not blocking:
                self._release(owner, _FOREGROUND)
        return None

    def _lose(self, resource: Resource, one: Object, uid: str) -> None:
        references = one["metadata"].get("ownerReferences") or []
        if any(reference["uid"] != uid and reference["uid"] in self._alive for reference in references):
            self._disown(resource, one, uid)
        elif not is_ending(one):
            self._delete(resource, one, {"propagationPolicy": "Background"})

    def _delete(self, resource: Resource, one: Object, options: Object) -> None:
        key = key_of(one)
        conditions = {"preconditions": {"uid": one["metadata"]["uid"]}}
        self._hands.api.delete(resource, key.namespace, key.name, {**options, **conditions})

    def _disown(self, resource: Resource, one: Object, uid: str) -> None:
        key = key_of(one)

        def change(copy: Object) -> None:
            kept = [reference for reference in copy["metadata"]["ownerReferences"] if reference["uid"] != uid]
            copy["metadata"]["ownerReferences"] = kept
            if not kept:
                del copy["metadata"]["ownerReferences"]

        self._hands.api.edit(resource, key.namespace, key.name, MANAGER, change)

    def _release(self, owner: tuple[Resource, Key], finalizer: str) -> None:
        resource, key = owner

        def change(copy: Object) -> None:
            copy["metadata"]["finalizers"].remove(finalizer)

        self._hands.api.edit(resource, key.namespace, key.name, MANAGER, change)

    def _of(self, uid: str) -> list[tuple[Resource, Key]]:
        return sorted(self._dependents.get(uid, ()), key=lambda pair: (pair[0].plural, pair[1]))

    def _keys(self, obj: Object) -> Iterable[Key]:
        metadata = obj["metadata"]
        return [
            Key("", metadata["uid"]),
            *(Key("", reference["uid"]) for reference in metadata.get("ownerReferences") or []),
        ]

    def _follow(self, resource: Resource, entry: Entry) -> None:
        if entry.before is not None and entry.type == "MODIFIED":
            self._note(resource, entry.before.data, gone=True)
        self._note(resource, entry.item.data, gone=entry.type == "DELETED")

    def _note(self, resource: Resource, obj: Object, *, gone: bool) -> None:
        metadata, here = obj["metadata"], (resource, key_of(obj))
        if gone:
            self._alive.pop(metadata["uid"], None)
        else:
            self._alive[metadata["uid"]] = here
        for reference in metadata.get("ownerReferences") or []:
            known = self._dependents.setdefault(reference["uid"], set())
            if gone:
                known.discard(here)
            else:
                known.add(here)
            if not known:
                del self._dependents[reference["uid"]]
