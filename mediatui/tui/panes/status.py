"""The Status pane: a row per app, and below it everything about the selected one."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from mediatui.config import Config
from mediatui.model.stack import Stack
from mediatui.present import status
from mediatui.present.detail import detail
from mediatui.present.status import AppStatus
from mediatui.tui.bindings import bindings_of
from mediatui.tui.commands import Command
from mediatui.tui.messages import ObjectWanted, PaneWanted, ShellWanted
from mediatui.tui.panes.base import Pane, PaneSpec
from mediatui.tui.widgets.cell_lines import CellLines
from mediatui.tui.widgets.filter_line import FilterLine
from mediatui.tui.widgets.frames import FrameGovernor
from mediatui.tui.widgets.row_table import RowTable


class StatusPane(Pane):
    """How each app is, and why."""

    SPEC = PaneSpec(
        "status",
        "Status",
        "1",
        "show how the apps are",
        status.NEEDS,
        commands=(
            Command("status.open", "Open", ("enter",), "open the details of the selected app", footer=True),
            Command("status.logs", "Logs", ("l",), "show the logs of the selected app", footer=True),
            Command("status.describe", "Describe", ("d",), "describe the selected app's pod or workload", footer=True),
            Command("status.yaml", "YAML", ("y",), "show the selected workload as YAML, Secret data masked"),
            Command("status.events", "Events", ("e",), "show the events of the selected app"),
            Command(
                "status.filter",
                "Filter",
                ("slash",),
                "show only apps whose line contains a text",
                footer=True,
                asks=True,
            ),
            Command("status.shell", "Shell", ("x",), "open a shell in the app's container"),
            Command("status.sort", "Sort", ("s",), "sort by the next column"),
            Command("status.scroll-down", "Details down", ("ctrl+d", "J"), "scroll the details down"),
            Command("status.scroll-up", "Details up", ("ctrl+u", "K"), "scroll the details up"),
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(SPEC.commands)]

    def __init__(self, frames: FrameGovernor, config: Config) -> None:
        super().__init__(frames, config)
        self._stack = Stack.EMPTY
        self._apps: tuple[AppStatus, ...] = ()
        self._selected = ""
        self._filter = ""
        self._sort = ""

    def compose(self) -> ComposeResult:
        """Lay out the table, the filter and the details."""
        yield RowTable(id="apps")
        yield FilterLine("filter apps", id="apps-filter")
        yield CellLines(id="app-detail")

    def on_mount(self) -> None:
        """Show an empty table until there is a picture."""
        table = self.query_one(RowTable)
        table.set_placeholder("reading the cluster", "muted")
        table.set_rows(status.COLUMNS, [])

    def show_stack(self, stack: Stack) -> None:
        """Draw the picture."""
        self._stack = stack
        self._apps = status.statuses(stack)
        self._draw()

    def focus_main(self) -> None:
        """Focus the table."""
        self.screen.set_focus(self.query_one(RowTable))

    @property
    def selected(self) -> AppStatus | None:
        """The app under the cursor."""
        return next((one for one in self._apps if one.unit.key == self._selected), None)

    def disabled_reason(self, command: str) -> str | None:
        """Say why a command has nothing to work on."""
        needs_app = ("open", "logs", "describe", "yaml", "events", "shell")
        if command.removeprefix("status.") in needs_app and self.selected is None:
            return "no app is selected"
        return None

    def take_back(self) -> bool:
        """Take back the filter."""
        if not self._filter:
            return False
        self.query_one(FilterLine).clear_and_close()
        return True

    def on_row_table_row_highlighted(self, message: RowTable.RowHighlighted) -> None:
        """Show the details of the app under the cursor."""
        message.stop()
        self._selected = message.key
        self.query_one(CellLines).scroll_home(animate=False)
        self._draw_detail()
        self.post_message(self.StateChanged())

    def on_row_table_row_selected(self, message: RowTable.RowSelected) -> None:
        """Open the selected app."""
        message.stop()
        self.action_open()

    def on_row_table_sort_requested(self, message: RowTable.SortRequested) -> None:
        """Sort by the column whose title was clicked."""
        message.stop()
        self._sort_by(message.column)

    def on_filter_line_typed(self, message: FilterLine.Typed) -> None:
        """Show only what matches."""
        message.stop()
        self._filter = message.text
        self._draw()

    def on_filter_line_closed(self, message: FilterLine.Closed) -> None:
        """Give the keys back to the table."""
        message.stop()
        self.focus_main()

    def action_open(self) -> None:
        """Open the drawer on what matters most about the selected app."""
        self._want("describe")

    def action_describe(self) -> None:
        """Describe the pod, or the workload where there is none."""
        self._want("describe")

    def action_yaml(self) -> None:
        """Show the workload's YAML."""
        self._want("yaml")

    def action_events(self) -> None:
        """Show the app's events."""
        self._want("events")

    def action_logs(self) -> None:
        """Show the app's logs."""
        if self.selected is not None:
            self.post_message(PaneWanted("logs", self.selected.unit.app))

    def action_shell(self) -> None:
        """Open a shell in the app's container."""
        if self.selected is not None:
            self.post_message(ShellWanted(self.selected.unit))

    def action_filter(self) -> None:
        """Ask for a text."""
        self.query_one(FilterLine).open(self._filter)

    def action_sort(self) -> None:
        """Sort by the next column that can be sorted by."""
        order = ("", *status.SORTABLE)
        self._sort_by(order[(order.index(self._sort) + 1) % len(order)])

    def action_scroll_down(self) -> None:
        """Scroll the details down."""
        self.query_one(CellLines).scroll_page_down(animate=False)

    def action_scroll_up(self) -> None:
        """Scroll the details up."""
        self.query_one(CellLines).scroll_page_up(animate=False)

    def _sort_by(self, column: str) -> None:
        if column in ("", *status.SORTABLE):
            self._sort = column
            self._draw()

    def _want(self, view: str) -> None:
        if self.selected is not None:
            self.post_message(ObjectWanted(self.selected.unit, view))

    def _draw(self) -> None:
        apps = list(self._apps)
        if self._sort:
            apps.sort(key=lambda one: status.sort_key(self._sort, one))
        rows = status.rows(self._stack, apps)
        if self._filter:
            wanted = self._filter.casefold()
            rows = [row for row in rows if any(wanted in cell.text.casefold() for cell in row.cells)]
        table = self.query_one(RowTable)
        text, role = status.placeholder(self._stack, filtered=bool(self._apps) and not rows)
        table.set_placeholder(text, role)
        table.set_rows(status.COLUMNS, rows, sorted_by=self._sort)
        self._draw_detail()

    def _draw_detail(self) -> None:
        selected = self.selected
        self.query_one(CellLines).set_lines(detail(self._stack, selected) if selected else [])
