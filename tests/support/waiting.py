"""Waiting for a state, never for a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def until(true: Callable[[], object], what: str = "", deadline: float = 30.0) -> None:
    """Return once something is true; fail with what was waited for after the deadline."""
    end = time.monotonic() + deadline
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline:.0f} s: {what or getattr(true, '__name__', true)}")
        await asyncio.sleep(0.01)


def eventually(found: Callable[[], T], what: str = "", deadline: float = 30.0, pause: float = 0.05) -> T:
    """Return what a function finds once that is something; for tests that have no event loop."""
    end = time.monotonic() + deadline
    while not (value := found()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline:.0f} s: {what or getattr(found, '__name__', found)}")
        time.sleep(pause)  # noqa: TID251 - between two looks
    return value
