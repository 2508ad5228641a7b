"""Everything that a scenario fills and the server serves: objects, logs, time, chance and what is computed."""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from mediatui.demo.api.verbs import Api
from mediatui.demo.clock import Clock, SystemClock
from mediatui.demo.containerlogs import LogBook
from mediatui.demo.containers.insides import Insides
from mediatui.demo.containers.surroundings import OfWorld
from mediatui.demo.disks import Disks
from mediatui.demo.objects import Object
from mediatui.demo.repositories import Repositories
from mediatui.demo.resources import Resource
from mediatui.demo.store import Store

Story = Callable[[], Coroutine[Any, Any, None]]
"""Something that goes on while the demo runs: it is started after the scenario is built and cancelled at the end."""


@dataclass(slots=True)
class World:
    """One demo cluster.

    Args:
        store: The objects.
        api: How they are written.
        disks: The data behind volumes.
        logs: The containers' logs.
        clock: The time.
        random: Chance, repeatable by the seed.
        repositories: What GitOps takes its manifests from.
        stories: What goes on.
        computed: What makes the objects of computed resources.
    """

    store: Store
    api: Api
    disks: Disks
    logs: LogBook
    clock: Clock
    random: random.Random
    repositories: Repositories = field(default_factory=Repositories)
    stories: list[Story] = field(default_factory=list)
    computed: dict[Resource, Callable[[], list[Object]]] = field(default_factory=dict)
    insides: Insides = field(init=False)
    """What is in the containers."""

    def __post_init__(self) -> None:
        """Let the containers see this world."""
        self.insides = Insides(OfWorld(self), self.clock, random.Random(self.random.random()))

    def compute(self, resource: Resource) -> list[Object]:
        """Return the objects of a resource that is made at each request, none where the scenario says nothing."""
        make = self.computed.get(resource)
        return make() if make else []


def new_world(seed: int = 0, clock: Clock | None = None, *, history: int = 1000) -> World:
    """Return an empty cluster."""
    clock = clock or SystemClock()
    store = Store(clock, seed=seed, history=history)
    return World(store, Api(store), Disks(), LogBook(), clock, random.Random(f"world-{seed}"))
