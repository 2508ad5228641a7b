"""The logs of several containers as one stream, a deleted pod's successor and a restarted container included."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from mediatui.errors import ClusterError, NotFound, NotPermitted, Unauthenticated
from mediatui.interfaces import Cluster, LogBlock, LogTarget
from mediatui.model.app import AppUnit
from mediatui.model.source import Kind
from mediatui.text import nanoseconds

GATHER: Final = 0.15
"""Seconds of silence after which the first lines of all containers are taken to be there and are put in order."""
GATHER_LIMIT: Final = 1.0
"""Seconds after which they are put in order whatever is still to come."""
RETRY_FIRST: Final = 1.0
"""Seconds after which a followed log that could not be read is tried again; doubled each time."""
RETRY_MOST: Final = 30.0
_QUEUE: Final = 64

NEEDS: Final = (Kind.PODS, Kind.DEPLOYMENTS, Kind.STATEFULSETS, Kind.REPLICASETS)
"""What must be known to tell which pods are an app's."""


class LogSource(NamedTuple):
    """One container of one pod of one app."""

    app: str
    namespace: str
    pod: str
    container: str


class LogNote(NamedTuple):
    """Something to say about a source that is no line of its log; empty text takes back what was said last."""

    text: str
    failed: bool


class LogRun(NamedTuple):
    """Which run of a container it is: a recreated pod of the same name, or a restart, begins another."""

    pod_uid: str
    restarts: int

    def follows(self, earlier: LogRun) -> bool:
        """Tell whether this run came after another."""
        return self.pod_uid != earlier.pod_uid or self.restarts > earlier.restarts


