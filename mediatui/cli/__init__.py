"""The commands: everything that a pane shows, with ``--json`` and exit codes.

Another command is one file with a ``COMMAND`` in it and one line in ``COMMANDS``.
"""

from __future__ import annotations

from collections.abc import Sequence

from mediatui.cli import config, demo, logs, status
from mediatui.cli.command import Command

COMMANDS: tuple[Command, ...] = (
    status.COMMAND,
    logs.COMMAND,
    config.COMMAND,
    demo.COMMAND,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run mediatui and return its exit code; the console scripts call this."""
    from mediatui.cli.run import run

    return run(COMMANDS, arguments)


__all__ = ["COMMANDS", "main"]
