"""A source from its list through its watch: what arrives, in which order, and at what cost."""

from __future__ import annotations

import asyncio
import time

import pytest

from mediatui.clients.kube.http import Timeouts
from mediatui.clients.kube.reflector import NOT_WATCHED, Pace
from mediatui.interfaces import Clock
from mediatui.model.source import Kind, SourceId, SourceStatus
from tests.clients.kube.doubles import FastClock, HandClock, Memory, cluster_at, following, pod
from tests.support.faulty_server import (
    FaultyServer,
    Feed,
    abort,
    bookmark,
    event,
    expired,
    listing,
    status,
    stream,
    text,
)
from tests.support.waiting import until

LIST = "/api/v1/pods"
WATCH = f"watch {LIST}"
BEGINNING = f"watchlist {LIST}"


class RealClock:
    """The machine's own time, for waits that the server ends."""

    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def test_a_list_and_then_what_changes(server: FaultyServer) -> None:
    feed = Feed()
    server.script(LIST, listing(pod("a"), pod("b"), revision="10"))
    server.script(WATCH, feed.step)
    async with following(cluster_at(server.url, HandClock())) as memory:
        await until(lambda: feed.opened)
        assert memory.names == ["a", "b"]
        assert [state.status for state in memory.states] == [SourceStatus.STARTING, SourceStatus.SYNCED]
        feed.send(event("ADDED", pod("c", revision="11")) + event("MODIFIED", pod("a", revision="12", spec=None)))
        feed.send(event("DELETED", pod("b", revision="13")))
        await until(lambda: memory.names == ["a", "c"])
    watch = server.watches()[1]  # the first asked for a beginning, which this server does not know
    assert watch.query["resourceVersion"] == "10"
    assert watch.query["allowWatchBookmarks"] == "true"
    assert 240 <= int(watch.query["timeoutSeconds"]) <= 480
    assert server.lists()[0].query == {"limit": "250"}
    assert memory.status is SourceStatus.SYNCED


async def test_a_long_list_comes_in_pages_that_are_shown_as_they_come(server: FaultyServer) -> None:
    server.script(LIST, listing(pod("a"), more="t1"), listing(pod("b"), more="t2"), listing(pod("c"), revision="10"))
    server.script(WATCH, stream())
    async with following(cluster_at(server.url, HandClock())) as memory:
        await until(lambda: memory.status is SourceStatus.SYNCED)
    assert memory.calls == ["report starting", "put 1", "put 1", "put 1", "report synced"]
    assert [seen.query.get("continue") for seen in server.lists()] == [None, "t1", "t2"]


async def test_one_namespace_alone(server: FaultyServer) -> None:
    server.script("/api/v1/namespaces/media/pods", listing(pod("a")))
    async with following(cluster_at(server.url, HandClock()), SourceId(Kind.PODS, "media")) as memory:
        await until(lambda: memory.names == ["a"])


async def test_events_that_came_together_are_handed_on_together(server: FaultyServer) -> None:
    feed = Feed()
    server.script(LIST, listing())
    server.script(WATCH, feed.step)
    async with following(cluster_at(server.url, HandClock())) as memory:
        await until(lambda: feed.opened)
        events = [event("ADDED", pod(f"p{number}")) for number in range(20)]
        events += [event("DELETED", pod("p0")), event("DELETED", pod("p1")), event("ADDED", pod("p1"))]
        feed.send(b"".join(events))
        await until(lambda: len(memory.rows) == 19)
    assert memory.calls[2:] == ["put 19", "drop 1"]


async def test_bookmarks_are_how_a_quiet_watch_keeps_up(server: FaultyServer) -> None:
    server.script(LIST, listing(pod("a"), revision="10"))
    server.script(WATCH, stream(bookmark("50"), end="close"), stream())
    async with following(cluster_at(server.url, FastClock())) as memory:
        await until(lambda: len(server.watches()) == 3)
    assert [seen.query.get("resourceVersion") for seen in server.watches()] == [None, "10", "50"]
    assert len(server.lists()) == 1
    assert memory.names == ["a"]


async def test_a_watch_that_the_server_ends_goes_on_where_it_was_without_a_word(server: FaultyServer) -> None:
    server.script(LIST, listing(pod("a"), revision="10"))
    server.script(WATCH, stream(event("MODIFIED", pod("a", revision="11")), end="close"), stream())
    async with following(cluster_at(server.url, FastClock())) as memory:
        await until(lambda: len(server.watches()) == 3)
    assert server.watches()[2].query["resourceVersion"] == "11"
    assert [state.status for state in memory.states] == [SourceStatus.STARTING, SourceStatus.SYNCED]


