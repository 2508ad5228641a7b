"""A WebSocket whose messages carry a channel's number in their first byte, as API servers and kubelets serve it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aiohttp import WSMsgType, web

V4: Final = "v4.channel.k8s.io"
V5: Final = "v5.channel.k8s.io"
"""V4, and a channel can be closed alone: https://kep.k8s.io/4006."""

_AT_ONCE: Final = 32 * 1024
_MOST: Final = 16 * 1024 * 1024
_CLOSE_CHANNEL: Final = 255


class ChannelServer:
    """The server's end.

    Args:
        protocols: What it speaks, by preference of the client.
    """

    def __init__(self, protocols: Sequence[str]) -> None:
        self._protocols = protocols
        self._socket = web.WebSocketResponse(protocols=protocols, max_msg_size=_MOST, heartbeat=None)

    @property
    def response(self) -> web.StreamResponse:
        """The answer to the request, once everything is said."""
        return self._socket

    async def open(self, request: web.Request) -> bool:
        """Switch the connection over; False where none of the protocols was offered, and nothing was sent."""
        offered = {word.strip() for word in request.headers.get("Sec-WebSocket-Protocol", "").split(",")}
        if not offered.intersection(self._protocols):
            return False
        await self._socket.prepare(request)
        return True

    async def send(self, channel: int, data: bytes) -> None:
        """Send on a channel; returns when the connection has taken it.

        Raises:
            ConnectionError: The client is gone.
        """
        for at in range(0, len(data), _AT_ONCE):
            await self._socket.send_bytes(bytes((channel,)) + data[at : at + _AT_ONCE])

    async def receive(self) -> tuple[int, bytes | None] | None:
        """Return a channel and what came on it, None for its end; None once the client is gone."""
        async for message in self._socket:
            if message.type is not WSMsgType.BINARY or not message.data:
                continue
            channel, data = message.data[0], message.data[1:]
            if channel == _CLOSE_CHANNEL and data:
                return data[0], None
            return channel, data
        return None

    async def close(self) -> None:
        """Say goodbye."""
        await self._socket.close()


def upgrade_required() -> web.Response:
    """Return what a server says to a request that is no WebSocket, or offers no protocol that it knows."""
    return web.Response(status=403)
