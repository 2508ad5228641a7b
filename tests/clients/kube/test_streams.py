"""Commands in containers: what they print, how they end, and when they are left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from mediatui.clients.kube.cluster import KubeCluster
from mediatui.clients.kube.http import Timeouts
from mediatui.errors import (
    Invalid,
    Unreachable,
)
from mediatui.interfaces import ExecResult
from tests.clients.kube.certificates import Authority
from tests.clients.kube.doubles import HandClock, cluster_at
from tests.clients.kube.kubelet_streams import (
    EXEC,
    SONARR,
    SUCCESS,
    V4,
    V5,
    Watched,
    exited,
    raw,
    refused,
    run,
    saying,
    saying_only,
    server_frame,
    stdin_of,
    talking,
    trust,
)
from tests.support.faulty_server import FaultyServer, hang
from tests.support.waiting import until


@pytest.fixture
async def secure(authority: Authority, tmp_path: Path) -> AsyncIterator[FaultyServer]:
    """A server that speaks TLS."""
    async with FaultyServer(authority.issue().server_context(tmp_path)) as running:
        yield running


@pytest.fixture
async def cluster(secure: FaultyServer, authority: Authority) -> AsyncIterator[KubeCluster]:
    """The way to it."""
    cluster = cluster_at(secure.url, HandClock(), tls=trust(authority), timeouts=Timeouts(connect=5, read=5))
    yield cluster
    await cluster.close()


@pytest.mark.parametrize("code", [0, 3, 137])
@pytest.mark.parametrize("protocol", [V4, V5])
async def test_output_and_exit_code_come_through(
    secure: FaultyServer, cluster: KubeCluster, code: int, protocol: str
) -> None:
    async def talk(socket: web.WebSocketResponse) -> None:
        for message in (b"\x01", b"\x01one ", b"\x02two", b"\x01three", b"", b"\x07unknown", exited(code)):
            await socket.send_bytes(message)

    secure.script(EXEC, talking(talk, protocol))
    assert await run(cluster) == ExecResult(b"one three", b"two", code, truncated=False)


async def test_what_is_asked_for(secure: FaultyServer, cluster: KubeCluster) -> None:
    queries: list[list[tuple[str, str]]] = []

    async def step(request: web.Request) -> web.StreamResponse:
        queries.append(list(request.query.items()))
        return await saying(SUCCESS)(request)

    secure.script(EXEC, step)
    await run(cluster, "sh", "-c", "echo 'ä & b=c' # +", container="app")
    await run(cluster, "ls")
    outputs = [("stdout", "true"), ("stderr", "true")]
    words = [("command", "sh"), ("command", "-c"), ("command", "echo 'ä & b=c' # +")]
    assert queries == [[*outputs, ("container", "app"), *words], [*outputs, ("command", "ls")]]
    headers = secure.requests[0].headers
    assert headers["Sec-WebSocket-Protocol"] == f"{V5}, {V4}"
    # A kubelet that is asked directly answers 406 to JSON alone.
    assert "*/*" in headers["Accept"]
    assert headers["User-Agent"].startswith("mediatui/")


async def test_no_command_is_refused_before_anything_is_sent(secure: FaultyServer, cluster: KubeCluster) -> None:
    with pytest.raises(Invalid, match="no command was given"):
        await cluster.execute(SONARR, [], timeout=1, limit=1)
    assert secure.requests == []


@pytest.mark.parametrize("size", [0, 5, 3_000_000])
async def test_standard_input_is_sent_and_ended(secure: FaultyServer, cluster: KubeCluster, size: int) -> None:
    async def talk(socket: web.WebSocketResponse) -> None:
        stdin = await stdin_of(socket)
        await socket.send_bytes(b"\x01" + str(len(stdin)).encode())
        await socket.send_bytes(SUCCESS)

    secure.script(EXEC, talking(talk, V5))
    assert (await run(cluster, stdin=bytes(size))).stdout == str(size).encode()
    assert secure.requests[0].query["stdin"] == "true"
    assert secure.requests[0].headers["Sec-WebSocket-Protocol"] == V5


async def test_input_and_output_flow_at_the_same_time(secure: FaultyServer, cluster: KubeCluster) -> None:
    async def echo(socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.data[0] == 255:
                break
            await socket.send_bytes(b"\x01" + message.data[1:])
        await socket.send_bytes(SUCCESS)

    secure.script(EXEC, talking(echo, V5))
    stdin = bytes(range(256)) * 40_000
    assert (await run(cluster, stdin=stdin, limit=len(stdin))).stdout == stdin


async def test_a_command_that_does_not_read_its_input_ends_all_the_same(
    secure: FaultyServer, cluster: KubeCluster
) -> None:
    secure.script(EXEC, talking(saying_only(exited(1)), V5))
    assert (await run(cluster, stdin=bytes(20_000_000))).exit_code == 1


async def test_a_status_may_come_in_pieces(secure: FaultyServer, cluster: KubeCluster) -> None:
    whole = exited(3)
    frames = [server_frame(2, whole[:5], final=False), server_frame(9, b"?"), server_frame(0, whole[5:])]
    secure.script(EXEC, raw(*frames))
    assert (await run(cluster)).exit_code == 3


async def test_a_command_that_takes_too_long_is_left(secure: FaultyServer, cluster: KubeCluster) -> None:
    command = Watched(b"\x01first lines")
    secure.script(EXEC, command.step)
    error = await refused(cluster, timeout=0.2)
    assert type(error) is Unreachable
    assert str(error) == "`df` in pod sonarr did not end within 0.2 s - it may still run there"
    await until(lambda: command.closed, "the socket is closed")


async def test_a_kubelet_that_does_not_answer_is_waited_for_no_longer(
    secure: FaultyServer, cluster: KubeCluster
) -> None:
    secure.script(EXEC, hang())
    error = await refused(cluster, timeout=0.2)
    assert str(error) == "`df` in pod sonarr did not start within 0.2 s - is its node up?"
    quick = cluster_at(
        secure.url, HandClock(), tls=cluster._http._credentials.tls, timeouts=Timeouts(connect=1, read=0.1)
    )
    error = await refused(quick)
    assert type(error) is Unreachable
    assert "no answer in time" in error.message
    assert not quick._http.contact._lost
    await quick.close()


@pytest.mark.parametrize(("limit", "kept"), [(9, b"123456789"), (10, b"123456789"), (6, b"123456"), (0, b"")])
async def test_output_beyond_the_limit_is_not_read(
    secure: FaultyServer, cluster: KubeCluster, limit: int, kept: bytes
) -> None:
    command = Watched(b"\x01123", b"\x01456", b"\x01789", exited(3))
    secure.script(EXEC, command.step)
    whole = limit >= 9
    assert await run(cluster, limit=limit) == ExecResult(kept, b"", 3 if whole else None, truncated=not whole)
    await until(lambda: command.closed, "the socket is closed")


async def test_the_limit_is_for_both_outputs_together(secure: FaultyServer, cluster: KubeCluster) -> None:
    secure.script(EXEC, Watched(b"\x01123", b"\x02456", b"\x01789").step)
    assert await run(cluster, limit=5) == ExecResult(b"123", b"45", None, truncated=True)


async def test_who_is_cancelled_closes_the_socket(secure: FaultyServer, cluster: KubeCluster) -> None:
    command = Watched()
    secure.script(EXEC, command.step)
    running = asyncio.ensure_future(run(cluster))
    await until(lambda: command.begun)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await until(lambda: command.closed, "the socket is closed")


async def test_a_cluster_that_is_closed_ends_what_runs(secure: FaultyServer, cluster: KubeCluster) -> None:
    command = Watched()
    secure.script(EXEC, command.step)
    running = asyncio.ensure_future(refused(cluster))
    await until(lambda: command.begun)
    await cluster.close()
    assert type(await running) is Unreachable


async def test_a_silent_command_is_kept_alive_and_a_ping_is_answered(
    secure: FaultyServer, authority: Authority
) -> None:
    seen: list[tuple[int, bytes]] = []

    async def step(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=(V5,), autoping=False)
        await socket.prepare(request)
        await socket.ping(b"are you there?")
        async for message in socket:
            seen.append((message.type, message.data))
            if len(seen) == 3:
                await socket.send_bytes(SUCCESS)
        return socket

    clock = HandClock()
    cluster = cluster_at(secure.url, clock, tls=trust(authority))
    secure.script(EXEC, step)
    running = asyncio.ensure_future(run(cluster))
    await until(lambda: len(seen) == 1)
    for _ in range(2):
        await clock.wake()
    assert (await running).exit_code == 0
    assert seen[0] == (10, b"are you there?")
    assert [kind for kind, _ in seen[1:]] == [9, 9]
    assert clock.slept[:2] == [20.0, 20.0]
    assert clock.sleepers == 0
    await cluster.close()
