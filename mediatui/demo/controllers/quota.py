"""Keeps count of what ResourceQuotas limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from mediatui.demo.api import quotas
from mediatui.demo.controllers.base import Hands, own
from mediatui.demo.controllers.loop import Keys
from mediatui.demo.objects import Key, Object
from mediatui.demo.resources import SERVED, Resource, named
from mediatui.demo.world import World

QUOTAS: Final = named("resourcequotas", "")
COUNTED: Final = tuple(one for one in SERVED if one.namespaced and not one.computed and one.plural != "events")
"""What a quota may limit the number of."""


class QuotaController:
    """Follows quotas and everything that they count.

    Args:
        world: The cluster.
    """

    def __init__(self, world: World) -> None:
        self._hands = Hands(world, "resourcequota-controller")

    @property
    def watches(self) -> Mapping[Resource, Keys]:
        """Everything that can be counted."""
        return {one: own if one is QUOTAS else self._of_namespace for one in COUNTED}

    def reconcile(self, key: Key) -> float | None:
        """Count what one quota limits."""
        quota = self._hands.get(QUOTAS, key)
        if quota is not None:
            there = (obj for resource in COUNTED for obj in self._hands.all(resource, key.namespace))
            status = {"hard": quota["spec"].get("hard") or {}, "used": quotas.used(quota, there)}
            self._hands.set_status(QUOTAS, quota, status)
        return None

    def _of_namespace(self, obj: Object) -> Iterable[Key]:
        namespace = obj["metadata"].get("namespace", "")
        return [Key(namespace, one["metadata"]["name"]) for one in self._hands.all(QUOTAS, namespace)]
