"""The commands: everything that a pane shows, with ``--json`` and exit codes.

Another command is one file with a ``COMMAND`` in it and one line in ``COMMANDS``.
"""

from __future__ import annotations

from collections.abc import Sequence

from mediatui.cli import config, demo, logs, shell, status
from mediatui.cli.command import Command

COMMANDS: tuple[Command, ...] = (
    status.COMMAND,
    logs.COMMAND,
    shell.COMMAND,
    config.COMMAND,
    demo.COMMAND,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name and return its exit code."""
    from mediatui.cli.run import run

    return run(COMMANDS, arguments)


__all__ = ["COMMANDS", "main"]
