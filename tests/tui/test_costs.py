"""What the UI costs: counted, never timed."""

from __future__ import annotations

import os
import sys
import time

import pytest

from mediatui.demo.resources import named
from tests.support.terminal import Terminal
from tests.tui.conftest import StillCluster, ui

IDLE = float(os.environ.get("MEDIATUI_TEST_IDLE", "12"))
"""Seconds of silence that are listened to; longer than a look at the ages takes to come round."""


def change_restarts(cluster: StillCluster, pod: str, count: int) -> None:
    """Let the only container of a pod restart, as the API server tells it."""

    def change(body: dict[str, object]) -> None:
        statuses = body["status"]["containerStatuses"]  # type: ignore[index]
        statuses[0]["restartCount"] = count

    resource = named("pods")
    cluster.do(lambda: cluster.server.store.mutate(resource, pod, "media", change))


def test_nothing_that_happens_writes_nothing_and_asks_for_nothing(still: StillCluster) -> None:
    with ui(still.kubeconfig) as terminal:
        terminal.until(r"read-only  live")
        terminal.until(r"GitOps +\w+")
        before = terminal.until_quiet(1.5)
        lists = still.lists()
        end = time.monotonic() + IDLE
        while time.monotonic() < end:
            terminal.until_quiet(0.5)
        metrics = sum(
            1 for request in still.server.requests if request.resource == "pods" and "metrics" in request.path
        )
        assert terminal.written == before, bytes(terminal.output[before:])
        assert still.lists() - lists <= 1, "only usage is asked for again, once a minute"
        assert metrics >= 1


@pytest.mark.parametrize("pod", ["jellyfin-0", "radarr-0"])
def test_a_changed_row_costs_at_most_600_bytes(still: StillCluster, pod: str) -> None:
    with ui(still.kubeconfig, 120, 40) as terminal:
        terminal.until(r"read-only  live")
        terminal.send("G")
        terminal.until(r"✖ CrashLoopBackOff")
        before = terminal.until_quiet(1.0)
        change_restarts(still, pod, 7)
        terminal.until(rf"{pod.removesuffix('-0')} .* 1/1 +7 ")
        after = terminal.until_quiet(1.0)
        assert 0 < after - before <= 600, bytes(terminal.output[before:after])


FIRST_FRAME = """
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from mediatui.config import Config
from mediatui.errors import Unreachable
from mediatui.tui.app import run_app

@asynccontextmanager
async def connect():
    named = ("kubernetes", "pydantic", "httpx", "aiohttp", "requests", "msgspec")
    heavy = [name for name in named if name in sys.modules]
    raise Unreachable(f"loaded before the first frame: {heavy}")
    yield

sys.exit(run_app(connect, Config(Path("none"))))
"""


def test_nothing_heavy_is_imported_before_the_first_frame() -> None:
    with Terminal([sys.executable, "-c", FIRST_FRAME], 120, 40) as terminal:
        terminal.until(r"loaded before the first frame: \[\]")
