"""``mediatui demo``: the embedded cluster, for trying things out."""

from __future__ import annotations

import argparse
from pathlib import Path

from mediatui.cli.command import Command
from mediatui.cli.options import Options, Parser

_SERVE = "serve"


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "rest",
        metavar="serve|COMMAND ...",
        nargs=argparse.REMAINDER,
        help="nothing to open the UI on the embedded cluster; a command to run there; "
        "'serve' to keep one up for kubectl and several commands (serve --help says more)",
    )


def _run(arguments: argparse.Namespace, options: Options) -> int:
    rest: list[str] = arguments.rest
    if rest[:1] == [_SERVE]:
        return _serve(rest[1:], options)
    from mediatui.cli import main

    return main([*_global(options), *rest])


def _global(options: Options) -> list[str]:
    """Return the global options that were given around ``demo``, for what comes behind it."""
    target = options.target
    given = [f"--demo={target.demo or ''}", f"--seed={target.seed}"]
    given += ["--json"] if options.json else []
    given += [f"--namespace={target.namespace}"] if target.namespace else []
    given += [f"--config={target.config}"] if target.config else []
    given += [f"--request-timeout={target.request_timeout}s"] if target.request_timeout else []
    given += [f"--as={target.impersonate}"] if target.impersonate else []
    return given


def _serve(words: list[str], options: Options) -> int:
    parser = Parser(prog="mediatui demo serve", description="Keep an embedded cluster up until interrupted.")
    parser.add_argument("--scenario", metavar="NAME", default=options.target.demo or "homelab", help="what is on it")
    parser.add_argument("--seed", metavar="N", type=int, default=options.target.seed, help="what chance begins with")
    parser.add_argument("--port", metavar="P", type=int, default=0, help="loopback port; a free one without it")
    parser.add_argument(
        "--write-kubeconfig", metavar="PATH", type=Path, help="where to write the kubeconfig; never over a foreign file"
    )
    given = parser.parse_args(words)
    from mediatui.demo.serving import run_serve

    return run_serve(given.scenario, given.seed, given.port, given.write_kubeconfig)


COMMAND = Command("demo", "the embedded demo cluster", _configure, _run)
