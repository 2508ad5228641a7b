"""How long a program in a terminal takes until it has written something."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.support.pseudo_terminal import in_terminal


class Watched:
    """A program in a pty of 120x40; what it writes is only searched, never interpreted."""

    def __init__(self, command: Sequence[str]) -> None:
        plain = {key: value for key, value in os.environ.items() if key not in ("TERM", "LANG")}
        self.begun = time.perf_counter()
        self.process, self._master = in_terminal(command, 120, 40, plain)
        self.written = bytearray()

    def until(self, pattern: bytes, deadline: float = 120.0, start: int = 0) -> float:
        """Return seconds from the start of the program until the pattern was written."""
        wanted = re.compile(pattern)
        end = time.perf_counter() + deadline
        while wanted.search(self.written, max(0, start)) is None:
            if time.perf_counter() > end:
                raise TimeoutError(f"{pattern!r} was not written in {deadline:.0f} s")
            self.read(0.5)
        return time.perf_counter() - self.begun

    def settle(self, quiet: float = 1.0) -> None:
        """Read until nothing has been written for some time."""
        while self.read(quiet):
            pass

    def read(self, seconds: float) -> bool:
        """Wait so long for more to be written; tell whether there was any."""
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        self.written.extend(os.read(self._master, 1 << 16))
        return True

    def send(self, keys: bytes) -> None:
        """Type."""
        os.write(self._master, keys)

    def memory(self) -> float:
        """Return the resident memory in MiB."""
        return resident(self.process.pid)

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._master)


def resident(pid: int) -> float:
    """Return the resident memory of a process in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def processor_time(pid: int) -> float:
    """Return the seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def timed(command: Sequence[str]) -> float:
    """Return how many seconds a command takes."""
    begun = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def in_turn(runs: int, *measures: Callable[[], float]) -> list[list[float]]:
    """Measure several things in turn, so that a slow minute is slow for all of them; one round first is not counted."""
    seen: list[list[float]] = [[] for _ in measures]
    for number in range(runs + 1):
        for index, measure in enumerate(measures):
            value = measure()
            if number:
                seen[index].append(value)
    return seen
