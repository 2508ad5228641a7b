"""What a run that was killed leaves on the machine, and how the next one finds and removes it.

Folders and control groups carry the id of the process that made them in their names; processes, mounts and networks
need no removal, because the kernel ends them with the run.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from pathlib import Path

from tests.lab import cgroups


def new_name() -> str:
    """Return a name that no other part of a laboratory has and that says who made it."""
    return f"{cgroups.PREFIX}{os.getpid()}-{secrets.token_hex(3)}"


def temporary_folder() -> Path:
    """Make a folder that is removed at the end, or by the next run."""
    sweep()
    folder = Path(tempfile.gettempdir()) / new_name()
    folder.mkdir(mode=0o700)
    return folder


def sweep() -> None:
    """Remove what runs have left that are no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{cgroups.PREFIX}*"):
        if not _alive(folder.name):
            shutil.rmtree(folder, ignore_errors=True)
    if not cgroups.why_not():
        for name in cgroups.left():
            if not _alive(name):
                cgroups.remove(name)


def _alive(name: str) -> bool:
    owner = name.removeprefix(cgroups.PREFIX).partition("-")[0]
    return owner.isdigit() and Path(f"/proc/{owner}").exists()
