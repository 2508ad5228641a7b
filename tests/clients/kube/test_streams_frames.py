"""WebSocket frames, wherever the network cuts them."""

from __future__ import annotations

from random import Random

import pytest

from mediatui.clients.kube.streams.frames import Control, FrameError, FrameReader, Opcode, Piece, frame
from tests.clients.kube.kubelet_streams import server_frame

TALK = (
    server_frame(2, b"\x01hello")
    + server_frame(9, b"still there?")
    + server_frame(2, b"\x01be", final=False)
    + server_frame(10, b"")
    + server_frame(0, b"", final=False)
    + server_frame(0, b"gun")
    + server_frame(2, b"")
    + server_frame(2, b"\x02" + b"x" * 70_000)
    + server_frame(1, b"\x03y" * 100)
    + server_frame(8, b"\x03\xe8bye")
)


def understood(*reads: bytes) -> list[tuple[str, bytes]]:
    """Return messages and control frames, put together again."""
    reader, seen, message, begins = FrameReader(), [], b"", True
    for read in reads:
        reader.feed(read)
        while (part := reader.next()) is not None:
            if isinstance(part, Control):
                seen.append((part.opcode.name, part.data))
                continue
            assert part.first is begins
            message += part.data
            begins = part.last
            if part.last:
                seen.append(("message", message))
                message = b""
        assert reader.next() is None
    return seen


WHOLE = [
    ("message", b"\x01hello"),
    ("PING", b"still there?"),
    ("PONG", b""),
    ("message", b"\x01begun"),
    ("message", b""),
    ("message", b"\x02" + b"x" * 70_000),
    ("message", b"\x03y" * 100),
    ("CLOSE", b"\x03\xe8bye"),
]


def test_what_a_server_sends_is_understood() -> None:
    assert understood(TALK) == WHOLE


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000, 65_536])
def test_it_does_not_matter_how_it_is_cut(size: int) -> None:
    assert understood(*(TALK[at : at + size] for at in range(0, len(TALK), size))) == WHOLE


def test_it_does_not_matter_where_it_is_cut() -> None:
    random = Random(3)
    for _ in range(50):
        cuts = sorted(random.sample(range(len(TALK)), 12))
        assert understood(*(TALK[a:b] for a, b in zip([0, *cuts], [*cuts, len(TALK)], strict=True))) == WHOLE


def test_a_large_frame_is_passed_on_as_it_comes() -> None:
    reader = FrameReader()
    reader.feed(server_frame(2, bytes(1 << 20))[:1000])
    assert reader.next() == Piece(bytes(990), first=True, last=False)
    assert reader.next() is None


@pytest.mark.parametrize(
    ("garbage", "why"),
    [
        (b"HTTP/1.1 502 Bad Gateway\r\n", "an extension that was not agreed on"),
        (b"\xc2\x01a", "an extension that was not agreed on"),
        (b"\x82\x81aaaab", "a masked frame, which only clients send"),
        (b"\x83\x01a", "a frame of unknown kind 3"),
        (b"\x8f\x01a", "a frame of unknown kind 15"),
        (b"\x09\x01a", "a control frame that is too long or in parts"),
        (b"\x89\x7e\x00\x7e", "a control frame that is too long or in parts"),
        (b"\x82\x7f\x80" + bytes(7), "a length that none can have"),
        (b"\x80\x01a", "a message that begins within another, or goes on without a beginning"),
        (b"\x02\x01a\x82\x01b", "a message that begins within another, or goes on without a beginning"),
    ],
)
def test_what_is_no_frame_is_refused(garbage: bytes, why: str) -> None:
    with pytest.raises(FrameError, match=why):
        understood(garbage)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 100_001])
def test_what_a_client_writes_is_masked_and_can_be_read(size: int) -> None:
    data = Random(size).randbytes(size)
    written = frame(Opcode.BINARY, data)
    assert written[0] == 0x82
    assert written[1] & 0x80
    start = {126: 4, 127: 10}.get(written[1] & 0x7F, 2)
    length = int.from_bytes(written[2:start], "big") if start > 2 else written[1] & 0x7F
    key, masked = written[start : start + 4], written[start + 4 :]
    assert length == size
    assert bytes(byte ^ key[at % 4] for at, byte in enumerate(masked)) == data


def test_every_frame_is_masked_with_another_key() -> None:
    assert len({frame(Opcode.PING, b"") for _ in range(20)}) > 15
