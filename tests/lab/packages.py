"""Debian packages, fetched and unpacked into the cache; nothing is installed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from tests.lab.build import CannotBuildError, cache

NODE: Final = ("containerd", "runc", "libseccomp2", "containernetworking-plugins", "busybox-static")
REDIS: Final = ("redis-server", "redis-tools", "libjemalloc2", "liblua5.1-0", "liblzf1", "lua-bitop", "lua-cjson")


def unpacked(packages: tuple[str, ...]) -> Path:
    """Return a folder with the contents of packages, fetched first where it is not there.

    Raises:
        CannotBuildError: There is no apt-get, or it cannot fetch them.
    """
    root = cache() / f"packages-{hashlib.sha256(' '.join(packages).encode()).hexdigest()[:12]}"
    if root.is_dir():
        return root
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise CannotBuildError(f"{packages[0]} and its like are fetched as Debian packages, and there is no {tool}")
    cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache()) as name:
        made = Path(name) / "root"
        made.mkdir()
        _fetch(packages, Path(name))
        for archive in Path(name).glob("*.deb"):
            subprocess.run(["dpkg-deb", "--extract", archive, made], check=True)
        if not root.exists():
            made.rename(root)
    return root


def environment(*roots: Path) -> dict[str, str]:
    """Return the variables with which programs of unpacked packages find each other and their libraries."""
    libraries = [folder for root in roots for folder in sorted(root.glob("usr/lib/*-linux-gnu"))]
    programs = [root / part for root in roots for part in ("usr/bin", "usr/sbin")]
    return {
        "LD_LIBRARY_PATH": os.pathsep.join(map(str, libraries)),
        "PATH": os.pathsep.join([*map(str, programs), os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")]),
    }


def _fetch(packages: tuple[str, ...], folder: Path) -> None:
    # apt-get hands downloads to a user of its own, who may not look into private folders.
    command = ["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", *packages]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        subprocess.run(["apt-get", "-q", "update"], capture_output=True)
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise CannotBuildError(f"Debian packages cannot be fetched: {done.stderr.strip().splitlines()[-1:]}")
