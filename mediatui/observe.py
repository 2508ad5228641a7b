"""Changes from the outside, merged into one immutable ``Stack`` at most ten times a second.

The observer owns which sources run: those of the kinds that somebody looks at, for all namespaces where that is
allowed and for the known namespaces otherwise. A source that nobody looks at any more is stopped after five minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from mediatui.apps.discovery import discover
from mediatui.apps.overrides import AppOverride
from mediatui.errors import ClusterError
from mediatui.interfaces import Clock, Cluster
from mediatui.model.app import AppUnit
from mediatui.model.source import CLUSTER_KINDS, Kind, Ref, SourceId, SourceState, SourceStatus
from mediatui.model.stack import ClusterInfo, Stack, events_by_object

INTERVAL: Final = 0.1
"""Seconds between two pictures at least."""
HEAD_START: Final = 0.5
"""Seconds after which the other sources start whether or not the first ones have answered."""
_FIRST: Final = frozenset({Kind.PODS, Kind.DEPLOYMENTS, Kind.STATEFULSETS, Kind.REPLICASETS})
_STARTING: Final = SourceStatus.STARTING
_ASK_AGAIN: Final = 60.0
LINGER: Final = 300.0
"""Seconds that a source outlives its last onlooker, so that switching panes costs no new list."""

FIELDS: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.PODS: "pods",
        Kind.DEPLOYMENTS: "deployments",
        Kind.STATEFULSETS: "statefulsets",
        Kind.REPLICASETS: "replicasets",
        Kind.SERVICES: "services",
        Kind.ENDPOINT_SLICES: "endpoint_slices",
        Kind.CLAIMS: "claims",
        Kind.VOLUMES: "volumes",
        Kind.EVENTS: "events",
        Kind.AUTOSCALERS: "autoscalers",
        Kind.NODES: "nodes",
        Kind.POD_METRICS: "pod_metrics",
        Kind.ROUTES: "routes",
        Kind.APPLICATIONS: "applications",
        Kind.LONGHORN_VOLUMES: "longhorn_volumes",
        Kind.SCALED_OBJECTS: "scaled_objects",
    }
)
"""The field of ``Stack`` that holds each kind."""

_ELSEWHERE: Final[Mapping[Kind, tuple[str, ...]]] = MappingProxyType(
    {Kind.APPLICATIONS: ("argocd",), Kind.LONGHORN_VOLUMES: ("longhorn-system",)}
)
"""Kinds that do not lie beside the apps they are about, and where they usually lie: looking into one namespace does not
limit them."""

_DISCOVERY: Final = frozenset(
    {
        Kind.PODS,
        Kind.DEPLOYMENTS,
        Kind.STATEFULSETS,
        Kind.REPLICASETS,
        Kind.SERVICES,
        Kind.AUTOSCALERS,
        Kind.SCALED_OBJECTS,
        Kind.ROUTES,
        Kind.APPLICATIONS,
    }
)


class Observer:
    """Runs sources and merges what they say; the ``Sink`` of every one of them.

    Args:
        cluster: Where sources come from.
        clock: Time.
        info: What the pictures are of; its ``namespaces`` limit them.
        known_namespaces: Where to look when all namespaces at once may not be read.
        overrides: What the operator says about apps.
    """

    def __init__(
        self,
        cluster: Cluster,
        clock: Clock,
        info: ClusterInfo,
        known_namespaces: Sequence[str] = (),
        overrides: Sequence[AppOverride] = (),
    ) -> None:
        self._cluster = cluster
        self._clock = clock
        self._info = info
        self._known = tuple(dict.fromkeys(known_namespaces))
        self._overrides = overrides
        self._tables: dict[Kind, dict[Ref, Any]] = {kind: {} for kind in Kind}
        self._events_of = Stack.EMPTY.events_of
        self._shown: dict[str, Mapping[Ref, Any]] = {}
        self._states: dict[SourceId, SourceState] = {}
        self._tasks: dict[SourceId, asyncio.Task[None]] = {}
        self._endings: dict[Kind, asyncio.Task[None]] = {}
        self._wanted: frozenset[Kind] = frozenset()
        self._once = False
        self._changed: set[Kind] = set(Kind)
        self._dirty = asyncio.Event()
        self._dirty.set()
        self._apps: tuple[AppUnit, ...] = ()
        self._revision = 0
        self._answered = asyncio.Event()
        self._tasks_later: list[asyncio.Task[None]] = []
        self._greeting: asyncio.Task[None] | None = None

    def want(self, kinds: Iterable[Kind]) -> None:
        """Say which kinds are looked at from now on; sources start at once and end five minutes after."""
        wanted = frozenset(kinds)
        fresh = wanted - self._wanted
        first = fresh & _FIRST
        later = frozenset() if self._once or not first else fresh - first
        for kind in fresh:
            ending = self._endings.pop(kind, None)
            if ending is not None:
                ending.cancel()
        for kind in fresh - later:
            self._start_kind(kind)
        if later:
            self._tasks_later.append(asyncio.ensure_future(self._start_later(later)))
        for kind in self._wanted - wanted:
            self._endings[kind] = asyncio.ensure_future(self._end_later(kind))
        self._wanted = wanted

    async def read_once(self, kinds: Iterable[Kind]) -> Stack:
        """Read each kind one time and return the picture, whole or with the reasons for what is missing."""
        self._once = True
        self.want(kinds)
        while running := [task for task in self._tasks.values() if not task.done()]:
            await asyncio.wait(running)
        self._once = False
        self._tasks.clear()
        self._wanted = frozenset()
        return self._picture()

    async def stacks(self) -> AsyncIterator[Stack]:
        """Yield a picture after every change, the first of a burst at once and then ten a second.

        The very first is not spent on an empty cluster: it waits for what apps are made of, or half a second.
        """
        if self._greeting is None:
            self._greeting = asyncio.ensure_future(self._ask_version())
        await self._first_answers()
        last = float("-inf")
        while True:
            await self._dirty.wait()
            rest = last + INTERVAL - self._clock.now()
            if rest > 0:
                await self._clock.sleep(rest)
            self._dirty.clear()
            last = self._clock.now()
            yield self._picture()

    async def close(self) -> None:
        """Stop every source."""
        tasks = [*self._tasks.values(), *self._endings.values(), *self._tasks_later]
        if self._greeting is not None:
            tasks.append(self._greeting)
        self._tasks.clear()
        self._endings.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def put(self, source: SourceId, rows: Sequence[tuple[Ref, Any]]) -> None:
        """Take added and changed rows."""
        self._tables[source.kind].update(rows)
        self._touch(source.kind)

    def drop(self, source: SourceId, refs: Sequence[Ref]) -> None:
        """Forget deleted rows."""
        table = self._tables[source.kind]
        for ref in refs:
            table.pop(ref, None)
        self._touch(source.kind)

    def replace(self, source: SourceId, rows: Sequence[tuple[Ref, Any]]) -> None:
        """Take a repeated list: what it does not hold any more is gone."""
        self._forget(source)
        self.put(source, rows)

    def report(self, source: SourceId, state: SourceState) -> None:
        """Take a source's state; one for all namespaces that is forbidden makes room for narrow ones."""
        self._states[source] = state
        if state.status is not _STARTING and not self._awaited():
            self._answered.set()
        if source.namespace == "" and source.kind not in CLUSTER_KINDS:
            usual = _ELSEWHERE.get(source.kind, ())
            places = dict.fromkeys((*(self._info.namespaces or self._known), *usual))
            narrow = [SourceId(source.kind, namespace) for namespace in places]
            if state.status is SourceStatus.NO_PERMISSION:
                for other in narrow:
                    self._start(other)
            elif state.status is SourceStatus.SYNCED:
                for other in narrow:
                    self._stop(other)
        self._dirty.set()

    def _sources_of(self, kind: Kind) -> list[SourceId]:
        if kind in CLUSTER_KINDS or kind in _ELSEWHERE or not self._info.namespaces:
            return [SourceId(kind)]
        return [SourceId(kind, namespace) for namespace in self._info.namespaces]

    def _start(self, source: SourceId) -> None:
        if source in self._tasks:
            return
        self._states.setdefault(source, SourceState(SourceStatus.STARTING, self._clock.now()))
        run = self._cluster.snapshot if self._once else self._cluster.follow
        task = self._tasks[source] = asyncio.ensure_future(run(source, self))
        task.add_done_callback(partial(self._ended, source))

    def _ended(self, source: SourceId, task: asyncio.Task[None]) -> None:
        """Say that a source has died of something that nobody foresaw, instead of letting its last state stand."""
        if not task.cancelled() and (error := task.exception()) is not None:
            message = f"reading ended: {type(error).__name__}: {error}"
            self.report(source, SourceState(SourceStatus.UNREACHABLE, self._clock.now(), message))

    def _stop(self, source: SourceId) -> None:
        task = self._tasks.pop(source, None)
        if task is not None:
            task.cancel()
            self._states.pop(source, None)

    def _start_kind(self, kind: Kind) -> None:
        for source in self._sources_of(kind):
            self._start(source)

    async def _start_later(self, kinds: frozenset[Kind]) -> None:
        """Start what only adds to the picture once the apps themselves have been read, or that takes too long."""
        await self._first_answers()
        for kind in kinds & self._wanted:
            self._start_kind(kind)

    def _awaited(self) -> list[SourceId]:
        """Return the sources that apps are made of and that have not answered yet."""
        return [source for source, state in self._states.items() if source.kind in _FIRST and state.status is _STARTING]

    async def _first_answers(self) -> None:
        if not self._awaited():
            return
        waiting = [asyncio.ensure_future(self._answered.wait()), asyncio.ensure_future(self._clock.sleep(HEAD_START))]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()

    async def _ask_version(self) -> None:
        while not self._info.server_version:
            try:
                answer = await self._cluster.version()
            except ClusterError:
                # Why it does not answer is told by the sources; here it only matters that it may do so later.
                await self._clock.sleep(_ASK_AGAIN)
            else:
                self._info = replace(self._info, server_version=answer.version)
                self._dirty.set()

    async def _end_later(self, kind: Kind) -> None:
        await self._clock.sleep(LINGER)
        for source in [source for source in self._tasks if source.kind is kind]:
            self._stop(source)
            self._forget(source)
        self._endings.pop(kind, None)
        self._touch(kind)

    def _forget(self, source: SourceId) -> None:
        table = self._tables[source.kind]
        if source.namespace == "":
            table.clear()
        else:
            for ref in [ref for ref in table if ref.namespace == source.namespace]:
                del table[ref]

    def _touch(self, kind: Kind) -> None:
        self._changed.add(kind)
        self._dirty.set()

    def _picture(self) -> Stack:
        for kind in self._changed:
            self._shown[FIELDS[kind]] = MappingProxyType(dict(self._tables[kind]))
        if Kind.EVENTS in self._changed:
            self._events_of = events_by_object(self._tables[Kind.EVENTS].values())
        if len(self._cluster.warnings) > len(self._info.warnings):
            self._info = replace(self._info, warnings=self._cluster.warnings)
        stack = Stack(
            revision=self._revision + 1,
            observed_at=self._clock.now(),
            cluster=self._info,
            sources=MappingProxyType(dict(self._states)),
            **self._shown,
            events_of=self._events_of,
            apps=self._apps,
        )
        if self._changed & _DISCOVERY:
            self._apps = discover(stack, self._overrides)
            stack = stack.with_apps(self._apps)
        self._changed = set()
        self._revision += 1
        return stack
