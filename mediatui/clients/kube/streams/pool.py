"""Connections to ports of pods, kept from one request to the next.

Not httpcore's own pool: that loses a place for every request that is cancelled before it was sent, and panes cancel all
the time. One connection carries one request at a time: HTTP/1.1 is all that the apps speak without TLS.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpcore
import httpx

from mediatui.clients.kube.streams.forward import PodNetwork


class ConnectionPool:
    """Keeps connections and bounds how many there are.

    Args:
        network: What connects.
        limits: How many connections there may be, how many of them idle, and for how long in seconds.
    """

    def __init__(self, network: PodNetwork, limits: httpx.Limits) -> None:
        self._network = network
        self._most = limits.max_connections
        self._most_idle = limits.max_keepalive_connections
        self._expiry = limits.keepalive_expiry
        self._places = asyncio.Semaphore(self._most) if self._most is not None else None
        self._idle: list[httpcore.AsyncHTTP11Connection] = []
        """The one that was used last at the end."""
        self._busy = 0

    async def send(self, request: httpcore.Request) -> httpcore.Response:
        """Send one request; its connection is free again once the answer's stream is closed.

        Raises:
            httpcore.PoolTimeout: No connection got free in time.
            httpcore.NetworkError: The connection broke.
            httpcore.ProtocolError: What came is no HTTP, or ended too early.
            ClusterError: No connection could be made.
        """
        timeouts = request.extensions.get("timeout", {})
        await self._take_place(timeouts.get("pool"))
        self._busy += 1
        connection = None
        try:
            connection = await self._reused(request.url.origin)
            if connection is None:
                connection = await self._connected(request.url.origin, timeouts.get("connect"))
            answer = await connection.handle_async_request(request)
        except BaseException:
            await self._give_back(connection, usable=False)
            raise
        return httpcore.Response(
            answer.status,
            headers=answer.headers,
            content=_Stream(answer, connection, self),
            extensions=answer.extensions,
        )

    async def release(self, connection: httpcore.AsyncHTTP11Connection) -> None:
        """Take back a connection whose answer was read or given up."""
        await self._give_back(connection, usable=connection.is_idle())

    async def aclose(self) -> None:
        """End the idle connections; the others end with their answers."""
        self._most_idle = 0
        idle, self._idle = self._idle, []
        for connection in idle:
            await connection.aclose()

    async def _take_place(self, patience: float | None) -> None:
        if self._places is not None:
            try:
                async with asyncio.timeout(patience):
                    await self._places.acquire()
            except TimeoutError as error:
                raise httpcore.PoolTimeout from error

    async def _reused(self, origin: httpcore.Origin) -> httpcore.AsyncHTTP11Connection | None:
        """Return an idle connection, and end those that cannot be used any more."""
        ended = [connection for connection in self._idle if connection.has_expired()]
        self._idle = [connection for connection in self._idle if connection not in ended]
        found = next((one for one in reversed(self._idle) if one.can_handle_request(origin)), None)
        if found is not None:
            self._idle.remove(found)
        elif self._most is not None and self._idle and len(self._idle) + self._busy > self._most:
            ended.append(self._idle.pop(0))
        try:
            for connection in ended:
                await connection.aclose()
        except BaseException:
            if found is not None:
                await found.aclose()
            raise
        return found

    async def _connected(self, origin: httpcore.Origin, patience: float | None) -> httpcore.AsyncHTTP11Connection:
        host = origin.host.decode("ascii")
        stream = await self._network.connect_tcp(host, origin.port, patience)
        return httpcore.AsyncHTTP11Connection(origin, stream, self._expiry)

    async def _give_back(self, connection: httpcore.AsyncHTTP11Connection | None, *, usable: bool) -> None:
        self._busy -= 1
        if self._places is not None:
            self._places.release()
        if connection is None:
            return
        if usable and (self._most_idle is None or len(self._idle) < self._most_idle):
            self._idle.append(connection)
        else:
            await connection.aclose()


class _Stream:
    """An answer's body, which gives its connection back."""

    def __init__(
        self, answer: httpcore.Response, connection: httpcore.AsyncHTTP11Connection, pool: ConnectionPool
    ) -> None:
        self._answer = answer
        self._connection: httpcore.AsyncHTTP11Connection | None = connection
        self._pool = pool

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._answer.aiter_stream():
            yield part

    async def aclose(self) -> None:
        """End the answer, wherever it is."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            try:
                await self._answer.aclose()
            finally:
                await self._pool.release(connection)
