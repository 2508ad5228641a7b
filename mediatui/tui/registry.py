"""Every command of the UI: the footer, the help, the palette and ``config keys`` read this."""

from __future__ import annotations

from mediatui.tui.commands import Command
from mediatui.tui.panes import PANES

_EVERYWHERE: tuple[Command, ...] = (
    Command("app.apps", "Apps", ("a",), "choose which apps are shown", footer=True),
    Command("app.namespaces", "Namespace", ("ctrl+n",), "choose the namespace"),
    Command("app.sources", "Sources", ("S",), "show how fresh each source is, and why one is not"),
    Command("app.palette", "Palette", ("colon", "ctrl+p"), "find a command by its name"),
    Command("app.help", "Help", ("question_mark", "f1"), "show every command with its key", footer=True),
    Command("app.theme", "Theme", (), "use the next theme"),
    Command("app.back", "Back", ("escape",), "close what is open, or take back the filter"),
    Command("app.quit", "Quit", ("q", "ctrl+q", "ctrl+c"), "leave mediatui", footer=True),
)
_PANES = tuple(
    Command(f"app.show-{spec.id}", spec.title, (spec.key,), spec.help, shows=spec.id)
    for spec in (pane.SPEC for pane in PANES)
)

COMMANDS: tuple[Command, ...] = (*(one for pane in PANES for one in pane.SPEC.commands), *_PANES, *_EVERYWHERE)
_BY_ID = {command.id: command for command in COMMANDS}


def of_scope(scope: str) -> tuple[Command, ...]:
    """Return the commands of one pane alone, or with an empty scope those for everywhere."""
    return tuple(command for command in COMMANDS if command.scope == scope)


def commands_of(pane: str) -> tuple[Command, ...]:
    """Return the commands that a pane takes, its own before those for everywhere; a key means the first that has it."""
    return of_scope(pane) + of_scope("")


def command(command_id: str) -> Command:
    """Return the command with an id.

    Raises:
        KeyError: There is none.
    """
    return _BY_ID[command_id]
