"""Everything that a network, TLS, a proxy or a server can do instead of answering: a sentence for each."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from mediatui.clients.kube.http import KubeHttp, Timeouts
from mediatui.clients.kube.kubeconfig import KubeContext
from mediatui.clients.kube.tls import client_context
from mediatui.errors import (
    NotKubernetes,
    Unreachable,
)
from tests.clients.kube.certificates import Authority
from tests.clients.kube.doubles import QUICK, answered, http_to, refused_by
from tests.support.faulty_server import FaultyServer, abort, answer, hang, text


def trusting(server: FaultyServer, authority: Authority, folder: Path, **cluster: Any) -> KubeHttp:
    (folder / "ca.crt").write_bytes(authority.pem)
    entry = {"server": server.url, "certificate-authority": str(folder / "ca.crt"), **cluster}
    context = KubeContext("it", "media", server.url, entry, {}, "config")
    return http_to(server.url, tls=client_context(context))


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(talk: Talk) -> AsyncIterator[int]:
    """Something on a port that speaks as it likes."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with suppress(OSError, EOFError):
            await talk(reader, writer)

    running = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield running.sockets[0].getsockname()[1]
    finally:
        running.close()
        for writer in writers:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_dead_server_refuses_the_connection() -> None:
    port = free_port()
    error = await refused_by(http_to(f"http://127.0.0.1:{port}"))
    assert type(error) is Unreachable
    assert str(error) == (
        f"http://127.0.0.1:{port}: connection refused - is the API server running, and is this its port?"
    )


async def test_a_name_that_does_not_resolve_is_named() -> None:
    error = await refused_by(http_to("https://no-such-host.invalid:6443"))
    assert type(error) is Unreachable
    assert error.message.startswith("no-such-host.invalid cannot be resolved")


async def test_a_server_that_takes_the_request_and_says_nothing(server: FaultyServer) -> None:
    error = await answered(server, hang(), timeouts=QUICK)
    assert type(error) is Unreachable
    assert "no answer in time" in error.message


async def test_the_request_timeout_bounds_one_whole_answer(server: FaultyServer) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.01)

    error = await answered(server, drip, timeouts=Timeouts(read=10, total=0.2))
    assert "no answer in time" in error.message
    assert "--request-timeout" in error.hint


async def test_a_handshake_that_never_ends_is_given_up() -> None:
    async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(nothing) as port:
        error = await refused_by(http_to(f"https://127.0.0.1:{port}", timeouts=Timeouts(connect=0.2)))
    assert error.message.endswith("no answer to a connection attempt")


@pytest.mark.parametrize("cut", [b"", b'{"kind":'])
async def test_a_connection_that_breaks_half_way(server: FaultyServer, cut: bytes) -> None:
    error = await answered(server, abort(cut))
    assert type(error) is Unreachable
    assert "the connection" in error.message


async def test_a_peer_that_closes_after_the_request_without_an_answer() -> None:
    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with listening(close) as port:
        error = await refused_by(http_to(f"http://127.0.0.1:{port}"))
    assert error.message.endswith("the connection ended before the answer was complete")


async def test_another_protocol_altogether() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        await writer.drain()

    async with listening(greet) as port:
        assert isinstance(await refused_by(http_to(f"http://127.0.0.1:{port}", timeouts=QUICK)), Unreachable)
        error = await refused_by(http_to(f"https://127.0.0.1:{port}"))
    assert type(error) is NotKubernetes
    assert error.message.endswith("does not speak TLS")


async def test_tls_to_a_server_on_plain_http(server: FaultyServer) -> None:
    error = await refused_by(http_to(server.url.replace("http:", "https:")))
    assert str(error).endswith("does not speak TLS - is it http instead of https, or another port?")


async def test_plain_http_to_an_api_server(server: FaultyServer) -> None:
    error = await answered(server, text("Client sent an HTTP request to an HTTPS server.\n", code=400))
    assert type(error) is NotKubernetes
    assert "https://" in error.hint


async def test_a_certificate_of_another_authority(authority: Authority, tmp_path: Path) -> None:
    async with FaultyServer(Authority("other").issue().server_context(tmp_path)) as server:
        error = await refused_by(trusting(server, authority, tmp_path))
    assert "its certificate is signed by an unknown authority" in error.message
    assert "certificate-authority" in error.hint


async def test_a_certificate_that_has_expired(authority: Authority, tmp_path: Path) -> None:
    async with FaultyServer(authority.issue(days=-1).server_context(tmp_path)) as server:
        error = await refused_by(trusting(server, authority, tmp_path))
    assert "its certificate has expired" in error.message


@pytest.mark.parametrize(("name", "said"), [("10.9.8.7", "another address"), ("api.lab", "another address")])
async def test_a_certificate_for_another_name(authority: Authority, tmp_path: Path, name: str, said: str) -> None:
    async with FaultyServer(authority.issue(name).server_context(tmp_path)) as server:
        error = await refused_by(trusting(server, authority, tmp_path))
    assert said in error.message
    assert "tls-server-name" in error.hint


async def test_the_servers_name_can_be_set(authority: Authority, tmp_path: Path) -> None:
    async with FaultyServer(authority.issue("api.lab").server_context(tmp_path)) as server:
        server.script("/x", answer({}))
        http = trusting(server, authority, tmp_path, **{"tls-server-name": "api.lab"})
        assert await http.get("/x") == b"{}"
        await http.close()


@asynccontextmanager
async def tunnel(refusal: bytes = b"") -> AsyncIterator[tuple[str, list[str]]]:
    """A proxy that takes CONNECT; yields its URL and what it was asked for."""
    asked: list[str] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        asked.append(head.splitlines()[0])
        if refusal:
            writer.write(refusal)
            writer.close()
            return
        host, _, port = head.split()[1].partition(":")
        onward, back = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await asyncio.gather(pump(reader, back), pump(onward, writer), return_exceptions=True)
        back.close()

    async with listening(serve) as port:
        yield f"http://127.0.0.1:{port}", asked


async def test_a_proxy_is_gone_through_with_the_servers_name_checked(authority: Authority, tmp_path: Path) -> None:
    async with (
        FaultyServer(authority.issue("api.lab").server_context(tmp_path)) as server,
        tunnel() as (proxy, asked),
    ):
        server.script("/x", answer({}))
        (tmp_path / "ca.crt").write_bytes(authority.pem)
        cluster = {"certificate-authority": str(tmp_path / "ca.crt"), "tls-server-name": "api.lab"}
        tls = client_context(KubeContext("it", "media", server.url, cluster, {}, "config"))
        http = http_to(server.url, tls=tls, proxy=proxy)
        assert await http.get("/x") == b"{}"
        await http.close()
    assert asked == [f"CONNECT 127.0.0.1:{server.port} HTTP/1.1"]


async def test_a_proxy_that_refuses_is_named() -> None:
    async with tunnel(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n") as (proxy, _):
        error = await refused_by(http_to("https://10.0.0.1:6443", proxy=proxy))
    assert type(error) is Unreachable
    assert error.message == "the proxy before https://10.0.0.1:6443 refused: 407 Proxy Authentication Required"
