"""Logs over every disconnect: no line is lost, none is given twice, and the end is told from a break."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from mediatui.clients.kube.cluster import KubeCluster
from mediatui.clients.kube.log_resume import Given
from mediatui.errors import Invalid, NotFound, NotPermitted, ServerFailed, Unreachable
from mediatui.interfaces import LogBlock, LogTarget
from mediatui.text import is_printable
from tests.clients.kube.doubles import FastClock, HandClock, cluster_at
from tests.clients.kube.kubelet_log import LOG, POD, KubeletLog, line
from tests.support.faulty_server import FaultyServer, abort, answer, hang, status, stream
from tests.support.waiting import until

NOW = 1_795_414_939
WAITING = 'container "app" in pod "sonarr" is waiting to start: ContainerCreating'


def target(**more: Any) -> LogTarget:
    return LogTarget("media", "sonarr", "app", **more)


async def read(cluster: KubeCluster, **more: Any) -> list[LogBlock]:
    blocks = [block async for block in cluster.logs(target(**more))]
    await cluster.close()
    for block in blocks:
        assert block.text.count("\n") + 1 == block.count
    return blocks


def texts(blocks: list[LogBlock]) -> list[str]:
    return [each.partition(" ")[2] for block in blocks for each in block.text.split("\n")]


class Following:
    """A log that is followed in the background."""

    def __init__(self, cluster: KubeCluster, **more: Any) -> None:
        self.blocks: list[LogBlock] = []
        self._cluster = cluster
        self.task = asyncio.ensure_future(self._read(cluster.logs(target(follow=True, **more))))

    async def _read(self, blocks: AsyncIterator[LogBlock]) -> None:
        async for block in blocks:
            self.blocks.append(block)

    @property
    def texts(self) -> list[str]:
        return texts(self.blocks)

    async def __aenter__(self) -> Following:
        return self

    async def __aexit__(self, *failure: object) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self._cluster.close()


async def test_a_log_is_read_to_its_end_with_its_stamps(server: FaultyServer) -> None:
    KubeletLog(server, [line(NOW, "one"), line(NOW + 0.5, "two")])
    blocks = await read(cluster_at(server.url, HandClock()))
    assert blocks[0].text == (line(NOW, "one") + line(NOW + 0.5, "two")).decode().rstrip("\n")
    assert server.requests[0].query == {"container": "app", "timestamps": "true"}


async def test_what_is_asked_for_is_passed_on(server: FaultyServer) -> None:
    KubeletLog(server, [line(NOW + index, str(index)) for index in range(5)])
    assert texts(await read(cluster_at(server.url, HandClock()), tail=2)) == ["3", "4"]
    await read(cluster_at(server.url, HandClock()), previous=True)
    assert server.requests[1].query["previous"] == "true"


async def test_since_is_finer_than_the_server_can(server: FaultyServer) -> None:
    KubeletLog(server, [line(NOW + 0.2, "before"), line(NOW + 0.6, "after"), line(NOW + 2, "later")])
    assert texts(await read(cluster_at(server.url, HandClock()), since=NOW + 0.5)) == ["after", "later"]
    assert server.requests[0].query["sinceTime"].endswith(":19Z")


async def test_lines_appear_as_they_are_written_and_the_end_of_the_container_is_the_end(server: FaultyServer) -> None:
    log = KubeletLog(server, [line(NOW, "one")])
    async with Following(cluster_at(server.url, HandClock())) as following:
        await until(lambda: following.texts == ["one"])
        log.write(line(NOW + 1, "two"))
        await until(lambda: following.texts == ["one", "two"])
        log.end()
        await asyncio.wait_for(following.task, 5)
    assert [seen.path for seen in server.requests] == [LOG, POD]


@pytest.mark.parametrize("cut", [1, 40, 45, 46, 47, 90, 138, 1000])
async def test_a_break_anywhere_loses_and_doubles_nothing(server: FaultyServer, cut: int) -> None:
    lines = [line(NOW + index / 10, f"line {index}") for index in range(60)]
    log = KubeletLog(server, lines)
    log.cuts = [cut]
    async with Following(cluster_at(server.url, FastClock())) as following:
        await until(lambda: len(following.texts) >= 60)
        log.write(line(NOW + 7, "last"))
        await until(lambda: following.texts[-1] == "last")
        assert following.texts == [*(f"line {index}" for index in range(60)), "last"]


@pytest.mark.parametrize("seed", range(6))
async def test_many_breaks_at_any_byte_lose_and_double_nothing(server: FaultyServer, seed: int) -> None:
    """Bursts, quiet hours, equal lines with equal stamps, and stamps that go back, cut at random."""
    chance = random.Random(seed)
    moment = float(NOW)
    lines = []
    for index in range(800):
        moment += chance.choice((0.0, 0.0, 1e-6, 0.003, 0.4, 1.0, 3600.0 if index % 200 == 0 else 0.01))
        back = chance.choice((0.0, 0.0, 0.0, 0.0005))
        lines.append(line(moment - back, chance.choice((f"line {index}", "again", "again"))))
    log = KubeletLog(server, lines[:400])
    log.cuts = [chance.randrange(1, 4000) for _ in range(25)]
    log.chunk = 700
    expected = [each.decode().rstrip("\n").partition(" ")[2] for each in lines]
    async with Following(cluster_at(server.url, FastClock())) as following:
        for start in range(400, 800, 40):
            await asyncio.sleep(0.01)
            log.write(*lines[start : start + 40])
        await until(lambda: len(following.texts) >= 800)
        log.end()
        await asyncio.wait_for(following.task, 5)
        assert following.texts == expected
    assert len(server.requests) > 10


async def test_a_node_in_another_zone_is_resumed_at_the_right_second(server: FaultyServer) -> None:
    lines = [each.replace(b"Z ", b"+02:00 ") for each in (line(NOW, "one"), line(NOW + 5, "two"))]
    log = KubeletLog(server, lines)
    log.cuts = [sum(map(len, lines))]
    async with Following(cluster_at(server.url, FastClock())) as following:
        await until(lambda: len(server.requests) == 2)
        log.write(line(NOW + 6, "three").replace(b"Z ", b"+02:00 "))
        await until(lambda: following.texts == ["one", "two", "three"])
    assert server.requests[1].query["sinceTime"] == "2026-11-23T04:22:23Z"


async def test_after_a_rotation_the_new_file_is_read_whole(server: FaultyServer) -> None:
    log = KubeletLog(server, [line(NOW + 0.1, "old 1"), line(NOW + 0.2, "old 2")])
    log.cuts = [sum(map(len, log.lines))]
    async with Following(cluster_at(server.url, FastClock())) as following:
        await until(lambda: len(following.texts) == 2)
        log.lines = [line(NOW + 0.3, "new 1"), line(NOW + 0.4, "new 2"), line(NOW + 0.5, "new 3")]
        await until(lambda: len(following.texts) >= 5)
        assert following.texts == ["old 1", "old 2", "new 1", "new 2", "new 3"]


async def test_a_tail_does_not_bring_back_older_lines_of_its_second(server: FaultyServer) -> None:
    log = KubeletLog(server, [line(NOW + index / 1000, str(index)) for index in range(100)])
    log.cuts = [sum(map(len, log.lines[-5:]))]
    async with Following(cluster_at(server.url, FastClock()), tail=5) as following:
        await until(lambda: len(server.requests) == 2)
        log.write(line(NOW + 0.5, "new"))
        await until(lambda: "new" in following.texts)
        assert following.texts == ["95", "96", "97", "98", "99", "new"]
    assert "tailLines" not in server.requests[1].query


async def test_what_was_written_while_an_empty_tail_was_cut_off_is_not_lost(server: FaultyServer) -> None:
    first = stream(end="abort", kind="text/plain")
    server.script(LOG, first, stream(line(NOW + 1e9, "new"), kind="text/plain"))
    async with Following(cluster_at(server.url, FastClock()), tail=0) as following:
        await until(lambda: following.texts == ["new"])
    assert "sinceTime" in server.requests[1].query
    assert "tailLines" not in server.requests[1].query


async def test_the_end_of_a_stream_whose_container_runs_is_a_break(server: FaultyServer) -> None:
    log = KubeletLog(server, [line(NOW, "one")])
    log.ended = True  # the stream ends, the container does not
    async with Following(cluster_at(server.url, FastClock())) as following:
        await until(lambda: len(server.requests) >= 4)
        log.lines.append(line(NOW + 1, "two"))
        await until(lambda: following.texts == ["one", "two"])


@pytest.mark.parametrize(
    "pod",
    [
        {"phase": "Succeeded"},
        {"phase": "Failed"},
        {"containerStatuses": [{"name": "app", "state": {"terminated": {"exitCode": 1}}}]},
        {
            "containerStatuses": [
                {"name": "app", "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {}}}
            ]
        },
        {"initContainerStatuses": [{"name": "app", "state": {"terminated": {"exitCode": 0}}}]},
    ],
)
async def test_a_container_that_ended_is_the_end(server: FaultyServer, pod: dict[str, Any]) -> None:
    server.script(LOG, stream(line(NOW, "one") + b"no line end", end="close", kind="text/plain"))
    server.script(POD, answer({"metadata": {"name": "sonarr"}, "status": pod}))
    assert texts(await read(cluster_at(server.url, HandClock()), follow=True)) == ["one", "line end"]


async def test_a_pod_that_is_gone_is_the_end(server: FaultyServer) -> None:
    gone = status(404, 'pods "sonarr" not found', reason="NotFound")
    server.script(LOG, stream(line(NOW, "one"), end="close", kind="text/plain"))
    server.script(POD, gone)
    assert texts(await read(cluster_at(server.url, HandClock()), follow=True)) == ["one"]
    server.script(LOG, stream(line(NOW, "one"), end="abort", kind="text/plain"), gone)
    assert texts(await read(cluster_at(server.url, FastClock()), follow=True)) == ["one"]


async def test_the_previous_run_ends_however_it_is_asked_for(server: FaultyServer) -> None:
    server.script(LOG, stream(line(NOW, "one"), end="close", kind="text/plain"))
    assert texts(await read(cluster_at(server.url, HandClock()), follow=True, previous=True)) == ["one"]
    assert len(server.requests) == 1


async def test_a_container_that_has_not_started_is_waited_for(server: FaultyServer) -> None:
    clock = FastClock()
    waiting = status(400, WAITING, reason="BadRequest")
    server.script(LOG, *[waiting] * 9, stream(line(NOW, "one"), kind="text/plain"))
    async with Following(cluster_at(server.url, clock)) as following:
        await until(lambda: following.texts == ["one"])
    assert max(clock.slept) <= 5.0


async def test_a_container_that_has_not_started_is_said_where_nobody_waits(server: FaultyServer) -> None:
    server.script(LOG, status(400, WAITING, reason="BadRequest"))
    with pytest.raises(Invalid, match="is waiting to start: ContainerCreating"):
        await read(cluster_at(server.url, HandClock()))


@pytest.mark.parametrize(
    ("code", "said", "kind"),
    [
        (400, "container nope is not valid for pod sonarr", Invalid),
        (403, "no", NotPermitted),
        (404, 'pods "sonarr" not found', NotFound),
        (500, "dial tcp 10.0.0.1:10250: connect: connection refused", ServerFailed),
    ],
)
async def test_a_log_that_cannot_be_read_at_all_says_why(
    server: FaultyServer, code: int, said: str, kind: type[Exception]
) -> None:
    server.script(LOG, status(code, said, reason="X"))
    for follow in (False, True):
        with pytest.raises(kind, match=said.split(":")[0]):
            await read(cluster_at(server.url, HandClock()), follow=follow)


async def test_a_kubelet_that_is_away_for_a_while_is_waited_for_patiently(server: FaultyServer) -> None:
    clock = FastClock()
    start = clock.now()
    away = status(500, "dial tcp: connection refused")
    server.script(LOG, stream(line(NOW, "one"), end="abort", kind="text/plain"), away)
    async with Following(cluster_at(server.url, clock)) as following:
        await until(lambda: clock.now() > start + 600)
        assert len(server.requests) < 60 + 2 * 10
        server.script(LOG, stream(line(NOW, "one") + line(NOW, "two"), kind="text/plain"))
        await until(lambda: following.texts == ["one", "two"])


async def test_a_kubelet_that_does_not_know_its_pods_yet_does_not_end_a_log(server: FaultyServer) -> None:
    """Seen on a real node: restarted, it answers 404 for a moment, and the pod is there all the same."""
    unknown = status(404, 'pods "sonarr" not found', reason="NotFound")
    resumed = stream(line(NOW, "one") + line(NOW, "two"), kind="text/plain", end="hang")
    server.script(LOG, stream(line(NOW, "one"), end="abort", kind="text/plain"), unknown, resumed)
    server.script(POD, answer({"status": {"phase": "Running"}}))
    async with Following(cluster_at(server.url, FastClock())) as following:
        await until(lambda: following.texts == ["one", "two"])


async def test_a_permission_that_is_taken_away_ends_following(server: FaultyServer) -> None:
    server.script(LOG, abort(line(NOW, "one")), status(403, "no", reason="Forbidden"))
    with pytest.raises(NotPermitted):
        await read(cluster_at(server.url, FastClock()), follow=True)


async def test_a_read_that_breaks_is_not_taken_for_whole(server: FaultyServer) -> None:
    server.script(LOG, abort(line(NOW, "one")))
    with pytest.raises(Unreachable):
        await read(cluster_at(server.url, HandClock()))


async def test_following_a_silent_container_ends_at_once_when_cancelled(server: FaultyServer) -> None:
    server.script(LOG, hang())
    async with Following(cluster_at(server.url, HandClock())) as following:
        await until(lambda: server.requests)
        following.task.cancel()
        done, _ = await asyncio.wait([following.task], timeout=1)
        assert done


async def test_a_follower_who_stops_reading_stops_the_server_and_not_the_memory(server: FaultyServer) -> None:
    sent = 0

    async def flood(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        piece = line(NOW, "x" * 1000) * 64
        while True:
            await response.write(piece)
            sent += len(piece)

    server.script(LOG, flood)
    cluster = cluster_at(server.url, HandClock())
    blocks = cluster.logs(target(follow=True))
    await anext(blocks)
    before = -1
    while before != sent < 32 * 1024 * 1024:
        before = sent
        await asyncio.sleep(0.2)
    assert sent < 32 * 1024 * 1024
    await blocks.aclose()  # type: ignore[attr-defined]
    await cluster.close()


async def test_hostile_bytes_are_shown_and_not_obeyed(server: FaultyServer) -> None:
    raw = [
        b"\x1b[2J\x1b]0;title\x07red\x1b[0m",
        b"c1 \xc2\x9b31m\xc2\x85 bidi \xe2\x80\xae\xe2\x81\xa6",
        b"bad \xff\xfe utf \xc2",
        b"tab\there\r",
        b"progress 10%\rprogress 20%",
        b"[/foo] [@click=app.quit]x[/]",
        "grüße 日本".encode(),
        b"\x00\x07\x7f",
    ]
    KubeletLog(server, [line(NOW, "")[:-1] + each + b"\n" for each in raw])
    blocks = await read(cluster_at(server.url, HandClock()))
    assert all(is_printable(block.text) for block in blocks)
    assert texts(blocks) == [
        "red",
        "c1 · bidi ··",
        "bad \ufffd\ufffd utf \ufffd",
        "tab here",
        "progress 10%·progress 20%",
        "[/foo] [@click=app.quit]x[/]",
        "grüße 日本",
        "···",
    ]


async def test_only_a_line_feed_ends_a_line(server: FaultyServer) -> None:
    KubeletLog(server, [line(NOW, "one\u2028two\x0bthree\x0cfour\u0085five")])
    assert len(texts(await read(cluster_at(server.url, HandClock())))) == 1


async def test_a_line_of_ten_megabytes_is_cut_and_says_so(server: FaultyServer) -> None:
    KubeletLog(server, [line(NOW, "before"), line(NOW, "x" * 10_000_000), line(NOW, "after")])
    before, long, after = texts(await read(cluster_at(server.url, HandClock())))
    assert (before, after) == ("before", "after")
    assert 1_000_000 < len(long) < 1_100_000
    assert long.endswith("x ... [mediatui: cut, the line has 10000031 bytes]")


async def test_lines_that_come_one_by_one_on_the_wire_are_handed_on_together(server: FaultyServer) -> None:
    log = KubeletLog(server, [line(NOW, str(index)) for index in range(2000)])
    log.chunk = len(log.lines[0])
    blocks = await read(cluster_at(server.url, HandClock()))
    assert sum(block.count for block in blocks) == 2000
    assert len(blocks) < 400


def test_only_the_last_two_seconds_are_remembered() -> None:
    given = Given()
    blocks = [line(NOW + index, f"line {index}").rstrip() for index in range(100)]
    for block in blocks:
        given.note(block)
    assert given.since == "2026-11-23T06:23:57Z"
    assert given.again().without(b"\n".join(blocks[98:])) == b""
    assert given.again().without(blocks[97]) == blocks[97]
