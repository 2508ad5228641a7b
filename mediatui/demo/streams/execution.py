"""``exec``: a program of a container, with its input, its outputs and its exit code on a WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from mediatui.demo.containers.container import Console, Container
from mediatui.demo.streams.channels import V4, V5, ChannelServer, upgrade_required

_STDIN: Final = 0
_STDOUT: Final = 1
_STDERR: Final = 2
_ERROR: Final = 3
_KILLED: Final = 137
_READ_AHEAD: Final = 16
"""Messages of input that nobody has read yet; with more the client has to wait."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run, and what of it is wanted."""

    command: Sequence[str]
    stdin: bool = False
    terminal: bool = False


async def serve_exec(request: web.Request, container: Container, order: Order) -> web.StreamResponse:
    """Run a program of a container, and send what it says."""
    channels = ChannelServer((V5, V4))
    if not await channels.open(request):
        return upgrade_required()
    with contextlib.suppress(ConnectionError):
        status = await _Running(channels, container, order).status()
        if status is not None:
            await channels.send(_ERROR, json.dumps(status).encode())
        await channels.close()
    return channels.response


class _Running:
    """A program that runs.

    Args:
        channels: Where its streams go.
        container: Where it runs.
        order: What runs.
    """

    def __init__(self, channels: ChannelServer, container: Container, order: Order) -> None:
        self._channels = channels
        self._container = container
        self._order = order
        self._typed: asyncio.Queue[bytes] = asyncio.Queue(_READ_AHEAD)

    async def status(self) -> dict[str, Any] | None:
        """Run it and return the Status that ends it; None where the client went away."""
        words = tuple(self._order.command)
        program = self._container.program(words[0]) if words else None
        if program is None:
            return _no_such(words[0] if words else "")
        console = Console(self._container, words, self._read, self._out, self._err, self._order.terminal)
        running = asyncio.ensure_future(program(console))
        listening = asyncio.ensure_future(self._listen())
        killed = asyncio.ensure_future(self._container.ended.wait())
        tasks = (running, listening, killed)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                return _ended(running.result())
            return _ended(_KILLED) if killed.done() else None
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self) -> None:
        """Take what the client sends until it is gone."""
        while received := await self._channels.receive():
            channel, data = received
            if channel == _STDIN and self._order.stdin and data != b"":
                await self._typed.put(data or b"")

    async def _read(self) -> bytes:
        return await self._typed.get() if self._order.stdin else b""

    async def _out(self, data: bytes) -> None:
        if self._order.terminal:
            data = data.replace(b"\n", b"\r\n")
        await self._channels.send(_STDOUT, data)

    async def _err(self, data: bytes) -> None:
        if self._order.terminal:
            await self._out(data)
        else:
            await self._channels.send(_STDERR, data)


def _ended(code: int) -> dict[str, Any]:
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


def _no_such(name: str) -> dict[str, Any]:
    """Return what containerd says of a command that is not in the image."""
    why = f"stat {name}: no such file or directory" if "/" in name else "executable file not found in $PATH"
    message = (
        "Internal error occurred: error executing command in container: failed to exec in container: failed to start "
        "exec: OCI runtime exec failed: exec failed: unable to start container process: "
        f'exec: "{name}": {why}: unknown'
    )
    causes = [{"message": message.removeprefix("Internal error occurred: ")}]
    return {
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": "InternalError",
        "details": {"causes": causes},
        "code": 500,
    }
