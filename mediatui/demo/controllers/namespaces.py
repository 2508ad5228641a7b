"""Namespaces: what every new one gets, and how one that is deleted is emptied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from mediatui.demo.controllers.base import NAMESPACES, Hands, is_ending, own
from mediatui.demo.controllers.loop import Keys
from mediatui.demo.objects import Key, Object, key_of
from mediatui.demo.resources import SERVED, Resource, named
from mediatui.demo.world import World

_ACCOUNTS: Final = named("serviceaccounts")
_MAPS: Final = named("configmaps")
_ROOT: Final = "kube-root-ca.crt"


class NamespaceController:
    """Furnishes and empties namespaces.

    Args:
        world: The cluster.
    """

    def __init__(self, world: World) -> None:
        self._hands = Hands(world, "")
        self._contents = [one for one in SERVED if one.namespaced and not one.computed]

    @property
    def watches(self) -> Mapping[Resource, Keys]:
        """Namespaces, and all that lies in one that is ending."""
        return {NAMESPACES: own, **dict.fromkeys(self._contents, self._around)}

    def reconcile(self, key: Key) -> float | None:
        """Furnish a namespace, or empty it."""
        namespace = self._hands.get(NAMESPACES, key)
        if namespace is None:
            return None
        if not is_ending(namespace):
            self._furnish(key.name)
            return None
        left = False
        for resource in self._contents:
            for obj in self._hands.all(resource, key.name):
                left = left or resource.plural != "events"
                if not is_ending(obj):
                    self._hands.delete(resource, obj)
        if not left or not any(self._hands.all(resource, key.name) for resource in self._contents):
            self._finalize(key.name)
        return None

    def _around(self, obj: Object) -> Iterable[Key]:
        namespace = Key("", obj["metadata"]["namespace"])
        found = self._hands.get(NAMESPACES, namespace)
        return (namespace,) if found is not None and is_ending(found) else ()

    def _furnish(self, name: str) -> None:
        for resource, body in (
            (_ACCOUNTS, {"metadata": {"name": "default", "namespace": name}}),
            (_MAPS, {"metadata": {"name": _ROOT, "namespace": name}, "data": {"ca.crt": "the demo's own"}}),
        ):
            fixed = {"apiVersion": resource.api_version, "kind": resource.kind}
            if self._hands.get(resource, key_of(body)) is None:
                self._hands.create(resource, {**fixed, **body})

    def _finalize(self, name: str) -> None:
        found = self._hands.store.get(NAMESPACES, name).data
        if found["spec"].get("finalizers"):
            self._hands.store.delete(NAMESPACES, name)
