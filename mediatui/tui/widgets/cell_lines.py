"""Lines of cells to read, wrapped and scrolled; a changed line costs itself and no other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from mediatui.present.rows import Cell, Role
from mediatui.present.wrapping import wrap

Line = tuple[Cell, ...]
_ROLES: tuple[Role, ...] = ("ok", "warn", "fail", "unknown", "muted", "accent", "header")


class CellLines(ScrollView):
    """Shows lines in the colours of their roles."""

    DEFAULT_CSS = """
    CellLines { overflow-x: hidden; scrollbar-size-vertical: 1; }
    CellLines > .cell-lines--ok { color: $role-ok; }
    CellLines > .cell-lines--warn { color: $role-warn; }
    CellLines > .cell-lines--fail { color: $role-fail; }
    CellLines > .cell-lines--unknown { color: $role-unknown; }
    CellLines > .cell-lines--muted { color: $role-muted; }
    CellLines > .cell-lines--accent { color: $role-accent; }
    CellLines > .cell-lines--header { color: $role-header; text-style: bold; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"cell-lines--{role}" for role in _ROLES}

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()
        self._drawn: tuple[Line, ...] = ()

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show lines; only those that differ from what is shown are drawn again."""
        if tuple(lines) != self._lines:
            self._lines = tuple(lines)
            self._lay_out()

    def on_resize(self) -> None:
        """Wrap for the new width."""
        self._lay_out()

    def notify_style_update(self) -> None:
        """Draw again in the new theme's colours."""
        super().notify_style_update()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        base = self.rich_style
        index = y + self.scroll_offset.y
        if index >= len(self._drawn):
            return Strip.blank(self.size.width, base)
        segments = []
        for cell in self._drawn[index]:
            style = base
            if cell.role:
                style += self.get_component_rich_style(f"cell-lines--{cell.role}", partial=True)
            segments.append(Segment(cell.text, style))
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        before = self._drawn
        self._drawn = tuple(part for line in self._lines for part in wrap(line, width))
        if len(before) != len(self._drawn):
            self.virtual_size = Size(width, len(self._drawn))
        for index in range(max(len(before), len(self._drawn))):
            old = before[index] if index < len(before) else None
            new = self._drawn[index] if index < len(self._drawn) else None
            line = index - self.scroll_offset.y
            if old != new and 0 <= line < self.size.height:
                self.refresh(Region(0, line, self.size.width, 1))
