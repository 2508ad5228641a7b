"""A source in trouble: how often it asks, what it says meanwhile, and how it recovers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mediatui.clients.kube.http import Timeouts
from mediatui.model.source import Kind, SourceId, SourceStatus
from tests.clients.kube.doubles import FastClock, HandClock, cluster_at, following, pod
from tests.support.faulty_server import (
    FaultyServer,
    Feed,
    Step,
    abort,
    answer,
    bookmark,
    event,
    expired,
    hang,
    listing,
    status,
    stream,
    text,
)
from tests.support.waiting import until

LIST = "/api/v1/pods"
WATCH = f"watch {LIST}"
BEGINNING = f"watchlist {LIST}"
FORBIDDEN = status(403, 'pods is forbidden: User "eve" cannot list resource "pods"', reason="Forbidden")

Arrange = Callable[[FaultyServer], None]


def every_request(*steps: Step) -> Arrange:
    def arrange(server: FaultyServer) -> None:
        for path in (LIST, WATCH, BEGINNING):
            server.script(path, *steps)

    return arrange


def every_watch(*steps: Step) -> Arrange:
    def arrange(server: FaultyServer) -> None:
        server.script(LIST, listing(pod("a")))
        server.script(WATCH, *steps)

    return arrange


TROUBLE = {
    "401": every_request(status(401, "Unauthorized")),
    "403": every_request(FORBIDDEN),
    "429": every_request(status(429, "slow down")),
    "500": every_request(status(500, "broken")),
    "503 in plain text": every_request(text("no healthy upstream", code=503)),
    "a login page": every_request(text("<html>", kind="text/html")),
    "an answer without sense": every_request(text("{}", kind="application/json")),
    "broken connections": every_request(abort()),
    "a watch that is refused": every_watch(status(500, "broken")),
    "a watch that is throttled": every_watch(status(429, "slow down")),
    "a watch that breaks": every_watch(abort(b"x")),
    "a watch of nonsense": every_watch(stream(b"nonsense\n", end="close")),
    "a watch that fails inside": every_watch(
        stream(event("ERROR", {"kind": "Status", "code": 500, "message": "etcd"}), end="close")
    ),
    "a watch that has always expired": every_watch(stream(expired(), end="close")),
    "a watch that ends at once": every_watch(stream(end="close")),
    "a list whose pages expire": every_request(status(410, "too old", reason="Expired")),
    "a beginning that breaks off": every_request(abort(event("ADDED", pod("a")))),
}


@pytest.mark.parametrize("trouble", TROUBLE)
async def test_no_trouble_is_answered_with_more_than_a_request_a_second_or_two_a_minute_after_two_minutes(
    trouble: str,
) -> None:
    clock = FastClock()
    start = clock.now()
    async with FaultyServer(now=clock.now) as server:
        TROUBLE[trouble](server)
        async with following(cluster_at(server.url, clock)):
            await until(lambda: clock.now() > start + 900)
        at = [seen.at - start for seen in server.requests if seen.at <= start + 900]
    assert len(at) >= 10, "it goes on trying"
    # Starting is no error state: a beginning, a list, a watch, and what one 410 costs, may come at once.
    assert at.count(0.0) <= 5
    at = [moment for moment in at if moment > 0]
    assert most_within(10, at) <= 10
    assert most_within(60, [moment for moment in at if moment >= 120]) <= 2
    assert len(at) <= 60 + 2 * 13


def most_within(seconds: float, at: list[float]) -> int:
    """Return how many requests came at most within so many seconds."""
    return max(sum(1 for moment in at if begin <= moment < begin + seconds) for begin in at)


async def test_a_dead_server_is_asked_less_and_less_and_found_again() -> None:
    clock = FastClock()
    server = FaultyServer(now=clock.now)
    await server.start()
    await server.stop()
    start = clock.now()
    async with following(cluster_at(server.url, clock)) as memory:
        await until(lambda: clock.now() > start + 900)
        assert memory.status is SourceStatus.UNREACHABLE
        assert "connection refused" in memory.message
        assert len(clock.slept) <= 120 / 1 + 2 * 13 + 2
        server.script(LIST, listing(pod("a")))
        server.script(WATCH, stream())
        await server.start()
        await until(lambda: memory.status is SourceStatus.SYNCED)
        assert memory.names == ["a"]
    await server.stop()


async def test_a_server_that_dies_leaves_rows_that_say_since_when_they_are_old(server: FaultyServer) -> None:
    clock = HandClock()
    feed = Feed()
    server.script(LIST, listing(pod("a"), revision="10"))
    server.script(WATCH, feed.step)
    async with following(cluster_at(server.url, clock)) as memory:
        await until(lambda: feed.opened)
        clock.turn(100)
        feed.send(event("ADDED", pod("b", revision="11")))
        await until(lambda: memory.names == ["a", "b"])
        heard_at = clock.now()
        clock.turn(50)
        await server.stop()
        await until(lambda: memory.status is SourceStatus.STALE)
        assert memory.names == ["a", "b"]
        assert memory.states[-1].since == heard_at, "when the last news came"
        assert "the connection ended" in memory.message or "reset" in memory.message
        await server.start()
        await clock.wake()
        await until(lambda: memory.status is SourceStatus.SYNCED)
        assert server.watches()[-1].query["resourceVersion"] == "11"
    assert len(server.lists()) == 1


async def test_a_watch_that_breaks_goes_on_where_it_was_and_loses_nothing(server: FaultyServer) -> None:
    first, second = Feed(), Feed()
    server.script(LIST, listing(pod("a"), revision="10"))
    server.script(WATCH, first.step, second.step)
    clock = HandClock()
    async with following(cluster_at(server.url, clock)) as memory:
        await until(lambda: first.opened)
        first.send(event("ADDED", pod("b", revision="11")))
        await until(lambda: memory.names == ["a", "b"])
        first.abort()
        await until(lambda: memory.status is SourceStatus.STALE)
        await clock.wake()
        assert max(clock.slept) <= 2.0
        await until(lambda: second.opened)
        second.send(event("DELETED", pod("a", revision="12")))
        await until(lambda: memory.names == ["b"])
        assert memory.status is SourceStatus.SYNCED
    assert server.watches()[-1].query["resourceVersion"] == "11"
    assert len(server.lists()) == 1


async def test_no_permission_is_asked_again_every_minute_and_permission_is_noticed(server: FaultyServer) -> None:
    clock = HandClock()
    every_request(FORBIDDEN)(server)
    async with following(cluster_at(server.url, clock)) as memory:
        await until(lambda: memory.status is SourceStatus.NO_PERMISSION)
        assert 'User "eve" cannot list resource "pods"' in memory.message
        assert "a Role must allow list on pods" in memory.message
        await until(lambda: clock.sleeping)
        assert clock.slept == [60.0]
        every_watch(stream())(server)
        await clock.wake()
        await until(lambda: memory.status is SourceStatus.SYNCED)
        assert memory.names == ["a"]


async def test_a_group_that_is_neither_installed_nor_permitted_is_not_installed(server: FaultyServer) -> None:
    """A real server asks for permission first: without it, what does not exist is forbidden as well."""
    server.script("/apis/longhorn.io/v1beta2/volumes", FORBIDDEN)
    async with following(cluster_at(server.url, HandClock()), SourceId(Kind.LONGHORN_VOLUMES)) as memory:
        await until(lambda: memory.status is SourceStatus.NOT_INSTALLED)


async def test_a_group_that_is_installed_and_not_permitted_is_looked_for_once(server: FaultyServer) -> None:
    clock = HandClock()
    group = "/apis/longhorn.io/v1beta2"
    for path in (f"{group}/volumes", f"watch {group}/volumes", f"watchlist {group}/volumes"):
        server.script(path, FORBIDDEN)
    server.script(group, answer({"kind": "APIResourceList"}))
    async with following(cluster_at(server.url, clock), SourceId(Kind.LONGHORN_VOLUMES)) as memory:
        await until(lambda: memory.status is SourceStatus.NO_PERMISSION)
        for _ in range(3):
            await clock.wake()
        await until(lambda: len(server.lists()) == 5)
    assert [seen.path for seen in server.requests].count(group) == 1


async def test_a_permission_that_is_taken_away_is_noticed_within_a_second(server: FaultyServer) -> None:
    clock = HandClock()
    feed = Feed()
    server.script(LIST, listing(pod("a")), FORBIDDEN)
    server.script(WATCH, feed.step, FORBIDDEN)
    async with following(cluster_at(server.url, clock)) as memory:
        await until(lambda: feed.opened)
        clock.turn(300)
        feed.close()
        await clock.wake()
        await until(lambda: memory.status is SourceStatus.NO_PERMISSION)
        assert clock.slept[0] == 1.0
        assert memory.names == [], "what may not be read any more is not shown as if it were known"


async def test_what_the_server_asks_to_wait_is_waited(server: FaultyServer) -> None:
    clock = HandClock()
    every_request(status(429, "slow down", headers={"Retry-After": "17"}))(server)
    async with following(cluster_at(server.url, clock)) as memory:
        await until(lambda: clock.sleeping)
        assert clock.slept == [17.0]
        assert memory.message == "slow down - the server asks to wait 17 s"


async def test_an_expired_token_is_said_and_the_rows_stay(server: FaultyServer) -> None:
    clock = HandClock()
    server.script(LIST, listing(pod("a"), revision="10"))
    server.script(WATCH, status(401, "Unauthorized"), stream())
    async with following(cluster_at(server.url, clock)) as memory:
        await until(lambda: memory.status is SourceStatus.STALE)
        assert "sign in again" in memory.message
        assert memory.names == ["a"]
        await clock.wake()
        await until(lambda: memory.status is SourceStatus.SYNCED)


async def test_a_half_read_first_list_is_replaced_by_the_next(server: FaultyServer) -> None:
    server.script(LIST, listing(pod("a"), pod("gone"), more="t"), status(500, "broken"), listing(pod("a"), pod("b")))
    server.script(WATCH, stream())
    async with following(cluster_at(server.url, FastClock())) as memory:
        await until(lambda: memory.status is SourceStatus.SYNCED)
        assert memory.names == ["a", "b"]
    assert SourceStatus.UNREACHABLE in [state.status for state in memory.states]


async def test_a_watch_that_always_ends_at_once_makes_the_source_stale(server: FaultyServer) -> None:
    clock = FastClock()
    every_watch(stream(end="close"))(server)
    async with following(cluster_at(server.url, clock)) as memory:
        await until(lambda: memory.status is SourceStatus.STALE)
        assert memory.message == "the server ends every watch at once"
        server.script(WATCH, stream(bookmark("11")))
        await until(lambda: memory.status is SourceStatus.SYNCED)


async def test_a_restored_server_whose_versions_are_behind_ours_is_listed_anew(server: FaultyServer) -> None:
    feed = Feed()
    server.script(LIST, listing(pod("a"), revision="900"), listing(pod("b"), revision="5"))
    server.script(WATCH, status(504, "Timeout: Too large resource version: 900, current: 5"), feed.step)
    async with following(cluster_at(server.url, HandClock())) as memory:
        await until(lambda: feed.opened)
        assert memory.names == ["b"]
    assert server.watches()[-1].query["resourceVersion"] == "5"


async def test_the_first_source_that_reaches_the_server_again_wakes_the_others() -> None:
    clock = HandClock()
    server = FaultyServer()
    await server.start()
    await server.stop()
    cluster = cluster_at(server.url, clock)
    services = "/api/v1/services"
    async with following(cluster) as pods, following(cluster, SourceId(Kind.SERVICES)) as others:
        await until(lambda: clock.sleepers == 2)
        while len(clock.slept) < 20 or clock.longest < 25:
            await clock.wake()
            await until(lambda: clock.sleepers == 2)
        for path in (LIST, services):
            server.script(path, listing())
            server.script(f"watch {path}", stream())
        await server.start()
        back = clock.now() + clock.shortest
        await clock.wake()
        await until(lambda: SourceStatus.SYNCED in (pods.status, others.status))
        if clock.sleepers:
            await clock.wake()
        await until(lambda: pods.status is others.status is SourceStatus.SYNCED, "both are back")
        assert clock.now() <= back + 1.0
    await server.stop()


async def test_a_server_that_never_answers_does_not_hold_the_source_for_ever(server: FaultyServer) -> None:
    every_request(hang())(server)
    timeouts = Timeouts(connect=0.1, read=0.1)
    async with following(cluster_at(server.url, HandClock(), timeouts=timeouts)) as memory:
        await until(lambda: memory.status is SourceStatus.UNREACHABLE)
        assert "no answer in time" in memory.message
