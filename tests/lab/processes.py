"""Child processes that never outlive their parent, however it ends."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


class Process(Protocol):
    """A server of the laboratory."""

    name: str

    def start(self) -> None:
        """Start it, again if it has ended."""
        ...

    @property
    def pid(self) -> int:
        """Its process id where it runs."""
        ...

    @property
    def ended(self) -> bool:
        """Whether it has ended or never run."""
        ...

    def send(self, number: int) -> None:
        """Send it a signal."""
        ...

    def kill(self) -> None:
        """End it at once and wait until it is gone."""
        ...

    def tail(self, lines: int = 15) -> str:
        """Return the end of its log."""
        ...


Launch = Callable[[str, Sequence[str | Path], Path], Process]
"""Makes a process of a name, a command and the path of its log; it is not started yet."""


class Child:
    """One process with its log."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        keep_open: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.command = [str(part) for part in command]
        self.log = log
        self._environment = environment
        self._folder = folder
        self._keep_open = keep_open
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it ends when this thread does."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                cwd=self._folder,
                pass_fds=self._keep_open,
                preexec_fn=_die_with_parent,
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it has ended or never run."""
        return self._process is None or self._process.poll() is not None

    def send(self, number: int) -> None:
        """Send it a signal."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    def kill(self) -> None:
        """End it at once and wait until it is gone."""
        if self._process is not None:
            self.send(signal.SIGKILL)
            self._process.wait()

    def tail(self, lines: int = 15) -> str:
        """Return the end of its log."""
        return tail(self.log, lines)


def tail(path: Path, lines: int) -> str:
    """Return the last lines of a log that may not be there."""
    text = path.read_text(errors="replace") if path.exists() else ""
    return "\n".join(text.splitlines()[-lines:])


def _die_with_parent() -> None:
    os.setpgid(0, 0)
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def free_ports(count: int) -> list[int]:
    """Return loopback ports that are free now and distinct, all held open until the last was found."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
