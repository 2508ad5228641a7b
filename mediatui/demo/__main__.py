"""``python -m mediatui.demo serve``: a demo cluster without the rest of mediatui."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from mediatui.demo.serving import run_serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, serve, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m mediatui.demo", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="keep a demo cluster up until interrupted")
    serve.add_argument("--scenario", default="homelab", metavar="NAME")
    serve.add_argument("--seed", type=int, default=0, metavar="N")
    serve.add_argument("--port", type=_port, default=0, metavar="P", help="on 127.0.0.1; 0 takes a free one")
    serve.add_argument("--write-kubeconfig", default=None, metavar="PATH")
    serve.add_argument("--parent-pipe", action="store_true", help="end when standard input ends")
    given = parser.parse_args(arguments)
    return run_serve(given.scenario, given.seed, given.port, given.write_kubeconfig, parent_pipe=given.parent_pipe)


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{number} is no port: 0 to 65535")
    return number


if __name__ == "__main__":
    sys.exit(main())
