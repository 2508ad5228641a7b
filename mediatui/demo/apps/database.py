"""An app's database on its volume: a file that is SQLite to whoever looks at it, and beside it what it would hold."""

from __future__ import annotations

import json
import struct
from collections.abc import MutableMapping
from typing import Final

from mediatui.demo.objects import Object

_MAGIC: Final = b"SQLite format 3\0"
_PAGE: Final = 4096
_VERSION: Final = 3_046_001
"""The SQLite that wrote it, as its header tells."""
_WAL: Final = 2
"""File format version of a database in WAL mode: https://www.sqlite.org/fileformat.html#file_format_version_numbers."""
_MOST: Final = 1000
"""Pages; a free-list trunk page can name 1022."""


class DamagedError(Exception):
    """What lies on the volume cannot be read: the real app ends with this message."""


class Database:
    """One app's database.

    Args:
        files: The volume.
        path: Where the database lies on it.
    """

    def __init__(self, files: MutableMapping[str, bytes], path: str) -> None:
        self._files = files
        self.path = path
        self._beside = f"{path}.json"
        self.state: Object = {}
        """What it holds; ``save`` keeps a change."""
        self._attached = True

    @property
    def paths(self) -> tuple[str, str]:
        """The files that belong together."""
        return self.path, self._beside

    def open(self) -> bool:
        """Read it; tell whether there was anything.

        Raises:
            DamagedError: It is no database.
        """
        data = self._files.get(self.path)
        if data is None:
            return False
        if not data.startswith(_MAGIC) or self._beside not in self._files:
            raise DamagedError("database disk image is malformed")
        try:
            self.state = json.loads(self._files[self._beside])
        except ValueError:
            raise DamagedError("database disk image is malformed") from None
        return True

    def create(self, state: Object, items: int) -> None:
        """Make it.

        Args:
            state: What it holds.
            items: How much that is: the file has as many pages more.
        """
        self._files[self.path] = pages(min(_MOST, 8 + items))
        self.state = state
        self.save()

    def save(self) -> None:
        """Keep what has changed."""
        if self._attached:
            self._files[self._beside] = json.dumps(self.state).encode()

    def detach(self) -> None:
        """Let the files be: others lie there now, for the next run."""
        self._attached = False


def pages(free: int) -> bytes:
    """Return an SQLite database in WAL mode that has no tables, and as many free pages."""
    count = 2 + free
    header = _MAGIC + struct.pack(">HBBBBBB", _PAGE, _WAL, _WAL, 0, 64, 32, 32)
    header += struct.pack(">IIII", 1, count, 2, 1 + free)  # changes, size, first trunk, free pages
    header += struct.pack(">IIIIIIII", 1, 4, 0, 0, 1, 0, 0, 0) + bytes(20)  # schema cookie and format, ..., UTF-8
    header += struct.pack(">II", 1, _VERSION)
    schema = struct.pack(">BHHHB", 13, 0, 0, _PAGE, 0)  # a leaf of a table that has no rows
    first = header + schema
    trunk = struct.pack(f">II{free}I", 0, free, *range(3, 3 + free))
    return first.ljust(_PAGE, b"\0") + trunk.ljust(_PAGE, b"\0") + bytes(free * _PAGE)
