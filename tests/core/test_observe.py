"""Pictures: when they are made, of what, and what they cost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from mediatui.interfaces import LogBlock, LogTarget, ServerVersion, Sink
from mediatui.model.source import Kind, Ref, SourceId, SourceState, SourceStatus
from mediatui.model.stack import ClusterInfo, Stack
from mediatui.observe import FIELDS, LINGER, Observer
from tests.support.clock import FakeClock, settle
from tests.support.rows import container, pod_of, workload

SONARR = workload("StatefulSet", "media/sonarr", container("app", "ghcr.io/x/sonarr:4"))
SYNCED = SourceState(SourceStatus.SYNCED)
FORBIDDEN = SourceState(SourceStatus.NO_PERMISSION, 0.0, "pods is forbidden")

Script = Callable[[SourceId, Sink], Awaitable[None]]


class ScriptedCluster:
    """A cluster whose sources do what a test says."""

    warnings: tuple[str, ...] = ()

    def __init__(self, script: Script) -> None:
        self._script = script
        self.followed: list[SourceId] = []
        self.stopped: list[SourceId] = []

    async def version(self) -> ServerVersion:
        return ServerVersion("v1.36.2", 1, 36)

    async def follow(self, source: SourceId, sink: Sink) -> None:
        self.followed.append(source)
        try:
            await self._script(source, sink)
            await asyncio.Event().wait()
        finally:
            self.stopped.append(source)

    async def snapshot(self, source: SourceId, sink: Sink) -> None:
        await self._script(source, sink)

    def logs(self, target: LogTarget) -> AsyncIterator[LogBlock]:
        raise NotImplementedError

    async def get_object(self, kind: str, ref: Ref) -> dict[str, Any]:
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing to close."""


async def synced(source: SourceId, sink: Sink) -> None:
    if source.kind is Kind.STATEFULSETS:
        sink.put(source, [(SONARR.ref, SONARR)])
    sink.report(source, SYNCED)


class Pictures:
    """Collects the pictures of an observer."""

    def __init__(self, observer: Observer) -> None:
        self.seen: list[Stack] = []
        self._task = asyncio.ensure_future(self._run(observer))

    async def _run(self, observer: Observer) -> None:
        async for stack in observer.stacks():
            self.seen.append(stack)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def test_every_kind_has_its_place_in_the_picture() -> None:
    assert set(FIELDS) == set(Kind)
    assert all(hasattr(Stack.EMPTY, field) for field in FIELDS.values())


async def test_a_burst_of_1000_changes_in_a_second_gives_a_leading_picture_and_at_most_ten_more() -> None:
    clock = FakeClock()
    observer = Observer(ScriptedCluster(synced), clock, ClusterInfo())
    pictures = Pictures(observer)
    await settle()
    await clock.turn(5)
    pictures.seen.clear()
    source = SourceId(Kind.PODS)
    for index in range(1000):
        pod = pod_of(SONARR, str(index % 7), created=float(index))
        observer.put(source, [(pod.ref, pod)])
        await settle(2)
        if index == 0:
            assert len(pictures.seen) == 1, "the first change is drawn at once"
        await clock.turn(0.001)
    await clock.turn(1)
    assert len(pictures.seen) <= 11
    assert pictures.seen[-1].pods[Ref("media", f"sonarr-{999 % 7}")].created == 999.0
    await pictures.close()


async def test_nothing_that_happens_makes_no_picture() -> None:
    clock = FakeClock()
    observer = Observer(ScriptedCluster(synced), clock, ClusterInfo())
    observer.want([Kind.PODS, Kind.STATEFULSETS])
    pictures = Pictures(observer)
    await clock.turn(1)
    before = len(pictures.seen)
    await clock.turn(600)
    assert len(pictures.seen) == before
    await pictures.close()
    await observer.close()


async def test_a_forbidden_list_of_all_namespaces_makes_room_for_the_known_ones_and_takes_it_back() -> None:
    async def narrow(source: SourceId, sink: Sink) -> None:
        sink.report(source, SYNCED if source.namespace == "media" else FORBIDDEN)

    cluster = ScriptedCluster(narrow)
    observer = Observer(cluster, FakeClock(), ClusterInfo(), known_namespaces=["media", "media", "downloads"])
    observer.want([Kind.PODS])
    await settle()
    assert cluster.followed == [SourceId(Kind.PODS), SourceId(Kind.PODS, "media"), SourceId(Kind.PODS, "downloads")]
    observer.report(SourceId(Kind.PODS), SYNCED)
    await settle()
    assert cluster.stopped == [SourceId(Kind.PODS, "media"), SourceId(Kind.PODS, "downloads")]
    await observer.close()


