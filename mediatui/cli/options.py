"""The global options, which every command takes before or after its name."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from mediatui.errors import UsageError
from mediatui.session import Target
from mediatui.text import duration


@dataclass(frozen=True, slots=True)
class Options:
    """The global options as given."""

    target: Target = field(default_factory=Target)
    json: bool = False


class Parser(argparse.ArgumentParser):
    """An argument parser that complains in one line."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage: the caller says it in one line and exits with 2."""
        raise UsageError(message, f"see {self.prog} --help")


def add_global_options(parser: argparse.ArgumentParser, *, suppress: bool) -> None:
    """Add the global options; where ``suppress`` is set, one that is not given leaves an earlier one standing."""

    def default(value: object) -> object:
        return argparse.SUPPRESS if suppress else value

    group = parser.add_argument_group("global options")
    group.add_argument("--context", metavar="NAME", default=default(""), help="kubeconfig context to use")
    group.add_argument("--kubeconfig", metavar="FILE", default=default(""), help="kubeconfig file to use")
    group.add_argument("-n", "--namespace", metavar="NAME", default=default(""), help="look into this namespace only")
    group.add_argument(
        "--request-timeout",
        metavar="TIME",
        type=_seconds,
        default=default(None),
        help="give up a request after 30s, 1m",
    )
    group.add_argument("--as", dest="impersonate", metavar="USER", default=default(""), help="user to impersonate")
    group.add_argument("--config", metavar="FILE", type=Path, default=default(None), help="configuration file to use")
    group.add_argument(
        "--demo",
        metavar="SCENARIO",
        default=default(None),
        help="use the embedded demo cluster; a scenario only as --demo=NAME",
    )
    group.add_argument(
        "--seed", metavar="N", type=int, default=default(1), help="what the demo cluster's chance begins with"
    )
    group.add_argument("--json", action="store_true", default=default(False), help="print one JSON object")


def spell_out_demo(arguments: Sequence[str]) -> list[str]:
    """Turn a bare ``--demo`` into ``--demo=``: its scenario is optional, and the next word is never it."""
    spelled: list[str] = []
    for index, argument in enumerate(arguments):
        if argument == "--":
            return [*spelled, *arguments[index:]]
        spelled.append("--demo=" if argument == "--demo" else argument)
    return spelled


def options_of(namespace: argparse.Namespace) -> Options:
    """Collect the global options."""
    return Options(
        target=Target(
            context=namespace.context,
            kubeconfig=namespace.kubeconfig,
            namespace=namespace.namespace,
            request_timeout=namespace.request_timeout,
            impersonate=namespace.impersonate,
            config=namespace.config,
            demo=namespace.demo,
            seed=namespace.seed,
        ),
        json=namespace.json,
    )


def _seconds(text: str) -> float:
    seconds = duration(text)
    if seconds is None:
        raise argparse.ArgumentTypeError(f"'{text}' is not a duration such as 5s, 1m or 30")
    return seconds
