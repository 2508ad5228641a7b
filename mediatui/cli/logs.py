"""``mediatui logs``: the logs of one or several apps, interleaved."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from mediatui.apps import APPS
from mediatui.cli.asynchronous import run_async
from mediatui.cli.command import Command
from mediatui.cli.exit_codes import ExitCode
from mediatui.cli.options import Options
from mediatui.present.rows import Role
from mediatui.text import duration

if TYPE_CHECKING:
    from mediatui.interfaces import LogBlock
    from mediatui.logtail import LogSource, LogTail
    from mediatui.model.stack import Stack
    from mediatui.session import Session

Write = Callable[["LogSource", "LogBlock"], None]

_COLOURS: tuple[Role, ...] = ("accent", "ok", "warn", "unknown", "fail", "header")


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("app", metavar="APP", nargs="+", choices=[app.id for app in APPS], help="one or several apps")
    parser.add_argument("-f", "--follow", action="store_true", help="go on as lines come, with later pods too")
    parser.add_argument("-p", "--previous", action="store_true", help="the run of the container before this one")
    parser.add_argument("--since", metavar="TIME", type=_since, help="only lines younger than 5m, 2h")
    parser.add_argument("--tail", metavar="N", type=_lines, help="only the last N lines of each container")
    parser.add_argument("--grep", metavar="REGEX", type=_regex, help="only lines that match")
    parser.add_argument(
        "-c", "--container", metavar="NAME", default="", help="another container of the pods, '*' for all"
    )
    parser.add_argument("--timestamps", action="store_true", help="begin each line with its time stamp")


def _run(arguments: argparse.Namespace, options: Options) -> int:
    return run_async(_logs(arguments, options))


async def _logs(arguments: argparse.Namespace, options: Options) -> int:
    from mediatui.cli.output import narrate
    from mediatui.cli.reading import connected, read
    from mediatui.logtail import NEEDS, LogQuery, LogTail, sources_of

    since = time.time() - arguments.since if arguments.since is not None else None
    query = LogQuery(arguments.follow, arguments.previous, arguments.tail, since)
    async with connected(options) as session:
        stack = await read(session, NEEDS)
        sources = sources_of([unit for unit in stack.apps if unit.app in arguments.app], arguments.container)
        found = {source.app for source in sources}
        for app in arguments.app:
            if app not in found:
                narrate(f"mediatui: no container of {app} was found in {stack.cluster.scope}")
        if not sources and not arguments.follow:
            return ExitCode.FAILED
        waiting = _without_node(stack, arguments.app)
        for pod in waiting:
            narrate(f"mediatui: {pod} has no node yet, and so no log")
        if {source.pod for source in sources} <= waiting and not arguments.follow:
            return ExitCode.FAILED
        tail = LogTail(session.cluster, query)
        tail.follow(sources)
        write = _writer(arguments, options)
        keep_up = asyncio.ensure_future(_keep_up(session, tail, arguments)) if arguments.follow else None
        try:
            return await _print(tail, write)
        finally:
            if keep_up is not None:
                keep_up.cancel()
            await tail.close()


def _without_node(stack: Stack, apps: list[str]) -> set[str]:
    """Return the names of pods that are not scheduled: the API server answers their logs with nothing at all."""
    return {pod.ref.name for unit in stack.apps if unit.app in apps for pod in unit.pods if not pod.node}


async def _print(tail: LogTail, write: Write) -> int:
    from mediatui.cli.output import narrate
    from mediatui.logtail import LogNote

    code = ExitCode.OK
    async for source, said in tail.blocks():
        if isinstance(said, LogNote):
            if said.text:
                narrate(f"mediatui: {source.pod}/{source.container}: {said.text}")
            code = ExitCode.FAILED if said.failed else code
        else:
            write(source, said)
    return code


async def _keep_up(session: Session, tail: LogTail, arguments: argparse.Namespace) -> None:
    """Follow the pods that come, and the containers that restart, while lines are printed."""
    from mediatui.logtail import NEEDS, sources_of

    session.observer.want(NEEDS)
    async for stack in session.observer.stacks():
        tail.follow(sources_of([unit for unit in stack.apps if unit.app in arguments.app], arguments.container))


def _writer(arguments: argparse.Namespace, options: Options) -> Write:
    """Return what prints a block: lines in the apps' colours, or one JSON object a line."""
    from mediatui.cli.output import Printer

    printer = Printer(sys.stdout)
    colours = {app: _COLOURS[index % len(_COLOURS)] for index, app in enumerate(arguments.app)}
    several = len(arguments.app) > 1 or arguments.container == "*"
    pattern: re.Pattern[str] | None = arguments.grep

    def write(source: LogSource, block: LogBlock) -> None:
        lines: list[str] = []
        for whole in block.text.split("\n"):
            stamp, _, line = whole.partition(" ")
            if pattern is not None and not pattern.search(line):
                continue
            if options.json:
                lines.append(json.dumps({"at": stamp, **source._asdict(), "line": line}, ensure_ascii=False))
                continue
            prefix = printer.paint(f"{source.app}/{source.container} ", colours[source.app]) if several else ""
            lines.append(f"{prefix}{whole if arguments.timestamps else line}")
        if lines:
            sys.stdout.write("\n".join(lines) + "\n")
            sys.stdout.flush()

    return write


def _since(text: str) -> float:
    seconds = duration(text)
    if seconds is None:
        raise argparse.ArgumentTypeError(f"'{text}' is not a duration such as 5m, 2h or 1d")
    return seconds


def _lines(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of lines")
    return int(text)


def _regex(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except (re.error, OverflowError) as error:
        raise argparse.ArgumentTypeError(f"'{text}' is not a regular expression: {error}") from None


COMMAND = Command("logs", "the logs of one or several apps, interleaved", _configure, _run)
