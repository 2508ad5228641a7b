"""Answers that are not what was hoped for, and streams that break."""

from __future__ import annotations

import asyncio
import socket

import pytest
from aiohttp import web

from mediatui import __version__
from mediatui.clients.kube.auth import Credentials, Fixed
from mediatui.clients.kube.http import KubeHttp
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
from tests.clients.kube.doubles import answered, http_to
from tests.support.faulty_server import FaultyServer, answer, hang, status, stream, text


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


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        (
            'pods is forbidden: User "eve" cannot list resource "pods" in API group "" in the namespace "media"',
            "a Role must allow list on pods",
        ),
        (
            'nodes is forbidden: User "eve" cannot list resource "nodes" in API group "" at the cluster scope',
            "a ClusterRole must allow list on nodes",
        ),
        (
            'users "admin" is forbidden: User "eve" cannot impersonate resource "users" in API group "" at the cluster '
            "scope",
            "--as takes the right to impersonate",
        ),
    ],
)
async def test_what_is_forbidden_says_which_right_is_missing(server: FaultyServer, said: str, hint: str) -> None:
    error = await answered(server, status(403, said, reason="Forbidden"))
    assert (error.message, error.hint) == (said, hint)


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
        async with asyncio.timeout(10), http.stream("/x", begin=0.2, quiet=None):
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
