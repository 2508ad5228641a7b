"""WebSockets as API servers and kubelets speak them, and every way in which they go wrong."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from mediatui.clients.kube.cluster import KubeCluster
from mediatui.clients.kube.kubeconfig import KubeContext
from mediatui.clients.kube.tls import client_context
from mediatui.errors import ClusterError
from mediatui.interfaces import ExecResult
from mediatui.model.source import Ref
from tests.clients.kube.certificates import Authority
from tests.support.faulty_server import Step

SONARR = Ref("media", "sonarr")
POD = "/api/v1/namespaces/media/pods/sonarr"
EXEC = f"{POD}/exec"
FORWARD = f"{POD}/portforward"
V4, V5 = "v4.channel.k8s.io", "v5.channel.k8s.io"

Talk = Callable[[web.WebSocketResponse], Awaitable[None]]
SUCCESS = b'\x03{"metadata":{},"status":"Success"}'


def exited(code: int) -> bytes:
    """Return the message that ends a command."""
    if code == 0:
        return SUCCESS
    causes = [{"reason": "ExitCode", "message": str(code)}]
    return failed(
        f"command terminated with non-zero exit code: exit status {code}", "NonZeroExitCode", causes=causes, code=0
    )


def failed(message: str, reason: str = "InternalError", code: int = 500, causes: object = None) -> bytes:
    """Return the message that says why a command did not run."""
    status = {"metadata": {}, "status": "Failure", "message": message, "reason": reason, "details": {"causes": causes}}
    return b"\x03" + json.dumps({**status, "code": code} if code else status).encode()


def talking(talk: Talk, *protocols: str) -> Step:
    """Open a WebSocket, talk, and close it."""

    async def step(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=protocols or (V5, V4))
        await socket.prepare(request)
        await talk(socket)
        await socket.close()
        return socket

    return step


def saying(*messages: bytes) -> Step:
    """Open a WebSocket, send messages, and close it."""

    async def talk(socket: web.WebSocketResponse) -> None:
        for message in messages:
            await socket.send_bytes(message)

    return talking(talk)


def raw(*frames: bytes, end: str = "hang") -> Step:
    """Open a WebSocket and send bytes as they are; then ``hang``, ``close`` without a closing frame, or ``abort``."""

    async def step(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=(V5, V4))
        await socket.prepare(request)
        assert request.transport is not None
        for one in frames:
            request.transport.write(one)
            await asyncio.sleep(0)
        match end:
            case "hang":
                await asyncio.Event().wait()
            case "close":
                request.transport.close()
            case _:
                request.transport.abort()
        return socket

    return step


def server_frame(opcode: int, data: bytes, *, final: bool = True) -> bytes:
    """Return one frame as a server writes it, or would never write it."""
    size = len(data)
    head = bytes([opcode | (0x80 if final else 0)])
    if size < 126:
        return head + bytes([size]) + data
    if size < 1 << 16:
        return head + b"\x7e" + size.to_bytes(2, "big") + data
    return head + b"\x7f" + size.to_bytes(8, "big") + data


async def stdin_of(socket: web.WebSocketResponse) -> bytes:
    """Read standard input to its half-close."""
    stdin = b""
    async for message in socket:
        assert message.type is WSMsgType.BINARY
        if message.data == b"\xff\x00":
            break
        assert message.data[0] == 0
        stdin += message.data[1:]
    return stdin


class Forwarder:
    """A kubelet's port-forward to a port of this machine.

    Args:
        port: Where it leads, 0 for nowhere.
    """

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.opened = 0
        self.open = 0
        self.most = 0
        """How many there were at once."""
        self.refusal = (
            "error forwarding port 8989 to pod 0025, uid : failed to execute portforward in network namespace "
            '"/run/n": failed to connect to localhost:8989 inside namespace "0025", IPv4: dial tcp4 127.0.0.1:8989: '
            "connect: connection refused IPv6 dial tcp6: address localhost: no suitable address found"
        )
        self.step = talking(self._serve, V4)

    async def _serve(self, socket: web.WebSocketResponse) -> None:
        self.opened += 1
        self.open += 1
        self.most = max(self.most, self.open)
        # Who has asked may be gone before anything is said.
        with suppress(ConnectionError):
            try:
                await self._forward(socket)
            finally:
                self.open -= 1

    async def _forward(self, socket: web.WebSocketResponse) -> None:
        head = (8989).to_bytes(2, "little")
        await socket.send_bytes(b"\x00" + head)
        await socket.send_bytes(b"\x01" + head)
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            await socket.send_bytes(b"\x01" + self.refusal.encode())
            return
        onward = asyncio.ensure_future(self._onward(socket, writer))
        try:
            while data := await reader.read(32 * 1024):
                await socket.send_bytes(b"\x00" + data)
        finally:
            onward.cancel()
            writer.close()

    async def _onward(self, socket: web.WebSocketResponse, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            async for message in socket:
                assert message.data[0] == 0
                writer.write(message.data[1:])
                await writer.drain()
        writer.close()


class Watched:
    """A command that says something and goes on; notes when nobody listens any more."""

    def __init__(self, *messages: bytes) -> None:
        self.begun = False
        self.closed = False
        self.step = talking(self._talk)
        self._messages = messages

    async def _talk(self, socket: web.WebSocketResponse) -> None:
        for message in self._messages:
            await socket.send_bytes(message)
        self.begun = True
        async for _ in socket:
            pass
        self.closed = socket.close_code == 1000


def saying_only(message: bytes) -> Talk:
    """Send one message and leave the socket open."""

    async def talk(socket: web.WebSocketResponse) -> None:
        await socket.send_bytes(message)
        await asyncio.Event().wait()

    return talk


def trust(authority: Authority, **user: Any) -> ssl.SSLContext:
    """Return TLS as a kubeconfig with an authority and perhaps a client certificate has it."""
    entry = {"certificate-authority-data": base64.b64encode(authority.pem).decode()}
    return client_context(KubeContext("it", "media", "https://127.0.0.1", entry, user, "config"))


async def run(cluster: KubeCluster, *command: str, **more: Any) -> ExecResult:
    """Run a command, with the usual limits if none are given."""
    options = {"timeout": 10.0, "limit": 1 << 20, **more}
    return await asyncio.wait_for(cluster.execute(SONARR, command or ("df", "-kP"), **options), 20)


async def refused(cluster: KubeCluster, *command: str, **more: Any) -> ClusterError:
    """Run a command and return why that failed."""
    with pytest.raises(ClusterError) as caught:
        await run(cluster, *command, **more)
    assert "\n" not in str(caught.value)
    return caught.value
