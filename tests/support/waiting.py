"""Waiting for a state, never for a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


async def until(true: Callable[[], object], what: str = "", deadline: float = 10.0) -> None:
    """Return once something is true; fail with what was waited for after the deadline."""
    end = time.monotonic() + deadline
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline:.0f} s: {what or getattr(true, '__name__', true)}")
        await asyncio.sleep(0.01)
