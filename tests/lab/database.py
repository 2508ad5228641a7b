"""What the stand-ins leave on their volumes, read from outside: proof that nothing was lost, doubled or swapped."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lab.images.catalogue import VERSIONS
from tests.lab.waiting import wait_until

_FILES = {"jellyfin": "data/jellyfin.db", "bazarr": "db/bazarr.db"}


@dataclass(frozen=True, slots=True)
class Writer:
    """One run of an app and what it wrote."""

    name: str
    """Pod and start, as it calls itself."""
    first: str
    """RFC 3339, when it wrote first."""
    last: str
    count: int


def starts(volume: Path) -> list[str]:
    """Return who has started on a volume, in order."""
    log = volume / "starts.log"
    return [line.rpartition(" ")[2] for line in log.read_text().splitlines()] if log.exists() else []


def writers(volume: Path, app: str) -> list[Writer]:
    """Return the runs that have written to an app's database, in order."""
    query = "SELECT writer, min(at), max(at), count(*) FROM lab_writes GROUP BY writer ORDER BY min(id)"
    with _opened(volume, app) as database:
        return [Writer(*row) for row in database.execute(query)]


def numbers(volume: Path, app: str) -> list[int]:
    """Return the numbers of all writes; a gap is a write that was lost."""
    with _opened(volume, app) as database:
        return [row[0] for row in database.execute("SELECT id FROM lab_writes ORDER BY id")]


def damage(volume: Path, app: str) -> None:
    """Overwrite the middle of an app's database; it must not run."""
    path = volume / _file(app)
    for beside in (path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        beside.unlink(missing_ok=True)
    content = bytearray(path.read_bytes())
    content[100 : len(content)] = bytes((index * 37) % 256 for index in range(len(content) - 100))
    path.write_bytes(content)


def _file(app: str) -> str:
    assert app in VERSIONS
    return _FILES.get(app, f"{app}.db")


@contextmanager
def _opened(volume: Path, app: str) -> Iterator[sqlite3.Connection]:
    """Open a copy: a reader of the original would take part in its locking."""
    path = volume / _file(app)
    with tempfile.TemporaryDirectory() as folder:
        wait_until(lambda: _copied(path, Path(folder)), f"{path} never lay still", 10)
        with closing(sqlite3.connect(Path(folder) / path.name)) as database:
            yield database


def _copied(path: Path, folder: Path) -> bool:
    """Copy a database with its log; False when it was written to meanwhile, so that the two may not belong together."""
    before = _state(path)
    for copy in folder.iterdir():
        copy.unlink()
    for part in before:
        with contextlib.suppress(FileNotFoundError):
            shutil.copy(path.with_name(part), folder)
    return before == _state(path)


def _state(path: Path) -> dict[str, tuple[int, int, int]]:
    state = {}
    # Not its shared memory, which SQLite makes anew.
    for part in (path, path.with_name(f"{path.name}-wal")):
        with contextlib.suppress(FileNotFoundError):
            found = part.stat()
            state[part.name] = (found.st_ino, found.st_size, found.st_mtime_ns)
    return state
