"""What a source gives to its sink: rows in batches, and its state whenever that changes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from mediatui.clients.kube.decode import Change, Page
from mediatui.interfaces import Clock, Sink
from mediatui.model.source import Ref, SourceId, SourceState, SourceStatus
from mediatui.text import plural


class Delivery:
    """One source's way to its sink.

    Args:
        source: The source.
        sink: Its sink.
        clock: Time.
    """

    def __init__(self, source: SourceId, sink: Sink, clock: Clock) -> None:
        self._source = source
        self._sink = sink
        self._clock = clock
        self._state = SourceState(SourceStatus.STARTING, clock.now())
        self._news = clock.now()
        self._synced = False
        self._remark = ""
        self._skipped: dict[Ref, None] = {}
        self._changes: dict[Ref, Any] = {}
        self._flushing: asyncio.Handle | None = None
        self.begun = False
        """Whether the sink has rows, so that a list has to replace them."""

    def start(self) -> None:
        """Say that it begins."""
        self._sink.report(self._source, self._state)

    def page(self, page: Page) -> None:
        """Add the rows of a page of the first list."""
        self._note(page.skipped)
        if page.rows:
            self.begun = True
            self._sink.put(self._source, page.rows)

    def replace(self, rows: Sequence[tuple[Ref, Any]], skipped: Sequence[Ref]) -> None:
        """Set what there is."""
        self._cancel()
        self._skipped.clear()
        self._note(skipped)
        self.begun = True
        self._sink.replace(self._source, rows)

    def change(self, change: Change) -> None:
        """Add a watch event to the batch of those that came together; they are delivered when the network pauses."""
        row = change.row if change.type != "DELETED" else None
        if row is None and change.type != "DELETED":
            self._skipped[change.ref] = None
        elif change.ref in self._skipped:
            del self._skipped[change.ref]
        self._changes[change.ref] = row
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Deliver the batch."""
        self._cancel(keep=True)
        changes, self._changes = self._changes, {}
        rows = [(ref, row) for ref, row in changes.items() if row is not None]
        gone = [ref for ref, row in changes.items() if row is None]
        if rows:
            self.begun = True
            self._sink.put(self._source, rows)
        if gone:
            self._sink.drop(self._source, gone)
        if changes and self._state.status is SourceStatus.SYNCED:
            self._report_synced()

    def heard(self) -> None:
        """Note that the server is there: what is known is as of now."""
        self._news = self._clock.now()

    def synced(self, remark: str = "") -> None:
        """Say that what was delivered is what there is, with a remark where that is not the whole truth."""
        self._synced, self._remark = True, remark
        self.heard()
        self._report_synced()

    def lost(self, message: str) -> None:
        """Say that the server cannot be asked any more, or not yet."""
        status = SourceStatus.STALE if self._synced else SourceStatus.UNREACHABLE
        self._report(status, message, since=self._news)

    def refused(self, message: str) -> None:
        """Say that we may not read it, or not any more: what was there may have changed since."""
        self._empty()
        self._report(SourceStatus.NO_PERMISSION, message)

    def absent(self, message: str) -> None:
        """Say that the server does not have such a kind; what was there is gone."""
        self._empty()
        self._report(SourceStatus.NOT_INSTALLED, message)

    def end(self) -> None:
        """Forget what was not delivered yet."""
        self._cancel()

    def _empty(self) -> None:
        if self.begun:
            self.replace([], [])
        self._synced = False

    def _report_synced(self) -> None:
        odd = f"{plural(len(self._skipped), 'object')} could not be read: {self._names()}" if self._skipped else ""
        self._report(SourceStatus.SYNCED, "; ".join(filter(None, (odd, self._remark))))

    def _names(self) -> str:
        names = [str(ref) for ref in self._skipped if ref.name]
        return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")

    def _note(self, skipped: Sequence[Ref]) -> None:
        self._skipped.update(dict.fromkeys(skipped))

    def _report(self, status: SourceStatus, message: str, since: float | None = None) -> None:
        if (status, message) == (self._state.status, self._state.message):
            return
        if since is None:
            same = status is self._state.status
            since = self._state.since if same else self._clock.now()
        self._state = SourceState(status, since, message)
        self._sink.report(self._source, self._state)

    def _cancel(self, *, keep: bool = False) -> None:
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        if not keep:
            self._changes.clear()
