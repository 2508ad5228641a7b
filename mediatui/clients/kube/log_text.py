"""Log bytes to whole, printable lines at the price of a block, not of a line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final

from mediatui.text import is_printable, printable, redacted

LONGEST: Final = 1024 * 1024
"""Bytes of a line that are kept; a longer one is cut there and says so."""
_GATHERED: Final = 1024 * 1024
_SECRET_HINTS: Final = (b"key", b"token", b"passw", b"_secret", b"@")
"""Without one of these ``redacted`` has nothing to mask."""
_PLAIN: Final = bytes(range(0x20, 0x7F)) + b"\n"


def clean(block: bytes) -> str:
    """Return lines as text that a terminal shows and does not obey, keys masked; their number stays the same.

    Nearly all blocks are plain ASCII, which one pass over the bytes finds out; only hostile ones go line by line.
    """
    lowered = block.lower()
    if any(hint in lowered for hint in _SECRET_HINTS):
        return redacted(_printed(block))
    return _printed(block)


def _printed(block: bytes) -> str:
    odd = block.translate(None, _PLAIN)
    if not odd:
        return block.decode("ascii")
    text = block.decode("utf-8", "replace")
    if b"\t" in odd:
        text = text.replace("\t", " ")
    if b"\r" in odd:
        text = text.replace("\r\n", "\n").removesuffix("\r")
    # No hostile character hides in what is left out here: a valid sequence's first byte continues no other.
    if "\r" in text or not is_printable(odd.translate(None, b"\t\r").decode("utf-8", "replace")):
        text = "\n".join(map(printable, text.split("\n")))
    return text


class Blocks:
    """Cuts chunks after their last line end; what follows is kept until its line is whole."""

    def __init__(self) -> None:
        self._partial: list[bytes] = []
        self._kept = 0
        self._size = 0

    def feed(self, chunk: bytes) -> bytes:
        """Return the lines that a chunk completes, joined by line feeds; empty if it completes none."""
        end = chunk.rfind(b"\n")
        if end < 0:
            self._keep(chunk)
            return b""
        block = chunk[:end]
        if self._size:
            first = block.find(b"\n")
            self._keep(block if first < 0 else block[:first])
            block = self.rest() + (b"" if first < 0 else block[first:])
        self._keep(chunk[end + 1 :])
        return block

    def rest(self) -> bytes:
        """Return the line that has no end yet, and forget it."""
        line = b"".join(self._partial)
        if self._size > self._kept:
            line += b" ... [mediatui: cut, the line has %d bytes]" % self._size
        self._partial.clear()
        self._kept = self._size = 0
        return line

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        room = LONGEST - self._kept
        if piece and room > 0:
            self._partial.append(piece[:room])
            self._kept += min(len(piece), room)


async def gathered(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Yield in one piece what came in one read from the network: a kubelet sends every line as a chunk of its own."""
    waiting: list[bytes] = []
    size = 0
    ready, room = asyncio.Event(), asyncio.Event()

    async def read() -> None:
        nonlocal size
        try:
            async for chunk in chunks:
                waiting.append(chunk)
                size += len(chunk)
                ready.set()
                if size >= _GATHERED:
                    room.clear()
                    await room.wait()
        finally:
            ready.set()

    reading = asyncio.ensure_future(read())
    try:
        while True:
            if not waiting and not reading.done():
                await ready.wait()
            ready.clear()
            if waiting:
                piece = b"".join(waiting)
                waiting.clear()
                size = 0
                room.set()
                yield piece
            elif reading.done():
                reading.result()
                return
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
