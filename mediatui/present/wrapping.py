"""Lines of cells broken to a width: at spaces where there are any, the rest hanging under the text."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from mediatui.present.rows import Cell

Line = tuple[Cell, ...]


def wrap(line: Line, width: int) -> list[Line]:
    """Return a line as lines of at most so many terminal cells; later ones are indented like the first's text.

    The first cell, where it ends in spaces, is a label: what follows it hangs under what follows it.
    """
    text = "".join(cell.text for cell in line)
    if width < 2 or _length(text) <= width:
        return [line]
    indent = _indent(line, width)
    breaks = _breaks(text, width, indent)
    wrapped: list[Line] = []
    for start, end in zip([0, *breaks], [*breaks, len(text)], strict=True):
        part = _slice(line, start, end)
        if start:
            part = (Cell(" " * indent), *part)
        wrapped.append(part)
    return wrapped


def _indent(line: Line, width: int) -> int:
    first = line[0].text
    label = len(line) > 1 and first.endswith(" ")
    indent = _length(first) if label else len(first) - len(first.lstrip())
    return indent if indent < width // 2 else 0


def _breaks(text: str, width: int, indent: int) -> list[int]:
    """Return where later lines begin."""
    breaks: list[int] = []
    position, room = 0, width
    while _length(text[position:]) > room:
        end = _fitting(text, position, room)
        space = text.rfind(" ", position + 1, end + 1)
        if space > position and text[position:space].strip():
            end = space + 1
        while end < len(text) and text[end] == " ":
            end += 1
        breaks.append(end)
        position, room = end, width - indent
    return breaks


def _fitting(text: str, start: int, room: int) -> int:
    taken = 0
    for index in range(start, len(text)):
        taken += _width(text[index])
        if taken > room:
            return max(index, start + 1)
    return len(text)


def _slice(line: Sequence[Cell], start: int, end: int) -> Line:
    cells: list[Cell] = []
    position = 0
    for cell in line:
        part = cell.text[max(0, start - position) : max(0, end - position)]
        if part:
            cells.append(Cell(part, cell.role))
        position += len(cell.text)
    return tuple(cells)


def _length(text: str) -> int:
    return sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
