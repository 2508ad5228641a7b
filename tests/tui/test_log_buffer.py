from __future__ import annotations

import random
import re

import pytest

from mediatui.tui.widgets.log_buffer import BLOCK_LINES, LogBuffer, LogLine, LogView


def block(first: int, count: int, source: str = "x") -> str:
    return "\n".join(
        f"2026-11-23T10:00:00.{number:09}Z {source} line {number}" for number in range(first, first + count)
    )


def filled(count: int, limit: int = 1_000_000, step: int = 37) -> LogBuffer:
    buffer = LogBuffer(limit)
    for start in range(0, count, step):
        buffer.append(start // step % 3, block(start, min(step, count - start)), min(step, count - start))
    return buffer


def test_every_line_is_given_back_with_its_source_and_time() -> None:
    buffer = filled(10_000)
    assert len(buffer) == buffer.end == 10_000
    for number in (0, 36, 37, BLOCK_LINES - 1, BLOCK_LINES, 5000, 9999):
        assert buffer.line(number) == LogLine(number // 37 % 3, f"2026-11-23T10:00:00.{number:09}Z", f"x line {number}")


def test_the_oldest_lines_go_and_the_newest_limit_stays() -> None:
    buffer = filled(20_000, limit=5_000)
    assert 5_000 <= len(buffer) <= 5_000 + BLOCK_LINES + 37
    assert buffer.end == 20_000
    assert buffer.line(buffer.first).text == f"x line {buffer.first}"
    with pytest.raises(IndexError):
        buffer.line(buffer.first - 1)
    with pytest.raises(IndexError):
        buffer.line(20_000)


def test_lines_without_a_stamp_and_odd_characters_survive() -> None:
    buffer = LogBuffer()
    buffer.append(0, "nostamp\n2026Z größe 日本\n2026Z ", 3)
    assert [buffer.line(n) for n in range(3)] == [
        LogLine(0, "nostamp", ""),
        LogLine(0, "2026Z", "größe 日本"),
        LogLine(0, "2026Z", ""),
    ]


def test_a_view_keeps_what_its_filter_keeps_also_of_lines_that_come_later() -> None:
    buffer = filled(6_000)
    view = LogView(buffer, lambda line: re.search(r"7$", line.text) is not None)
    view.catch_up()
    assert len(view) == 600
    buffer.append(0, block(6_000, 100), 100)
    assert not view.complete
    view.catch_up()
    assert len(view) == 610
    assert buffer.line(view.number(609)).text == "x line 6097"
    assert view.position(6_097) == 609
    assert view.position(6_088) == 609, "the first kept line after it"


def test_a_view_loses_what_the_buffer_drops() -> None:
    buffer = LogBuffer(limit=3_000)
    view = LogView(buffer, lambda line: line.text.endswith("0"))
    for start in range(0, 30_000, 500):
        buffer.append(0, block(start, 500), 500)
        view.catch_up()
        assert len(view) == sum(1 for number in range(buffer.first, buffer.end) if number % 10 == 0)
        assert buffer.line(view.number(0)).text.endswith("0")


def test_a_view_without_a_filter_is_the_whole_buffer() -> None:
    buffer = filled(100)
    view = LogView(buffer)
    assert (len(view), view.number(99), view.position(50), view.complete) == (100, 99, 50, True)


def test_blocks_are_walked_in_both_directions_without_a_gap() -> None:
    buffer = filled(7_000)
    forward = [first + index for first, lines in buffer.blocks(100) for index in range(len(lines))]
    assert forward[0] <= 100
    assert forward[-1] == 6_999
    assert forward == sorted(forward)
    backward = [first + index for first, lines in buffer.blocks_before(6_500) for index in range(len(lines))]
    assert max(backward) >= 6_500
    assert set(backward) >= set(range(6_501))


def test_clearing_forgets_lines_and_numbers_go_on() -> None:
    buffer = filled(5_000)
    buffer.clear()
    assert (len(buffer), buffer.first, buffer.end) == (0, 5_000, 5_000)
    buffer.append(0, block(5_000, 1), 1)
    assert buffer.line(5_000).text == "x line 5000"


def test_any_order_of_reading_and_writing_gives_the_same_lines() -> None:
    chance = random.Random(3)
    buffer, written = LogBuffer(4_000), 0
    for _ in range(400):
        count = chance.randrange(1, 90)
        buffer.append(written % 5, block(written, count), count)
        written += count
        for _ in range(5):
            number = chance.randrange(buffer.first, buffer.end)
            assert buffer.line(number).text == f"x line {number}"


def test_repetitive_lines_take_far_less_memory_than_their_text() -> None:
    import sys

    buffer = filled(100_000, step=500)
    packed = sum(sys.getsizeof(one.packed) for one in buffer._closed)
    assert packed < 100_000 * 20
