"""Frames: the first change is drawn at once, later ones at most ten times a second, two when the terminal is slow."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from textual.app import App

Draw = Callable[[], None]
Schedule = Callable[[float, Draw], object]

FRAME: Final = 0.1
"""Seconds between two frames."""
SLOW_FRAME: Final = 0.5
"""Seconds between two frames while writes to the terminal pile up."""
_CONGESTED: Final = 2


class FrameGovernor:
    """Collects what wants to be drawn and draws it in frames; nothing runs while nothing is asked for.

    Args:
        schedule: Calls a function after some seconds.
        backlog: How many writes wait for the terminal.
        clock: Seconds, monotonic.
    """

    def __init__(
        self, schedule: Schedule, backlog: Callable[[], int] = lambda: 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._schedule = schedule
        self._backlog = backlog
        self._clock = clock
        self._waiting: dict[object, Draw] = {}
        self._last = float("-inf")
        self._scheduled = False
        self.frames = 0
        """How many frames have been drawn."""

    @classmethod
    def for_app(cls, app: App[Any]) -> FrameGovernor:
        """Return the governor of a Textual application."""
        return cls(later(app), lambda: writer_backlog(app))

    def request(self, key: object, draw: Draw) -> None:
        """Ask for something to be drawn in the next frame; a later request with the same key takes its place."""
        self._waiting[key] = draw
        if self._scheduled:
            return
        rest = self._last + self._pace() - self._clock()
        if rest <= 0:
            self._draw()
        else:
            self._scheduled = True
            self._schedule(rest, self._due)

    def _pace(self) -> float:
        return SLOW_FRAME if self._backlog() > _CONGESTED else FRAME

    def _due(self) -> None:
        self._scheduled = False
        self._draw()

    def _draw(self) -> None:
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        self._last = self._clock()
        self.frames += 1
        for draw in waiting.values():
            draw()


def later(app: App[Any]) -> Schedule:
    """Return what calls a function of an application after some seconds.

    Not ``App.set_timer``: a Textual timer whose moment passes while it is being started is never called, and with it
    would go every later frame.
    """
    return lambda seconds, draw: asyncio.get_running_loop().call_later(seconds, app.call_later, draw)


def writer_backlog(app: App[Any]) -> int:
    """Return how many writes wait for the terminal; once 30 wait, Textual stops the whole event loop.

    Textual keeps the queue to itself (`drivers/_writer_thread.py`); a driver without one never waits.
    """
    writer = getattr(app._driver, "_writer_thread", None)
    queue = getattr(writer, "_queue", None)
    return queue.qsize() if queue is not None else 0
