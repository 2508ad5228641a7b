"""How wide columns are in a given space: pure layout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mediatui.present.rows import Column


class Placed(NamedTuple):
    """A column that is shown: which one, where it begins, how wide it is."""

    column: int
    start: int
    width: int


GAP = 1
"""Blank cells between two columns."""


def fit(columns: Sequence[Column], space: int) -> tuple[Placed, ...]:
    """Return the columns that fit into a number of terminal cells.

    Columns with the highest priority number are left out first; before one is left out, columns shrink to their
    least width. What is over goes to the column that grows.
    """
    shown = list(range(len(columns)))
    while shown and _least(columns, shown) > space:
        worst = max(shown, key=lambda index: (columns[index].priority, index))
        if columns[worst].priority == 0:
            break
        shown.remove(worst)
    widths = {index: columns[index].width for index in shown}
    excess = sum(widths.values()) + GAP * (len(shown) - 1) - space
    for index in sorted(shown, key=lambda index: (-columns[index].priority, -index)):
        if excess <= 0:
            break
        give = min(excess, widths[index] - (columns[index].least or columns[index].width))
        widths[index] -= give
        excess -= give
    growing = next((index for index in shown if columns[index].grow), None)
    if growing is not None and excess < 0:
        widths[growing] -= excess
    placed: list[Placed] = []
    start = 0
    for index in shown:
        width = max(0, min(widths[index], space - start))
        if width:
            placed.append(Placed(index, start, width))
        start += widths[index] + GAP
    return tuple(placed)


def _least(columns: Sequence[Column], shown: Sequence[int]) -> int:
    return sum(columns[index].least or columns[index].width for index in shown) + GAP * (len(shown) - 1)