async def test_one_410_costs_exactly_one_list(server: FaultyServer) -> None:
    feed = Feed()
    server.script(LIST, listing(pod("a"), pod("gone"), revision="10"), listing(pod("a"), pod("new"), revision="90"))
    server.script(WATCH, stream(expired(), end="close"), feed.step)
    async with following(cluster_at(server.url, HandClock())) as memory:
        await until(lambda: feed.opened)
        assert memory.names == ["a", "new"]
    assert len(server.lists()) == 2
    assert memory.calls.count("replace 2") == 1, "what there is was swapped in at once"
    assert server.watches()[-1].query["resourceVersion"] == "90"
    assert memory.status is SourceStatus.SYNCED


async def test_a_410_as_an_http_answer_costs_one_list_too(server: FaultyServer) -> None:
    feed = Feed()
    server.script(LIST, listing(pod("a"), revision="10"), listing(pod("b"), revision="90"))
    server.script(WATCH, status(410, "too old resource version", reason="Expired"), feed.step)
    async with following(cluster_at(server.url, HandClock())) as memory:
        await until(lambda: feed.opened)
        assert memory.names == ["b"]
    assert len(server.lists()) == 2


async def test_a_410_between_the_pages_begins_the_list_anew(server: FaultyServer) -> None:
    gone = status(410, "The provided continue parameter is too old", reason="Expired")
    server.script(LIST, listing(pod("a"), more="t"), gone, listing(pod("b"), revision="9"))
    server.script(WATCH, stream())
    async with following(cluster_at(server.url, HandClock())) as memory:
        await until(lambda: memory.status is SourceStatus.SYNCED)
        assert memory.names == ["b"]
    assert len(server.lists()) == 3


async def test_an_idle_source_lists_nothing_and_asks_once_in_minutes(server: FaultyServer) -> None:
    """Half an hour in which nothing happens, with a server that ends each watch when it was asked to."""
    clock = HandClock()
    feed = Feed()
    server.script(LIST, listing(pod("a"), revision="10"))
    server.script(WATCH, feed.step)
    async with following(cluster_at(server.url, clock)) as memory:
        await until(lambda: feed.opened == 1)
        before = len(server.requests)
        passed, opened = 0.0, 1
        while passed < 1800:
            asked = float(server.watches()[-1].query["timeoutSeconds"])
            clock.turn(asked)
            passed += asked
            feed.close()
            opened += 1
            await until(lambda opened=opened: feed.opened == opened)  # type: ignore[misc]
        assert memory.calls == ["report starting", "put 1", "report synced"]
    assert len(server.lists()) == 1
    assert len(server.requests) - before <= 30 // 4


async def test_odd_objects_are_left_out_and_told(server: FaultyServer) -> None:
    feed = Feed()
    server.script(LIST, listing(pod("a"), pod("odd", spec="text"), revision="10"))
    server.script(WATCH, feed.step)
    async with following(cluster_at(server.url, HandClock())) as memory:
        await until(lambda: feed.opened)
        assert memory.names == ["a"]
        assert (memory.status, memory.message) == (SourceStatus.SYNCED, "1 object could not be read: media/odd")
        feed.send(event("MODIFIED", pod("a", spec=3)))
        await until(lambda: memory.message == "2 objects could not be read: media/odd, media/a")
        assert memory.names == [], "a row that is known to be old would be a lie"
        feed.send(event("MODIFIED", pod("a")) + event("DELETED", pod("odd", spec="text")))
        await until(lambda: memory.message == "")
        assert memory.names == ["a"]


async def test_a_server_that_begins_a_watch_with_what_is_there_needs_no_list(server: FaultyServer) -> None:
    feed = Feed()
    server.script(BEGINNING, feed.step)
    async with following(cluster_at(server.url, HandClock())) as memory:
        await until(lambda: feed.opened)
        feed.send(event("ADDED", pod("a", revision="7")))
        await until(lambda: memory.names == ["a"])
        assert memory.status is SourceStatus.STARTING, "shown as it comes, but not yet known to be all"
        feed.send(event("ADDED", pod("b", revision="3")) + bookmark("20", ends_initial=True))
        await until(lambda: memory.status is SourceStatus.SYNCED)
        feed.send(event("DELETED", pod("a", revision="21")))
        await until(lambda: memory.names == ["b"])
    assert server.lists() == []
    assert server.requests[0].query["resourceVersionMatch"] == "NotOlderThan"
    assert "resourceVersion" not in server.requests[0].query


async def test_after_a_410_such_a_server_is_asked_for_one_beginning_that_replaces_all(server: FaultyServer) -> None:
    first = event("ADDED", pod("a")) + event("ADDED", pod("b")) + bookmark("20", ends_initial=True) + expired()
    again = Feed()
    server.script(BEGINNING, stream(first), again.step)
    async with following(cluster_at(server.url, HandClock())) as memory:
        await until(lambda: again.opened)
        again.send(event("ADDED", pod("b")))
        again.send(event("ADDED", pod("c")))
        assert memory.names == ["a", "b"], "what was there stays until the new picture is whole"
        again.send(bookmark("90", ends_initial=True) + event("ADDED", pod("d", revision="91")))
        await until(lambda: memory.names == ["b", "c", "d"])
    assert len(server.requests) == 2
    assert "replace 2" in memory.calls


