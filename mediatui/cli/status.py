"""``mediatui status``: how the apps are."""

from __future__ import annotations

import argparse
import sys

from mediatui.apps import APPS
from mediatui.cli.asynchronous import run_async
from mediatui.cli.command import Command
from mediatui.cli.exit_codes import ExitCode
from mediatui.cli.options import Options


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "app", metavar="APP", nargs="?", choices=[app.id for app in APPS], help="everything about one app"
    )


def _run(arguments: argparse.Namespace, options: Options) -> int:
    return run_async(show(options, arguments.app))


async def show(options: Options, app: str | None) -> int:
    """Read the cluster once and print how its apps are, or everything about one of them."""
    from mediatui.cli.output import Printer, document, narrate
    from mediatui.cli.reading import connected, read
    from mediatui.present import status
    from mediatui.present.detail import detail
    from mediatui.present.rows import Cell
    from mediatui.present.status_document import app_document
    from mediatui.present.summary import headline, source_troubles

    async with connected(options) as session:
        stack = await read(session, status.NEEDS)
    found = [one for one in status.statuses(stack) if app in (None, one.unit.app)]
    if options.json:
        print(document("status", stack, apps=[app_document(stack, one) for one in found]))
        return ExitCode.FAILED if app is not None and not found else ExitCode.OK
    printer = Printer(sys.stdout)
    if app is None:
        if found:
            printer.table(status.COLUMNS, status.rows(stack, found))
        printer.line(headline(stack, found))
    for one in found if app else ():
        printer.line((*status.rows(stack, [one])[0].cells[:1], Cell("  "), *detail(stack, one)[0]))
        for line in detail(stack, one)[1:]:
            printer.line(line)
    missing = app is not None and not found
    if missing:
        narrate(f"mediatui: no {app} was found in {stack.cluster.scope}")
    for trouble in source_troubles(stack):
        narrate(f"mediatui: {trouble}")
    for warning in stack.cluster.warnings:
        narrate(f"mediatui: the server warns: {warning}")
    return ExitCode.FAILED if missing else ExitCode.OK


COMMAND = Command(
    "status", "how the apps are: level, version, replicas, restarts, resources, routes, GitOps", _configure, _run
)
