"""What the inside needs from the outside, as small protocols."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mediatui.model.source import Ref, SourceId, SourceState


class Clock(Protocol):
    """Time, so that tests can turn it."""

    def now(self) -> float:
        """Return seconds since the epoch."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        ...


class Sink(Protocol):
    """Where a source delivers; every call is cheap and comes from the event loop's thread."""

    def put(self, source: SourceId, rows: Sequence[tuple[Ref, Any]]) -> None:
        """Add or replace rows: a page of the first list, or one watch event."""
        ...

    def drop(self, source: SourceId, refs: Sequence[Ref]) -> None:
        """Forget rows that were deleted."""
        ...

    def replace(self, source: SourceId, rows: Sequence[tuple[Ref, Any]]) -> None:
        """Set what there is, atomically: after a repeated list."""
        ...

    def report(self, source: SourceId, state: SourceState) -> None:
        """Say how the source is."""
        ...


@dataclass(frozen=True, slots=True)
class LogTarget:
    """One container's log.

    A follower of a container remembers nothing itself: ``since`` is where it resumes.
    """

    namespace: str
    pod: str
    container: str
    previous: bool = False
    tail: int | None = None
    """Lines from the end, None for all."""
    since: float | None = None
    """Seconds since the epoch; lines before are left out."""
    follow: bool = False


@dataclass(frozen=True, slots=True)
class LogBlock:
    """Whole log lines, printable, joined by line ends, each beginning with its RFC 3339 time stamp and a space."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class ServerVersion:
    """What the API server says it is."""

    version: str
    """For example ``v1.36.2``."""
    major: int
    minor: int


class Cluster(Protocol):
    """A Kubernetes API server, read only."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the server's ``Warning`` headers said so far, each once, printable."""
        ...

    async def version(self) -> ServerVersion:
        """Ask the server what it is; raises ``ClusterError``."""
        ...

    async def follow(self, source: SourceId, sink: Sink) -> None:
        """Deliver a source to the sink until cancelled; trouble is reported to the sink, never raised."""
        ...

    async def snapshot(self, source: SourceId, sink: Sink) -> None:
        """Deliver a source once (a list, no watch); trouble is reported to the sink, never raised."""
        ...

    def logs(self, target: LogTarget) -> AsyncIterator[LogBlock]:
        """Yield the log of a container.

        With ``follow`` it resumes after every disconnect without losing or doubling a line, and ends when the
        container's log has ended. Raises ``ClusterError`` when the log cannot be read at all.
        """
        ...

    async def get_object(self, kind: str, ref: Ref) -> dict[str, Any]:
        """Return one whole object by the name of its kind (``Pod``, ``StatefulSet``), every string printable.

        Raises ``ClusterError``; ``Secret`` data never leaves the client.
        """
        ...

    async def close(self) -> None:
        """End every connection."""
        ...
