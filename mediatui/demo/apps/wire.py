"""A connection to an aiohttp application in memory: no socket listens, so nobody else on the machine can reach it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, cast

from aiohttp import web

_HIGH: Final = 64 * 1024
"""Unread bytes from which on the app is asked to wait, as asyncio's socket transports have it."""
_LOW: Final = _HIGH // 4
_PIECE: Final = 64 * 1024
"""Bytes that the app is handed at a time, so that it can ask for a pause between them."""
_LOCAL: Final = "127.0.0.1"  # what a port-forward comes from
_CLIENT_PORT: Final = 49_152


class _AppEnd(asyncio.Transport):
    """The app's end of a wire.

    Args:
        protocol: The app's protocol.
        port: The port that it believes to serve.
    """

    def __init__(self, protocol: asyncio.Protocol, port: int) -> None:
        super().__init__({"peername": (_LOCAL, _CLIENT_PORT), "sockname": (_LOCAL, port)})
        self._protocol = protocol
        self._loop = asyncio.get_running_loop()
        self._unread = bytearray()
        self._writing = True
        self._closing = False
        self.arrived = asyncio.Event()
        """Set when there is something to read, or nothing more will come."""
        self.willing = asyncio.Event()
        """Set while the app takes more, or will never take anything again."""
        self.willing.set()
        self.lost = asyncio.Event()
        """Set when the app knows of the end."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._closing or not data:
            return
        self._unread += data
        self.arrived.set()
        if self._writing and len(self._unread) > _HIGH:
            self._writing = False
            self._protocol.pause_writing()

    def take(self, size: int) -> bytes:
        """Return up to that many of the bytes that the app has written."""
        data = bytes(self._unread[:size])
        del self._unread[:size]
        if not self._writing and not self.lost.is_set() and len(self._unread) <= _LOW:
            self._writing = True
            self._protocol.resume_writing()
        if not self._unread and not self._closing:
            self.arrived.clear()
        return data

    def pause_reading(self) -> None:
        if not self._closing:
            self.willing.clear()

    def resume_reading(self) -> None:
        self.willing.set()

    def is_reading(self) -> bool:
        return self.willing.is_set() and not self._closing

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if self._closing:
            return
        self._closing = True
        self.arrived.set()
        self.willing.set()
        self._loop.call_soon(self._lose)

    def abort(self) -> None:
        self._unread.clear()
        self.close()

    def get_write_buffer_size(self) -> int:
        return len(self._unread)

    def can_write_eof(self) -> bool:
        return False

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = cast(asyncio.Protocol, protocol)

    def _lose(self) -> None:
        self.lost.set()
        self._protocol.connection_lost(None)


class Wire:
    """The client's end of a connection.

    Args:
        server: What ``aiohttp.web.AppRunner.server`` gives: it makes a protocol for each connection.
        port: The port that the app believes to serve.
    """

    def __init__(self, server: Callable[[], Any], port: int) -> None:
        self._protocol: asyncio.Protocol = server()
        self._end = _AppEnd(self._protocol, port)
        self._protocol.connection_made(self._end)

    async def read(self, size: int) -> bytes:
        """Return what came, at most that many bytes; empty at the end."""
        await self._end.arrived.wait()
        return self._end.take(size)

    async def write(self, data: bytes) -> None:
        """Send, waiting while the app does not take more; what is sent to an app that has closed is lost."""
        for begin in range(0, len(data), _PIECE):
            await self._end.willing.wait()
            if self._end.is_closing():
                return
            self._protocol.data_received(data[begin : begin + _PIECE])

    async def close(self) -> None:
        """End the connection; what the app has not finished is cancelled."""
        self._end.abort()
        await self._end.lost.wait()


async def serve(application: web.Application) -> web.AppRunner:
    """Return a runner that makes protocols for wires; it has to be cleaned up."""
    runner = web.AppRunner(application, access_log=None, handler_cancellation=True)
    await runner.setup()
    return runner
