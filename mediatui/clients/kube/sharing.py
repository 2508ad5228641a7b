"""Equal values become one object: ten thousand pods say the same few hundred words."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from typing import Any, Final, TypeVar

from mediatui.clients.kube.types import Pairs
from mediatui.text import printable, quantity

S = TypeVar("S")
T = TypeVar("T", bound=Hashable)

KEPT: Final = 50_000
"""Values of one sort; then sharing begins anew, so that endless churn in a cluster cannot fill the memory."""
KEPT_RAW: Final = 4_000
"""Pieces of JSON, of one or two KiB each."""


class Sharing:
    """Makes texts printable and shares what is equal; one for each cluster.

    Args:
        kept: Values of one sort before sharing begins anew.
        kept_raw: Pieces of JSON before it does.
    """

    def __init__(self, kept: int = KEPT, kept_raw: int = KEPT_RAW) -> None:
        self._kept = kept
        self._kept_raw = kept_raw
        self._texts: dict[str, str] = {}
        self._times: dict[str, float] = {}
        self._amounts: dict[str | float, float | None] = {}
        self._values: dict[Any, Any] = {}
        self._known: dict[bytes, Any] = {}

    def text(self, raw: str | None) -> str:
        """Return a text that recurs, printable and shared; empty for null."""
        if not raw:
            return ""
        shared = self._texts.get(raw)
        if shared is None:
            if len(self._texts) >= self._kept:
                self._texts.clear()
            shared = self._texts[raw] = printable(raw)
        return shared

    def share(self, value: T) -> T:
        """Return the first value that was equal to this one."""
        if len(self._values) >= self._kept:
            self._values.clear()
        shared: T = self._values.setdefault(value, value)
        return shared

    def known(self, raw: bytes, make: Callable[[bytes, Sharing], S]) -> S:
        """Return what was made of the same bytes before, or make it."""
        made: S | None = self._known.get(raw)
        if made is None:
            if len(self._known) >= self._kept_raw:
                self._known.clear()
            made = self._known[raw] = make(raw, self)
        return made

    def pairs(self, raw: Pairs | None) -> tuple[tuple[str, str], ...]:
        """Return labels, or what looks like them, in their order."""
        if not raw:
            return ()
        text = self.text
        return self.share(tuple((text(key), text(value)) for key, value in raw.items()))

    def chosen(self, raw: Pairs | None, keys: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Return those of some labels that are asked for."""
        if not raw:
            return ()
        found = {key: raw[key] for key in keys if key in raw}
        return self.pairs(found) if found else ()

    def moment(self, raw: str | None) -> float:
        """Return an RFC 3339 time in seconds since the epoch, 0 for null and for what is none."""
        if not raw:
            return 0.0
        known = self._times.get(raw)
        if known is None:
            if len(self._times) >= self._kept:
                self._times.clear()
            try:
                known = datetime.fromisoformat(raw).timestamp()
            except (ValueError, OverflowError):
                known = 0.0
            self._times[raw] = known
        return known

    def amount(self, raw: str | float | None) -> float | None:
        """Return a quantity as a number, None for null and for what is none."""
        if raw is None:
            return None
        known = self._amounts.get(raw)
        if known is None and raw not in self._amounts:
            if len(self._amounts) >= self._kept:
                self._amounts.clear()
            known = self._amounts[raw] = float(raw) if isinstance(raw, (int, float)) else quantity(raw)
        return known


def one_line(raw: str | None) -> str:
    """Return a message, printable, its line ends made blanks; empty for null. Messages do not recur: not shared."""
    if not raw:
        return ""
    return printable(raw if "\n" not in raw else " ".join(raw.split()))
