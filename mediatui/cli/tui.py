"""Opening the terminal UI, or saying in text what it would show where there is no terminal."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractAsyncContextManager

from mediatui.cli.asynchronous import run_async
from mediatui.cli.options import Options
from mediatui.session import Session, Target


def open_tui(options: Options) -> int:
    """Open the UI; without a terminal print the same picture as text and say so in one line."""
    why = _no_screen()
    if why:
        from mediatui.cli.output import narrate
        from mediatui.cli.status import show

        narrate(f"mediatui: {why}, so here is the Status pane as text")
        return run_async(show(options, None))
    from mediatui import config
    from mediatui.tui.app import run_app

    settings = config.load(options.target.config)
    return run_app(lambda: _open(options.target), settings)


def _no_screen() -> str:
    """Return why the UI cannot be drawn here, empty when it can: it reads standard input, draws on standard error."""
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        return "this is no terminal"
    if os.environ.get("TERM", "dumb") == "dumb":
        return "this terminal can only be written to line by line (TERM=dumb)"
    return ""


def _open(target: Target) -> AbstractAsyncContextManager[Session]:
    # Only now: the first frame is drawn before any client is imported.
    from mediatui.bootstrap import open_session

    return open_session(target)
