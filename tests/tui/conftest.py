"""The UI over a demo cluster that stands still, in a real terminal."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mediatui.demo.kubeconfig import kubeconfig_text
from mediatui.demo.server import DemoServer
from tests.support.terminal import Terminal


class StillCluster:
    """A demo cluster without a life of its own, in a thread of this process so that a test can look inside."""

    def __init__(self, folder: Path) -> None:
        self.kubeconfig = folder / "kubeconfig"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.server: DemoServer = self.call(self._start)
        self.kubeconfig.write_text(kubeconfig_text(self.server.url, self.server.token, self.server.ca))

    async def _start(self) -> DemoServer:
        server = DemoServer("homelab", live=False)
        await server.start()
        return server

    def call(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run a coroutine function where the server runs and return what it returns."""
        return asyncio.run_coroutine_threadsafe(work(*arguments), self._loop).result(20)

    def do(self, work: Callable[[], Any]) -> Any:
        """Run a plain function where the server runs and return what it returns."""

        async def run() -> Any:
            return work()

        return self.call(run)

    def lists(self) -> int:
        """Return how many lists were asked for so far."""
        return sum(1 for request in self.server.requests if request.verb == "list")

    def close(self) -> None:
        """End it."""
        self.call(self.server.stop)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@pytest.fixture
def still(tmp_path: Path) -> Iterator[StillCluster]:
    """A demo cluster that stands still."""
    cluster = StillCluster(tmp_path)
    try:
        yield cluster
    finally:
        cluster.close()


@contextmanager
def ui(kubeconfig: Path, columns: int = 120, rows: int = 40, **environment: str) -> Iterator[Terminal]:
    """The UI in a terminal of some size."""
    command = [sys.executable, "-m", "mediatui", "--kubeconfig", str(kubeconfig)]
    with Terminal(command, columns, rows, environment) as terminal:
        yield terminal
