"""``portforward``: connections to a pod's ports on a WebSocket, in the two protocols that clients speak."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from aiohttp import WSMsgType, web

from mediatui.demo.streams.channels import V4, ChannelServer, upgrade_required
from mediatui.demo.streams.spdy import Came, Left, Opened, Pinged, Reset, SpdyError, SpdySession

TUNNEL: Final = "SPDY/3.1+portforward.k8s.io"
"""kubectl's, since 1.31: https://kep.k8s.io/4006."""
_READ: Final = 32 * 1024


class Connection(Protocol):
    """A connection to something in a pod."""

    async def read(self, size: int) -> bytes:
        """Return what came, empty at the end."""
        ...

    async def write(self, data: bytes) -> None:
        """Send."""
        ...

    async def close(self) -> None:
        """End it."""
        ...


Connect = Callable[[int], Awaitable[Connection]]
"""Connects to a port.

Raises:
    ConnectionRefusedError: Nothing listens there.
"""


async def serve_forward(
    request: web.Request, connect: Connect, ports: Sequence[int], sandbox: str
) -> web.StreamResponse:
    """Connect to ports of a pod, and carry what is said.

    Args:
        request: The request.
        connect: The way to the pod's ports.
        ports: Those of the query; the tunnel names its own.
        sandbox: What the container runtime calls the pod, for its words.
    """
    offered = request.headers.get("Sec-WebSocket-Protocol", "")
    if TUNNEL in offered:
        return await _Tunnel(connect, sandbox).serve(request)
    channels = ChannelServer((V4,))
    if not await channels.open(request):
        return upgrade_required()
    with contextlib.suppress(ConnectionError):
        await _Channels(channels, connect, ports, sandbox).serve()
        await channels.close()
    return channels.response


class _Channels:
    """One connection for each port, on two channels: what is said, and what went wrong.

    Args:
        channels: The WebSocket.
        connect: The way to the ports.
        ports: Which.
        sandbox: What the container runtime calls the pod.
    """

    def __init__(self, channels: ChannelServer, connect: Connect, ports: Sequence[int], sandbox: str) -> None:
        self._channels = channels
        self._connect = connect
        self._ports = ports
        self._sandbox = sandbox
        self._connections: dict[int, Connection] = {}

    async def serve(self) -> None:
        """Carry until the client is gone or nothing is left to be carried."""
        for number, port in enumerate(self._ports):
            for channel in (2 * number, 2 * number + 1):
                await self._channels.send(channel, port.to_bytes(2, "little"))
        carrying = [asyncio.ensure_future(self._carry(number, port)) for number, port in enumerate(self._ports)]
        every = asyncio.gather(*carrying)
        listening = asyncio.ensure_future(self._listen())
        try:
            await asyncio.wait((every, listening), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*carrying, listening):
                task.cancel()
            await asyncio.gather(*carrying, listening, return_exceptions=True)
            await asyncio.gather(every, return_exceptions=True)
            for connection in self._connections.values():
                await connection.close()

    async def _carry(self, number: int, port: int) -> None:
        try:
            connection = await self._connect(port)
        except ConnectionRefusedError:
            await self._channels.send(2 * number + 1, refusal(port, self._sandbox).encode())
            return
        self._connections[2 * number] = connection
        while data := await connection.read(_READ):
            await self._channels.send(2 * number, data)

    async def _listen(self) -> None:
        while received := await self._channels.receive():
            channel, data = received
            connection = self._connections.get(channel)
            if connection is not None and data:
                await connection.write(data)


class _Tunnel:
    """Any number of connections as SPDY streams: for each a stream of data and one for what went wrong.

    Args:
        connect: The way to the ports.
        sandbox: What the container runtime calls the pod.
    """

    def __init__(self, connect: Connect, sandbox: str) -> None:
        self._connect = connect
        self._sandbox = sandbox
        self._session = SpdySession()
        self._socket = web.WebSocketResponse(protocols=(TUNNEL,), max_msg_size=0)
        self._errors: dict[str, int] = {}
        """The error stream of each request."""
        self._inputs: dict[int, asyncio.Queue[bytes]] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Carry until the client is gone."""
        await self._socket.prepare(request)
        try:
            async for message in self._socket:
                if message.type is WSMsgType.BINARY:
                    for event in self._session.feed(message.data):
                        await self._take(event)
        except (SpdyError, ConnectionError):
            pass
        finally:
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await self._socket.close()
        return self._socket

    async def _take(self, event: Opened | Came | Reset | Pinged | Left) -> None:
        match event:
            case Opened(stream, headers):
                await self._socket.send_bytes(self._session.reply(stream))
                number = headers.get("requestid", "")
                if headers.get("streamtype") == "error":
                    self._errors[number] = stream
                else:
                    self._inputs[stream] = asyncio.Queue()
                    work = self._carry(stream, self._errors.pop(number, 0), int(headers.get("port", "0")))
                    self._tasks[stream] = asyncio.ensure_future(work)
            case Came(stream, data, last):
                queue = self._inputs.get(stream)
                if queue is not None and data:
                    queue.put_nowait(data)
                if queue is not None and last:
                    queue.put_nowait(b"")
            case Reset(stream):
                task = self._tasks.get(stream)
                if task is not None:
                    task.cancel()
            case Pinged(reply):
                await self._socket.send_bytes(reply)
            case Left():
                pass

    async def _carry(self, stream: int, errors: int, port: int) -> None:
        connection: Connection | None = None
        feeding: asyncio.Task[None] | None = None
        try:
            connection = await self._connect(port)
            feeding = asyncio.ensure_future(self._feed(connection, self._inputs[stream]))
            while data := await connection.read(_READ):
                await self._socket.send_bytes(self._session.data(stream, data))
        except ConnectionRefusedError:
            await self._socket.send_bytes(self._session.data(errors, refusal(port, self._sandbox).encode()))
        finally:
            if feeding is not None:
                feeding.cancel()
            if connection is not None:
                await connection.close()
            self._inputs.pop(stream, None)
            self._tasks.pop(stream, None)
            with contextlib.suppress(ConnectionError):
                for ended in (stream, errors):
                    await self._socket.send_bytes(self._session.data(ended, b"", last=True))

    async def _feed(self, connection: Connection, queue: asyncio.Queue[bytes]) -> None:
        # Its end says that nothing more will be sent, not that nothing more will be read.
        while data := await queue.get():
            await connection.write(data)


def refusal(port: int, sandbox: str) -> str:
    """Return what containerd says of a port that nobody listens on."""
    return (
        f"error forwarding port {port} to pod {sandbox}, uid : failed to execute portforward in network namespace "
        f'"/var/run/netns/cni-{sandbox[:8]}": failed to connect to localhost:{port} inside namespace "{sandbox}", '
        f"IPv4: dial tcp4 127.0.0.1:{port}: connect: connection refused "
        "IPv6 dial tcp6: address localhost: no suitable address found "
    )
