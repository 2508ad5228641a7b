from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot

from mediatui.present.rows import Cell, Column, Row
from mediatui.tui.themes import APP_COLORS, ROLES
from mediatui.tui.widgets.row_table import RowTable

COLUMNS = (Column("name", "NAME", 8), Column("state", "STATE", 8), Column("why", "WHY", 10, grow=True))


def row(name: str, state: str = "ok", why: str = "") -> Row:
    return Row(name, (Cell(name), Cell(state, "ok"), Cell(why)))


class TableApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.highlighted: list[str] = []
        self.selected: list[str] = []
        self.sorted: list[str] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict.fromkeys((*ROLES, *APP_COLORS), "ansi_default")

    def compose(self) -> ComposeResult:
        yield RowTable()

    def on_row_table_row_highlighted(self, message: RowTable.RowHighlighted) -> None:
        self.highlighted.append(message.key)

    def on_row_table_row_selected(self, message: RowTable.RowSelected) -> None:
        self.selected.append(message.key)

    def on_row_table_sort_requested(self, message: RowTable.SortRequested) -> None:
        self.sorted.append(message.column)


@asynccontextmanager
async def table(size: tuple[int, int] = (60, 10)) -> AsyncIterator[tuple[TableApp, RowTable, Pilot[None]]]:
    app = TableApp()
    async with app.run_test(size=size) as pilot:
        shown = app.query_one(RowTable)
        shown.focus()
        yield app, shown, pilot


def lines(shown: RowTable) -> list[str]:
    return [shown.render_line(y).text.rstrip() for y in range(shown.size.height)]


async def test_rows_stand_under_their_titles() -> None:
    async with table() as (_, shown, pilot):
        shown.set_rows(COLUMNS, [row("sonarr"), row("radarr", "fail", "down")])
        await pilot.pause()
        assert lines(shown)[:3] == ["NAME     STATE    WHY", "sonarr   ok", "radarr   fail     down"]


async def test_text_is_never_markup() -> None:
    async with table() as (_, shown, pilot):
        shown.set_rows(COLUMNS, [row("a", why="[/foo] [@click=app.quit]x[/]")])
        await pilot.pause()
        assert lines(shown)[1].endswith("[/foo] [@click=app.quit]x[/]")


async def test_wide_characters_are_cut_by_their_width() -> None:
    async with table((30, 5)) as (_, shown, pilot):
        shown.set_rows(COLUMNS, [row("日本語日本語", why="漢" * 40)])
        await pilot.pause()
        strip = shown.render_line(1)
        assert strip.cell_length == 30
        assert "…" in strip.text


async def test_the_cursor_stays_on_its_row_while_others_come_go_and_move() -> None:
    async with table() as (app, shown, pilot):
        shown.set_rows(COLUMNS, [row("a"), row("b"), row("c")])
        await pilot.press("j", "j")
        assert shown.cursor_key == "c"
        shown.set_rows(COLUMNS, [row("c"), row("new"), row("a")])
        await pilot.pause()
        assert shown.cursor_key == "c"
        shown.set_rows(COLUMNS, [row("new"), row("a")])
        await pilot.pause()
        assert shown.cursor_key == "new"
        assert app.highlighted == ["a", "b", "c", "new"]


async def test_the_keys_of_vi_and_of_everyone() -> None:
    async with table() as (_, shown, pilot):
        shown.set_rows(COLUMNS, [row(f"r{n}") for n in range(100)])
        await pilot.press("G")
        assert shown.cursor_key == "r99"
        assert "r99" in "\n".join(lines(shown)), "the table scrolled with the cursor"
        await pilot.press("k", "up")
        assert shown.cursor_key == "r97"
        await pilot.press("g")
        assert shown.cursor_key == "r0"
        await pilot.press("pagedown", "j", "down")
        assert shown.cursor_key == "r10"


async def test_a_click_moves_the_cursor_a_second_one_opens_and_a_title_sorts() -> None:
    async with table() as (app, shown, pilot):
        shown.set_rows(COLUMNS, [row("a"), row("b")])
        await pilot.pause()
        await pilot.click(RowTable, offset=(2, 2))
        assert shown.cursor_key == "b"
        await pilot.click(RowTable, offset=(2, 2), times=2)
        assert app.selected == ["b"]
        await pilot.click(RowTable, offset=(10, 0))
        assert app.sorted == ["state"]


async def test_without_rows_the_placeholder_stands_there() -> None:
    async with table() as (app, shown, pilot):
        shown.set_placeholder("reading", "muted")
        shown.set_rows(COLUMNS, [])
        await pilot.pause()
        assert lines(shown)[1] == " reading"
        shown.set_rows(COLUMNS, [row("a")])
        shown.set_rows(COLUMNS, [])
        await pilot.pause()
        assert lines(shown)[1] == " reading"
        assert app.highlighted[-1] == ""


async def test_a_changed_cell_repaints_from_it_to_the_last_changed_one_and_no_other_row() -> None:
    async with table() as (_, shown, pilot):
        shown.set_rows(COLUMNS, [row("a"), row("b"), row("c")])
        await pilot.pause()
        painted: list[Region] = []
        original = shown.refresh

        def spy(*regions: Region, **more: Any) -> RowTable:
            painted.extend(regions)
            return original(*regions, **more)

        shown.refresh = spy  # type: ignore[method-assign]
        shown.set_rows(COLUMNS, [row("a"), row("b", "fail"), row("c")])
        assert painted == [Region(9, 2, 8, 1)]
        painted.clear()
        shown.set_rows(COLUMNS, [row("a"), row("b", "fail"), row("c")])
        assert painted == []
