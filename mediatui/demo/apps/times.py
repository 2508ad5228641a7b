"""Times and durations as .NET writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

TICKS: Final = 10_000_000
"""In a second: .NET counts in 100 ns."""
DAY: Final = 86_400.0
HOUR: Final = 3_600.0
MINUTE: Final = 60.0


def fine_stamp(seconds: float) -> str:
    """Return seconds since the epoch with seven decimals, as Jellyfin does: ``2026-11-24T02:04:07.1230000Z``."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}0Z"


def span(seconds: float) -> str:
    """Return a duration in .NET's constant format: ``00:12:34``, ``2.03:00:00``, ``00:00:01.2500000``."""
    count = max(0, round(seconds * TICKS))
    whole, fraction = divmod(count, TICKS)
    days, rest = divmod(whole, int(DAY))
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    text = f"{hours:02d}:{minutes:02d}:{rest:02d}"
    return (f"{days}." if days else "") + text + (f".{fraction:07d}" if fraction else "")


def ticks(seconds: float) -> int:
    """Return a duration in ticks."""
    return round(seconds * TICKS)


def named_time(text: str, pattern: str) -> float:
    """Return the time that a file name tells.

    Args:
        text: The part of the name.
        pattern: As for ``strptime``.
    """
    return datetime.strptime(text, pattern).replace(tzinfo=UTC).timestamp()


def name_time(seconds: float, pattern: str) -> str:
    """Return a time as it stands in a file name; the simulated containers run in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime(pattern)
