"""Waiting until a part of the laboratory is in a state, or can no longer come into it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_BETWEEN = 0.05


def wait_until(
    true: Callable[[], object],
    problem: str,
    within: float = 60.0,
    *,
    hopeless: Callable[[], bool] = lambda: False,
    words: Callable[[], str] = lambda: "",
) -> None:
    """Return once something is true.

    Args:
        true: Looked at twenty times a second.
        problem: What to say otherwise.
        within: Seconds.
        hopeless: Whether waiting on is in vain, as for a process that has ended.
        words: The ends of the logs, for the error.

    Raises:
        RuntimeError: It is hopeless or takes too long.
    """
    deadline = time.monotonic() + within
    while not true():
        if hopeless() or time.monotonic() > deadline:
            raise RuntimeError("\n".join(filter(None, (problem, words()))))
        threading.Event().wait(_BETWEEN)
