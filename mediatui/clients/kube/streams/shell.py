"""An interactive shell in a container: what the operator types goes there, what it draws comes here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from mediatui.clients.kube.streams.beside import beside
from mediatui.clients.kube.streams.channels import V4, V5, BrokenSocket, ChannelSocket, speaking
from mediatui.clients.kube.streams.execution import (
    ERROR,
    RESIZE,
    STATUS_MOST,
    STDIN,
    STDOUT,
    ended_early,
    exec_params,
    place,
)
from mediatui.clients.kube.streams.outcome import exit_code
from mediatui.clients.kube.streams.sockets import Sockets, subresource
from mediatui.errors import Interrupted
from mediatui.interfaces import Clock, Terminal
from mediatui.model.source import Ref
from mediatui.text import printable


async def shell(
    sockets: Sockets, clock: Clock, pod: Ref, command: Sequence[str], terminal: Terminal, *, container: str = ""
) -> int:
    """Run a command on the operator's terminal and return its exit code; see ``interfaces.Pods``."""
    params = exec_params(command, container, stdin=True, tty=True)
    # A terminal's input ends by a key, never by a half-close: v4 will do.
    socket = await sockets.open(subresource(pod, "exec"), params, (V5, V4))
    name, where = printable(command[0]), place(pod, container)
    try:
        typing = asyncio.ensure_future(_type(socket, terminal))
        showing = asyncio.ensure_future(_show(socket, terminal, speaking(sockets.server, f"`{name}` in {where}")))
        async with beside(_resize(socket, terminal), socket.stay_awake(clock)):
            try:
                await asyncio.wait((typing, showing), return_when=asyncio.FIRST_COMPLETED)
                if typing.done() and not showing.done():
                    await typing
                    raise Interrupted(f"the terminal of `{name}` in {where} is gone")
                status = await showing
            finally:
                typing.cancel()
                showing.cancel()
                await asyncio.gather(typing, showing, return_exceptions=True)
    finally:
        await socket.close()
    if not status:
        raise ended_early(name, where, socket.farewell)
    return exit_code(status, name, where)


async def _show(socket: ChannelSocket, terminal: Terminal, connected: AbstractAsyncContextManager[None]) -> bytes:
    """Write what comes to the terminal, and return the Status at its end, empty if there was none."""
    status = bytearray()
    async with connected:
        while received := await socket.receive():
            if received.channel == STDOUT:
                await terminal.write(received.data)
            elif received.channel == ERROR:
                status += received.data
                if (received.last and status) or len(status) > STATUS_MOST:
                    break
    return bytes(status)


async def _type(socket: ChannelSocket, terminal: Terminal) -> None:
    """Send what is typed until the terminal is gone."""
    try:
        while typed := await terminal.read():
            await socket.send(STDIN, typed)
    except BrokenSocket:
        await asyncio.Event().wait()  # who reads from the socket learns why, and ends this


async def _resize(socket: ChannelSocket, terminal: Terminal) -> None:
    """Tell the size, now and whenever it changes."""
    while True:
        size = terminal.size()
        await socket.send(RESIZE, json.dumps({"Width": size.columns, "Height": size.rows}).encode())
        await terminal.resized()
