"""The loop in which every controller runs: a change queues keys, each is looked at until it needs no more.

Nothing happens while nothing changes and nothing is due: no polling. One thread, one order: the same seed gives the
same cluster.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol

from mediatui.demo.objects import Key, Object
from mediatui.demo.resources import Resource
from mediatui.demo.statuses import Refusal
from mediatui.demo.store import Entry
from mediatui.demo.world import World

Keys = Callable[[Object], Iterable[Key]]
"""Which keys of a controller a changed object is about."""

_BATCH: Final = 50
_RETRY: Final = 1.0


class Controller(Protocol):
    """What every controller gives the loop."""

    @property
    def watches(self) -> Mapping[Resource, Keys]:
        """What it must hear of."""
        ...

    def reconcile(self, key: Key) -> float | None:
        """Look at one key and do what is to be done; return seconds until it wants to look again, if at all.

        Raises:
            Refusal: The API refused a write; it is looked at again a second later.
        """
        ...


class Loop:
    """Runs controllers on one world.

    Args:
        world: The cluster.
        controllers: In the order in which they hear of a change.
    """

    def __init__(self, world: World, controllers: Sequence[Controller]) -> None:
        self._world = world
        self._controllers = controllers
        self._interested: dict[Resource, list[tuple[int, Keys]]] = {}
        for index, controller in enumerate(controllers):
            for resource, keys in controller.watches.items():
                self._interested.setdefault(resource, []).append((index, keys))
        self._queue: dict[tuple[int, Key], None] = {}
        self._due: list[tuple[float, int, tuple[int, Key]]] = []
        self._wanted: dict[tuple[int, Key], float] = {}
        self._order = itertools.count()
        self._awake = asyncio.Event()
        world.store.followers.append(self._follow)

    def look_at_everything(self) -> None:
        """Put every object into the queue, as controllers do that have just started."""
        for resource, interested in self._interested.items():
            for item in self._world.store.all(resource):
                for index, keys in interested:
                    for key in keys(item.data):
                        self._queue[index, key] = None
        self._awake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._awake.clear()
            busy = self.work(_BATCH)
            wait = 0.0 if busy else self.rest()
            if wait is None:
                await self._awake.wait()
                continue
            sleep = asyncio.ensure_future(self._world.clock.sleep(wait))
            awake = asyncio.ensure_future(self._awake.wait())
            try:
                await asyncio.wait((sleep, awake), return_when=asyncio.FIRST_COMPLETED)
            finally:
                sleep.cancel()
                awake.cancel()

    def work(self, most: int = 100_000) -> bool:
        """Look at what is in the queue and due, and tell whether there was anything.

        Raises:
            RuntimeError: There is no end to it.
        """
        self._take_due()
        if not self._queue:
            return False
        for _ in range(most):
            if not self._queue:
                return True
            where = next(iter(self._queue))
            del self._queue[where]
            self._look(where)
        if most >= 100_000:
            raise RuntimeError(f"controllers do not come to rest: {list(self._queue)[:5]}")
        return True

    def _look(self, where: tuple[int, Key]) -> None:
        index, key = where
        try:
            again = self._controllers[index].reconcile(key)
        except Refusal:
            again = _RETRY
        if again is not None:
            self._remind(where, self._world.clock.now() + again)

    def _remind(self, where: tuple[int, Key], at: float) -> None:
        if self._wanted.get(where, float("inf")) <= at:
            return
        self._wanted[where] = at
        heapq.heappush(self._due, (at, next(self._order), where))
        self._awake.set()

    def _take_due(self) -> None:
        now = self._world.clock.now()
        while self._due and self._due[0][0] <= now:
            at, _, where = heapq.heappop(self._due)
            if self._wanted.get(where) == at:
                del self._wanted[where]
                self._queue[where] = None

    def rest(self) -> float | None:
        """Return seconds until something is due, None where only a change can bring more work."""
        while self._due and self._wanted.get(self._due[0][2]) != self._due[0][0]:
            heapq.heappop(self._due)
        return max(0.0, self._due[0][0] - self._world.clock.now()) if self._due else None

    def _follow(self, resource: Resource, entry: Entry) -> None:
        for index, keys in self._interested.get(resource, ()):
            for key in keys(entry.item.data):
                self._queue[index, key] = None
            if entry.before is not None and entry.type == "MODIFIED":
                for key in keys(entry.before.data):
                    self._queue[index, key] = None
        self._awake.set()
