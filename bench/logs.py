"""The log widget in a real terminal: CPU at 50,000 lines a second, and the weight of a million lines."""

from __future__ import annotations

import re
import sys

from bench.terminal import Watched


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
    watched = Watched([sys.executable, "-m", "bench.log_feed", str(rate), str(total)])
    try:
        watched.until(rb"RESULT .* END", 300)
        found = re.search(rb"RESULT (.*) END", watched.written)
        assert found is not None
        return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", found[1].decode())}
    finally:
        watched.close()
