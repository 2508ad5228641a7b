"""The data behind volumes: a disk for each volume handle, so that a new one is seen to be empty and a lost one lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Disk:
    """What lies on one volume.

    Args:
        tag: ``EMPTY`` for a new one; whoever writes to it leaves a name.
        used: Bytes beyond the files: what an app stores is not simulated byte for byte.
        files: The contents by path.
    """

    tag: str = "EMPTY"
    used: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    unwritten: Callable[[dict[str, bytes]], None] | None = None
    """Writes what has been on it for long, once somebody looks."""

    def opened(self) -> dict[str, bytes]:
        """Return the files, all of them written."""
        if self.unwritten is not None:
            write, self.unwritten = self.unwritten, None
            write(self.files)
        return self.files


@dataclass(slots=True)
class Disks:
    """Every disk that there is or was, and how quick and how well its driver is.

    Args:
        delay: Seconds that a driver's call takes.
        dead: Calls that are never answered: of ``create``, ``delete``, ``attach`` and ``detach``.
    """

    delay: float = 0.3
    dead: set[str] = field(default_factory=set)
    by_handle: dict[str, Disk] = field(default_factory=dict)
    destroyed: list[str] = field(default_factory=list)
    """The handles of what is gone for good, in order."""

    def make(self, handle: str) -> Disk:
        """Return a disk, a new empty one where there is none."""
        return self.by_handle.setdefault(handle, Disk())

    def destroy(self, handle: str) -> None:
        """Destroy the data."""
        self.by_handle.pop(handle, None)
        self.destroyed.append(handle)
