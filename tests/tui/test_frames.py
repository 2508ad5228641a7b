from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.app import App

from mediatui.tui.widgets.frames import FRAME, SLOW_FRAME, FrameGovernor, later
from tests.support.waiting import until


class Turning:
    """A clock with a scheduler, turned by hand."""

    def __init__(self) -> None:
        self.now = 100.0
        self.due: list[tuple[float, Callable[[], None]]] = []
        self.backlog = 0
        self.governor = FrameGovernor(self.later, lambda: self.backlog, lambda: self.now)

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        self.due.append((self.now + seconds, call))

    def turn(self, seconds: float) -> None:
        end = self.now + seconds
        while ready := sorted((entry for entry in self.due if entry[0] <= end), key=lambda entry: entry[0]):
            self.due.remove(ready[0])
            self.now = max(self.now, ready[0][0])
            ready[0][1]()
        self.now = end


def test_the_first_change_is_drawn_at_once() -> None:
    time = Turning()
    drawn: list[object] = []
    time.governor.request("a", lambda: drawn.append("a"))
    assert drawn == ["a"]
    assert time.due == [], "and nothing runs while nothing is asked for"


def test_a_thousand_changes_in_a_second_are_a_leading_frame_and_at_most_ten_more() -> None:
    time = Turning()
    drawn: list[object] = []
    for number in range(1000):
        time.governor.request("a", partial(drawn.append, number))
        time.turn(0.001)
    time.turn(1)
    assert drawn[0] == 0
    assert drawn[-1] == 999, "the last change is drawn"
    assert len(drawn) <= 11
    assert time.governor.frames == len(drawn)


def test_several_widgets_share_a_frame_and_a_later_request_of_one_takes_the_place_of_its_earlier() -> None:
    time = Turning()
    drawn: list[object] = []
    time.governor.request("a", lambda: drawn.append("first"))
    time.governor.request("a", lambda: drawn.append("old"))
    time.governor.request("b", lambda: drawn.append("b"))
    time.governor.request("a", lambda: drawn.append("new"))
    time.turn(FRAME)
    assert drawn == ["first", "new", "b"]
    assert time.governor.frames == 2


def test_a_terminal_that_cannot_keep_up_gets_two_frames_a_second() -> None:
    time = Turning()
    drawn: list[object] = []
    time.governor.request("a", lambda: drawn.append(0.0))
    time.backlog = 3
    for _ in range(100):
        time.governor.request("a", lambda: drawn.append(time.now))
        time.turn(0.01)
    assert len(drawn) <= 1 + 1 / SLOW_FRAME


async def test_a_frame_whose_moment_has_almost_come_is_drawn_all_the_same() -> None:
    app: App[None] = App()
    async with app.run_test():
        drawn: list[float] = []
        for rest in (1e-9, 1e-6, 1e-4):
            later(app)(rest, partial(drawn.append, rest))
        await until(lambda: len(drawn) == 3, "each is drawn")