Said = tuple[LogSource, LogBlock | LogNote]


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What of each log is wanted."""

    follow: bool = False
    previous: bool = False
    tail: int | None = None
    """Lines from the end of each log, None for all."""
    since: float | None = None
    """Seconds since the epoch."""


def sources_of(units: Iterable[AppUnit], container: str = "") -> dict[LogSource, LogRun]:
    """Return the sources of some apps, and which run of each there is now.

    Args:
        units: The apps.
        container: Empty for the app's own container, ``*`` for all of a pod, else a name.
    """
    sources: dict[LogSource, LogRun] = {}
    for unit in units:
        for pod in unit.pods:
            restarts = {status.name: status.restarts for status in pod.statuses}
            for spec in pod.containers:
                if container == "*" or spec.name == (container or unit.container.name):
                    source = LogSource(unit.app, pod.ref.namespace, pod.ref.name, spec.name)
                    sources[source] = LogRun(pod.uid, restarts.get(spec.name, 0))
    return sources


class LogTail:
    """Follows a changing set of sources; ``blocks`` yields what they say.

    Args:
        cluster: Where logs come from.
        query: What of each log is wanted; pods that come later are followed from their start.
    """

    def __init__(self, cluster: Cluster, query: LogQuery) -> None:
        self._cluster = cluster
        self._query = query
        self._queue: asyncio.Queue[Said] = asyncio.Queue(_QUEUE)
        self._tasks: dict[LogSource, asyncio.Task[None]] = {}
        self._runs: dict[LogSource, LogRun] = {}
        self._last: dict[LogSource, int] = {}
        self._wanted: frozenset[LogSource] = frozenset()

    def follow(self, sources: Mapping[LogSource, LogRun]) -> None:
        """Set which sources there are now, and which run of each.

        New ones are started, a container that has ended is followed on in its next run, and those that went run
        out by themselves: the last lines of a pod that is deleted are read too.
        """
        self._wanted = frozenset(sources)
        whole = replace(self._query, tail=None, since=None)
        followed = {(one.app, one.namespace, one.container) for one in self._tasks}
        for source, run in sources.items():
            task = self._tasks.get(source)
            again_begun = task is not None and task.done() and run.follows(self._runs[source])
            if task is None or (again_begun and self._query.follow):
                self._runs[source] = run
                # A successor is followed from its start; what was only found later is read like the others.
                succeeds = (source.app, source.namespace, source.container) in followed
                query = whole if succeeds else self._query
                self._tasks[source] = asyncio.ensure_future(self._run(source, query, again=again_begun))

    async def blocks(self) -> AsyncIterator[Said]:
        """Yield blocks and notes: the first lines of all sources in the order of time, later ones as they come.

        Without following, it ends when every log has been read.
        """
        for gathered in _in_order(await self._gather()):
            yield gathered
        while (said := await self._next(None)) is not None:
            yield said

    async def close(self) -> None:
        """Stop reading."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _gather(self) -> list[Said]:
        loop = asyncio.get_running_loop()
        first: list[Said] = []
        limit = loop.time() + GATHER_LIMIT
        while True:
            wait = None if not (self._query.follow and first) else min(GATHER, limit - loop.time())
            if wait is not None and wait <= 0:
                return first
            said = await self._next(wait)
            if said is None:
                return first
            first.append(said)

    async def _next(self, timeout: float | None) -> Said | None:
        """Return the next thing said; None after the timeout, or when nothing more can come."""
        if self._query.follow:
            try:
                return await asyncio.wait_for(self._queue.get(), timeout)
            except TimeoutError:
                return None
        while self._queue.empty():
            running = [task for task in self._tasks.values() if not task.done()]
            if not running:
                return None
            getter = asyncio.ensure_future(self._queue.get())
            done, _ = await asyncio.wait([getter, *running], return_when=asyncio.FIRST_COMPLETED)
            if getter in done:
                return getter.result()
            getter.cancel()
        return self._queue.get_nowait()

    async def _run(self, source: LogSource, query: LogQuery, *, again: bool) -> None:
        """Read one log; what fails for now is told once and tried again, for as long as the source is wanted."""
        if again:
            await self._queue.put((source, LogNote("", failed=False)))
        pause, told = RETRY_FIRST, ""
        while True:
            try:
                async for fresh in self._fresh(source, query):
                    pause, told = RETRY_FIRST, ""
                    await self._queue.put((source, fresh))
                break
            except ClusterError as error:
                if str(error) != told:
                    told = str(error)
                    await self._queue.put((source, LogNote(told, failed=True)))
                passing = not isinstance(error, (NotFound, NotPermitted, Unauthenticated))
                if not (query.follow and passing and source in self._wanted):
                    return
                await asyncio.sleep(max(pause, error.retry_after))
                pause = min(pause * 2, RETRY_MOST)
        if query.follow:
            await self._queue.put((source, LogNote("the container has ended", failed=False)))

    async def _fresh(self, source: LogSource, query: LogQuery) -> AsyncIterator[LogBlock]:
        """Yield what a log says that an earlier reading of the same container has not given."""
        target = LogTarget(
            namespace=source.namespace,
            pod=source.pod,
            container=source.container,
            previous=query.previous,
            tail=query.tail,
            since=query.since,
            follow=query.follow,
        )
        seen = self._last.get(source)
        async for block in self._cluster.logs(target):
            fresh = block if seen is None else _after(block, seen)
            if fresh is not None:
                seen = None
                self._remember(source, fresh)
                yield fresh

    def _remember(self, source: LogSource, block: LogBlock) -> None:
        stamp = nanoseconds(block.text[block.text.rfind("\n") + 1 :][:40])
        if stamp is not None:
            self._last[source] = stamp


def _after(block: LogBlock, seen: int) -> LogBlock | None:
    """Leave out what an earlier reading of the same container has already given."""
    lines = block.text.split("\n")
    for index, line in enumerate(lines):
        stamp = nanoseconds(line[:40])
        if stamp is not None and stamp > seen:
            rest = lines[index:]
            return LogBlock("\n".join(rest), len(rest))
    return None


def _in_order(said: Sequence[Said]) -> list[Said]:
    """Merge the first blocks of all sources by time; a line without a stamp stays behind the one before it."""
    notes = [entry for entry in said if isinstance(entry[1], LogNote)]
    lines: list[tuple[int, LogSource, str]] = []
    last: dict[LogSource, int] = {}
    for source, block in said:
        if isinstance(block, LogNote):
            continue
        for line in block.text.split("\n"):
            last[source] = max(nanoseconds(line[:40]) or 0, last.get(source, 0))
            lines.append((last[source], source, line))
    lines.sort(key=lambda entry: entry[0])
    merged: list[Said] = []
    start = 0
    for index in range(1, len(lines) + 1):
        if index == len(lines) or lines[index][1] != lines[start][1]:
            run = [line for _, _, line in lines[start:index]]
            merged.append((lines[start][1], LogBlock("\n".join(run), len(run))))
            start = index
    return merged + notes
