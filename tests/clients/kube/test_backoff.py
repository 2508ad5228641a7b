"""The pauses after trouble."""

from __future__ import annotations

from random import Random

from mediatui.clients.kube.backoff import Backoff
from tests.clients.kube.doubles import HandClock


def pauses(seconds: float) -> list[tuple[float, float]]:
    clock = HandClock()
    backoff = Backoff(clock, Random(1))
    start = clock.now()
    found = []
    while clock.now() - start < seconds:
        pause = backoff.next()
        found.append((clock.now() - start, pause))
        clock.turn(pause)
    return found


def test_pauses_grow_with_full_jitter_and_are_never_shorter_than_a_second() -> None:
    found = [pause for at, pause in pauses(119) if at < 100]
    assert min(found) >= 1.0
    assert max(found) <= 30.0
    assert found[0] <= 1.0 < max(found)


def test_after_two_minutes_of_trouble_at_most_two_a_minute() -> None:
    late = [pause for at, pause in pauses(3600) if at >= 120]
    assert min(late) >= 30.0
    assert max(late) <= 45.0
    assert len(set(late)) > 10


def test_what_the_server_asks_for_is_kept_but_not_for_ever() -> None:
    backoff = Backoff(HandClock(), Random(1))
    assert backoff.next(asked=17.0) == 17.0
    assert backoff.next(asked=1e9) == 600.0


def test_an_attempt_of_several_requests_waits_as_often() -> None:
    assert Backoff(HandClock(), Random(1)).next(requests=3) == 3.0


def test_something_that_goes_well_begins_anew() -> None:
    clock = HandClock()
    backoff = Backoff(clock, Random(1))
    for _ in range(20):
        clock.turn(backoff.next())
    backoff.reset()
    assert not backoff.troubled
    assert backoff.next() == 1.0
