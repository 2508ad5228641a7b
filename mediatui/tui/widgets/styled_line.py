"""Roles to styles: how a line of cells becomes what Textual draws."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from mediatui.present.rows import Cell


def content_of(cells: Iterable[Cell]) -> Content:
    """Return cells as content; their text is never read as markup."""
    return Content.assemble(*((cell.text, f"$role-{cell.role}" if cell.role else "") for cell in cells))


def content_of_lines(lines: Iterable[Iterable[Cell]]) -> Content:
    """Return several lines as one content."""
    return Content("\n").join([content_of(line) for line in lines])
