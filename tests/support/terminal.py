"""A real terminal: a program in a pty, its screen as text, and every byte that it wrote."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import pyte

from tests.support.pseudo_terminal import in_terminal

_DEADLINE = 40.0


class Terminal:
    """Runs a program in a pty of a given size and keeps up its screen.

    Args:
        command: What to run.
        columns: Width.
        rows: Height.
        environment: Added to this process's environment.
    """

    def __init__(
        self,
        command: Sequence[str],
        columns: int = 120,
        rows: int = 40,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self.output = bytearray()
        own = ("NO_COLOR", "TEXTUAL_THEME", "TERM", "LANG")
        plain = {key: value for key, value in os.environ.items() if key not in own}
        self.process, self._master = in_terminal(
            command, columns, rows, {**plain, "COLORTERM": "truecolor", **(environment or {})}
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        if failure is not None:
            print(self.text)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._reader.join(5)
        os.close(self._master)

    @property
    def text(self) -> str:
        """The screen as text."""
        with self._lock:
            return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def written(self) -> int:
        """Bytes that the program has written so far."""
        return len(self.output)

    def send(self, keys: str) -> None:
        """Type."""
        os.write(self._master, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Make the terminal another size."""
        with self._lock:
            self._screen.resize(rows, columns)
        termios.tcsetwinsize(self._master, (rows, columns))
        os.killpg(self.process.pid, signal.SIGWINCH)

    def until(self, pattern: str, deadline: float = _DEADLINE) -> str:
        """Wait until the screen matches a regular expression and return it."""
        return self._until(lambda: re.search(pattern, self.text) is not None, f"{pattern!r} on the screen", deadline)

    def until_gone(self, pattern: str, deadline: float = _DEADLINE) -> str:
        """Wait until the screen does not match a regular expression any more and return it."""
        return self._until(lambda: re.search(pattern, self.text) is None, f"no {pattern!r} on the screen", deadline)

    def until_quiet(self, seconds: float = 0.7, deadline: float = _DEADLINE) -> int:
        """Wait until nothing has been written for some time and return how many bytes there were."""
        end = time.monotonic() + deadline
        size, since = self.written, time.monotonic()
        while time.monotonic() - since < seconds:
            if time.monotonic() > end:
                raise AssertionError(f"still writing after {deadline:.0f} s\n{self.text}")
            if self.written != size:
                size, since = self.written, time.monotonic()
            threading.Event().wait(0.02)
        return size

    def exit_code(self, deadline: float = _DEADLINE) -> int:
        """Wait until the program has ended and return its exit code."""
        return self.process.wait(deadline)

    def _until(self, true: object, what: str, deadline: float) -> str:
        end = time.monotonic() + deadline
        while not true():  # type: ignore[operator]
            if time.monotonic() > end:
                raise AssertionError(f"not within {deadline:.0f} s: {what}\n{self.text}")
            threading.Event().wait(0.02)
        return self.text

    def _read(self) -> None:
        while True:
            try:
                if not select.select([self._master], [], [], 0.5)[0]:
                    if self.process.poll() is not None:
                        return
                    continue
                data = os.read(self._master, 65536)
            except (OSError, ValueError):
                return
            if not data:
                return
            self.output.extend(data)
            with self._lock:
                self._stream.feed(data)
