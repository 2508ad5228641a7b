"""What the tests of the client stand on: a clock that is turned by hand, a sink that remembers, ways to a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from mediatui.clients.kube.auth import Credential, Credentials, Fixed
from mediatui.clients.kube.cluster import KubeCluster
from mediatui.clients.kube.http import KubeHttp, Timeouts
from mediatui.clients.kube.reflector import Pace
from mediatui.errors import ClusterError
from mediatui.interfaces import Clock
from mediatui.model.source import Kind, Ref, SourceId, SourceState, SourceStatus
from tests.support.faulty_server import FaultyServer, Step
from tests.support.waiting import until

PODS = SourceId(Kind.PODS)


class HandClock:
    """Time that stands still until a test turns it."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self._now = now
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []
        self.slept: list[float] = []

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        self.slept.append(seconds)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (self._now + seconds, future)
        self._sleepers.append(entry)
        try:
            await future
        finally:
            self._sleepers.remove(entry)

    @property
    def sleepers(self) -> int:
        return sum(1 for _, future in self._sleepers if not future.done())

    @property
    def sleeping(self) -> bool:
        return self.sleepers > 0

    @property
    def shortest(self) -> float:
        """Seconds until the first wakes."""
        return min(moment for moment, future in self._sleepers if not future.done()) - self._now

    @property
    def longest(self) -> float:
        """Seconds until the last wakes."""
        return max(moment for moment, future in self._sleepers if not future.done()) - self._now

    def turn(self, seconds: float) -> None:
        """Let so much time pass and wake who has slept enough."""
        self._now += seconds
        for until_then, future in self._sleepers:
            if until_then <= self._now and not future.done():
                future.set_result(None)

    async def wake(self) -> None:
        """Wait until somebody sleeps, and let time pass until they wake."""
        await until(lambda: self.sleeping, "somebody sleeps")
        self.turn(self.shortest)
        await asyncio.sleep(0)

    async def run(self, seconds: float) -> None:
        """Let time pass from sleep to sleep."""
        end = self._now + seconds
        while self._now < end:
            await self.wake()


class FastClock:
    """Time that passes as soon as somebody wants to sleep."""

    def __init__(self) -> None:
        self._now = 1_800_000_000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += max(0.0, seconds)
        await asyncio.sleep(0.001)


class Memory:
    """A sink that remembers rows, states, and every call."""

    def __init__(self) -> None:
        self.rows: dict[Ref, Any] = {}
        self.states: list[SourceState] = []
        self.calls: list[str] = []

    def put(self, source: SourceId, rows: Sequence[tuple[Ref, Any]]) -> None:
        self.calls.append(f"put {len(rows)}")
        self.rows.update(rows)

    def drop(self, source: SourceId, refs: Sequence[Ref]) -> None:
        self.calls.append(f"drop {len(refs)}")
        for ref in refs:
            self.rows.pop(ref, None)

    def replace(self, source: SourceId, rows: Sequence[tuple[Ref, Any]]) -> None:
        self.calls.append(f"replace {len(rows)}")
        self.rows = dict(rows)

    def report(self, source: SourceId, state: SourceState) -> None:
        self.calls.append(f"report {state.status}")
        self.states.append(state)

    @property
    def status(self) -> SourceStatus | None:
        return self.states[-1].status if self.states else None

    @property
    def message(self) -> str:
        return self.states[-1].message if self.states else ""

    @property
    def names(self) -> list[str]:
        return sorted(ref.name for ref in self.rows)


def http_to(
    url: str, credential: Credential | None = None, timeouts: Timeouts | None = None, **credentials: Any
) -> KubeHttp:
    """Return the way to a server."""
    return KubeHttp(Credentials(url, credential or Fixed(), **credentials), timeouts)


def cluster_at(
    url: str, clock: Clock, *, timeouts: Timeouts | None = None, pace: Pace | None = None, **credentials: Any
) -> KubeCluster:
    """Return a cluster with repeatable jitter."""
    return KubeCluster(http_to(url, timeouts=timeouts, **credentials), clock, Random(7), pace)


@asynccontextmanager
async def following(cluster: KubeCluster, source: SourceId = PODS) -> AsyncIterator[Memory]:
    """Follow a source for as long as the block lasts."""
    memory = Memory()
    task = asyncio.ensure_future(cluster.follow(source, memory))
    try:
        yield memory
    finally:
        task.cancel()
        outcome = (await asyncio.gather(task, return_exceptions=True))[0]
        await cluster.close()
        assert isinstance(outcome, asyncio.CancelledError), outcome


def pod(name: str, *, revision: str = "5", namespace: str = "media", **more: Any) -> dict[str, Any]:
    """Return a pod as the API server writes it, null lists and all."""
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "uid": f"uid-{name}",
            "resourceVersion": revision,
            "creationTimestamp": "2026-11-23T06:22:19Z",
            "ownerReferences": None,
        },
        "spec": {"nodeName": "node-a", "containers": [{"name": "app", "image": "img:1", "env": None}], "volumes": None},
        "status": {"phase": "Running", "conditions": None, "containerStatuses": None},
        **more,
    }


def write(path: Path, text: str) -> Path:
    """Write a file and return where it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


QUICK = Timeouts(connect=1.0, read=0.2, stream=0.2)


async def refused_by(http: KubeHttp, path: str = "/x") -> ClusterError:
    with pytest.raises(ClusterError) as refused:
        await asyncio.wait_for(http.get(path), 10)
    await http.close()
    assert "\n" not in str(refused.value)
    return refused.value


async def answered(server: FaultyServer, *steps: Step, **more: Any) -> ClusterError:
    server.script("/x", *steps)
    return await refused_by(http_to(server.url, **more))
