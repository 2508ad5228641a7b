"""Reads the events of one watch, those included that say what was there before it began."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from mediatui.clients.kube.decode import Change, Decoder
from mediatui.clients.kube.delivery import Delivery
from mediatui.clients.kube.lines import Lines
from mediatui.clients.kube.translate import Status, decode_status, from_status
from mediatui.model.source import Ref


class WatchListIgnored(Exception):
    """The server watches, but does not begin with what is there."""


class Follower:
    """Reads the events of one watch and hands what they say to the delivery.

    Args:
        decoder: How objects are read.
        delivery: Where rows go.
        beginning: Whether it begins with what is there.
    """

    def __init__(self, decoder: Decoder, delivery: Delivery, *, beginning: bool) -> None:
        self._decoder = decoder
        self._delivery = delivery
        self._lines = Lines()
        # What was there before stays on the screen until all that is there now has come.
        self._collected: list[tuple[Ref, Any]] | None = [] if beginning and delivery.begun else None
        self._skipped: list[Ref] = []
        self._rest: Iterator[Change] = iter(())
        self.revision = ""

    async def beginning(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[None]:
        """Read until the mark, yielding after every chunk; ``revision`` stays empty if the stream ended before it."""
        async for chunk in chunks:
            changes = self._decoded(chunk)
            for change in changes:
                if change.type == "BOOKMARK":
                    if not change.ends_initial:
                        raise WatchListIgnored
                    self._complete(change)
                    self._rest = changes
                    return
                self._initial(change)
            yield

    async def changes(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Change]:
        """Yield every event once what it says has been handed on."""
        for change in self._rest:
            yield self._hand_on(change)
        async for chunk in chunks:
            for change in self._decoded(chunk):
                yield self._hand_on(change)

    def _decoded(self, chunk: bytes) -> Iterator[Change]:
        self._delivery.heard()
        for line in self._lines.feed(chunk):
            change = self._decoder.change(line)
            if change.type == "ERROR":
                raise from_status(decode_status(change.error) or Status())
            yield change

    def _hand_on(self, change: Change) -> Change:
        if change.type != "BOOKMARK":
            self._delivery.change(change)
        return change

    def _initial(self, change: Change) -> None:
        if self._collected is None:
            self._delivery.change(change)
        elif change.row is None:
            self._skipped.append(change.ref)
        else:
            self._collected.append((change.ref, change.row))

    def _complete(self, mark: Change) -> None:
        if self._collected is None:
            self._delivery.flush()
        else:
            self._delivery.replace(self._collected, self._skipped)
        self.revision = mark.revision
