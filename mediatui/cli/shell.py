"""``mediatui shell``: a shell, or another command, in an app's container."""

from __future__ import annotations

import argparse
import os

from mediatui.apps import APPS
from mediatui.cli.asynchronous import run_async
from mediatui.cli.command import Command
from mediatui.cli.options import Options
from mediatui.errors import UsageError


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("app", metavar="APP", choices=[app.id for app in APPS], help="the app")
    parser.epilog = "-- COMMAND [ARGUMENT...] at the end runs that instead of a shell."
    parser.add_argument("-c", "--container", metavar="NAME", default="", help="another container of the pod")


def _run(arguments: argparse.Namespace, options: Options) -> int:
    if options.json:
        raise UsageError("shell has no --json", "it is for people; kubectl exec is for programs")
    if not os.isatty(0):
        raise UsageError("a shell needs a terminal", "standard input is something else; kubectl exec needs none")
    return run_async(_shell(arguments, options))


async def _shell(arguments: argparse.Namespace, options: Options) -> int:
    from mediatui.cli.output import narrate
    from mediatui.cli.reading import connected, read
    from mediatui.shell import NEEDS, open_shell, place_of

    async with connected(options) as session:
        stack = await read(session, NEEDS)
        place = place_of(stack.apps, arguments.app, arguments.container)
        narrate(f"mediatui: {place}")
        return await open_shell(session.pods, place, arguments.rest)


COMMAND = Command(
    "shell", "a shell in an app's container; the exit code is the shell's", _configure, _run, takes_rest=True
)
