from __future__ import annotations

import pytest

from mediatui.present.columns import fit
from mediatui.present.rows import Column
from mediatui.present.status import COLUMNS

NAME = Column("name", "NAME", 10)
WHY = Column("why", "WHY", 20, least=8, grow=True)
SIDE = Column("side", "SIDE", 6, priority=1)
FAR = Column("far", "FAR", 6, least=3, priority=2)


def layout(space: int) -> dict[str, int]:
    columns = (NAME, WHY, SIDE, FAR)
    return {columns[place.column].id: place.width for place in fit(columns, space)}


def test_what_is_over_goes_to_the_column_that_grows() -> None:
    assert layout(100) == {"name": 10, "why": 75, "side": 6, "far": 6}


def test_columns_shrink_to_their_least_before_one_is_left_out() -> None:
    assert layout(42) == {"name": 10, "why": 20, "side": 6, "far": 3}
    assert layout(30) == {"name": 10, "why": 8, "side": 6, "far": 3}
    assert layout(29) == {"name": 10, "why": 11, "side": 6}
    assert layout(20) == {"name": 10, "why": 9}


def test_columns_of_the_first_priority_stay_and_never_run_over() -> None:
    assert layout(12) == {"name": 10, "why": 1}
    assert layout(5) == {"name": 5}
    assert layout(0) == {}


@pytest.mark.parametrize("width", range(1, 250))
def test_the_status_table_fits_any_width(width: int) -> None:
    places = fit(COLUMNS, width)
    assert all(place.start + place.width <= width for place in places)
    starts = [place.start for place in places]
    assert starts == sorted(starts)


def test_at_80_columns_the_status_table_shows_what_matters() -> None:
    shown = [COLUMNS[place.column].id for place in fit(COLUMNS, 80)]
    assert shown == ["app", "level", "ready", "restarts", "age", "version", "summary"]


def test_at_40_columns_the_reason_is_still_there() -> None:
    shown = [COLUMNS[place.column].id for place in fit(COLUMNS, 40)]
    assert shown == ["app", "level", "ready", "summary"]
