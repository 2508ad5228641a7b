"""A command in a container, from its start to its exit code."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from mediatui.clients.kube.streams.beside import beside
from mediatui.clients.kube.streams.channels import V4, V5, ChannelSocket, speaking
from mediatui.clients.kube.streams.outcome import exit_code
from mediatui.clients.kube.streams.sockets import Sockets, subresource
from mediatui.errors import Invalid, Unreachable
from mediatui.interfaces import Clock, ExecResult
from mediatui.model.source import Ref
from mediatui.text import printable

STDIN: Final = 0
STDOUT: Final = 1
STDERR: Final = 2
ERROR: Final = 3
RESIZE: Final = 4

STATUS_MOST: Final = 64 * 1024
"""Bytes of a Status; what is longer is none."""


async def execute(
    sockets: Sockets,
    clock: Clock,
    pod: Ref,
    command: Sequence[str],
    *,
    container: str = "",
    stdin: bytes | None = None,
    timeout: float,
    limit: int,
) -> ExecResult:
    """Run a command in a container and return how it ended; see ``interfaces.Pods``."""
    params = exec_params(command, container, stdin=stdin is not None, tty=False)
    # With v4 the command would start and wait for ever for the end of its input.
    protocols = (V5, V4) if stdin is None else (V5,)
    name, where = printable(command[0]), place(pod, container)
    await sockets.sign_in()
    socket: ChannelSocket | None = None
    try:
        async with asyncio.timeout(timeout):
            socket = await sockets.open(subresource(pod, "exec"), params, protocols)
            async with beside(_feed(socket, stdin), socket.stay_awake(clock)):
                return await _Running(socket, name, where, sockets.server, limit).result()
    except TimeoutError as error:
        verb, hint = ("start", "is its node up?") if socket is None else ("end", "it may still run there")
        raise Unreachable(f"`{name}` in {where} did not {verb} within {timeout:g} s", hint) from error
    finally:
        if socket is not None:
            await socket.close()


def exec_params(command: Sequence[str], container: str, *, stdin: bool, tty: bool) -> list[tuple[str, str]]:
    """Return the query that runs a command.

    Raises:
        Invalid: There is no command.
    """
    if not command:
        raise Invalid("no command was given")
    params = [("stdout", "true")]
    params += [("tty", "true")] if tty else [("stderr", "true")]  # a terminal has one output
    params += [("stdin", "true")] if stdin else []
    params += [("container", container)] if container else []
    return [*params, *(("command", word) for word in command)]


def place(pod: Ref, container: str) -> str:
    """Return where a command runs, for a sentence."""
    where = f"pod {printable(pod.name)}"
    return f"container {printable(container)} of {where}" if container else where


class _Running:
    """What has come of a running command.

    Args:
        socket: Its streams.
        name: The command's name, printable.
        place: Where it runs, printable.
        server: The API server's URL.
        limit: Bytes of output that are kept.
    """

    def __init__(self, socket: ChannelSocket, name: str, place: str, server: str, limit: int) -> None:
        self._name = name
        self._place = place
        self._socket = socket
        self._server = server
        self._limit = limit
        self._output = {STDOUT: bytearray(), STDERR: bytearray()}

    async def result(self) -> ExecResult:
        """Return how it ended, or what there is of its output once that is more than the limit."""
        status = bytearray()
        async with speaking(self._server, f"`{self._name}` in {self._place}"):
            while received := await self._socket.receive():
                if received.channel == ERROR:
                    status += received.data
                    if (received.last and status) or len(status) > STATUS_MOST:
                        break
                elif received.channel in self._output:
                    room = self._limit - sum(map(len, self._output.values()))
                    self._output[received.channel] += received.data[:room]
                    if len(received.data) > room:
                        return self._result(None)
        if not status:
            raise ended_early(self._name, self._place, self._socket.farewell)
        return self._result(exit_code(bytes(status), self._name, self._place))

    def _result(self, code: int | None) -> ExecResult:
        return ExecResult(bytes(self._output[STDOUT]), bytes(self._output[STDERR]), code, truncated=code is None)


def ended_early(name: str, place: str, farewell: str) -> Unreachable:
    """Return the error for a connection that was closed without a Status."""
    why = f": {farewell}" if farewell else ""
    return Unreachable(f"the connection to `{name}` in {place} ended before the command did{why}")


async def _feed(socket: ChannelSocket, stdin: bytes | None) -> None:
    if stdin is not None:
        await socket.send(STDIN, stdin)
        await socket.end(STDIN)
