"""Saving what is shown to a file that only its owner may read, never over one that is there."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def save_lines(path: Path, lines: Iterable[str]) -> int:
    """Write lines to a new file with mode 0600 and return how many there were.

    Raises:
        OSError: The file is there already, or cannot be written.
    """
    count = 0
    descriptor = os.open(path.expanduser(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        for line in lines:
            file.write(line + "\n")
            count += 1
    return count
