"""A log widget that is fed: ``python -m bench.log_feed RATE TOTAL`` in a terminal; prints what it cost."""

from __future__ import annotations

import os
import sys
import time

from textual.app import App, ComposeResult

from bench.terminal import resident
from mediatui.tui.themes import APP_COLORS, ROLES
from mediatui.tui.widgets.frames import FrameGovernor
from mediatui.tui.widgets.log_lines import LogLines


class Feed(App[str]):
    """Appends a block ten times a second until all lines are in.

    Args:
        rate: Lines a second.
        total: Lines altogether.
    """

    def __init__(self, rate: int, total: int) -> None:
        super().__init__()
        self._rate, self._total, self._sent = rate, total, 0
        self._lines = LogLines(FrameGovernor.for_app(self), total)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give the roles a colour."""
        return dict.fromkeys((*ROLES, *APP_COLORS), "ansi_default")

    def compose(self) -> ComposeResult:
        """Show the widget alone."""
        yield self._lines

    def on_mount(self) -> None:
        """Begin."""
        self._begun, self._cpu = time.monotonic(), time.process_time()
        self._timer = self.set_interval(0.1, self._feed)

    def _feed(self) -> None:
        step = self._rate // 10
        due = min(self._total, int((time.monotonic() - self._begun) * self._rate))
        while self._sent + step <= due or (due == self._total and self._sent < self._total):
            self._lines.append(0, "\n".join(map(_line, range(self._sent, self._sent + step))), step)
            self._sent += step
        if self._sent >= self._total:
            self._timer.stop()
            self.set_timer(0.5, self._finish)

    def _finish(self) -> None:
        seconds = time.monotonic() - self._begun - 0.5
        share = 100 * (time.process_time() - self._cpu) / seconds
        kept, memory = len(self._lines.buffer), resident(os.getpid())
        self.exit(f"RESULT lines={kept} rate={kept / seconds:.0f} cpu={share:.0f} rss={memory:.0f} END")


def _line(number: int) -> str:
    """Return a line of about 137 bytes with its time stamp."""
    stamp = f"2026-11-23T10:00:{number // 10**6 % 60:02}.{number % 10**6:06}000Z"
    request = f"request {number * 7919 % 10**9} took {number * 31 % 997} ms for /api/v3/series/{number % 541}"
    return f"{stamp} [Info] Service{number % 97}: {request} and found {number % 13} results in the library"


if __name__ == "__main__":
    print(Feed(int(sys.argv[1]), int(sys.argv[2])).run())
