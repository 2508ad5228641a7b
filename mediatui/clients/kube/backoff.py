"""How long to wait after trouble: full jitter, growing, and never against what the server asked for."""

from __future__ import annotations

from random import Random
from typing import Final

from mediatui.interfaces import Clock

FIRST: Final = 0.8
MOST: Final = 30.0
LEAST: Final = 1.0
"""Seconds between two requests whatever happens: a server in trouble must not be asked more often."""
PATIENT_AFTER: Final = 120.0
"""Seconds of trouble after which at most two requests a minute are sent."""
PATIENT: Final = (30.0, 45.0)
_LONGEST_ASKED: Final = 600.0


class Backoff:
    """The pauses of one source.

    The rule is AWS's "full jitter" (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/) from
    0.8 to 30 s, with a floor of one second, and a slower pace once trouble has lasted two minutes.

    Args:
        clock: Time.
        random: Where the jitter comes from.
    """

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock = clock
        self._random = random
        self._since: float | None = None
        self._attempts = 0

    @property
    def troubled(self) -> bool:
        """Whether something has gone wrong since the last ``reset``."""
        return self._since is not None

    def reset(self) -> None:
        """Forget the trouble: something went well."""
        self._since = None
        self._attempts = 0

    def next(self, asked: float = 0.0, requests: int = 1) -> float:
        """Return how many seconds to wait now.

        Args:
            asked: What the server wants to be waited (``Retry-After``).
            requests: How many the failed attempt took: it counts as many pauses.
        """
        now = self._clock.now()
        if self._since is None:
            self._since = now
        if now - self._since >= PATIENT_AFTER:
            pause = self._random.uniform(*PATIENT)
        else:
            pause = max(LEAST, self._random.uniform(0.0, min(MOST, FIRST * 2.0 ** min(self._attempts, 10))))
        self._attempts += 1
        return max(pause * max(1, min(requests, 4)), min(asked, _LONGEST_ASKED))
