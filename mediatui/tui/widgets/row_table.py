"""A table drawn line by line: a changed row costs its own changed cells and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from mediatui.present.columns import Placed, fit
from mediatui.present.rows import Cell, Column, Role, Row
from mediatui.tui.widgets.role_lines import RoleLines


class RowTable(RoleLines, can_focus=True):
    """Rows with a cursor that stays on the same key while rows come, go and move."""

    DEFAULT_CSS = """
    RowTable > .row-table--cursor { text-style: reverse; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"row-table--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("g,home", "edge(0)", show=False),
        Binding("G,end", "edge(-1)", show=False),
    ]

    class RowHighlighted(Message):
        """The cursor is on another row, or on none when the key is empty."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class RowSelected(Message):
        """A row was chosen with Enter or a second click."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class SortRequested(Message):
        """A column's title was clicked."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns: tuple[Column, ...] = ()
        self._rows: tuple[Row, ...] = ()
        self._places: tuple[Placed, ...] = ()
        self._placeholder = Cell("")
        self._cursor = 0
        self._sorted_by = ""

    @property
    def cursor_key(self) -> str:
        """The key under the cursor, empty without rows."""
        return self._rows[self._cursor].key if self._rows else ""

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is shown."""
        return self._rows

    def set_placeholder(self, text: str, role: Role = "muted") -> None:
        """Set what stands there while there are no rows."""
        cell = Cell(text, role)
        if cell != self._placeholder:
            self._placeholder = cell
            if not self._rows:
                self._repaint(1, 0)

    def set_rows(self, columns: Sequence[Column], rows: Sequence[Row], sorted_by: str = "") -> None:
        """Show rows; only what differs from what is shown is drawn again."""
        before, key = self._rows, self.cursor_key
        old_cursor = self._cursor
        after = tuple(rows)
        restyled = tuple(columns) != self._columns or sorted_by != self._sorted_by
        self._columns, self._rows, self._sorted_by = tuple(columns), after, sorted_by
        keys = [row.key for row in after]
        self._cursor = keys.index(key) if key in keys else max(0, min(old_cursor, len(after) - 1))
        if restyled:
            self._places = fit(self._columns, self.size.width)
            self.refresh()
        if len(after) != len(before):
            self.virtual_size = Size(self.size.width, max(1, len(after)) + 1)
            self.refresh(layout=True)
        if not restyled:
            for index in range(max(len(after), len(before), 1)):
                self._repaint_difference(index, before, old_cursor)
        if self.cursor_key != key or (before == () and after):
            self.post_message(self.RowHighlighted(self.cursor_key))

    def on_resize(self) -> None:
        """Lay the columns out anew."""
        self._places = fit(self._columns, self.size.width)
        self.virtual_size = Size(self.size.width, max(1, len(self._rows)) + 1)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the titles, a row, the placeholder, or nothing."""
        width, base = self.size.width, self.rich_style
        if y == 0:
            return self._titles(base).adjust_cell_length(width, base)
        index = y - 1 + self.scroll_offset.y
        if not self._rows and index == 0:
            cell = self._placeholder
            return Strip([Segment(f" {cell.text}", base + self.style_of(cell.role))]).adjust_cell_length(width, base)
        if index >= len(self._rows):
            return Strip.blank(width, base)
        return self._row(index, base).adjust_cell_length(width, base)

    def action_move(self, by: int) -> None:
        """Move the cursor by rows."""
        self._go(self._cursor + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by pages."""
        self._go(self._cursor + by * max(1, self.size.height - 2))

    def action_edge(self, where: int) -> None:
        """Move the cursor to the first or last row."""
        self._go(0 if where == 0 else len(self._rows) - 1)

    def action_select(self) -> None:
        """Choose the row under the cursor."""
        if self._rows:
            self.post_message(self.RowSelected(self.cursor_key))

    def on_click(self, event: events.Click) -> None:
        """Sort by a title, or put the cursor on a row and choose it with the second click."""
        if event.y == 0:
            column = next((p.column for p in self._places if p.start <= event.x < p.start + p.width), None)
            if column is not None:
                self.post_message(self.SortRequested(self._columns[column].id))
            return
        index = event.y - 1 + self.scroll_offset.y
        if index < len(self._rows):
            if event.chain == 2:
                self.action_select()
            else:
                self._go(index)

    def _go(self, index: int) -> None:
        index = max(0, min(index, len(self._rows) - 1))
        if index == self._cursor or not self._rows:
            return
        old, self._cursor = self._cursor, index
        for changed in (old, index):
            self._repaint(changed + 1 - self.scroll_offset.y, 0)
        top, height = self.scroll_offset.y, self.size.height - 1
        if index < top:
            self.scroll_to(y=index, animate=False, force=True)
        elif index >= top + height:
            self.scroll_to(y=index - height + 1, animate=False, force=True)
        self.post_message(self.RowHighlighted(self.cursor_key))

    def _repaint_difference(self, index: int, before: tuple[Row, ...], old_cursor: int) -> None:
        old = before[index] if index < len(before) else None
        new = self._rows[index] if index < len(self._rows) else None
        line = index + 1 - self.scroll_offset.y
        if old is None or new is None or (index == old_cursor) != (index == self._cursor):
            self._repaint(line, 0)
            return
        changed = [place for place in self._places if old.cells[place.column] != new.cells[place.column]]
        if changed:
            start = changed[0].start
            self._repaint(line, start, changed[-1].start + changed[-1].width - start)

    def _repaint(self, line: int, start: int, width: int | None = None) -> None:
        if 0 < line < self.size.height:
            self.refresh(Region(start, line, self.size.width - start if width is None else width, 1))

    def _titles(self, base: Style) -> Strip:
        style = self.style_of("header")
        cells = []
        for column in self._columns:
            mark = "▾" if column.id == self._sorted_by else ""
            cells.append(Cell(f"{column.title}{mark}", "header"))
        return self._strip(cells, style, base)

    def _row(self, index: int, base: Style) -> Strip:
        cells = self._rows[index].cells
        if index == self._cursor and self.has_focus:
            # One look for the whole row: reversed cells of many colours cannot be read.
            style = base + self.get_component_rich_style("row-table--cursor", partial=True)
            return self._strip(cells, Style.null(), style)
        if index == self._cursor:
            return self._strip(cells, None, base + Style(underline=True))
        return self._strip(cells, None, base)

    def _strip(self, cells: Sequence[Cell], one_style: Style | None, base: Style) -> Strip:
        segments: list[Segment] = []
        position = 0
        for place in self._places:
            if place.start > position:
                segments.append(Segment(" " * (place.start - position), base))
            cell = cells[place.column]
            own = self.style_of(cell.role)
            style = base + (own if one_style is None else one_style)
            segments.append(Segment(_cut(cell.text, place.width, right=self._columns[place.column].right), style))
            position = place.start + place.width
        if position < self.size.width:
            segments.append(Segment(" " * (self.size.width - position), base))
        return Strip(segments, max(position, self.size.width))


def _cut(text: str, width: int, *, right: bool) -> str:
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…" if width > 1 else "…"[:width]
    padding = " " * (width - length)
    return padding + text if right else text + padding
