"""Commands as Textual bindings."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding

from mediatui.tui.commands import Command, shown_key


def bindings_of(commands: Iterable[Command]) -> list[Binding]:
    """Return a binding for each command; the shown key is the first."""
    return [
        Binding(
            ",".join(command.keys),
            f"screen.run_command('{command.id}')",
            command.title,
            show=command.footer,
            priority=command.asks,
            key_display=shown_key(command.keys[0]),
            tooltip=command.help,
            id=command.id,
        )
        for command in commands
        if command.keys
    ]
