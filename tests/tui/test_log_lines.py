from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from mediatui.tui.themes import APP_COLORS, ROLES
from mediatui.tui.widgets.frames import FrameGovernor
from mediatui.tui.widgets.log_buffer import LogLine
from mediatui.tui.widgets.log_lines import LogLines
from mediatui.tui.widgets.log_style import level_of, pattern_of
from tests.support.waiting import until

HEIGHT = 10


class LogApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.frames = FrameGovernor.for_app(self)
        self.lines = LogLines(self.frames, limit=100_000)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict.fromkeys((*ROLES, *APP_COLORS), "ansi_default")

    def compose(self) -> ComposeResult:
        yield self.lines


@asynccontextmanager
async def log(width: int = 60) -> AsyncIterator[tuple[LogLines, Pilot[None]]]:
    app = LogApp()
    async with app.run_test(size=(width, HEIGHT)) as pilot:
        app.lines.focus()
        yield app.lines, pilot


def say(lines: LogLines, first: int, last: int, source: int = 0, text: str = "line") -> None:
    block = "\n".join(f"2026-11-23T10:00:00.{n:09}Z {text} {n}" for n in range(first, last))
    lines.append(source, block, last - first)


def shown(lines: LogLines) -> list[str]:
    return [lines.render_line(y).text.rstrip() for y in range(HEIGHT)]


async def test_the_newest_lines_are_followed() -> None:
    async with log() as (lines, _):
        say(lines, 0, 1000)
        await until(lambda: shown(lines)[-1] == "line 999")
        say(lines, 1000, 1005)
        await until(lambda: shown(lines)[-1] == "line 1004")
        assert lines.pending == 0


async def test_scrolling_back_stops_following_and_counts_what_waits() -> None:
    async with log() as (lines, pilot):
        say(lines, 0, 100)
        await until(lambda: shown(lines)[-1] == "line 99")
        await pilot.press("k", "k")
        await until(lambda: shown(lines)[-1] == "line 97")
        say(lines, 100, 150)
        await until(lambda: lines.pending == 52)
        assert shown(lines)[-1] == "line 97", "the reader's place does not move"
        await pilot.press("G")
        await until(lambda: shown(lines)[-1] == "line 149")
        assert lines.following


async def test_scrolling_forward_to_the_end_follows_again() -> None:
    async with log() as (lines, pilot):
        say(lines, 0, 100)
        await pilot.press("g")
        await until(lambda: shown(lines)[0] == "line 0")
        assert not lines.following
        for _ in range(12):
            await pilot.press("pagedown")
        await until(lambda: lines.following)


async def test_text_is_shown_and_never_read_as_markup() -> None:
    async with log() as (lines, _):
        say(lines, 0, 1, text="[/foo] [@click=app.quit]x[/] 日本")
        await until(lambda: shown(lines)[0] == "[/foo] [@click=app.quit]x[/] 日本 0")


async def test_names_are_shown_once_there_are_several_sources_and_times_when_asked_for() -> None:
    async with log() as (lines, _):
        lines.set_sources(["sonarr"], ["app-1"])
        say(lines, 0, 1)
        await until(lambda: shown(lines)[0] == "line 0")
        lines.set_sources(["sonarr", "radarr"], ["app-1", "app-2"])
        say(lines, 1, 2, source=1)
        await until(lambda: shown(lines)[:2] == ["sonarr line 0", "radarr line 1"])
        lines.set_timestamps(True)
        await until(lambda: shown(lines)[1] == "radarr 2026-11-23T10:00:00.000 line 1")


async def test_long_lines_are_cut_scrolled_sideways_or_wrapped() -> None:
    async with log(20) as (lines, pilot):
        say(lines, 0, 1, text="a" * 30 + "b" * 5)
        await until(lambda: shown(lines)[0] == "a" * 20)
        await pilot.press("right")
        await until(lambda: shown(lines)[0] == "a" * 10 + "b" * 5 + " 0")
        lines.set_wrap(True)
        await until(lambda: shown(lines)[:2] == ["a" * 20, "a" * 10 + "b" * 5 + " 0"])


