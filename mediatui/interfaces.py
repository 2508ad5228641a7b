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


@dataclass(frozen=True, slots=True)
class ExecResult:
    """How a command in a container ended."""

    stdout: bytes
    """As it came: neither decoded nor printable."""
    stderr: bytes
    exit_code: int | None
    """None where that is not known because the output was cut off."""
    truncated: bool
    """Whether there was more output than was asked for."""


@dataclass(frozen=True, slots=True)
class TerminalSize:
    """How much a terminal shows."""

    columns: int
    rows: int


class Terminal(Protocol):
    """The operator's end of a shell."""

    def size(self) -> TerminalSize:
        """Return how large it is now."""
        ...

    async def resized(self) -> None:
        """Return once its size has changed since this was last called."""
        ...

    async def read(self) -> bytes:
        """Return what was typed, as it is; empty once the terminal is gone."""
        ...

    async def write(self, output: bytes) -> None:
        """Draw what a shell sent, escape sequences and all."""
        ...


class Pods(Protocol):
    """What can be run in the pods of a cluster."""

    async def execute(
        self,
        pod: Ref,
        command: Sequence[str],
        *,
        container: str = "",
        stdin: bytes | None = None,
        timeout: float,
        limit: int,
    ) -> ExecResult:
        """Run a command in a container and return how it ended, whatever its exit code.

        There is no shell between. Nothing ends the command when this ends early: it runs on, and one with much output
        stands still in its container for ever (seen with containerd). Whatever may be endless or long needs a bound of
        its own, as ``timeout`` gives it.

        Args:
            pod: Where.
            command: The program and its arguments; they travel in a URL, so long texts belong into ``stdin``.
            container: Which; empty for the only one.
            stdin: Its whole standard input, None for none at all; needs Kubernetes 1.30.
            timeout: Seconds until it must have ended, connecting included.
            limit: Bytes of stdout and stderr together; with more the rest is not read, and the result is truncated.

        Raises:
            NotFound: There is no such pod, container or command.
            NotPermitted: The role lacks ``get`` on ``pods/exec``, or ``create``, which Kubernetes wants too since 1.35.
            NotServed: The server cannot pass standard input on.
            Unreachable: The command did not end in time, or the connection broke.
            ClusterError: Of the kind that says what else went wrong.
        """
        ...

    async def shell(self, pod: Ref, command: Sequence[str], terminal: Terminal, *, container: str = "") -> int:
        """Run a command on a terminal until it ends and return its exit code.

        Args:
            pod: Where.
            command: The program and its arguments.
            terminal: Where is typed and drawn.
            container: Which; empty for the only one.

        Raises:
            Interrupted: The terminal is gone.
            NotFound: There is no such pod, container or command.
            NotPermitted: The role lacks ``get`` on ``pods/exec``, or ``create``, which Kubernetes wants too since 1.35.
            Unreachable: The connection broke.
            ClusterError: Of the kind that says what else went wrong.
        """
        ...
