"""Starting a demo cluster as a child: nothing heavy is imported here, and nothing of it outlives this process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Self

import mediatui

_GRACE: Final = 3.0


class DemoFailedError(Exception):
    """The demo did not come up; the text is one line, its own words where it had any."""


@dataclass(frozen=True, slots=True)
class DemoAddress:
    """Where a running demo is."""

    kubeconfig: Path
    url: str
    folder: Path
    """Private to this demo, removed with it; local journals of a demo lie here too."""
    pid: int


class DemoProcess:
    """A demo cluster in a child process, as a context manager, plain or asynchronous.

    The child runs in a session of its own, so that Ctrl-C in the terminal is not its business. It ends when this
    object is stopped, and by itself when this process dies, however that happens: its input is a pipe from here.

    Args:
        scenario: The scenario's name.
        seed: What makes it repeatable.
        timeout: Seconds that it may take to come up.
    """

    def __init__(self, scenario: str = "homelab", seed: int = 0, *, timeout: float = 60.0) -> None:
        self._command = [sys.executable, "-m", "mediatui.demo", "serve", "--parent-pipe"]
        self._command += ["--scenario", scenario, "--seed", str(seed)]
        self._timeout = timeout
        self._child: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._address: DemoAddress | None = None

    @property
    def address(self) -> DemoAddress:
        """Where it is, once it is ready."""
        if self._address is None:
            raise RuntimeError("the demo is not ready yet")
        return self._address

    def spawn(self) -> None:
        """Start the child and return at once; ``wait`` or ``ready`` tell when it can be used."""
        if self._child is not None:
            return
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in stop()
        # The same mediatui that runs here, also from a checkout that is not installed.
        root = str(Path(mediatui.__file__).parent.parent)
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        self._child = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )

    def wait(self) -> DemoAddress:
        """Block until it is ready.

        Raises:
            DemoFailedError: It ended, or took too long.
        """
        self.spawn()
        if self._address is None:
            try:
                self._address = self._read_address()
            except BaseException:
                self.stop()
                raise
        return self._address

    async def ready(self) -> DemoAddress:
        """Wait in a thread until it is ready.

        Raises:
            DemoFailedError: It ended, or took too long.
        """
        self.spawn()
        return await asyncio.to_thread(self.wait)

    def stop(self) -> None:
        """End it and remove what it left; does nothing when it has ended already."""
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None
        assert child.stdout is not None
        with contextlib.suppress(OSError):
            child.stdin.close()  # for the child the end of its input is the end
        try:
            child.wait(_GRACE)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        child.stdout.close()
        if self._errors is not None:
            self._errors.close()
        if self._address is not None:
            shutil.rmtree(self._address.folder, ignore_errors=True)
            self._address = None

    def __enter__(self) -> Self:
        """Start it and wait until it is ready."""
        self.wait()
        return self

    def __exit__(self, *failure: object) -> None:
        """Stop it."""
        self.stop()

    async def __aenter__(self) -> Self:
        """Start it and wait until it is ready."""
        await self.ready()
        return self

    async def __aexit__(self, *failure: object) -> None:
        """Stop it, without blocking the loop."""
        await asyncio.to_thread(self.stop)

    def _read_address(self) -> DemoAddress:
        assert self._child is not None
        assert self._child.stdout is not None
        line, deadline = b"", time.monotonic() + self._timeout
        with selectors.DefaultSelector() as selector:
            selector.register(self._child.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise DemoFailedError(f"the demo cluster did not come up within {self._timeout:.0f} s")
                part = os.read(self._child.stdout.fileno(), 65536)
                if not part:
                    raise DemoFailedError(self._last_words())
                line += part
        said = json.loads(line)
        return DemoAddress(Path(said["kubeconfig"]), said["url"], Path(said["folder"]), said["pid"])

    def _last_words(self) -> str:
        assert self._errors is not None
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        words = lines[-1].removeprefix("mediatui demo: ") if lines else "it ended without a word"
        return f"the demo cluster did not come up: {words}"
