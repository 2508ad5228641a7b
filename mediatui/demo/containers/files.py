"""The file system of a container: the image's own files, with volumes mounted over them."""

from __future__ import annotations

import fnmatch
import posixpath
import stat
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Final

_FILE: Final = stat.S_IFREG | 0o644
_FOLDER: Final = stat.S_IFDIR | 0o755


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, folder or device."""

    data: bytes = b""
    mode: int = _FILE
    """Type and permissions, as ``st_mode``."""
    user: int = 0
    group: int = 0
    device: tuple[int, int] | None = None
    """Major and minor number of a device."""

    @property
    def is_folder(self) -> bool:
        """Whether other entries lie in it."""
        return stat.S_ISDIR(self.mode)


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume in a container."""

    path: str
    files: MutableMapping[str, bytes]
    """What lies on it, by path below its root."""
    source: str
    """What `df` calls it."""
    capacity: int
    """Bytes."""
    used: int = 0
    """Bytes beyond the files: media and databases are not simulated byte for byte."""
    inodes: int = 655_360
    read_only: bool = False
    owner: int = 0

    @property
    def taken(self) -> int:
        """Bytes that are in use."""
        return self.used + sum(map(len, self.files.values()))


class ReadOnlyError(Exception):
    """Nothing can be written there."""


@dataclass(frozen=True, slots=True)
class Files:
    """What a container sees.

    Args:
        image: The image's files and devices by absolute path.
        mounts: The volumes.
        writable: Whether the image's own file system can be written to.
    """

    image: MutableMapping[str, Entry]
    mounts: tuple[Mount, ...] = ()
    writable: bool = True
    root: Mount = field(default_factory=lambda: Mount("/", {}, "overlay", 120 << 30, 31 << 30))

    def find(self, path: str) -> Entry | None:
        """Return what lies at an absolute path, None where there is nothing."""
        path = normal(path)
        mount, below = self._place(path)
        if mount is None:
            entry = self.image.get(path)
        elif below:
            data = mount.files.get(below)
            entry = None if data is None else Entry(data, user=mount.owner, group=mount.owner)
        else:
            entry = Entry(mode=_FOLDER, user=mount.owner, group=mount.owner)
        if entry is None and (path == "/" or any(True for _ in self._below(path))):
            return Entry(mode=_FOLDER, user=mount.owner if mount else 0, group=mount.owner if mount else 0)
        return entry

    def names(self, path: str) -> list[str]:
        """Return the names in a folder, sorted."""
        return sorted({rest.partition("/")[0] for rest in self._below(normal(path))})

    def write(self, path: str, data: bytes) -> None:
        """Make or replace a file.

        Raises:
            IsADirectoryError: There is a folder.
            ReadOnlyError: The place cannot be written to.
        """
        path = normal(path)
        found = self.find(path)
        if found is not None and found.is_folder:
            raise IsADirectoryError(path)
        mount, below = self._place(path)
        if mount is not None:
            if mount.read_only:
                raise ReadOnlyError(path)
            mount.files[below] = data
        elif self.writable:
            self.image[path] = Entry(data)
        else:
            raise ReadOnlyError(path)

    def remove(self, path: str) -> None:
        """Remove a file.

        Raises:
            FileNotFoundError: There is none.
            ReadOnlyError: The place cannot be written to.
        """
        path = normal(path)
        mount, below = self._place(path)
        where: MutableMapping[str, bytes] | MutableMapping[str, Entry] = self.image if mount is None else mount.files
        if (mount.read_only if mount else not self.writable) and self.find(path) is not None:
            raise ReadOnlyError(path)
        if where.pop(path if mount is None else below, None) is None:
            raise FileNotFoundError(path)

    def matches(self, pattern: str) -> list[str]:
        """Return the paths that a shell's pattern stands for, sorted; none where nothing fits."""
        found = ["/"]
        for part in normal(pattern).strip("/").split("/"):
            found = [
                posixpath.join(folder, name)
                for folder in found
                for name in self.names(folder)
                if fnmatch.fnmatchcase(name, part)
            ]
        return found

    def mount_of(self, path: str) -> Mount:
        """Return the volume that a path lies on."""
        mount, _ = self._place(normal(path))
        return mount or self.root

    def _place(self, path: str) -> tuple[Mount | None, str]:
        best: Mount | None = None
        for mount in self.mounts:
            if (path == mount.path or path.startswith(f"{mount.path}/")) and len(mount.path) > len(
                best.path if best else ""
            ):
                best = mount
        return best, path[len(best.path) :].strip("/") if best else ""

    def _below(self, path: str) -> Iterator[str]:
        """Yield the paths of everything below a folder, relative to it."""
        prefix = path.rstrip("/") + "/"
        for known in self.image:
            if known.startswith(prefix) and self._place(known)[0] is None:
                yield known.removeprefix(prefix)
        for mount in self.mounts:
            if mount.path.startswith(prefix):
                yield mount.path.removeprefix(prefix)
        over, below = self._place(path)
        if over is not None:
            inner = f"{below}/" if below else ""
            yield from (name.removeprefix(inner) for name in over.files if name.startswith(inner) and name != inner)


def normal(path: str) -> str:
    """Return an absolute path without dots and doubled slashes; a relative one begins at the root."""
    return "/" + posixpath.normpath(f"/{path}").lstrip("/")


def layers(*parts: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return one set of files of several; a later one wins."""
    return {path: entry for part in parts for path, entry in part.items()}
