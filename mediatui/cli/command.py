"""What a command is."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from mediatui.cli.options import Options

Configure = Callable[[argparse.ArgumentParser], None]
Run = Callable[[argparse.Namespace, Options], int]


@dataclass(frozen=True, slots=True)
class Command:
    """One command: adding another is one file with a ``COMMAND`` in it and one line in ``COMMANDS``."""

    id: str
    help: str
    configure: Configure
    """Adds the command's own arguments."""
    run: Run
    """Does it and returns the exit code; imports what is heavy only now."""
    takes_rest: bool = False
    """Whether what stands behind ``--`` is for it, as ``rest``."""
