"""``python -m tests.lab build|up DIR``: the laboratory by hand."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from tests.lab.build import CannotBuildError, build
from tests.lab.controlplane import ControlPlane
from tests.lab.credentials import USERS

CANNOT_BUILD = 3
"""The exit code when a control plane cannot be built here."""


def main() -> int:
    """Do what the command line says and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build", help="build what is missing")
    up = commands.add_parser("up", help="keep a control plane up until interrupted")
    up.add_argument("folder", type=Path, metavar="DIR", help="a new folder for its data and kubeconfigs")
    given = parser.parse_args()
    try:
        if given.command == "build":
            build()
        else:
            _up(given.folder)
    except CannotBuildError as error:
        print(f"lab: {error}", file=sys.stderr)
        return CANNOT_BUILD
    return 0


def _up(folder: Path) -> None:
    plane = ControlPlane(folder)
    try:
        plane.start()
        for user in USERS:
            print(f"export KUBECONFIG={plane.kubeconfig(user)}")
        print("up; Ctrl-C ends it", flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    finally:
        plane.stop()


if __name__ == "__main__":
    sys.exit(main())
