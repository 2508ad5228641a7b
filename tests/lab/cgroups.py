"""A control group of its own for every node, in each hierarchy of cgroup v1 or hybrid."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path("/sys/fs/cgroup")
PREFIX: Final = "mediatui-lab-"
_INHERITED: Final = ("cpuset.cpus", "cpuset.mems")


def why_not() -> str:
    """Return why nodes cannot have control groups here, empty when they can."""
    if not (ROOT / "cpuset").is_dir():
        return "the node needs cgroup v1 or hybrid; this machine has cgroup v2 alone, which is not done yet"
    if not os.access(ROOT / "cpuset", os.W_OK):
        return f"{ROOT} cannot be written to"
    return ""


def make(name: str) -> str:
    """Make a group in every hierarchy and return its path below them."""
    for hierarchy in _hierarchies():
        (hierarchy / name).mkdir(exist_ok=True)
    for file in _INHERITED:
        (ROOT / "cpuset" / name / file).write_text((ROOT / "cpuset" / file).read_text())
    return f"/{name}"


def remove(name: str) -> bool:
    """Remove a group with all below it; False when processes that have just ended still hold a part of it."""
    for hierarchy in _hierarchies():
        for folder, _, _ in os.walk(hierarchy / name, topdown=False):
            with contextlib.suppress(OSError):
                Path(folder).rmdir()
    return not any((hierarchy / name).exists() for hierarchy in _hierarchies())


def left() -> list[str]:
    """Return the names of all nodes' groups."""
    return sorted({path.name for hierarchy in _hierarchies() for path in hierarchy.glob(f"{PREFIX}*")})


def _hierarchies() -> Iterator[Path]:
    yield from (
        path for path in ROOT.iterdir() if path.is_dir() and not path.is_symlink() and (path / "tasks").exists()
    )
    if (ROOT / "unified").is_dir():
        yield ROOT / "unified"
