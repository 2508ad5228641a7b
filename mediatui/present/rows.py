"""What a table is made of, whether a widget or a command prints it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["", "ok", "warn", "fail", "unknown", "muted", "accent", "header"]
"""What a text means; a theme says what it looks like. The empty role is the default foreground."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One table cell: printable text and what it means."""

    text: str
    role: Role = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One table column.

    A table narrower than its columns first shrinks columns to ``least`` and then leaves out those with
    the highest ``priority`` number, so 0 is always shown.
    """

    id: str
    title: str
    width: int
    """Preferred width in terminal cells."""
    least: int = 0
    """Width below which the column is left out rather than shrunk; 0 means ``width``."""
    priority: int = 0
    right: bool = False
    """Right-aligned, for figures."""
    grow: bool = False
    """Takes what is left over; at most one column in a table."""


@dataclass(frozen=True, slots=True)
class Row:
    """One table row: a key that stays the same while the row means the same thing, and a cell per column."""

    key: str
    cells: tuple[Cell, ...]