async def test_such_a_watch_goes_on_where_the_beginning_ended(server: FaultyServer) -> None:
    beginning = event("ADDED", pod("a", revision="99")) + bookmark("20", ends_initial=True)
    server.script(BEGINNING, stream(beginning, end="close"))
    server.script(WATCH, stream())
    async with following(cluster_at(server.url, FastClock())) as memory:
        await until(lambda: len(server.requests) == 2)
        assert memory.names == ["a"]
    assert server.requests[1].query["resourceVersion"] == "20", "rows have older and newer versions than the picture"


async def test_that_a_server_does_not_know_it_is_found_out_once_for_all_sources(server: FaultyServer) -> None:
    for path in (LIST, "/api/v1/services"):
        server.script(path, listing())
        server.script(f"watch {path}", stream())
    cluster = cluster_at(server.url, HandClock())
    memory, other = Memory(), Memory()
    first = asyncio.ensure_future(cluster.follow(SourceId(Kind.PODS), memory))
    await until(lambda: memory.status is SourceStatus.SYNCED)
    second = asyncio.ensure_future(cluster.follow(SourceId(Kind.SERVICES), other))
    await until(lambda: other.status is SourceStatus.SYNCED)
    for task in (first, second):
        task.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    await cluster.close()
    assert [seen.path for seen in server.requests if seen.is_watch_list] == [LIST]


@pytest.mark.parametrize("said", [b"", event("ADDED", pod("old"))])
async def test_a_server_that_ignores_the_wish_is_noticed_by_its_silence(server: FaultyServer, said: bytes) -> None:
    server.script(BEGINNING, stream(said))
    server.script(LIST, listing(pod("a"), revision="10"))
    server.script(WATCH, stream())
    async with following(cluster_at(server.url, RealClock(), pace=Pace(silence=0.1))) as memory:
        await until(lambda: memory.status is SourceStatus.SYNCED)
        assert memory.names == ["a"]
    assert len(server.lists()) == 1


async def test_a_server_that_ignores_the_wish_is_noticed_by_its_bookmark(server: FaultyServer) -> None:
    server.script(BEGINNING, stream(bookmark("5")))
    server.script(LIST, listing(pod("a"), revision="10"))
    server.script(WATCH, stream())
    async with following(cluster_at(server.url, HandClock())) as memory:
        await until(lambda: memory.status is SourceStatus.SYNCED)


async def test_a_beginning_that_breaks_off_is_no_picture(server: FaultyServer) -> None:
    server.script(
        BEGINNING,
        abort(event("ADDED", pod("a")) + event("ADDED", pod("b"))),
        stream(event("ADDED", pod("a")) + bookmark("20", ends_initial=True)),
    )
    async with following(cluster_at(server.url, FastClock())) as memory:
        await until(lambda: memory.status is SourceStatus.SYNCED)
        assert memory.names == ["a"]
    assert SourceStatus.UNREACHABLE in [state.status for state in memory.states]


async def test_a_connection_that_fell_silent_is_opened_anew(server: FaultyServer) -> None:
    server.script(LIST, listing(pod("a"), revision="10"))
    server.script(WATCH, stream(bookmark("11")), stream())
    timeouts = Timeouts(stream=0.2)
    async with following(cluster_at(server.url, FastClock(), timeouts=timeouts)) as memory:
        await until(lambda: len(server.watches()) >= 3)
        await until(lambda: memory.status is SourceStatus.SYNCED)
    assert server.watches()[2].query["resourceVersion"] == "11"
    assert SourceStatus.STALE in [state.status for state in memory.states]


async def test_a_kind_that_cannot_be_watched_is_read_once_a_minute(server: FaultyServer) -> None:
    clock = HandClock()
    path = "/apis/metrics.k8s.io/v1beta1/pods"
    used = {"metadata": {"name": "a", "namespace": "media"}, "timestamp": "2026-11-23T06:22:19Z", "containers": []}
    server.script(path, listing(used, kind="PodMetricsList"), listing(kind="PodMetricsList"))
    async with following(cluster_at(server.url, clock), SourceId(Kind.POD_METRICS)) as memory:
        await until(lambda: memory.names == ["a"])
        assert memory.status is SourceStatus.SYNCED
        await clock.wake()
        await until(lambda: memory.names == [])
        await until(lambda: clock.sleeping)
    assert clock.slept == [60.0, 60.0]
    assert len(server.requests) == 2


