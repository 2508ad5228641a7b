"""``python -m tests.lab build|up|down|status``: the laboratory by hand, for mediatui, kubectl or k9s."""

from __future__ import annotations

import argparse
import sys

from tests.lab import keeper
from tests.lab.argocd import CannotRunArgoError
from tests.lab.build import PARTS, CannotBuildError, build
from tests.lab.node import CannotRunError
from tests.lab.prepare import prepare

CANNOT = 3
"""The exit code when something cannot be built or run here."""


def main() -> int:
    """Do what the command line says and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    making = commands.add_parser("build", help="build what is missing")
    making.add_argument("part", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all of them without it")
    for name in ("up", "keep"):
        # "keep" is what "up" runs in the background; without a help it is not listed.
        up = (
            commands.add_parser(name, help="start a laboratory and leave it up")
            if name == "up"
            else commands.add_parser(name)
        )
        up.add_argument("--node", action="store_true", help="with a real node (root)")
        up.add_argument("--storage", action="store_true", help="with CSI volumes (implies --node)")
        up.add_argument("--argocd", action="store_true", help="with Argo CD")
        up.add_argument(
            "--scenario", choices=keeper.SCENARIOS, default="", help="put something on it (implies --storage)"
        )
        if name == "keep":
            up.add_argument("name")
    down = commands.add_parser("down", help="end it")
    down.add_argument("name", nargs="?", default="", help="which one, if there are several")
    commands.add_parser("status", help="say what is up")
    commands.add_parser("schema", help="write the demo's types anew, from a control plane")
    given = parser.parse_args()
    try:
        match given.command:
            case "build":
                if unknown := set(given.part) - set(PARTS):
                    parser.error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
                build(given.part or PARTS)
                prepare(given.part or PARTS)
            case "up":
                return keeper.up(given)
            case "keep":
                keeper.keep(given)
            case "schema":
                keeper.write_schema()
            case "down":
                return keeper.down(given.name)
            case _:
                keeper.status()
    except (CannotBuildError, CannotRunError, CannotRunArgoError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return CANNOT
    except KeyboardInterrupt:
        print("lab: interrupted; what had begun was ended", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
