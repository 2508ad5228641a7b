"""The log widget in a real terminal: CPU at 50,000 lines a second, and the weight of a million lines."""

from __future__ import annotations

import re
import sys

from bench.terminal import Watched

_LINES = """
import resource, sys, time
from textual.app import App
from mediatui.tui.themes import APP_COLORS, ROLES
from mediatui.tui.widgets.frames import FrameGovernor
from mediatui.tui.widgets.log_lines import LogLines

RATE, TOTAL = {rate}, {total}
STEP = RATE // 10

def rss():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024

class Feed(App):
    def __init__(self):
        super().__init__()
        self.lines = LogLines(FrameGovernor.for_app(self), TOTAL)
        self.sent = 0
    def get_theme_variable_defaults(self):
        return dict.fromkeys((*ROLES, *APP_COLORS), "ansi_default")
    def compose(self):
        yield self.lines
    def on_mount(self):
        self.begun = time.monotonic()
        self.cpu = time.process_time()
        self.timer = self.set_interval(0.1, self.feed)
    def feed(self):
        due = min(TOTAL, int((time.monotonic() - self.begun) * RATE))
        while self.sent + STEP <= due or (due == TOTAL and self.sent < TOTAL):
            text = "\\n".join(
                f"2026-11-23T10:00:{{n // 10**6 % 60:02}}.{{n % 10**6:06}}000Z "
                f"[Info] Service{{n % 97}}: request {{n * 7919 % 10**9}} took {{n * 31 % 997}} ms for /api/v3/series/{{n % 541}} and found {{n % 13}} results in the library"
                for n in range(self.sent, self.sent + STEP))
            self.lines.append(0, text, STEP)
            self.sent += STEP
        if self.sent >= TOTAL:
            self.timer.stop()
            self.set_timer(0.5, self.finish)
    def finish(self):
        seconds = time.monotonic() - self.begun - 0.5
        cpu = time.process_time() - self.cpu
        kept = len(self.lines.buffer)
        rate, share = kept / seconds, 100 * cpu / seconds
        self.exit(f"RESULT lines={{kept}} rate={{rate:.0f}} cpu={{share:.0f}} rss={{rss():.0f}} END")

print(Feed().run())
"""


def report() -> None:
    """Print CPU share at 50,000 lines a second, and resident memory with a million lines of 137 bytes."""
    share = _run(50_000, 500_000)
    print(
        f"{'50,000 log lines/s in the Logs widget, making them included':<58} {share['cpu']:6.0f} % CPU  goal 50 %   "
        f"({share['lines']} of 500000 lines kept, {share['rate']} lines/s)",
        flush=True,
    )
    heavy = _run(100_000, 1_000_000)
    print(f"{'resident memory with a million log lines':<58} {heavy['rss']:6.0f} MiB  goal 150 MiB", flush=True)


def _run(rate: int, total: int) -> dict[str, int]:
    watched = Watched([sys.executable, "-c", _LINES.format(rate=rate, total=total)])
    try:
        watched.until(rb"RESULT .* END", 300)
        found = re.search(rb"RESULT (.*) END", watched.written)
        assert found is not None
        return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", found[1].decode())}
    finally:
        watched.close()
