"""The program: ``mediatui``, ``kubectl mediatui`` and ``python -m mediatui``."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Run mediatui with the process's arguments and return its exit code; the console scripts call this."""
    # Code, and later decoded rows, are many objects that live to the end: looking through them again and again
    # takes a tenth of the start, and keys would wait for it.
    gc.set_threshold(50_000, 20, 100)
    from mediatui.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
