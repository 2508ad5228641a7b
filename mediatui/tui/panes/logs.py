"""The Logs pane: the logs of the chosen apps as one stream."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.timer import Timer
from textual.widgets import Static

from mediatui.apps import APPS
from mediatui.config import Config
from mediatui.logtail import NEEDS, LogNote, LogQuery, LogRun, LogSource, LogTail, sources_of
from mediatui.model.stack import Stack
from mediatui.observe import LINGER
from mediatui.present.rows import Cell
from mediatui.session import Session
from mediatui.text import plural
from mediatui.tui.bindings import bindings_of
from mediatui.tui.commands import Command
from mediatui.tui.log_file import save_lines
from mediatui.tui.panes.base import Pane, PaneSpec
from mediatui.tui.widgets.filter_line import FilterLine
from mediatui.tui.widgets.frames import FrameGovernor
from mediatui.tui.widgets.log_buffer import LogLine
from mediatui.tui.widgets.log_lines import APP_STYLES, LogLines
from mediatui.tui.widgets.log_style import pattern_of
from mediatui.tui.widgets.styled_line import content_of

_SPANS: tuple[tuple[str, float | None], ...] = (
    ("last lines", None),
    ("5m", 300.0),
    ("1h", 3600.0),
    ("24h", 86400.0),
    ("all", float("inf")),
)
_ASKS = {
    "search": "search for a text or regular expression",
    "include": "show only lines that match this regular expression",
    "exclude": "hide lines that match this regular expression",
    "save": "save the shown lines to this new file",
}


class LogsPane(Pane):
    """Follows every container of the chosen apps, their successors included."""

    SPEC = PaneSpec(
        "logs",
        "Logs",
        "2",
        "show the logs of the chosen apps",
        NEEDS,
        commands=(
            Command(
                "logs.search", "Search", ("slash",), "search for a text or a regular expression", footer=True, asks=True
            ),
            Command("logs.next", "Next", ("n",), "go to the next hit"),
            Command("logs.prior", "Previous hit", ("N",), "go to the hit before"),
            Command(
                "logs.include",
                "Include",
                ("i",),
                "show only lines that match a regular expression",
                footer=True,
                asks=True,
            ),
            Command("logs.exclude", "Exclude", ("x",), "hide lines that match a regular expression", asks=True),
            Command("logs.follow", "Follow", ("f",), "follow the newest lines, or stop where you are", footer=True),
            Command("logs.previous", "Last run", ("p",), "show the run of the containers before this one"),
            Command("logs.since", "Since", ("t",), "read the last lines, 5 minutes, an hour, a day, or all"),
            Command(
                "logs.containers", "Containers", ("o",), "show the app's own container or all containers of its pods"
            ),
            Command("logs.wrap", "Wrap", ("w",), "wrap long lines, or cut them"),
            Command("logs.timestamps", "Times", ("T",), "show or hide time stamps"),
            Command(
                "logs.copy", "Copy", ("c",), "copy the selection, or what is on the screen, to the terminal's clipboard"
            ),
            Command("logs.save", "Save", ("ctrl+s",), "save the shown lines to a file", footer=True, asks=True),
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(SPEC.commands)]

    def __init__(self, frames: FrameGovernor, config: Config) -> None:
        super().__init__(frames, config)
        self._lines = LogLines(frames, config.logs.lines, id="log-lines")
        self._session: Session | None = None
        self._stack = Stack.EMPTY
        self._chosen: frozenset[str] = frozenset()
        self._namespace = ""
        self._tail: LogTail | None = None
        self._sources: dict[LogSource, int] = {}
        self._names: list[str] = []
        self._notes: dict[LogSource, str] = {}
        self._visible = False
        self._ending: Timer | None = None
        self._asking = ""
        self._span = 0
        self._previous = False
        self._all_containers = False
        self._search = ""
        self._include = ""
        self._exclude = ""

    def compose(self) -> ComposeResult:
        """Lay out the lines, the question and the status line."""
        yield self._lines
        yield FilterLine("search", id="log-ask")
        yield Static(id="log-status", markup=False)

    def connected(self, session: Session) -> None:
        """Take the session."""
        self._session = session

    def shown(self) -> None:
        """Go on with what is being read, or read."""
        self._visible = True
        if self._ending is not None:
            self._ending.stop()
            self._ending = None
        if self._tail is None:
            self._restart()

    def hidden(self) -> None:
        """Go on reading for as long as sources outlive their last onlooker, so that coming back finds no gap."""
        self._visible = False
        self._ending = self.set_timer(LINGER, self._stop)

    def narrow(self, apps: frozenset[str], namespace: str) -> None:
        """Read anew what another choice of apps or another namespace shows."""
        if (apps, namespace) != (self._chosen, self._namespace):
            self._chosen, self._namespace = apps, namespace
            self._restart()

    def show_stack(self, stack: Stack) -> None:
        """Follow the pods that there are now."""
        self._stack = stack
        wanted = self._wanted()
        self._notes = {source: note for source, note in self._notes.items() if source in wanted}
        if self._tail is not None:
            self._tail.follow(wanted)
        self._draw_status()

    def focus_main(self) -> None:
        """Focus the lines."""
        self.screen.set_focus(self._lines)

    def disabled_reason(self, command: str) -> str | None:
        """Say why a command has nothing to work on."""
        if command in ("logs.next", "logs.prior") and not self._search:
            return "nothing is searched for"
        if command in ("logs.copy", "logs.save") and not self._lines.shown:
            return "there are no lines"
        return None

    def take_back(self) -> bool:
        """Take back the search, then the filters."""
        if self._search:
            self._search = ""
            self._lines.set_pattern(None)
        elif self._include or self._exclude:
            self._include = self._exclude = ""
            self._apply_filter()
        else:
            return False
        self._draw_status()
        self.post_message(self.StateChanged())
        return True

    def on_log_lines_moved(self, message: LogLines.Moved) -> None:
        """Say how many lines wait."""
        message.stop()
        self._draw_status()

    def on_filter_line_closed(self, message: FilterLine.Closed) -> None:
        """Do what the question was for."""
        message.stop()
        asked, text = self._asking, message.text
        self.focus_main()
        if not message.accepted:
            return
        if asked == "save":
            self._save(text)
        elif asked == "search":
            self._search = text
            self._lines.set_pattern(pattern_of(text) if text else None)
            self._find(forward=False)
        else:
            self._set_filter(asked, text)
        self.post_message(self.StateChanged())

    def action_search(self) -> None:
        """Ask what to search for."""
        self._ask("search", self._search)

    def action_next(self) -> None:
        """Go to the next hit."""
        self._find(forward=True)

    def action_prior(self) -> None:
        """Go to the hit before."""
        self._find(forward=False)

    def action_include(self) -> None:
        """Ask what lines must match."""
        self._ask("include", self._include)

    def action_exclude(self) -> None:
        """Ask what lines must not match."""
        self._ask("exclude", self._exclude)

    def action_follow(self) -> None:
        """Follow the newest lines, or stop."""
        if self._lines.following:
            self._lines.stay()
        else:
            self._lines.action_to_end()

    def action_previous(self) -> None:
        """Show the run before this one, or this one again."""
        self._previous = not self._previous
        self._restart()

    def action_since(self) -> None:
        """Read another span of time."""
        self._span = (self._span + 1) % len(_SPANS)
        self._restart()

    def action_containers(self) -> None:
        """Show all containers of the pods, or the app's own."""
        self._all_containers = not self._all_containers
        self._restart()

    def action_wrap(self) -> None:
        """Wrap long lines, or cut them."""
        self._lines.set_wrap(not self._lines.wrap)

    def action_timestamps(self) -> None:
        """Show or hide time stamps."""
        self._lines.set_timestamps(not self._lines.timestamps)

    def action_copy(self) -> None:
        """Copy by OSC 52, which works over SSH too."""
        text = self.screen.get_selected_text() or self._lines.screen_text()
        self.app.copy_to_clipboard(text)
        self.notify(f"{plural(text.count(chr(10)) + 1, 'line')} given to the terminal's clipboard", markup=False)

    def action_save(self) -> None:
        """Ask for a file."""
        self._ask("save", f"mediatui-{'-'.join(sorted(self._chosen)) or 'all'}.log")

    def _ask(self, what: str, text: str) -> None:
        self._asking = what
        self.query_one(FilterLine).open(text, _ASKS[what])

    def _find(self, *, forward: bool) -> None:
        if self._search:
            missing = f"no {'later' if forward else 'earlier'} line has '{self._search}'"
            self._lines.find(forward, lambda: self.notify(missing, markup=False))

    def _set_filter(self, which: str, text: str) -> None:
        try:
            re.compile(text)
        except (re.error, OverflowError) as error:
            self.notify(f"'{text}' is not a regular expression: {error}", severity="warning", markup=False)
            return
        if which == "include":
            self._include = text
        else:
            self._exclude = text
        self._apply_filter()

    def _apply_filter(self) -> None:
        include = re.compile(self._include) if self._include else None
        exclude = re.compile(self._exclude) if self._exclude else None

        def keep(line: LogLine) -> bool:
            return (include is None or include.search(line.text) is not None) and (
                exclude is None or exclude.search(line.text) is None
            )

        self._lines.set_filter(keep if include or exclude else None)

    def _save(self, name: str) -> None:
        path = Path(name)
        try:
            count = save_lines(path, self._lines.lines())
        except (OSError, RuntimeError) as error:  # expanduser raises the latter for a user who is not there
            why = error.strerror if isinstance(error, OSError) else str(error)
            self.notify(f"{path}: {why}", title="Not saved", severity="error", markup=False)
        else:
            self.notify(f"{plural(count, 'line')} saved to {path}", markup=False)

    def _wanted(self) -> dict[LogSource, LogRun]:
        units = [unit for unit in self._stack.apps if not self._chosen or unit.app in self._chosen]
        return sources_of(units, "*" if self._all_containers else "")

    def _restart(self) -> None:
        """Read anew what is to be shown, at once or when it is shown next."""
        self._stop()
        if not self.is_attached:
            return
        self._lines.clear()
        self._sources.clear()
        self._names.clear()
        self._notes.clear()
        if self._session is not None and self._visible:
            self._read(self._session)

    def _stop(self) -> None:
        self._tail = None
        self.workers.cancel_group(self, "logs")

    @work(group="logs", exclusive=True)
    async def _read(self, session: Session) -> None:
        span = _SPANS[self._span][1]
        since = session.clock.now() - span if span is not None and span != float("inf") else None
        last = self.config.logs.tail if span is None else None
        query = LogQuery(follow=not self._previous, previous=self._previous, tail=last, since=since)
        tail = self._tail = LogTail(session.cluster, query)
        try:
            tail.follow(self._wanted())
            async for source, said in tail.blocks():
                index = self._index(source)
                if isinstance(said, LogNote):
                    self._note(source, said)
                else:
                    self._notes.pop(source, None)
                    self._lines.append(index, said.text, said.count)
        finally:
            # The next reading may have begun already: what is ended here is this one.
            if self._tail is tail:
                self._tail = None
            await tail.close()

    def _index(self, source: LogSource) -> int:
        index = self._sources.get(source)
        if index is None:
            index = self._sources[source] = len(self._names)
            self._names.append(f"{source.app}/{source.container}" if self._all_containers else source.app)
            order = [app.id for app in APPS]
            styles = [APP_STYLES[order.index(one.app) % len(APP_STYLES)] for one in self._sources]
            self._lines.set_sources(self._names if len({*self._names}) > 1 else self._names[:1], styles)
        return index

    def _note(self, source: LogSource, note: LogNote) -> None:
        if note.text:
            self._notes[source] = f"{source.app}: {note.text}"
        else:
            self._notes.pop(source, None)
        self._draw_status()

    def _draw_status(self) -> None:
        lines = self._lines
        place = "following" if lines.following else f"stopped, {plural(lines.pending, 'line')} below"
        cells = [
            Cell(", ".join(sorted(self._chosen)) or "all apps", "accent"),
            Cell(f"  {_SPANS[self._span][0]}", "muted"),
            Cell("  last run" if self._previous else "", "warn"),
            Cell(f"  {place}", "ok" if lines.following else "warn"),
            Cell(f"  {plural(lines.shown, 'line')}", "muted"),
            Cell(f"  +{self._include}" if self._include else "", "accent"),
            Cell(f"  -{self._exclude}" if self._exclude else "", "accent"),
            Cell(f"  /{self._search}" if self._search else "", "accent"),
            Cell("".join(f"  {note}" for note in self._notes.values()), "warn"),
        ]
        status = self.query_one("#log-status", Static)
        content = content_of(cells)
        if str(status.content) != str(content):
            status.update(content)
