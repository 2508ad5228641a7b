"""Lines out of a stream of bytes: on the line feed alone, which is the only byte that ends an event or a log line.

``str.splitlines`` and httpx's ``aiter_lines`` also split on NEL, U+2028, FF and lone CR: one watch event that contains
one of them becomes two broken ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mediatui.errors import NotKubernetes

LONGEST: Final = 32 * 1024 * 1024
"""Bytes of one event: etcd takes 1.5 MiB, and JSON may be some times that."""


class Lines:
    """Cuts chunks into lines; what has no end yet is kept.

    Args:
        longest: More bytes than this without a line end are refused.
    """

    def __init__(self, longest: int = LONGEST) -> None:
        self._longest = longest
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the lines that a chunk completes, without their ends; empty lines are left out.

        Raises:
            NotKubernetes: A line has no end.
        """
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            line = chunk[start:end]
            if self._pieces:
                self._pieces.append(line)
                line = b"".join(self._pieces)
                self._pieces.clear()
                self._size = 0
            if line:
                yield line
            start = end + 1
        if start < len(chunk):
            self._pieces.append(chunk[start:])
            self._size += len(chunk) - start
            if self._size > self._longest:
                raise NotKubernetes(f"a line of more than {self._longest >> 20} MiB has no end")
