"""What a demo cluster costs whoever leaves it open."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mediatui.demo.launch import DemoProcess

_WATCHED = 5.0


@contextmanager
def running(scenario: str) -> Iterator[int]:
    """Have a demo cluster up and yield its process id."""
    process = DemoProcess(scenario)
    try:
        yield process.wait().pid
    finally:
        process.stop()


def status(pid: int, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


def ticks(pid: int) -> int:
    """Return the processor time of a process in hundredths of a second."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")


@pytest.mark.parametrize("scenario", ["homelab", "trouble"])
def test_a_cluster_needs_less_than_150_mib(scenario: str) -> None:
    with running(scenario) as pid:
        assert status(pid, "VmHWM") < 150 * 1024


def test_an_empty_cluster_that_nobody_looks_at_wakes_at_most_once_a_second() -> None:
    with running("empty") as pid:
        end, before = time.monotonic() + _WATCHED, -1
        # What it does to come up is over once it has slept for a while.
        while before != (before := status(pid, "voluntary_ctxt_switches")):
            threading.Event().wait(0.5)
            assert time.monotonic() < end + 20, "it never comes to rest"
        worked = ticks(pid)
        threading.Event().wait(_WATCHED)
        assert status(pid, "voluntary_ctxt_switches") - before <= _WATCHED
        assert ticks(pid) - worked <= 2, "nor does it work without ever sleeping"
