"""How long a provider that failed is left alone: ``ProviderStatusServiceBase`` of the Servarr apps."""

from __future__ import annotations

from typing import Final

from mediatui.demo.apps.servarr.instance import Instance
from mediatui.demo.apps.times import MINUTE
from mediatui.demo.objects import Object

PERIODS: Final = (0, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400)
"""Seconds by level: ``EscalationBackOff.cs``."""
_GRACE: Final = 15 * MINUTE
"""After a start nothing escalates for so long."""
_LONGEST_IN_GRACE: Final = 5 * MINUTE


class BackOff:
    """Which providers of one sort are left alone, and until when.

    Args:
        instance: The app.
        sort: Of which sort, for example ``indexer``.
    """

    def __init__(self, instance: Instance, sort: str) -> None:
        self._instance = instance
        self._sort = sort

    @property
    def _rows(self) -> dict[str, Object]:
        rows: dict[str, Object] = self._instance.state["back_off"].setdefault(self._sort, {})
        return rows

    def blocked(self) -> dict[int, Object]:
        """Return those that are left alone now: since when, and until when, in seconds since the epoch."""
        return {int(number): row for number, row in self._rows.items() if (row["until"] or 0) > self._instance.now}

    def failed(self, number: int) -> None:
        """Record a failure; it counts for more than the one before."""
        now, started = self._instance.now, self._instance.running.started
        row = self._rows.setdefault(str(number), {"level": 0, "first": now, "latest": now, "until": None})
        grace = started + _GRACE > now
        if not row["level"]:
            row.update(level=1, first=now)
        elif not grace:
            row["level"] = min(len(PERIODS) - 1, row["level"] + 1)
        until = now + PERIODS[row["level"]]
        row.update(latest=now, until=min(until, now + _LONGEST_IN_GRACE) if grace else until)

    def succeeded(self, number: int) -> None:
        """Record a success: one level less, and it is asked again."""
        row = self._rows.get(str(number))
        if row and row["level"]:
            row.update(level=row["level"] - 1, until=None)
