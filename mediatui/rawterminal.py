"""The operator's own terminal, handed over to a shell in a container; a user interface has to step aside first."""

from __future__ import annotations

import asyncio
import os
import signal
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final

from mediatui.errors import UsageError
from mediatui.interfaces import TerminalSize

_READ: Final = 4096
_USUAL: Final = TerminalSize(80, 24)


class RawTerminal:
    """A terminal that passes every key on; made by ``raw_terminal``.

    Args:
        descriptor: It, open without blocking.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()

    def size(self) -> TerminalSize:
        """Return how large it is now, 80x24 where it does not say."""
        try:
            size = os.get_terminal_size(self._descriptor)
        except OSError:
            return _USUAL
        return TerminalSize(size.columns, size.lines) if size.columns and size.lines else _USUAL

    async def resized(self) -> None:
        """Return once its size has changed since this was last called."""
        await self._changed.wait()
        self._changed.clear()

    async def read(self) -> bytes:
        """Return what was typed, empty once the terminal is gone."""
        while True:
            try:
                return os.read(self._descriptor, _READ)
            except BlockingIOError:
                await self._ready(self._loop.add_reader, self._loop.remove_reader)
            except OSError:
                return b""

    async def write(self, output: bytes) -> None:
        """Draw; a terminal that is gone draws nothing, and ``read`` tells that it is."""
        while output:
            try:
                output = output[os.write(self._descriptor, output) :]
            except BlockingIOError:
                await self._ready(self._loop.add_writer, self._loop.remove_writer)
            except OSError:
                return

    def note_resize(self, number: int = 0, frame: FrameType | None = None) -> None:
        """Wake who waits in ``resized``; a handler for SIGWINCH."""
        self._loop.call_soon_threadsafe(self._changed.set)

    async def _ready(self, add: Callable[..., None], remove: Callable[[int], bool]) -> None:
        ready: asyncio.Future[None] = self._loop.create_future()

        def note() -> None:
            if not ready.done():
                ready.set_result(None)

        add(self._descriptor, note)
        try:
            await ready
        finally:
            remove(self._descriptor)


@contextmanager
def raw_terminal(descriptor: int = 0) -> Iterator[RawTerminal]:
    """Have a terminal in raw mode for a while; afterwards it and the handler of SIGWINCH are as they were before.

    Call it in the main thread, within the event loop.

    Args:
        descriptor: The terminal, standard input by default.

    Raises:
        UsageError: It is no terminal.
    """
    try:
        before = termios.tcgetattr(descriptor)
        # A description of our own: not to block is a property that we would else share with the operator's shell.
        own = os.open(_path(descriptor), os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except (OSError, termios.error) as error:
        raise UsageError("a shell needs a terminal", "standard input is something else") from error
    try:
        terminal = RawTerminal(own)
        handler = signal.signal(signal.SIGWINCH, terminal.note_resize)
        try:
            tty.setraw(own, termios.TCSADRAIN)  # what was typed ahead is kept
            yield terminal
        finally:
            with suppress(termios.error):
                termios.tcsetattr(own, termios.TCSADRAIN, before)
            signal.signal(signal.SIGWINCH, signal.SIG_DFL if handler is None else handler)
    finally:
        os.close(own)


def _path(descriptor: int) -> str:
    try:
        return os.ttyname(descriptor)
    except OSError:
        return "/dev/tty"  # its device lies outside this container
