"""Lines of cells to read, wrapped and scrolled; a changed line costs itself and no other."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.strip import Strip

from mediatui.present.rows import Cell
from mediatui.present.wrapping import wrap
from mediatui.tui.widgets.role_lines import RoleLines

Line = tuple[Cell, ...]


class CellLines(RoleLines):
    """Shows lines in the colours of their roles."""

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

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        base = self.rich_style
        index = y + self.scroll_offset.y
        if index >= len(self._drawn):
            return Strip.blank(self.size.width, base)
        segments = []
        for cell in self._drawn[index]:
            segments.append(Segment(cell.text, base + self.style_of(cell.role)))
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
