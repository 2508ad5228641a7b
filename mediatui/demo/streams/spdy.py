"""SPDY/3.1 frames, as far as kubectl's port-forward needs them: it carries them within a WebSocket.

The protocol: https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/. There is no flow control: the Go
library on the other side knows none.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

_DICTIONARY: Final = (files("mediatui.demo") / "data/spdy-dictionary.bin").read_bytes()
"""What header compression begins with: section 2.6.10.1 of the protocol."""
_VERSION: Final = 0x8003
_SYN_STREAM, _SYN_REPLY, _RST_STREAM, _PING, _GOAWAY = 1, 2, 3, 6, 7
_FIN: Final = 0x01
_HEAD: Final = 8
_DATA_MOST: Final = 32 * 1024


class SpdyError(Exception):
    """What came is no frame of this protocol."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The client has opened a stream."""

    stream: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Came:
    """Data came on a stream."""

    stream: int
    data: bytes
    last: bool


@dataclass(frozen=True, slots=True)
class Reset:
    """The client has given a stream up."""

    stream: int


@dataclass(frozen=True, slots=True)
class Pinged:
    """The client wants an answer."""

    reply: bytes


@dataclass(frozen=True, slots=True)
class Left:
    """The client opens no more streams."""


Event = Opened | Came | Reset | Pinged | Left


class SpdySession:
    """One connection: cuts what comes into events, and makes the frames of the answers."""

    def __init__(self) -> None:
        self._buffer = b""
        self._inflate = zlib.decompressobj(zdict=_DICTIONARY)
        self._deflate = zlib.compressobj(zdict=_DICTIONARY)

    def feed(self, data: bytes) -> Iterator[Event]:
        """Take what came and yield what it means.

        Raises:
            SpdyError: It is no frame.
        """
        self._buffer += data
        while len(self._buffer) >= _HEAD:
            first, second = struct.unpack(">II", self._buffer[:_HEAD])
            size = second & 0xFFFFFF
            if len(self._buffer) < _HEAD + size:
                return
            body, self._buffer = self._buffer[_HEAD : _HEAD + size], self._buffer[_HEAD + size :]
            last = bool(second >> 24 & _FIN)
            if not first >> 31:
                yield Came(first, body, last)
            elif first >> 16 != _VERSION:
                raise SpdyError(f"a frame of version {first >> 16 & 0x7FFF}")
            else:
                yield from self._control(first & 0xFFFF, body, last)

    def reply(self, stream: int) -> bytes:
        """Return the frame that accepts a stream."""
        block = self._deflate.compress(struct.pack(">I", 0)) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        return _frame(_SYN_REPLY, struct.pack(">I", stream) + block)

    def data(self, stream: int, data: bytes, *, last: bool = False) -> bytes:
        """Return the frames that carry data on a stream."""
        parts = [data[at : at + _DATA_MOST] for at in range(0, len(data), _DATA_MOST)] or [b""]
        return b"".join(
            struct.pack(">II", stream, (_FIN if last and part is parts[-1] else 0) << 24 | len(part)) + part
            for part in parts
        )

    def _control(self, kind: int, body: bytes, last: bool) -> Iterator[Event]:
        try:
            if kind == _SYN_STREAM:
                stream = struct.unpack(">I", body[:4])[0] & 0x7FFFFFFF
                yield Opened(stream, self._headers(body[10:]))
                if last:
                    yield Came(stream, b"", last=True)
            elif kind == _RST_STREAM:
                yield Reset(struct.unpack(">I", body[:4])[0] & 0x7FFFFFFF)
            elif kind == _PING:
                yield Pinged(_frame(_PING, body))
            elif kind == _GOAWAY:
                yield Left()
        except (struct.error, zlib.error, UnicodeDecodeError) as error:
            raise SpdyError(f"a frame that cannot be read: {error}") from error

    def _headers(self, block: bytes) -> dict[str, str]:
        text = self._inflate.decompress(block)
        at, found = 4, {}
        for _ in range(struct.unpack(">I", text[:4])[0]):
            pair = []
            for _ in range(2):
                size = struct.unpack(">I", text[at : at + 4])[0]
                pair.append(text[at + 4 : at + 4 + size].decode())
                at += 4 + size
            found[pair[0].lower()] = pair[1]
        return found


def _frame(kind: int, body: bytes) -> bytes:
    return struct.pack(">HHI", _VERSION, kind, len(body)) + body
