"""The help: every command with its key, and why one cannot be used now."""

from __future__ import annotations

from collections.abc import Sequence

from mediatui.present.rows import Cell
from mediatui.tui.commands import Command, shown_key
from mediatui.tui.screens.reader import Reader
from mediatui.tui.widgets.styled_line import content_of_lines


class HelpScreen(Reader):
    """Lists commands."""

    def __init__(self, commands: Sequence[tuple[Command, str | None]]) -> None:
        super().__init__()
        self._commands = commands

    def on_mount(self) -> None:
        """Show the list."""
        lines: list[tuple[Cell, ...]] = [
            (Cell("arrows, j, k, g, G, PgUp, PgDn move; Enter opens; Esc goes back", "muted"),),
            (Cell(""),),
        ]
        for command, reason in self._commands:
            keys = ", ".join(shown_key(key) for key in command.keys) or "palette"
            lines.append(
                (
                    Cell(f"{keys:<13}", "accent"),
                    Cell(f"{command.title:<15}", "muted" if reason else "header"),
                    Cell(command.help, "muted" if reason else ""),
                    Cell(f"  not now: {reason}" if reason else "", "warn"),
                )
            )
        self.read("Help", content_of_lines(lines))