async def test_a_line_of_ten_megabytes_is_shown_cut_and_says_so() -> None:
    async with log() as (lines, pilot):
        lines.append(0, "2026-11-23T10:00:00Z " + "x" * 10_000_000, 1)
        await until(lambda: shown(lines)[0] == "x" * 60)
        for _ in range(210):
            lines.action_scroll_columns(20)
        await pilot.pause()
        lines.set_wrap(True)
        await until(lambda: "… +9996000 characters" in "".join(shown(lines)))


async def test_a_filter_hides_lines_and_keeps_the_readers_place() -> None:
    async with log() as (lines, pilot):
        say(lines, 0, 5000)
        await pilot.press("g")
        for _ in range(11):
            await pilot.press("pagedown")
        await until(lambda: shown(lines)[0] == "line 99")
        lines.set_filter(lambda line: line.text.endswith("0"))
        await until(lambda: shown(lines)[0] == "line 100")
        assert lines.shown == 500
        say(lines, 5000, 5020)
        await until(lambda: lines.shown == 502)
        lines.set_filter(None)
        await until(lambda: lines.shown == 5020)
        await until(lambda: shown(lines)[0] == "line 100")


async def test_a_search_goes_from_hit_to_hit_in_both_directions_and_says_when_there_is_none() -> None:
    missing: list[str] = []
    async with log() as (lines, _):
        say(lines, 0, 5000)
        await until(lambda: lines.shown == 5000)
        lines.set_pattern(pattern_of("line 4[0-9]00$"))
        lines.find(False, lambda: missing.append("earlier"))
        await until(lambda: "line 4900" in shown(lines))
        lines.find(False, lambda: missing.append("earlier"))
        await until(lambda: "line 4800" in shown(lines))
        lines.find(True, lambda: missing.append("later"))
        await until(lambda: "line 4900" in shown(lines))
        lines.find(True, lambda: missing.append("later"))
        await until(lambda: missing == ["later"])


async def test_a_burst_is_drawn_in_few_frames_and_loses_nothing() -> None:
    async with log() as (lines, _):
        before = lines._frames.frames
        for start in range(0, 50_000, 50):
            say(lines, start, start + 50)
        await until(lambda: shown(lines)[-1] == "line 49999")
        assert len(lines.buffer) == 50_000
        assert lines._frames.frames - before <= 30


async def test_what_is_shown_can_be_taken_as_text() -> None:
    async with log() as (lines, _):
        say(lines, 0, 30)
        lines.set_filter(lambda line: line.text.endswith("5"))
        await until(lambda: lines.shown == 3)
        assert lines.lines() == ["line 5", "line 15", "line 25"]
        await until(lambda: lines.screen_text() == "line 5\nline 15\nline 25")


def test_the_level_is_found_in_the_shapes_of_all_the_apps() -> None:
    lines = {
        "[Error] DownloadService: failed": "fail",
        "[Warn] IndexerSearch: slow": "warn",
        "[10:00:01] [ERR] [7] Jellyfin.Server: failed": "fail",
        "2026-11-23 10:00:00 - root (7f2c) : ERROR (main:41) - bad": "fail",
        "2026-11-23 10:00:00.0|Error|Sonarr|bad": "fail",
        'time=x level=warning msg="slow"': "warn",
        '{"level":"error","msg":"x"}': "fail",
        "[Debug] Quiet: x": "muted",
        "[Info] Fine: an error is mentioned": None,
        "nothing to see": None,
    }
    for text, role in lines.items():
        found = level_of(text)
        assert (found[0] if found else None) == role, text


def test_a_search_is_a_regular_expression_where_it_is_one_and_text_where_it_is_not() -> None:
    assert pattern_of("a.c").search("xabcx")
    assert pattern_of("a(").search("see A( here")
    assert pattern_of("abc").search("ABC")
    assert not pattern_of("Abc").search("abc")
    assert isinstance(pattern_of("["), re.Pattern)
    assert LogLine(0, "", "x").text == "x"
