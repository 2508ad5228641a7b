"""How fresh each source of the picture is, and why one is not."""

from __future__ import annotations

from mediatui.model.stack import Stack
from mediatui.present.glyphs import SOURCE_WORDS
from mediatui.present.rows import Cell
from mediatui.text import age
from mediatui.tui.screens.reader import Reader
from mediatui.tui.widgets.styled_line import content_of_lines


class SourcesScreen(Reader):
    """Lists sources."""

    def __init__(self, stack: Stack) -> None:
        super().__init__()
        self._stack = stack

    def on_mount(self) -> None:
        """Show the list."""
        lines: list[tuple[Cell, ...]] = [(Cell(f"server {self._stack.cluster.server}", "muted"),), (Cell(""),)]
        for source, state in sorted(self._stack.sources.items()):
            word, role = SOURCE_WORDS[state.status]
            since = f"{age(self._stack.observed_at - state.since):>6}" if state.since else "     -"
            lines.append(
                (Cell(f"{source!s:<28}"), Cell(f"{word:<14}", role), Cell(since, "muted"), Cell(f"  {state.message}"))
            )
        lines.extend((Cell("the server warns  ", "warn"), Cell(text)) for text in self._stack.cluster.warnings)
        self.read("Sources", content_of_lines(lines))
