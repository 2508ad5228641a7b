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

from mediatui import __version__
from mediatui.clients.kube.auth import Credentials, Fixed
from mediatui.clients.kube.http import KubeHttp, Timeouts
from mediatui.clients.kube.kubeconfig import KubeContext
from mediatui.clients.kube.tls import client_context
from mediatui.errors import (
    ClusterError,
    Conflict,
    Expired,
    Invalid,
    NotFound,
    NotKubernetes,
    NotPermitted,
    NotServed,
    ServerFailed,
    Throttled,
    Unauthenticated,
    Unreachable,
)
from tests.clients.kube.certificates import Authority
from tests.clients.kube.doubles import http_to
from tests.support.faulty_server import FaultyServer, Step, abort, answer, hang, status, stream, text

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


async def test_a_login_page_is_no_api_server(server: FaultyServer) -> None:
    for code in (200, 401, 403, 502):
        error = await answered(server, text("<html>", code=code, kind="text/html"))
        assert type(error) is NotKubernetes
        assert f"answered {code} with text/html" in error.message


async def test_a_redirect_is_no_api_server(server: FaultyServer) -> None:
    error = await answered(server, text("", code=302, headers={"Location": "https://sso/\u202elogin"}))
    assert type(error) is NotKubernetes
    assert "redirects to https://sso/·login" in error.message


async def test_an_answer_that_is_no_json_is_no_api_server(server: FaultyServer) -> None:
    assert type(await answered(server, text("hello"))) is NotKubernetes


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (400, Invalid),
        (401, Unauthenticated),
        (403, NotPermitted),
        (404, NotFound),
        (405, Invalid),
        (409, Conflict),
        (410, Expired),
        (422, Invalid),
        (429, Throttled),
        (500, ServerFailed),
        (503, ServerFailed),
    ],
)
async def test_a_status_becomes_our_error_in_the_servers_words(
    server: FaultyServer, code: int, kind: type[ClusterError]
) -> None:
    error = await answered(server, status(code, "the server's\x1b[2J\nown words", reason="Why"))
    assert type(error) is kind
    assert (error.message, error.status, error.reason) == ("the server's own words", code, "Why")


async def test_what_is_forbidden_says_which_right_is_missing(server: FaultyServer) -> None:
    said = 'pods is forbidden: User "eve" cannot list resource "pods" in API group "" in the namespace "media"'
    error = await answered(server, status(403, said, reason="Forbidden"))
    assert error.message == said
    assert error.hint == "a Role must allow list on pods"


async def test_a_group_that_is_not_installed_answers_in_plain_text(server: FaultyServer) -> None:
    error = await answered(server, text("404 page not found\n", code=404))
    assert type(error) is NotServed


async def test_a_server_that_asks_to_wait_says_how_long(server: FaultyServer) -> None:
    error = await answered(server, status(429, "too many requests", headers={"Retry-After": "7"}))
    assert (error.retry_after, error.hint) == (7.0, "the server asks to wait 7 s")
    body = {"kind": "Status", "message": "later", "code": 429, "details": {"retryAfterSeconds": 3}}
    error = await answered(server, answer(body, code=429))
    assert error.retry_after == 3.0


async def test_a_proxys_plain_answer_is_kept_in_its_words(server: FaultyServer) -> None:
    error = await answered(server, text("upstream connect error\x1b]0;x\x07", code=503))
    assert (type(error), error.message) == (ServerFailed, "upstream connect error")


async def test_an_error_without_any_words(server: FaultyServer) -> None:
    error = await answered(server, text("", code=500))
    assert error.message == f"{server.url} answered 500"


async def test_after_a_restore_our_knowledge_of_the_future_has_expired(server: FaultyServer) -> None:
    error = await answered(server, status(504, "Too large resource version: 900, current: 5", reason="Timeout"))
    assert type(error) is Expired


async def test_what_cannot_be_unpacked(server: FaultyServer) -> None:
    async def broken(request: web.Request) -> web.StreamResponse:
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        return web.Response(body=b"not gzip at all", headers=headers)

    assert type(await answered(server, broken)) is NotKubernetes


async def test_gzip_is_asked_for_and_unpacked(server: FaultyServer) -> None:
    async def packed(request: web.Request) -> web.StreamResponse:
        response = web.json_response({"a": "b" * 5000})
        response.enable_compression()
        return response

    server.script("/x", packed)
    http = http_to(server.url)
    assert len(await http.get("/x")) > 5000
    await http.close()
    assert server.requests[0].headers["Accept-Encoding"] == "gzip"
    assert server.requests[0].headers["User-Agent"] == f"mediatui/{__version__}"


async def test_the_environments_proxies_do_not_leak_in(server: FaultyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.script("/x", answer({}))
    http = http_to(server.url)
    assert await http.get("/x") == b"{}"
    await http.close()


async def test_warnings_are_kept_once_and_printable(server: FaultyServer) -> None:
    async def warn(request: web.Request) -> web.StreamResponse:
        response = web.json_response({})
        for said in ('v1beta1 is \\"old\\"', "would violate \x9b31m PodSecurity", 'v1beta1 is \\"old\\"'):
            response.headers.add("Warning", f'299 - "{said}"')
        return response

    server.script("/x", warn)
    http = http_to(server.url)
    await http.get("/x")
    await http.get("/x")
    await http.close()
    assert http.warnings == ('v1beta1 is "old"', "would violate  PodSecurity")


async def test_a_stream_that_breaks_is_told_from_one_that_ends(server: FaultyServer) -> None:
    server.script("/x", stream(b"a\n", end="close"), stream(b"b\n", end="abort"), stream(b"c\n"))
    http = http_to(server.url)

    async def read() -> bytes:
        async with http.stream("/x", begin=5, quiet=0.2) as answer:
            return b"".join([chunk async for chunk in answer.chunks()])

    assert await read() == b"a\n"
    with pytest.raises(Unreachable, match="connection"):
        await read()
    with pytest.raises(Unreachable, match="no answer in time"):
        await read()
    await http.close()


async def test_a_stream_whose_answer_never_begins_is_given_up(server: FaultyServer) -> None:
    server.script("/x", hang())
    http = http_to(server.url)
    with pytest.raises(Unreachable, match="no answer in time"):
        async with http.stream("/x", begin=0.2, quiet=None):
            raise AssertionError
    await http.close()


async def test_a_stream_ends_at_once_when_its_reader_is_cancelled(server: FaultyServer) -> None:
    server.script("/x", stream(b"a\n"))
    http = http_to(server.url)
    read = asyncio.Event()

    async def follow() -> None:
        async with http.stream("/x", begin=5, quiet=None) as answer:
            async for _ in answer.chunks():
                read.set()

    task = asyncio.ensure_future(follow())
    await asyncio.wait_for(read.wait(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 1)
    await http.close()


async def test_a_connection_notices_a_peer_that_vanished() -> None:
    """Keepalive and TCP_USER_TIMEOUT are set on the very socket that is used."""
    async with FaultyServer() as server:
        server.script("/x", stream(b"{}", end="hang"))
        http = KubeHttp(Credentials(server.url, Fixed()))
        async with http.stream("/x", begin=5, quiet=None) as answer:
            raw = answer.socket
            assert raw.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                assert raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 30_000
        await http.close()