async def test_cluster_scoped_kinds_have_no_narrow_sources() -> None:
    async def forbidden(source: SourceId, sink: Sink) -> None:
        sink.report(source, FORBIDDEN)

    cluster = ScriptedCluster(forbidden)
    observer = Observer(cluster, FakeClock(), ClusterInfo(), known_namespaces=["media"])
    observer.want([Kind.VOLUMES])
    await settle()
    assert cluster.followed == [SourceId(Kind.VOLUMES)]
    await observer.close()


async def test_a_named_namespace_is_all_that_is_looked_at() -> None:
    cluster = ScriptedCluster(synced)
    observer = Observer(cluster, FakeClock(), ClusterInfo(namespaces=("media",)), known_namespaces=["other"])
    observer.want([Kind.PODS, Kind.NODES])
    await settle()
    assert set(cluster.followed) == {SourceId(Kind.PODS, "media"), SourceId(Kind.NODES)}
    await observer.close()


async def test_what_does_not_lie_beside_the_apps_is_looked_for_elsewhere_though_a_namespace_is_named() -> None:
    async def narrow(source: SourceId, sink: Sink) -> None:
        sink.report(source, SYNCED if source.namespace == "argocd" else FORBIDDEN)

    cluster = ScriptedCluster(narrow)
    observer = Observer(cluster, FakeClock(), ClusterInfo(namespaces=("media",)))
    observer.want([Kind.APPLICATIONS])
    await settle()
    everywhere = SourceId(Kind.APPLICATIONS)
    assert cluster.followed == [everywhere, *(SourceId(Kind.APPLICATIONS, place) for place in ("media", "argocd"))]
    await observer.close()


async def test_a_source_that_nobody_looks_at_ends_after_five_minutes_and_not_before() -> None:
    clock, cluster = FakeClock(), ScriptedCluster(synced)
    observer = Observer(cluster, clock, ClusterInfo())
    observer.want([Kind.PODS, Kind.EVENTS])
    await settle()
    observer.want([Kind.PODS])
    await clock.turn(LINGER - 1)
    observer.want([Kind.PODS, Kind.EVENTS])
    await clock.turn(LINGER)
    assert cluster.stopped == [], "looking again keeps it"
    observer.want([Kind.PODS])
    await clock.turn(LINGER + 1)
    assert cluster.stopped == [SourceId(Kind.EVENTS)]
    await observer.close()


async def test_one_picture_is_read_once_with_the_apps_in_it() -> None:
    observer = Observer(ScriptedCluster(synced), FakeClock(), ClusterInfo(context="home"))
    stack = await observer.read_once(Kind)
    assert [unit.app for unit in stack.apps] == ["sonarr"]
    assert stack.cluster.context == "home"


async def test_a_repeated_list_drops_what_is_not_in_it_any_more_in_its_own_namespace_only() -> None:
    observer = Observer(ScriptedCluster(synced), FakeClock(), ClusterInfo())
    here, there = (pod_of(workload("StatefulSet", f"{ns}/x", container("a", "i"))) for ns in ("here", "there"))
    gone = pod_of(workload("StatefulSet", "here/gone", container("a", "i")))
    observer.put(SourceId(Kind.PODS), [(pod.ref, pod) for pod in (here, there, gone)])
    observer.replace(SourceId(Kind.PODS, "here"), [(here.ref, here)])
    pictures = Pictures(observer)
    await settle()
    assert set(pictures.seen[0].pods) == {here.ref, there.ref}
    await pictures.close()


async def test_a_picture_does_not_change_after_it_was_made() -> None:
    observer = Observer(ScriptedCluster(synced), FakeClock(), ClusterInfo())
    pod = pod_of(SONARR)
    observer.put(SourceId(Kind.PODS), [(pod.ref, pod)])
    pictures = Pictures(observer)
    await settle()
    observer.drop(SourceId(Kind.PODS), [pod.ref])
    assert pod.ref in pictures.seen[0].pods
    with pytest.raises(TypeError):
        pictures.seen[0].pods[pod.ref] = pod  # type: ignore[index]
    await pictures.close()


async def test_a_source_that_dies_of_something_unforeseen_says_so() -> None:
    async def broken(source: SourceId, sink: Sink) -> None:
        raise ZeroDivisionError("odd")

    observer = Observer(ScriptedCluster(broken), FakeClock(), ClusterInfo())
    stack = await observer.read_once([Kind.PODS])
    state = stack.source(Kind.PODS)
    assert (state.status, state.message) == (SourceStatus.UNREACHABLE, "reading ended: ZeroDivisionError: odd")
