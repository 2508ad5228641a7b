"""Lines out of bytes."""

from __future__ import annotations

import pytest

from mediatui.clients.kube.lines import Lines
from mediatui.clients.kube.log_text import clean
from mediatui.errors import NotKubernetes


def test_only_a_line_feed_ends_a_line() -> None:
    text = "one\u0085\u2028\x0b\x0c\rstill one\ntwo\n".encode()
    assert list(Lines().feed(text)) == text[:-1].split(b"\n")


def test_a_line_may_come_in_any_number_of_pieces() -> None:
    lines = Lines()
    found = [line for byte in b"ab\n\ncd\ne" for line in lines.feed(bytes([byte]))]
    assert found == [b"ab", b"cd"]
    assert list(lines.feed(b"f\n")) == [b"ef"]


def test_a_line_without_an_end_is_refused() -> None:
    lines = Lines(longest=10)
    assert list(lines.feed(b"x" * 10)) == []
    with pytest.raises(NotKubernetes, match="has no end"):
        list(lines.feed(b"x"))


def test_a_key_in_a_log_line_never_leaves_the_client_and_no_line_is_lost() -> None:
    said = clean(b"2026-11-23T10:00:00Z GET /api?apikey=canary123456 ok\n2026-11-23T10:00:01Z next \x1b[1mline")
    assert "canary" not in said
    assert said.split("\n") == ["2026-11-23T10:00:00Z GET /api?apikey=*** ok", "2026-11-23T10:00:01Z next line"]
