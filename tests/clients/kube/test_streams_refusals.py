"""Commands that do not run: every sentence that an API server, a kubelet, a runtime or a network has for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from mediatui.clients.kube.cluster import KubeCluster
from mediatui.clients.kube.http import Timeouts
from mediatui.errors import (
    ClusterError,
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
from tests.clients.kube.doubles import HandClock, cluster_at
from tests.clients.kube.kubelet_streams import (
    EXEC,
    SUCCESS,
    V4,
    V5,
    failed,
    raw,
    refused,
    saying,
    saying_only,
    server_frame,
    talking,
    trust,
)
from tests.clients.kube.test_trouble import listening
from tests.support.faulty_server import FaultyServer, abort, status, text

_OCI = (
    "Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "
    '"4a1d": OCI runtime exec failed: exec failed: unable to start container process: '
)


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


async def test_standard_input_needs_a_server_that_can_end_it(secure: FaultyServer, cluster: KubeCluster) -> None:
    async def go(request: web.Request) -> web.StreamResponse:
        """Refuse as golang.org/x/net/websocket does."""
        assert request.transport is not None
        request.transport.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
        request.transport.close()
        return web.Response()

    secure.script(EXEC, go, talking(saying_only(SUCCESS), V4))
    for _ in range(2):
        error = await refused(cluster, stdin=b"x")
        assert type(error) is NotServed
        assert error.message == f"{secure.url} does not speak {V5}"
        assert "need Kubernetes 1.30" in error.hint


@pytest.mark.parametrize(
    ("said", "kind", "sentence"),
    [
        ('exec: "vainfo": executable file not found in $PATH: unknown', NotFound, "there is no `vainfo` in pod sonarr"),
        ('exec: "/x": stat /x: no such file or directory: unknown', NotFound, "there is no `vainfo` in pod sonarr"),
        ("executable file `vainfo` not found: No such file or directory", NotFound, "there is no `vainfo` in"),
        ('exec: "/config": permission denied: unknown', Invalid, "`vainfo` in pod sonarr cannot be executed: permis"),
        ('exec: "/x": exec format error', Invalid, "`vainfo` in pod sonarr cannot be executed: exec format error"),
        (
            'chdir to cwd ("/gone") set in config.json failed: no such file or directory',
            ServerFailed,
            '`vainfo` in pod sonarr: exec failed: unable to start container process: chdir to cwd ("/gone") set in',
        ),
    ],
)
async def test_a_command_that_cannot_be_started(
    secure: FaultyServer, cluster: KubeCluster, said: str, kind: type[ClusterError], sentence: str
) -> None:
    secure.script(EXEC, saying(b"\x01", failed(_OCI + said)))
    error = await refused(cluster, "vainfo")
    assert type(error) is kind
    assert error.message.startswith(sentence)
    assert (error.status, error.reason) == (500, "InternalError")


@pytest.mark.parametrize(
    ("message", "kind", "sentence"),
    [
        (failed('container not found ("app")'), NotFound, '`df` in pod sonarr: container not found ("app")'),
        (failed('pods "sonarr" not found', "NotFound", code=404), NotFound, '`df` in pod sonarr: pods "sonarr" not'),
        (failed("\x1b[31mred\nalert"), ServerFailed, "`df` in pod sonarr: red alert"),
        (b"\x03oops", ServerFailed, "how `df` in pod sonarr ended cannot be read: oops"),
        (b"\x03" + b"y" * 70_000, ServerFailed, "how `df` in pod sonarr ended cannot be read: yyy"),
        (b'\x03{"status":"Failure","reason":"NonZeroExitCode"}', ServerFailed, "`df` in pod sonarr: the server answ"),
    ],
)
async def test_a_status_that_is_no_exit_code(
    secure: FaultyServer, cluster: KubeCluster, message: bytes, kind: type[ClusterError], sentence: str
) -> None:
    secure.script(EXEC, saying(message))
    error = await refused(cluster)
    assert type(error) is kind
    assert error.message.startswith(sentence)


@pytest.mark.parametrize(
    ("step", "kind", "sentence", "hint"),
    [
        (
            status(403, 'pods "sonarr" is forbidden: User "v" cannot get resource "pods/exec" in API group ""'),
            NotPermitted,
            'pods "sonarr" is forbidden: User "v" cannot get resource "pods/exec"',
            "a Role must allow get and create on pods/exec; kubectl may do with create alone",
        ),
        (text("Forbidden", code=403), NotPermitted, "Forbidden", ""),
        (status(404, 'pods "sonarr" not found', reason="NotFound"), NotFound, 'pods "sonarr" not found', ""),
        (text("pod does not exist", code=404), NotFound, "pod does not exist", ""),
        (status(400, "container x is not valid for pod sonarr"), Invalid, "container x is not valid for pod", ""),
        (
            status(400, "Upgrade request required"),
            Invalid,
            "Upgrade request required",
            "a proxy before the API server does not let WebSockets through",
        ),
        (text('container not found ("app")', code=500), NotFound, 'container not found ("app")', "it does not run"),
        (text('pod not found ("sonarr_media")', code=500), NotFound, "pod not found", "it does not run"),
        (
            text("error dialing backend: dial tcp 10.0.0.7:10250: connect: connection refused", code=500),
            ServerFailed,
            "error dialing backend",
            "the API server does not reach the node's kubelet: is the node up?",
        ),
        (text("\x1b]0;title\x07boom", code=500), ServerFailed, "boom", ""),
        (status(429, "slow down"), Throttled, "slow down", ""),
        (status(401, "Unauthorized"), Unauthenticated, "Unauthorized", "the credential was not accepted: "),
        (text("<html>", kind="text/html"), NotKubernetes, "https://127.0.0.1:", "a proxy before it may not let Web"),
        (text("<html>", code=502, kind="text/html"), NotKubernetes, "https://127.0.0.1:", "a login page or a proxy"),
        (text("", code=302, headers={"Location": "/login"}), NotKubernetes, "https://127.0.0.1:", "a login page"),
        (abort(), Unreachable, "https://127.0.0.1:", ""),
    ],
)
async def test_a_refused_upgrade(
    secure: FaultyServer, cluster: KubeCluster, step: Any, kind: type[ClusterError], sentence: str, hint: str
) -> None:
    secure.script(EXEC, step)
    error = await refused(cluster)
    assert type(error) is kind
    assert error.message.startswith(sentence)
    assert error.hint.startswith(hint)


async def test_another_protocol_than_the_one_that_was_asked_for(cluster: KubeCluster, secure: FaultyServer) -> None:
    async def switch(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\nConnection: Upgrade\r\n\r\n")
        await asyncio.Event().wait()
        raise AssertionError

    secure.script(EXEC, switch)
    error = await refused(cluster)
    assert type(error) is NotKubernetes
    assert "switched protocols, but not to the WebSocket" in error.message


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "an extension that was not agreed on"),
        (b"\x83\x01a", "a frame of unknown kind 3"),
        (b"\x80\x01a", "a message that begins within another"),
    ],
)
async def test_what_comes_is_garbage(secure: FaultyServer, cluster: KubeCluster, frames: bytes, said: str) -> None:
    secure.script(EXEC, raw(server_frame(2, b"\x01fine"), frames))
    error = await refused(cluster)
    assert type(error) is Unreachable
    assert error.message.startswith(f"`df` in pod sonarr: {secure.url} sent no WebSocket frame but {said}")


@pytest.mark.parametrize("end", ["close", "abort"])
async def test_a_connection_that_breaks_half_way(secure: FaultyServer, cluster: KubeCluster, end: str) -> None:
    secure.script(EXEC, raw(server_frame(2, b"\x01half"), server_frame(2, b"\x01" + bytes(100))[:50], end=end))
    error = await refused(cluster)
    assert type(error) is Unreachable
    assert error.message.startswith(f"`df` in pod sonarr: {secure.url}: the connection")


async def test_a_socket_that_is_closed_without_a_status(secure: FaultyServer, cluster: KubeCluster) -> None:
    secure.script(EXEC, raw(server_frame(8, (1011).to_bytes(2, "big") + b"kubelet \x1b[1mleaves")))
    error = await refused(cluster)
    assert type(error) is Unreachable
    assert error.message == "the connection to `df` in pod sonarr ended before the command did: kubelet leaves"


async def test_a_server_that_is_not_there() -> None:
    async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with listening(nothing) as port:
        url = f"http://127.0.0.1:{port}"
    cluster = cluster_at(url, HandClock())
    error = await refused(cluster)
    assert type(error) is Unreachable
    assert error.message == f"{url}: connection refused"
    await cluster.close()
