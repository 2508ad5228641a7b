"""Where a log goes on after a disconnect, so that no line is lost and none is given twice.

A kubelet can be asked for lines since a *second*; within it, and within the second before, what has been given is
remembered whole and left out when it comes again. Positions would not do: after a rotation the kubelet reads only the
new file. Time stamps alone would not do: lines of stdout and stderr can lie in the file in another order than their
stamps, and two equal lines can have the same one.
"""

from __future__ import annotations

from collections import Counter, deque
from datetime import UTC, datetime
from typing import Final

from mediatui.text import nanoseconds

_SECOND: Final = 1_000_000_000
_STAMP: Final = 40
"""Bytes within which a line's stamp ends."""


class Given:
    """What has been given of one log in the last two seconds of its own time."""

    def __init__(self) -> None:
        self._blocks: deque[tuple[int, bytes]] = deque()
        self._newest: int | None = None
        self._oldest: int | None = None

    @property
    def since(self) -> str | None:
        """From when to ask, for ``sinceTime``; None while no line with a stamp has been given."""
        return None if self._newest is None else second(self._newest - 1)

    def note(self, block: bytes) -> None:
        """Remember a block of whole lines."""
        stamps = [stamp for stamp in (_stamp(block), _stamp(block[block.rfind(b"\n") + 1 :])) if stamp is not None]
        if stamps:
            if self._oldest is None:
                self._oldest = stamps[0]
            newest = max(stamps) // _SECOND
            self._newest = newest if self._newest is None else max(newest, self._newest)
        if self._newest is None:
            return
        self._blocks.append((max(stamps) // _SECOND if stamps else self._newest, block))
        while self._blocks[0][0] < self._newest - 1:
            self._blocks.popleft()

    def again(self) -> Repeated:
        """Return what to leave out of an answer that begins at ``since``."""
        lines: Counter[bytes] = Counter()
        for _, block in self._blocks:
            lines.update(block.split(b"\n"))
        return Repeated(lines, self._oldest, None if self._newest is None else (self._newest + 2) * _SECOND)


class Repeated:
    """Leaves out of a log's beginning what has been given before, or what is older than was asked for.

    Args:
        lines: How often each line has been given.
        since: Nanoseconds since the epoch; older lines are left out, None for none.
        until: Nanoseconds; once lines are as young, nothing that was given can come any more.
    """

    def __init__(self, lines: Counter[bytes], since: int | None, until: int | None = None) -> None:
        self._lines = lines
        self._left = lines.total()
        self._since = since
        self._until = until
        self._over = False

    def without(self, block: bytes) -> bytes:
        """Return what is new in a block, empty if nothing is."""
        if self._over:
            return block
        lines = block.split(b"\n")
        fresh: list[bytes] = []
        for index, line in enumerate(lines):
            if self._lines.get(line, 0) > 0:
                self._lines[line] -= 1
                self._left -= 1
                continue
            stamp = _stamp(line)
            if stamp is not None and self._since is not None and stamp < self._since:
                continue
            fresh.append(line)
            beyond = stamp is not None and self._until is not None and stamp >= self._until
            if not self._left or beyond:
                self._over = True
                fresh += lines[index + 1 :]
                break
        return b"\n".join(fresh)


def _stamp(line: bytes) -> int | None:
    return nanoseconds(line[:_STAMP].decode("ascii", "replace"))


def second(moment: float) -> str:
    """Return a moment as ``sinceTime`` takes it, in whole seconds."""
    return datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
