"""Container logs as a kubelet keeps them: the lines of the current run and of the one before, with their times."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, NamedTuple

LINES: Final = 20_000
"""Lines kept of one run; a kubelet rotates by size, to the same effect."""

_BLOCK: Final = 64 * 1024


class Line(NamedTuple):
    """One line: when it was written, in nanoseconds since the epoch, and its bytes without the line end."""

    at: int
    text: bytes


@dataclass(frozen=True, slots=True)
class LogOptions:
    """What a reader asks for; the names are those of PodLogOptions."""

    follow: bool = False
    timestamps: bool = False
    since: float | None = None
    """Seconds since the epoch; earlier lines are left out."""
    tail_lines: int | None = None
    limit_bytes: int | None = None


@dataclass(eq=False, slots=True)
class Run:
    """The output of one run of a container."""

    lines: deque[Line] = field(default_factory=lambda: deque(maxlen=LINES))
    written: int = 0
    """Lines ever written: a follower counts by it, whatever was dropped meanwhile."""
    ended: bool = False
    waiting: set[asyncio.Future[None]] = field(default_factory=set)

    def write(self, text: str | bytes, at: float) -> None:
        """Add a line; time never stands still within a run, so that every line can be told from the next."""
        moment = int(at * 1e9)
        if self.lines and moment <= self.lines[-1].at:
            moment = self.lines[-1].at + 1000
        self.lines.append(Line(moment, text.encode() if isinstance(text, str) else text))
        self.written += 1
        self._wake()

    def end(self) -> None:
        """Nothing more will come: followers end."""
        self.ended = True
        self._wake()

    async def more(self, seen: int) -> None:
        """Return when there are lines beyond those seen, or the run has ended."""
        if self.written > seen or self.ended:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.add(future)
        try:
            await future
        finally:
            self.waiting.discard(future)

    def _wake(self) -> None:
        waiting, self.waiting = self.waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)


class LogBook:
    """The logs of every container, by namespace, pod and container."""

    def __init__(self) -> None:
        self._runs: dict[tuple[str, str, str], list[Run]] = {}

    def write(self, namespace: str, pod: str, container: str, text: str | bytes, at: float) -> None:
        """Add a line to the current run; the first line begins the first run."""
        self._current(namespace, pod, container).write(text, at)

    def begin(self, namespace: str, pod: str, container: str) -> None:
        """Begin a new run; the current one becomes the previous."""
        runs = self._runs.setdefault((namespace, pod, container), [])
        if runs:
            runs[-1].end()
        runs[:] = [*runs[-1:], Run()]

    def end(self, namespace: str, pod: str, container: str) -> None:
        """End the current run; its lines can still be read."""
        self._current(namespace, pod, container).end()

    def forget(self, namespace: str, pod: str) -> None:
        """End and drop every log of a pod that is gone."""
        for key in [key for key in self._runs if key[:2] == (namespace, pod)]:
            for run in self._runs.pop(key):
                run.end()

    def run(self, namespace: str, pod: str, container: str, *, previous: bool = False) -> Run | None:
        """Return the current run, or the previous one; None where there was none."""
        if not previous:
            return self._current(namespace, pod, container)
        runs = self._runs.get((namespace, pod, container), [])
        return runs[-2] if len(runs) > 1 else None

    def _current(self, namespace: str, pod: str, container: str) -> Run:
        return self._runs.setdefault((namespace, pod, container), [Run()])[-1]


async def stream(run: Run, options: LogOptions) -> AsyncIterator[bytes]:
    """Yield a run's lines in blocks as a reader asked for them; with ``follow`` until the run ends."""
    left = options.limit_bytes
    seen = run.written
    for block in _blocks(_chosen(run, options), options):
        block = block if left is None else block[:left]
        left = None if left is None else left - len(block)
        if block:
            yield block
        if left == 0:
            return
    while options.follow:
        await run.more(seen)
        fresh = min(run.written - seen, len(run.lines))
        lines = list(run.lines)[len(run.lines) - fresh :] if fresh else []
        seen = run.written
        for block in _blocks(lines, options):
            block = block if left is None else block[:left]
            left = None if left is None else left - len(block)
            yield block
            if left == 0:
                return
        if run.ended and seen == run.written:
            return


def _chosen(run: Run, options: LogOptions) -> list[Line]:
    lines = list(run.lines)
    if options.since is not None:
        since = int(options.since * 1e9)
        lines = [line for line in lines if line.at >= since]
    if options.tail_lines is not None:
        lines = lines[len(lines) - min(options.tail_lines, len(lines)) :]
    return lines


def _blocks(lines: list[Line], options: LogOptions) -> Iterator[bytes]:
    parts: list[bytes] = []
    size = 0
    for line in lines:
        text = _stamp(line.at) + b" " + line.text + b"\n" if options.timestamps else line.text + b"\n"
        parts.append(text)
        size += len(text)
        if size >= _BLOCK:
            yield b"".join(parts)
            parts, size = [], 0
    if parts:
        yield b"".join(parts)


def _stamp(at: int) -> bytes:
    """Return nanoseconds as RFC 3339 with nine digits, as containerd writes them."""
    moment = datetime.fromtimestamp(at // 10**9, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 10**9:09d}Z".encode()
