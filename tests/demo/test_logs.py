from __future__ import annotations

import asyncio

import httpx
import pytest

from mediatui.demo.objects import stamp
from mediatui.demo.server import DemoServer
from tests.demo.asking import DEADLINE, Object, pod, until

LOG = "/api/v1/namespaces/media/pods/a/log"
WHERE = ("media", "a", "main")
NOW = 1_800_000_000.0


def with_last(status: str) -> Object:
    """Return a pod whose container died once and is now in a state."""
    body = pod("a")
    row = body["status"]["containerStatuses"][0]
    row["lastState"] = {"terminated": {"exitCode": 1, "reason": "Error"}}
    row["state"] = {"running": {}} if status == "running" else {"waiting": {"reason": status}}
    return body


@pytest.fixture
def talking(empty: DemoServer) -> DemoServer:
    """A server with one pod and five lines."""
    empty.store.create(pod("a"))
    for index in range(5):
        empty.world.logs.write(*WHERE, f"line {index}", NOW + index)
    return empty


async def test_all_lines_are_read(talking: DemoServer, client: httpx.AsyncClient) -> None:
    answer = await client.get(LOG)
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.splitlines() == [f"line {index}" for index in range(5)]


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ({"tailLines": "2"}, ["line 3", "line 4"]),
        ({"tailLines": "0"}, []),
        ({"sinceTime": stamp(NOW + 3)}, ["line 3", "line 4"]),
        ({"sinceTime": stamp(NOW + 3).replace("Z", ".999Z")}, ["line 3", "line 4"]),
        ({"limitBytes": "9"}, ["line 0", "li"]),
        ({"timestamps": "true", "tailLines": "1"}, [f"{stamp(NOW + 4)[:-1]}.000000000Z line 4"]),
    ],
)
async def test_a_part_can_be_asked_for(
    talking: DemoServer, client: httpx.AsyncClient, query: dict[str, str], lines: list[str]
) -> None:
    assert (await client.get(LOG, params=query)).text.splitlines() == lines


async def test_since_seconds_counts_from_now(empty: DemoServer, client: httpx.AsyncClient) -> None:
    empty.store.create(pod("a"))
    now = empty.world.clock.now()
    empty.world.logs.write(*WHERE, "old", now - 100)
    empty.world.logs.write(*WHERE, "new", now - 5)
    assert (await client.get(LOG, params={"sinceSeconds": "30"})).text == "new\n"


async def test_following_brings_new_lines_and_ends_with_the_container(
    talking: DemoServer, client: httpx.AsyncClient
) -> None:
    logs = talking.world.logs
    async with (
        asyncio.timeout(DEADLINE),
        client.stream("GET", LOG, params={"follow": "true", "tailLines": "1"}) as answer,
    ):
        lines = answer.aiter_lines()
        assert await anext(lines) == "line 4"
        logs.write(*WHERE, "line 5", NOW + 5)
        assert await anext(lines) == "line 5"
        logs.write(*WHERE, "last words", NOW + 6)
        logs.end(*WHERE)
        assert [line async for line in lines] == ["last words"]


async def test_a_burst_is_followed_without_loss(talking: DemoServer, client: httpx.AsyncClient) -> None:
    async with (
        asyncio.timeout(DEADLINE),
        client.stream("GET", LOG, params={"follow": "true", "tailLines": "0"}) as answer,
    ):
        await until(lambda: talking.requests[-1].status == 200)
        for index in range(5000):
            talking.world.logs.write(*WHERE, f"burst {index}", NOW + 10 + index / 1e6)
        talking.world.logs.end(*WHERE)
        assert [line async for line in answer.aiter_lines()] == [f"burst {index}" for index in range(5000)]


async def test_odd_bytes_pass_as_they_are(talking: DemoServer, client: httpx.AsyncClient) -> None:
    odd = b"\x1b]0;title\x07 \xff\xfe \xe2\x80\xae [/foo]\r"
    talking.world.logs.write(*WHERE, odd, NOW + 9)
    assert (await client.get(LOG, params={"tailLines": "1"})).content == odd + b"\n"


async def test_lines_of_one_moment_can_be_told_apart(talking: DemoServer, client: httpx.AsyncClient) -> None:
    for text in ("x", "y"):
        talking.world.logs.write(*WHERE, text, NOW + 4)
    lines = (await client.get(LOG, params={"timestamps": "true", "tailLines": "3"})).text.splitlines()
    assert len({line.split()[0] for line in lines}) == 3


async def test_the_previous_run_is_kept(empty: DemoServer, client: httpx.AsyncClient) -> None:
    empty.store.create(with_last("running"))
    empty.world.logs.write(*WHERE, "died", NOW)
    empty.world.logs.begin(*WHERE)
    empty.world.logs.write(*WHERE, "runs", NOW + 1)
    assert (await client.get(LOG)).text == "runs\n"
    assert (await client.get(LOG, params={"previous": "true"})).text == "died\n"


async def test_while_it_waits_to_be_restarted_both_names_mean_the_last_run(
    empty: DemoServer, client: httpx.AsyncClient
) -> None:
    empty.store.create(with_last("CrashLoopBackOff"))
    empty.world.logs.write(*WHERE, "died", NOW)
    empty.world.logs.end(*WHERE)
    for query in ({}, {"previous": "true"}):
        assert (await client.get(LOG, params=query)).text == "died\n"


async def test_what_cannot_be_read_says_why(empty: DemoServer, client: httpx.AsyncClient) -> None:
    empty.store.create(pod("a"))
    waiting = pod("b")
    waiting["status"]["containerStatuses"][0]["state"] = {"waiting": {"reason": "ContainerCreating"}}
    empty.store.create(waiting)
    two = pod("c")
    two["spec"]["containers"].append({"name": "side"})
    empty.store.create(two)
    base = "/api/v1/namespaces/media/pods"
    for path, code, message in (
        (f"{base}/nope/log", 404, 'pods "nope" not found'),
        (f"{base}/a/log?container=x", 400, "container x is not valid for pod a"),
        (f"{base}/a/log?previous=true", 400, 'previous terminated container "main" in pod "a" not found'),
        (f"{base}/b/log", 400, 'container "main" in pod "b" is waiting to start: ContainerCreating'),
        (f"{base}/c/log", 400, "a container name must be specified for pod c, choose one of: [main side]"),
    ):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["message"]) == (code, message)
