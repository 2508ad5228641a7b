"""WebSocket frames as a client writes and reads them (RFC 6455); no I/O, and never more than one read in memory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

_CONTROL_MOST: Final = 125
_EXTENDED: Final = {126: 2, 127: 8}
"""Bytes of a length that does not fit into the second byte of a frame."""


class Opcode(IntEnum):
    """What a frame is."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


class FrameError(Exception):
    """What came is no frame that a server may send."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a message, as much as has come of it."""

    data: bytes
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class Control:
    """A whole CLOSE, PING or PONG."""

    opcode: Opcode
    data: bytes


def frame(opcode: Opcode, data: bytes) -> bytes:
    """Return one whole frame, masked as a client has to."""
    size = len(data)
    if size < 126:
        head = bytes((0x80 | opcode, 0x80 | size))
    elif size < 1 << 16:
        head = bytes((0x80 | opcode, 0x80 | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 0x80 | 127)) + size.to_bytes(8, "big")
    key = os.urandom(4)
    return head + key + _masked(data, key)


def _masked(data: bytes, key: bytes) -> bytes:
    # One operation on one big number: a loop over bytes would be a hundred times slower.
    size = len(data)
    mask = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "little") ^ int.from_bytes(mask, "little")).to_bytes(size, "little")


class FrameReader:
    """Cuts what comes from a server into pieces of messages and control frames."""

    def __init__(self) -> None:
        self._buffer = b""
        self._at = 0
        self._left = 0
        """Bytes of the current frame that have not come."""
        self._final = True
        """Whether the current frame is its message's last."""
        self._open = False
        """Whether a message has begun and not ended."""
        self._first = False

    def feed(self, data: bytes) -> None:
        """Take what was read."""
        self._buffer = self._buffer[self._at :] + data
        self._at = 0

    def next(self) -> Piece | Control | None:
        """Return what comes next, None if more has to be read.

        Raises:
            FrameError: It is no frame.
        """
        return self._payload() if self._left else self._frame()

    def _frame(self) -> Piece | Control | None:
        buffer, at = self._buffer, self._at
        if len(buffer) - at < 2:
            return None
        flags, size = buffer[at], buffer[at + 1]
        if flags & 0x70:
            raise FrameError("an extension that was not agreed on")
        if size & 0x80:
            raise FrameError("a masked frame, which only clients send")
        try:
            opcode = Opcode(flags & 0x0F)
        except ValueError:
            raise FrameError(f"a frame of unknown kind {flags & 0x0F}") from None
        final = bool(flags & 0x80)
        at += 2
        if opcode >= Opcode.CLOSE:
            if size > _CONTROL_MOST or not final:
                raise FrameError("a control frame that is too long or in parts")
            if len(buffer) - at < size:
                return None
            self._at = at + size
            return Control(opcode, buffer[at : self._at])
        if size in _EXTENDED:
            end = at + _EXTENDED[size]
            if len(buffer) < end:
                return None
            size = int.from_bytes(buffer[at:end], "big")
            at = end
        if size >> 63:
            raise FrameError("a length that none can have")
        if (opcode is Opcode.CONTINUATION) is not self._open:
            raise FrameError("a message that begins within another, or goes on without a beginning")
        self._first = self._first or not self._open
        self._open, self._final = not final, final
        self._left, self._at = size, at
        return self._payload() if size else self._piece(b"")

    def _payload(self) -> Piece | None:
        data = self._buffer[self._at : self._at + self._left]
        if not data:
            return None
        self._at += len(data)
        self._left -= len(data)
        return self._piece(data)

    def _piece(self, data: bytes) -> Piece:
        first, self._first = self._first, False
        return Piece(data, first, self._final and not self._left)
