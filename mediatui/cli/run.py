"""From the command line to a command, and from whatever ends it to an exit code and one line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import mediatui
from mediatui.cli.command import Command
from mediatui.cli.exit_codes import ExitCode, exit_code
from mediatui.cli.options import Parser, add_global_options, options_of, spell_out_demo
from mediatui.errors import MediatuiError
from mediatui.text import printable

_DESCRIPTION = "The terminal UI for a media stack on Kubernetes. Without a command it opens the UI."
_EPILOG = (
    "exit codes: 0 fine, 1 something failed or is not there, 2 usage or configuration, 3 cluster unreachable, "
    "4 refused by a gate, 5 held, 130 interrupted"
)


def run(commands: Sequence[Command], arguments: Sequence[str] | None = None) -> int:
    """Parse the arguments, run the command, and say in one line why it could not be done."""
    given = spell_out_demo(sys.argv[1:] if arguments is None else arguments)
    given, rest = _without_rest(given, {command.id for command in commands if command.takes_rest})
    try:
        parsed = _parser(commands).parse_args(given, argparse.Namespace(rest=rest))
        if parsed.command is None:
            from mediatui.cli.tui import open_tui

            return open_tui(options_of(parsed))
        command = next(command for command in commands if command.id == parsed.command)
        code = command.run(parsed, options_of(parsed))
        sys.stdout.flush()
    except MediatuiError as error:
        print(f"mediatui: {printable(str(error))}", file=sys.stderr)
        return exit_code(error)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader has had enough, as in `mediatui logs sonarr | head`: that is no failure. What is still
        # buffered must not raise again when the interpreter flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    return code


def _without_rest(given: list[str], takers: set[str]) -> tuple[list[str], list[str]]:
    """Split what stands behind ``--`` off, where a command is named before that takes it as it is."""
    if "--" not in given:
        return given, []
    end = given.index("--")
    return (given[:end], given[end + 1 :]) if takers & set(given[:end]) else (given, [])


def _parser(commands: Sequence[Command]) -> Parser:
    parser = Parser(prog="mediatui", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("--version", action="version", version=f"mediatui {mediatui.__version__}")
    add_global_options(parser, suppress=False)
    places = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for command in commands:
        place = places.add_parser(command.id, help=command.help, description=command.help)
        add_global_options(place, suppress=True)
        command.configure(place)
    return parser
