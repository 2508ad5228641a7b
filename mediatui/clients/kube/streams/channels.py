"""A WebSocket to an API server that carries several channels: the first byte of each message says which."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import anyio
import httpcore
import httpx

from mediatui.clients.kube.streams.frames import Control, FrameError, FrameReader, Opcode, frame
from mediatui.clients.kube.translate import TransportErrors, from_transport
from mediatui.errors import Unreachable
from mediatui.interfaces import Clock
from mediatui.text import printable

V4: Final = "v4.channel.k8s.io"
V5: Final = "v5.channel.k8s.io"
"""V4, and a channel can be closed alone: https://kep.k8s.io/4006."""

BrokenSocket: Final = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, *TransportErrors)
"""Everything that reading from and writing to a socket can raise."""

_READ: Final = 64 * 1024
_SENT_AT_ONCE: Final = 32 * 1024
_FAREWELL: Final = 1.0
"""Seconds at most that saying goodbye may take."""
_PING: Final = 20.0
"""Seconds; less than what load balancers and proxies allow a connection to be silent."""
_CLOSE_CHANNEL: Final = 255
_NORMAL: Final = (1000).to_bytes(2, "big")


@dataclass(frozen=True, slots=True)
class Received:
    """A part of what came on a channel."""

    channel: int
    data: bytes
    last: bool
    """Whether the message is complete with it."""


class ChannelSocket:
    """An open WebSocket; one task reads, any number write.

    Nothing is read ahead: who does not receive makes the server wait.

    Args:
        network: The connection, switched over.
        protocol: What was agreed on.
        end: What ends the connection.
    """

    def __init__(self, network: httpcore.AsyncNetworkStream, protocol: str, end: Callable[[], Awaitable[None]]) -> None:
        self.protocol = protocol
        self.farewell = ""
        """Why the server closed, if it said so; printable."""
        self._network = network
        self._end = end
        self._frames = FrameReader()
        self._writing = asyncio.Lock()
        self._torn = False
        """Whether a frame was written in part only: nothing can follow it."""
        self._ended = False
        self._closed = False
        self._channel: int | None = None
        self._pong: bytes | None = None

    async def receive(self, timeout: float | None = None) -> Received | None:
        """Return what comes next, None once the server has closed the socket properly.

        Args:
            timeout: Seconds without a byte.

        Raises:
            httpcore.ReadTimeout: Nothing came.
            httpcore.ReadError: The connection broke.
            httpcore.RemoteProtocolError: What came is no WebSocket frame.
        """
        while not self._ended:
            try:
                part = self._frames.next()
            except FrameError as error:
                raise httpcore.RemoteProtocolError(f"no WebSocket frame but {error}") from error
            match part:
                case None:
                    data = await self._network.read(_READ, timeout)
                    if not data:
                        raise httpcore.ReadError("the connection ended without a closing frame")
                    self._frames.feed(data)
                case Control(Opcode.CLOSE, data):
                    self._ended = True
                    self.farewell = printable(data[2:].decode("utf-8", "replace"))
                case Control(Opcode.PING, data):
                    self._pong = data
                    # Who is writing sends it along: waiting here could mean waiting for the server to read, while
                    # it waits for us.
                    if not self._writing.locked():
                        await self._write(b"", timeout)
                case Control():
                    continue
                case piece:
                    data = piece.data
                    if piece.first:
                        self._channel = None
                    if self._channel is None and data:
                        self._channel, data = data[0], data[1:]
                    if self._channel is not None and (data or piece.last):
                        return Received(self._channel, data, piece.last)
        return None

    async def send(self, channel: int, data: bytes, timeout: float | None = None) -> None:
        """Send on a channel; returns when the connection has taken it.

        Raises:
            httpcore.WriteTimeout: Nobody takes it.
            httpcore.WriteError: The connection broke.
        """
        prefix = bytes((channel,))
        for at in range(0, len(data), _SENT_AT_ONCE):
            await self._write(frame(Opcode.BINARY, prefix + data[at : at + _SENT_AT_ONCE]), timeout)

    async def end(self, channel: int) -> None:
        """Say that nothing more comes on a channel; only ``V5`` knows that.

        Raises:
            httpcore.WriteError: The connection broke.
        """
        assert self.protocol == V5, "there is no half-close before v5"
        await self._write(frame(Opcode.BINARY, bytes((_CLOSE_CHANNEL, channel))))

    async def stay_awake(self, clock: Clock) -> None:
        """Keep what stands between from taking silence for death, until cancelled."""
        while True:
            await clock.sleep(_PING)
            await self._write(frame(Opcode.PING, b""))

    async def close(self) -> None:
        """Say goodbye if that is possible at once, and end the connection."""
        if self._closed:
            return
        self._closed = self._ended = True
        try:
            if not self._torn and not self._writing.locked():
                async with asyncio.timeout(_FAREWELL):
                    await self._write(frame(Opcode.CLOSE, _NORMAL))
        except BrokenSocket:
            pass
        finally:
            await self._end()

    async def _write(self, data: bytes, timeout: float | None = None) -> None:
        async with self._writing:
            if self._torn:
                raise httpcore.WriteError("a frame was cut off before")
            self._torn = True
            try:
                await self._network.write(data, timeout)
                while self._pong is not None:
                    pong, self._pong = self._pong, None
                    await self._network.write(frame(Opcode.PONG, pong), timeout)
            except anyio.EndOfStream as error:  # httpcore lets it through where TLS has ended
                raise httpcore.WriteError("the connection has ended") from error
            self._torn = False


@asynccontextmanager
async def speaking(server: str, with_whom: str) -> AsyncIterator[None]:
    """Raise ``Unreachable`` instead of what a broken socket raises.

    Args:
        server: The API server's URL.
        with_whom: What is at the other end, printable.
    """
    try:
        yield
    except BrokenSocket as error:
        means = _broken(error, server)
        raise Unreachable(f"{with_whom}: {means.message}", means.hint) from error


def _broken(error: Exception, server: str) -> Unreachable:
    if isinstance(error, httpcore.ProtocolError):
        return Unreachable(f"{server} sent {printable(str(error))}", "a proxy may stand before it that changes streams")
    known = error if isinstance(error, TransportErrors) else httpx.ReadError(str(error))
    known.__cause__ = known.__cause__ or (error if known is not error else None)
    return from_transport(known, server)
