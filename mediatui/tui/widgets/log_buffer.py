"""Log lines of several sources in little memory: whole blocks, the older ones compressed.

A line is known by its number since the beginning, which never changes; the oldest are dropped by whole blocks.
"""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

BLOCK_LINES: Final = 2048
"""Lines after which a block is closed and compressed."""
BLOCK_CHARACTERS: Final = 1 << 19
"""Characters after which it is, with fewer lines."""
_KEPT_OPEN: Final = 8
"""Closed blocks that stay decompressed because somebody looks at them."""


class LogLine(NamedTuple):
    """One line: whose it is, its time stamp, and what it says."""

    source: int
    stamp: str
    text: str


@dataclass(slots=True)
class _Block:
    """Lines that were closed together; the number of the first is its identity."""

    first: int
    count: int
    runs: tuple[tuple[int, int], ...]
    """How many lines in a row are of which source."""
    packed: bytes


class LogBuffer:
    """An append-only, bounded sequence of log lines.

    Args:
        limit: Lines kept at most, give or take a block.
    """

    def __init__(self, limit: int = 1_000_000) -> None:
        self._limit = limit
        self._closed: deque[_Block] = deque()
        self._open: list[tuple[int, int, str]] = []
        self._open_first = 0
        self._open_characters = 0
        self._unpacked: OrderedDict[int, list[LogLine]] = OrderedDict()
        self.end = 0
        """The number that the next line will have."""

    @property
    def first(self) -> int:
        """The number of the oldest line that is kept."""
        return self._closed[0].first if self._closed else self._open_first

    def __len__(self) -> int:
        """Return how many lines are kept."""
        return self.end - self.first

    def append(self, source: int, text: str, count: int) -> None:
        """Add lines of a source: joined by a line end, each beginning with its time stamp and a space."""
        self._open.append((source, count, text))
        self._open_characters += len(text)
        self.end += count
        self._unpacked.pop(self._open_first, None)
        if self.end - self._open_first >= BLOCK_LINES or self._open_characters >= BLOCK_CHARACTERS:
            self._close()
        self._drop()

    def line(self, number: int) -> LogLine:
        """Return a line that is kept.

        Raises:
            IndexError: It was dropped or has not come yet.
        """
        if not self.first <= number < self.end:
            raise IndexError(number)
        first, lines = self._lines_of(number)
        return lines[number - first]

    def blocks(self, start: int) -> Iterator[tuple[int, list[LogLine]]]:
        """Yield the number of the first line and the lines of each block from the one that holds a line on."""
        number = max(start, self.first)
        while number < self.end:
            first, lines = self._lines_of(number)
            yield first, lines
            number = first + len(lines)

    def blocks_before(self, start: int) -> Iterator[tuple[int, list[LogLine]]]:
        """Yield blocks from the one that holds a line back to the oldest."""
        number = min(start, self.end - 1)
        while number >= self.first and self.end > self.first:
            first, lines = self._lines_of(number)
            yield first, lines
            number = first - 1

    def clear(self) -> None:
        """Forget every line; numbers go on."""
        self._closed.clear()
        self._unpacked.clear()
        self._open = []
        self._open_characters = 0
        self._open_first = self.end

    def _close(self) -> None:
        runs = tuple((source, count) for source, count, _ in self._open)
        packed = zlib.compress("\n".join(text for _, _, text in self._open).encode("utf-8", "surrogatepass"), 1)
        self._closed.append(_Block(self._open_first, self.end - self._open_first, runs, packed))
        self._open = []
        self._open_characters = 0
        self._open_first = self.end

    def _drop(self) -> None:
        while self._closed:
            following = self._closed[1].first if len(self._closed) > 1 else self._open_first
            if self.end - following < self._limit:
                return
            self._unpacked.pop(self._closed.popleft().first, None)

    def _lines_of(self, number: int) -> tuple[int, list[LogLine]]:
        if number >= self._open_first:
            first = self._open_first
            lines = self._unpacked.get(first)
            if lines is None:
                lines = _split([(source, count) for source, count, _ in self._open], [text for *_, text in self._open])
        else:
            index = bisect_right(self._closed, number, key=lambda block: block.first) - 1
            block = self._closed[index]
            first = block.first
            lines = self._unpacked.get(first)
            if lines is None:
                text = zlib.decompress(block.packed).decode("utf-8", "surrogatepass")
                lines = _split(block.runs, [text])
        self._unpacked[first] = lines
        self._unpacked.move_to_end(first)
        while len(self._unpacked) > _KEPT_OPEN:
            self._unpacked.popitem(last=False)
        return first, lines


def _split(runs: Sequence[tuple[int, int]], texts: Sequence[str]) -> list[LogLine]:
    wholes = "\n".join(texts).split("\n")
    lines: list[LogLine] = []
    position = 0
    for source, count in runs:
        for whole in wholes[position : position + count]:
            stamp, _, text = whole.partition(" ")
            lines.append(LogLine(source, stamp, text))
        position += count
    return lines


_TRIM: Final = 50_000

Keep = Callable[[LogLine], bool]


class LogView:
    """The lines of a buffer that a filter keeps, in the order of their numbers; without a filter all of them."""

    def __init__(self, buffer: LogBuffer, keep: Keep | None = None) -> None:
        self._buffer = buffer
        self.keep = keep
        self._numbers = array("Q")
        self._seen = buffer.first

    @property
    def filtered(self) -> bool:
        """Whether anything can be left out."""
        return self.keep is not None

    def keeps(self, line: LogLine) -> bool:
        """Tell whether a line is among the kept ones."""
        return self.keep is None or self.keep(line)

    @property
    def complete(self) -> bool:
        """Whether every line of the buffer has been looked at."""
        return self.keep is None or self._seen >= self._buffer.end

    def step(self) -> None:
        """Look at the lines of one more block; a few milliseconds of work."""
        if self.keep is None:
            return
        for first, lines in self._buffer.blocks(self._seen):
            begin = max(0, self._seen - first)
            for index in range(begin, len(lines)):
                if self.keeps(lines[index]):
                    self._numbers.append(first + index)
            self._seen = first + len(lines)
            break
        dropped = self._dropped()
        if dropped > _TRIM:
            del self._numbers[:dropped]

    def catch_up(self) -> None:
        """Look at every line that has come since."""
        while not self.complete:
            self.step()

    def __len__(self) -> int:
        """Return how many kept lines there are."""
        return len(self._buffer) if self.keep is None else len(self._numbers) - self._dropped()

    def number(self, position: int) -> int:
        """Return the number of the line at a position among the kept ones."""
        return self._buffer.first + position if self.keep is None else self._numbers[self._dropped() + position]

    def position(self, number: int) -> int:
        """Return the position of a line, or of the first kept one after it."""
        if self.keep is None:
            return max(0, min(number - self._buffer.first, len(self._buffer)))
        dropped = self._dropped()
        return max(0, bisect_left(self._numbers, number) - dropped)

    def _dropped(self) -> int:
        return bisect_left(self._numbers, self._buffer.first)