async def test_what_may_be_listed_but_not_watched_is_read_once_a_minute_and_says_so(server: FaultyServer) -> None:
    clock = HandClock()
    forbidden = status(403, 'pods is forbidden: User "eve" cannot watch resource "pods"', reason="Forbidden")
    server.script(BEGINNING, forbidden)
    server.script(WATCH, forbidden)
    server.script(LIST, listing(pod("a")))
    async with following(cluster_at(server.url, clock)) as memory:
        await clock.run(120)
        await until(lambda: len(server.lists()) == 4)
        assert memory.names == ["a"]
        assert (memory.status, memory.message) == (SourceStatus.SYNCED, NOT_WATCHED)
        assert len(server.watches()) == 2
        await clock.run(600)
        await until(lambda: len(server.watches()) == 4)


async def test_an_older_version_of_a_group_is_used_where_the_newer_is_not_served(server: FaultyServer) -> None:
    old = "/apis/gateway.networking.k8s.io/v1beta1/httproutes"
    server.script(old, listing({"metadata": {"name": "r", "namespace": "media"}}, kind="HTTPRouteList"))
    server.script(f"watch {old}", stream())
    async with following(cluster_at(server.url, HandClock()), SourceId(Kind.ROUTES)) as memory:
        await until(lambda: memory.status is SourceStatus.SYNCED)
        assert memory.names == ["r"]


async def test_a_group_that_is_not_installed_is_a_fact_and_is_looked_for_again_after_ten_minutes(
    server: FaultyServer,
) -> None:
    clock = HandClock()
    path = "/apis/longhorn.io/v1beta2/volumes"
    async with following(cluster_at(server.url, clock), SourceId(Kind.LONGHORN_VOLUMES)) as memory:
        await until(lambda: memory.status is SourceStatus.NOT_INSTALLED)
        assert memory.message == "volumes of longhorn.io/v1beta2 are not served"
        await until(lambda: clock.sleeping)
        assert clock.slept == [600.0]
        server.script(path, listing({"metadata": {"name": "v", "namespace": "l"}}, kind="VolumeList"))
        server.script(f"watch {path}", stream())
        await clock.wake()
        await until(lambda: memory.status is SourceStatus.SYNCED)


async def test_a_snapshot_is_one_list_and_no_watch(server: FaultyServer) -> None:
    server.script(LIST, listing(pod("a"), more="t"), listing(pod("b")))
    memory = Memory()
    cluster = cluster_at(server.url, HandClock())
    await cluster.snapshot(SourceId(Kind.PODS), memory)
    await cluster.close()
    assert memory.names == ["a", "b"]
    assert memory.status is SourceStatus.SYNCED
    assert len(server.requests) == 2


async def snapshot_of(server: FaultyServer, kind: Kind = Kind.PODS, clock: Clock | None = None) -> Memory:
    memory = Memory()
    cluster = cluster_at(server.url, clock or FastClock())
    await cluster.snapshot(SourceId(kind), memory)
    await cluster.close()
    return memory


async def test_a_snapshot_waits_when_the_server_asks_for_it(server: FaultyServer) -> None:
    clock = FastClock()
    server.script(LIST, status(429, "slow down", headers={"Retry-After": "3"}), listing(pod("a")))
    assert (await snapshot_of(server, clock=clock)).names == ["a"]
    assert clock.slept == [3.0]


async def test_a_snapshot_says_what_stands_in_its_way(server: FaultyServer) -> None:
    server.script(LIST, status(403, "no", reason="Forbidden"))
    assert (await snapshot_of(server)).status is SourceStatus.NO_PERMISSION
    server.script(LIST, status(500, "broken"))
    memory = await snapshot_of(server)
    assert (memory.status, memory.message) == (SourceStatus.UNREACHABLE, "broken")
    server.script(LIST, text("404 page not found", code=404))
    assert (await snapshot_of(server)).status is SourceStatus.UNREACHABLE, "a server without pods is no API server"
    assert (await snapshot_of(server, Kind.APPLICATIONS)).status is SourceStatus.NOT_INSTALLED
    server.script("/apis/autoscaling/v1/horizontalpodautoscalers", listing(kind="HorizontalPodAutoscalerList"))
    assert (await snapshot_of(server, Kind.AUTOSCALERS)).status is SourceStatus.SYNCED


async def test_following_ends_at_once_when_it_is_cancelled(server: FaultyServer) -> None:
    server.script(LIST, listing(pod("a")))
    server.script(WATCH, stream())
    cluster = cluster_at(server.url, HandClock())
    memory = Memory()
    task = asyncio.ensure_future(cluster.follow(SourceId(Kind.PODS), memory))
    await until(lambda: len(server.watches()) == 2)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=1)
    assert done
    await cluster.close()
