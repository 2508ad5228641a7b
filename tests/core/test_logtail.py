"""Logs of several containers as one stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from mediatui.apps.discovery import discover
from mediatui.errors import NotPermitted, Throttled
from mediatui.interfaces import LogBlock, LogTarget, ServerVersion, Sink
from mediatui.logtail import LogNote, LogQuery, LogRun, LogSource, LogTail, Said, sources_of
from mediatui.model.source import Ref, SourceId
from mediatui.model.workload import ContainerStatus
from tests.support.rows import container, pod_of, stack, workload
from tests.support.waiting import until

SONARR = LogSource("sonarr", "media", "sonarr-0", "app")
RADARR = LogSource("radarr", "media", "radarr-0", "app")
FIRST = LogRun("uid", 0)


def lines(*seconds: int, text: str = "said") -> LogBlock:
    return LogBlock(
        "\n".join(f"2026-11-23T10:00:{second:02}.000000001Z {text} {second}" for second in seconds), len(seconds)
    )


class ScriptedLogs:
    """A cluster whose containers say what a test puts in; None ends a container's log."""

    warnings: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.asked: list[LogTarget] = []
        self._queues: dict[str, asyncio.Queue[LogBlock | Exception | None]] = {}

    def say(self, pod: str, *said: LogBlock | Exception | None) -> None:
        queue = self._queues.setdefault(pod, asyncio.Queue())
        for one in said:
            queue.put_nowait(one)

    async def logs(self, target: LogTarget) -> AsyncIterator[LogBlock]:
        self.asked.append(target)
        queue = self._queues.setdefault(target.pod, asyncio.Queue())
        while (said := await queue.get()) is not None:
            if isinstance(said, Exception):
                raise said
            yield said

    async def version(self) -> ServerVersion:
        raise NotImplementedError

    async def follow(self, source: SourceId, sink: Sink) -> None:
        raise NotImplementedError

    async def snapshot(self, source: SourceId, sink: Sink) -> None:
        raise NotImplementedError

    async def get_object(self, kind: str, ref: Ref) -> dict[str, Any]:
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing to close."""


async def everything(tail: LogTail) -> list[Said]:
    said = [entry async for entry in tail.blocks()]
    await tail.close()
    return said


def texts(said: list[Said]) -> list[str]:
    return [
        f"{source.app} {line.partition(' ')[2]}"
        for source, block in said
        if isinstance(block, LogBlock)
        for line in block.text.split("\n")
    ]


async def test_lines_of_several_containers_are_put_in_the_order_of_time() -> None:
    cluster = ScriptedLogs()
    cluster.say("sonarr-0", lines(1, 3), lines(5), None)
    cluster.say("radarr-0", lines(2, 4, 6), None)
    tail = LogTail(cluster, LogQuery(tail=10))
    tail.follow({SONARR: FIRST, RADARR: FIRST})
    assert texts(await everything(tail)) == [
        "sonarr said 1",
        "radarr said 2",
        "sonarr said 3",
        "radarr said 4",
        "sonarr said 5",
        "radarr said 6",
    ]


async def test_a_line_without_a_stamp_stays_behind_the_one_before_it() -> None:
    cluster = ScriptedLogs()
    cluster.say("sonarr-0", LogBlock("2026-11-23T10:00:03Z first\n   at Stack.Trace()", 2), None)
    cluster.say("radarr-0", lines(1, 4), None)
    tail = LogTail(cluster, LogQuery())
    tail.follow({SONARR: FIRST, RADARR: FIRST})
    said = [
        line for _, block in await everything(tail) if isinstance(block, LogBlock) for line in block.text.split("\n")
    ]
    assert [line.strip().rpartition("Z ")[2] for line in said] == ["said 1", "first", "at Stack.Trace()", "said 4"]


async def test_a_log_that_may_not_be_read_is_told_and_the_others_go_on() -> None:
    cluster = ScriptedLogs()
    cluster.say("sonarr-0", NotPermitted("pods/log is forbidden"))
    cluster.say("radarr-0", lines(1), None)
    tail = LogTail(cluster, LogQuery())
    tail.follow({SONARR: FIRST, RADARR: FIRST})
    said = await everything(tail)
    assert texts(said) == ["radarr said 1"]
    assert (SONARR, LogNote("pods/log is forbidden", failed=True)) in said


async def test_a_log_that_fails_for_now_is_told_once_and_tried_again_while_it_is_wanted() -> None:
    cluster = ScriptedLogs()
    cluster.say("sonarr-0", Throttled("too many requests"), Throttled("too many requests"), lines(1))
    tail = LogTail(cluster, LogQuery(follow=True))
    said: list[Said] = []
    tail.follow({SONARR: FIRST, RADARR: FIRST})
    cluster.say("radarr-0", Throttled("too many requests"))
    tail.follow({SONARR: FIRST})
    reading = asyncio.ensure_future(_collect(tail, said))
    await until(lambda: texts(said) == ["sonarr said 1"])
    assert said.count((SONARR, LogNote("too many requests", failed=True))) == 1
    assert [target.pod for target in cluster.asked] == ["sonarr-0", "radarr-0", "sonarr-0", "sonarr-0"]
    reading.cancel()
    await tail.close()


async def test_a_successor_is_followed_from_its_start_though_only_a_tail_was_asked_for() -> None:
    cluster = ScriptedLogs()
    tail = LogTail(cluster, LogQuery(follow=True, tail=5))
    tail.follow({SONARR: FIRST})
    successor = SONARR._replace(pod="sonarr-1")
    tail.follow({successor: FIRST})
    await until(lambda: len(cluster.asked) == 2)
    assert [(target.pod, target.tail) for target in cluster.asked] == [("sonarr-0", 5), ("sonarr-1", None)]
    await tail.close()


async def test_a_restarted_container_is_followed_on_and_says_nothing_twice() -> None:
    cluster = ScriptedLogs()
    cluster.say("sonarr-0", lines(1, 2), None)
    tail = LogTail(cluster, LogQuery(follow=True))
    tail.follow({SONARR: LogRun("uid", 3)})
    said: list[Said] = []

    reading = asyncio.ensure_future(_collect(tail, said))
    await until(lambda: any(isinstance(block, LogNote) for _, block in said), "the end of the first run")
    tail.follow({SONARR: LogRun("uid", 3)})
    assert len(cluster.asked) == 1, "it has not restarted yet"
    cluster.say("sonarr-0", lines(1, 2, 3))
    tail.follow({SONARR: LogRun("uid", 4)})
    await until(lambda: texts(said)[-1:] == ["sonarr said 3"])
    notes = [note.text for _, note in said if isinstance(note, LogNote)]
    assert notes == ["the container has ended", ""], "what was said of the first run is taken back"
    assert texts(said) == ["sonarr said 1", "sonarr said 2", "sonarr said 3"]
    reading.cancel()
    await tail.close()


async def test_a_recreated_pod_of_the_same_name_is_followed_though_it_has_never_restarted() -> None:
    cluster = ScriptedLogs()
    cluster.say("sonarr-0", lines(1), None)
    tail = LogTail(cluster, LogQuery(follow=True, tail=5))
    said: list[Said] = []
    tail.follow({SONARR: FIRST})
    reading = asyncio.ensure_future(_collect(tail, said))
    await until(lambda: any(isinstance(block, LogNote) for _, block in said), "the end of the first pod")
    cluster.say("sonarr-0", lines(2))
    tail.follow({SONARR: LogRun("another uid", 0)})
    await until(lambda: texts(said) == ["sonarr said 1", "sonarr said 2"])
    reading.cancel()
    await tail.close()


async def _collect(tail: LogTail, said: list[Said]) -> None:
    async for entry in tail.blocks():
        said.append(entry)


async def test_a_reader_that_is_slow_holds_the_containers_back_and_loses_nothing() -> None:
    cluster = ScriptedLogs()
    cluster.say("sonarr-0", *(lines(second % 60) for second in range(500)), None)
    tail = LogTail(cluster, LogQuery())
    tail.follow({SONARR: FIRST})
    await asyncio.sleep(0)
    assert len(texts(await everything(tail))) == 500


def test_sources_are_the_apps_own_container_a_named_one_or_all() -> None:
    app, sidecar = container("app", "ghcr.io/x/sonarr:4"), container("exportarr", "ghcr.io/onedr0p/exportarr:2")
    owner = workload("StatefulSet", "media/sonarr", app, sidecar)
    pod = pod_of(owner, "0", status=ContainerStatus("app", "running", restarts=2))
    units = discover(stack(owner, pods=(pod,)))
    assert sources_of(units) == {SONARR: LogRun(pod.uid, 2)}
    assert [source.container for source in sources_of(units, "exportarr")] == ["exportarr"]
    assert [source.container for source in sources_of(units, "*")] == ["app", "exportarr"]
    assert sources_of(units, "missing") == {}


async def test_what_is_only_found_later_is_read_like_the_others() -> None:
    cluster = ScriptedLogs()
    tail = LogTail(cluster, LogQuery(follow=True, tail=5))
    tail.follow({SONARR: FIRST})
    tail.follow({SONARR: FIRST, RADARR: FIRST})
    await until(lambda: len(cluster.asked) == 2)
    assert [target.tail for target in cluster.asked] == [5, 5]
    await tail.close()
