"""Log lines drawn line by line from a buffer: only what is on the screen is ever styled."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events, work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from mediatui.present.rows import Role
from mediatui.tui.widgets.frames import FrameGovernor
from mediatui.tui.widgets.log_buffer import Keep, LogBuffer, LogLine, LogView
from mediatui.tui.widgets.log_style import level_of

APP_STYLES = tuple(f"app-{number}" for number in range(1, 7))
_SHOWN: int = 4000
"""Characters of one line that are drawn at most; the rest is counted."""


class LogLines(Widget, can_focus=True):
    """Shows a log buffer: follows its end, or stays where the reader is.

    Args:
        frames: Decides when to draw.
        limit: Lines kept at most.
    """

    DEFAULT_CSS = """
    LogLines > .log-lines--ok { color: $role-ok; }
    LogLines > .log-lines--warn { color: $role-warn; }
    LogLines > .log-lines--fail { color: $role-fail; text-style: bold; }
    LogLines > .log-lines--muted { color: $role-muted; }
    LogLines > .log-lines--app-1 { color: $app-1; }
    LogLines > .log-lines--app-2 { color: $app-2; }
    LogLines > .log-lines--app-3 { color: $app-3; }
    LogLines > .log-lines--app-4 { color: $app-4; }
    LogLines > .log-lines--app-5 { color: $app-5; }
    LogLines > .log-lines--app-6 { color: $app-6; }
    LogLines > .log-lines--hit { text-style: reverse; }
    LogLines > .log-lines--current { text-style: reverse bold underline; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"log-lines--{name}" for name in ("ok", "warn", "fail", "muted", "hit", "current", *APP_STYLES)
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_lines(-1)", show=False),
        Binding("down,j", "scroll_lines(1)", show=False),
        Binding("pageup,ctrl+u", "scroll_pages(-1)", show=False),
        Binding("pagedown,ctrl+d,space", "scroll_pages(1)", show=False),
        Binding("g,home", "to_start", show=False),
        Binding("G,end", "to_end", show=False),
        Binding("left,h", "scroll_columns(-20)", show=False),
        Binding("right", "scroll_columns(20)", show=False),
    ]
    ALLOW_SELECT = True

    class Moved(Message):
        """What is shown, or how many lines wait below it, has changed."""

        def can_replace(self, message: Message) -> bool:
            """Let only the newest count."""
            return isinstance(message, LogLines.Moved)

    def __init__(self, frames: FrameGovernor, limit: int = 1_000_000, id: str | None = None) -> None:
        super().__init__(id=id)
        self._frames = frames
        self.buffer = LogBuffer(limit)
        self._view = LogView(self.buffer)
        self._top = 0
        self._column = 0
        self._names: tuple[str, ...] = ()
        self._styles: tuple[str, ...] = ()
        self._pattern: re.Pattern[str] | None = None
        self._hit = -1
        self._screen: list[tuple[int, Strip]] = []
        self.following = True
        self.wrap = False
        self.timestamps = False

    @property
    def pending(self) -> int:
        """Lines below the last one on the screen."""
        return 0 if self.following else max(0, len(self._view) - self._top - self._height)

    @property
    def shown(self) -> int:
        """Lines that the filter keeps."""
        return len(self._view)

    @property
    def filtered(self) -> bool:
        """Whether a filter is in force."""
        return self._view.filtered

    @property
    def _height(self) -> int:
        return max(1, self.size.height)

    def append(self, source: int, text: str, count: int) -> None:
        """Add lines of a source, each beginning with its time stamp and a space; drawn in the next frame."""
        self.buffer.append(source, text, count)
        self._frames.request(self, self._paint)

    def clear(self) -> None:
        """Forget every line."""
        self.buffer.clear()
        self._view = LogView(self.buffer, self._view.keep)
        self._top, self._hit, self.following = 0, -1, True
        self.redraw()

    def set_sources(self, names: Sequence[str], styles: Sequence[str]) -> None:
        """Name the sources and give them colours; with one alone its name is not shown."""
        self._names, self._styles = tuple(names), tuple(styles)
        self.redraw()

    def set_filter(self, keep: Keep | None) -> None:
        """Show only lines that the filter keeps; a long buffer is gone through without holding up the keys."""
        anchor = None if self.following or not len(self._view) else self._view.number(self._top_position())
        self._filter(keep, anchor)

    def set_pattern(self, pattern: re.Pattern[str] | None) -> None:
        """Mark what is searched for."""
        self._pattern, self._hit = pattern, -1
        self.redraw()

    def set_wrap(self, wrap: bool) -> None:
        """Wrap long lines, or cut them."""
        self.wrap, self._column = wrap, 0
        self.redraw()

    def set_timestamps(self, timestamps: bool) -> None:
        """Show or hide time stamps."""
        self.timestamps = timestamps
        self.redraw()

    def redraw(self) -> None:
        """Draw again in the next frame."""
        self._frames.request(self, self._paint)

    @work(group="filter", exclusive=True)
    async def _filter(self, keep: Keep | None, anchor: int | None) -> None:
        view = LogView(self.buffer, keep)
        while not view.complete:
            view.step()
            await asyncio.sleep(0)
        self._view = view
        self._top = view.position(anchor) if anchor is not None else 0
        self.redraw()

    @work(group="search", exclusive=True)
    async def find(self, forward: bool, missing: Callable[[], None]) -> None:
        """Go to the next hit after the last one, or before it; call ``missing`` when there is none."""
        pattern = self._pattern
        if pattern is None or not len(self._view):
            missing()
            return
        edge = self._top_position() if forward else self._top_position() + self._height
        start = self._hit if self._hit >= self.buffer.first else self._view.number(min(edge, len(self._view) - 1))
        begin = start + (1 if self._hit >= 0 else 0) if forward else start - (1 if self._hit >= 0 else 0)
        blocks = self.buffer.blocks(begin) if forward else self.buffer.blocks_before(begin)
        for first, lines in blocks:
            indexes = range(len(lines)) if forward else range(len(lines) - 1, -1, -1)
            for index in indexes:
                number = first + index
                beyond = number < begin if forward else number > begin
                if not beyond and self._view.keeps(lines[index]) and pattern.search(lines[index].text):
                    self._hit = number
                    self._jump(self._view.position(number) - self._height // 2)
                    return
            await asyncio.sleep(0)
        missing()

    def lines(self) -> list[str]:
        """Return every shown line as text, with its source and time stamp as they are shown now."""
        self._view.catch_up()
        return [self._plain(self.buffer.line(self._view.number(i))) for i in range(len(self._view))]

    def screen_text(self) -> str:
        """Return what is on the screen as text."""
        return "\n".join(strip.text.rstrip() for _, strip in self._screen)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.redraw()

    def notify_style_update(self) -> None:
        """Draw again in the new theme's colours."""
        super().notify_style_update()
        if self.is_mounted:
            self.redraw()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Go back three lines."""
        event.stop()
        self.action_scroll_lines(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Go on three lines."""
        event.stop()
        self.action_scroll_lines(3)

    def action_scroll_lines(self, by: int) -> None:
        """Scroll by lines; back stops following, forward to the end follows again."""
        self._jump(self._top_position() + by)

    def action_scroll_pages(self, by: int) -> None:
        """Scroll by pages."""
        self._jump(self._top_position() + by * max(1, self._height - 1))

    def action_scroll_columns(self, by: int) -> None:
        """Scroll sideways over lines that are cut."""
        self._column = 0 if self.wrap else max(0, self._column + by)
        self.redraw()

    def action_to_start(self) -> None:
        """Go to the oldest line."""
        self._jump(0)

    def action_to_end(self) -> None:
        """Go to the newest line and follow."""
        self.following = True
        self.redraw()

    def stay(self) -> None:
        """Stop following where the reader is."""
        self._jump(self._top_position(), stay=True)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the text that was selected with the mouse."""
        return selection.extract("\n".join(strip.text.rstrip() for _, strip in self._screen)), "\n"

    def render_line(self, y: int) -> Strip:
        """Draw a line of the screen that was last put together."""
        base = self.rich_style
        if y >= len(self._screen):
            return Strip.blank(self.size.width, base)
        return self._screen[y][1].apply_offsets(0, y).adjust_cell_length(self.size.width, base)

    def _top_position(self) -> int:
        last = max(0, len(self._view) - self._height)
        return last if self.following else min(self._top, last)

    def _jump(self, position: int, *, stay: bool = False) -> None:
        last = max(0, len(self._view) - self._height)
        self._top = max(0, min(position, last))
        self.following = not stay and position >= last
        self.redraw()

    def _paint(self) -> None:
        if not self.is_mounted:
            return
        self._view.catch_up()
        self._screen = self._compose_from_end() if self.following else self._compose_from(self._top_position())
        self.refresh()
        self.post_message(self.Moved())

    def _compose_from(self, position: int) -> list[tuple[int, Strip]]:
        screen: list[tuple[int, Strip]] = []
        while position < len(self._view) and len(screen) < self._height:
            screen.extend(self._strips(self._view.number(position)))
            position += 1
        return screen[: self._height]

    def _compose_from_end(self) -> list[tuple[int, Strip]]:
        screen: list[tuple[int, Strip]] = []
        position = len(self._view)
        while position > 0 and len(screen) < self._height:
            position -= 1
            screen[:0] = self._strips(self._view.number(position))
        return screen[-self._height :]

    def _strips(self, number: int) -> list[tuple[int, Strip]]:
        width = max(1, self.size.width)
        strip = self._strip(number)
        if not self.wrap:
            return [(number, strip.crop(self._column, self._column + width))]
        length = strip.cell_length
        return [(number, strip.crop(start, start + width)) for start in range(0, max(1, length), width)]

    def _strip(self, number: int) -> Strip:
        line = self.buffer.line(number)
        base = self.rich_style
        segments: list[Segment] = []
        if len(self._names) > 1 and line.source < len(self._names):
            style = self.get_component_rich_style(f"log-lines--{self._styles[line.source]}", partial=True)
            segments.append(Segment(f"{self._names[line.source]} ", base + style))
        if self.timestamps:
            segments.append(Segment(f"{line.stamp[:23]} ", base + self._role("muted")))
        text = line.text
        if len(text) > _SHOWN:
            text = f"{text[:_SHOWN]}… +{len(line.text) - _SHOWN} characters"
        segments.extend(self._marked(text, base, current=number == self._hit))
        return Strip(segments)

    def _marked(self, text: str, base: Style, *, current: bool) -> list[Segment]:
        level = level_of(text)
        whole = base + (self._role("muted") if level and level[0] == "muted" else Style.null())
        spans: list[tuple[int, int, Style]] = []
        if level is not None and level[0] != "muted":
            spans.append((level[1], level[2], whole + self._role(level[0])))
        if self._pattern is not None:
            mark = self.get_component_rich_style(f"log-lines--{'current' if current else 'hit'}", partial=True)
            hits = [match.span() for match in self._pattern.finditer(text) if match.end() > match.start()]
            spans = [span for span in spans if not any(a < span[1] and span[0] < b for a, b in hits)]
            spans = sorted(spans + [(a, b, whole + mark) for a, b in hits])
        segments: list[Segment] = []
        position = 0
        for start, end, style in spans:
            segments.append(Segment(text[position:start], whole))
            segments.append(Segment(text[start:end], style))
            position = end
        segments.append(Segment(text[position:], whole))
        return segments

    def _role(self, role: Role) -> Style:
        return self.get_component_rich_style(f"log-lines--{role}", partial=True)

    def _plain(self, line: LogLine) -> str:
        name = f"{self._names[line.source]} " if len(self._names) > 1 and line.source < len(self._names) else ""
        stamp = f"{line.stamp} " if self.timestamps else ""
        return f"{name}{stamp}{line.text}"
