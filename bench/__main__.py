"""``python -m bench``: what is promised about speed and weight, as ratios to a peer measured in the same run."""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import mediatui
from bench import changes, interface, logs
from tests.lab.build import CannotBuildError
from tests.lab.controlplane import ControlPlane


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("-n", "--runs", type=int, default=7, help="counted runs of each")
    parser.add_argument("--pods", type=int, default=10_000, help="pods of the big cluster; 0 leaves it out")
    given = parser.parse_args()
    print(f"medians of {given.runs} runs in turn; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs", flush=True)
    # An installed program has its bytecode; a checkout may not, and compiling would be measured instead.
    compileall.compile_dir(str(Path(mediatui.__file__).parent), quiet=2)
    ours, bare = interface.first_frame(given.runs)
    _ratio("first frame / a bare Textual application", ours, bare, 1.35)
    logs.report()
    kubectl = shutil.which("kubectl")
    changes.on_the_demo(kubectl)
    if kubectl is None:
        print("left out: what is compared with kubectl, which is not on the PATH")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        plane = ControlPlane(Path(folder) / "plane")
        try:
            plane.start()
        except CannotBuildError as error:
            print(f"left out: what needs a real API server: {error}")
            return 0
        try:
            interface.on_a_server(plane, kubectl, given.runs, given.pods, _ratio)
        finally:
            plane.stop()
    return 0


def _ratio(what: str, ours: list[float], theirs: list[float], goal: float) -> None:
    mine, peer = statistics.median(ours), statistics.median(theirs)
    ratio = mine / peer
    word = "" if ratio <= goal else "  MISSED"
    print(f"{what:<58} {ratio:6.2f}x  goal {goal:g}x{word}   ({mine * 1000:.0f} ms / {peer * 1000:.0f} ms)", flush=True)


if __name__ == "__main__":
    sys.exit(main())
