from __future__ import annotations

import pytest

from mediatui.present.rows import Cell
from mediatui.present.wrapping import wrap


def text(*cells: Cell, width: int) -> list[str]:
    return ["".join(cell.text for cell in line).rstrip() for line in wrap(cells, width)]


def test_a_line_that_fits_is_left_as_it_is() -> None:
    line = (Cell("Label  ", "muted"), Cell("value"))
    assert wrap(line, 12) == [line]


def test_a_long_line_breaks_at_spaces_and_hangs_under_its_text() -> None:
    assert text(Cell("Label  ", "muted"), Cell("one two three four"), width=16) == [
        "Label  one two",
        "       three",
        "       four",
    ]


def test_an_indented_line_keeps_its_indent() -> None:
    assert text(Cell("    evidence is long"), width=14) == ["    evidence", "    is long"]


def test_a_word_that_is_too_long_is_cut() -> None:
    assert text(Cell("x" * 25), width=10) == ["x" * 10, "x" * 10, "x" * 5]


def test_roles_stay_with_their_text() -> None:
    first, second = wrap((Cell("aaaa ", "ok"), Cell("bbbb", "fail")), 6)
    assert [cell.role for cell in (*first, *second) if cell.text.strip()] == ["ok", "fail"]


@pytest.mark.parametrize("width", range(2, 40))
def test_nothing_is_lost_and_nothing_runs_over(width: int) -> None:
    line = (Cell("Label      ", "muted"), Cell("größe 日本語 [/foo] "), Cell("verylongwordwithoutanyspace ok", "warn"))
    whole = "".join(cell.text for cell in line)
    parts = wrap(line, width)
    assert "".join("".join(cell.text for cell in part).strip() for part in parts).replace(" ", "") == whole.replace(
        " ", ""
    )
    from rich.cells import cell_len

    assert all(cell_len("".join(cell.text for cell in part).rstrip()) <= width for part in parts)
