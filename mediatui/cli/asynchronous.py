"""Running a command's coroutine so that a signal ends it in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

from mediatui.errors import Interrupted

ENDING = (signal.SIGTERM, signal.SIGHUP)
"""Signals that end a command as Ctrl-C does."""


def run_async(command: Coroutine[Any, Any, int]) -> int:
    """Run a command to its end and return its exit code.

    Raises:
        Interrupted: A signal ended it; everything it had open has been closed.
    """
    return asyncio.run(_until_signalled(command))


async def _until_signalled(command: Coroutine[Any, Any, int]) -> int:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(command)
    received: list[signal.Signals] = []

    def end(number: signal.Signals) -> None:
        received.append(number)
        task.cancel()

    for number in ENDING:
        loop.add_signal_handler(number, end, number)
    try:
        return await task
    except asyncio.CancelledError:
        if received:
            raise Interrupted(f"ended by {received[0].name}") from None
        raise
