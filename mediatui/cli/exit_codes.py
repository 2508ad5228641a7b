"""What the process says to the shell: the one place for exit codes."""

from __future__ import annotations

from enum import IntEnum

from mediatui.errors import ClusterError, Interrupted, MediatuiError, UsageError


class ExitCode(IntEnum):
    """The exit codes of every command."""

    OK = 0
    """Fine; warnings and unknowns alone included."""
    FAILED = 1
    """A finding at fail, a failed step, or nothing there to read."""
    USAGE = 2
    """An argument or a configuration that cannot be used; nothing was changed."""
    UNREACHABLE = 3
    """The cluster did not answer, or would not talk to us at all."""
    REFUSED = 4
    """A gate said no."""
    HELD = 5
    """Stopped where it can be resumed."""
    INTERRUPTED = 130
    """Ended by a signal."""


def exit_code(error: MediatuiError) -> ExitCode:
    """Return the code for an error that ended a command."""
    match error:
        case UsageError():
            return ExitCode.USAGE
        case Interrupted():
            return ExitCode.INTERRUPTED
        case ClusterError():
            return ExitCode.UNREACHABLE
        case _:
            return ExitCode.FAILED
