"""The laboratory itself: it comes up every time, several at once, and leaves nothing behind however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.lab import cgroups, leftovers
from tests.lab.build import CannotBuildError
from tests.lab.node import CannotRunError, Node, check
from tests.support.waiting import eventually

_STARTS = 20 if os.environ.get("MEDIATUI_TEST_FULL") else 3


@pytest.fixture(autouse=True)
def possible() -> None:
    try:
        check()
    except CannotRunError as error:
        pytest.skip(str(error))


def folders() -> set[str]:
    return {path.name for path in Path(tempfile.gettempdir()).glob(f"{cgroups.PREFIX}*")}


def processes_of(folder: str) -> list[str]:
    """Return what still runs with a laboratory's folder in its command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if folder in words:
            found.append(words)
    return found


def test_a_node_comes_up_every_time_and_leaves_nothing() -> None:
    for _ in range(_STARTS):
        node = Node()
        try:
            node.start()
            assert node.folder.name in folders()
        except CannotBuildError as error:
            pytest.skip(str(error))
        finally:
            node.stop()
        assert node.folder.name not in folders()
        assert node.folder.name not in cgroups.left()
        assert not processes_of(node.folder.name)
        assert node.folder.name not in Path("/proc/mounts").read_text()


def test_two_nodes_do_not_know_each_other(node: Node, fresh_node: Node) -> None:
    with node.client() as one, fresh_node.client() as other:
        one.post("/api/v1/namespaces", json={"metadata": {"name": "only-here"}})
        assert one.get("/api/v1/namespaces/only-here").status_code == 200
        assert other.get("/api/v1/namespaces/only-here").status_code == 404
        one.delete("/api/v1/namespaces/only-here")


def test_a_runner_that_is_killed_takes_its_node_along_and_the_next_start_sweeps_up() -> None:
    lines = (
        "import threading",
        "from tests.lab.node import Node",
        "node = Node()",
        "node.start()",
        "print(node.folder.name, flush=True)",
        "threading.Event().wait()",
    )
    script = "\n".join(lines)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as runner:
        assert runner.stdout is not None
        name = runner.stdout.readline().strip()
        assert name in cgroups.left()
        assert processes_of(name)
        runner.send_signal(signal.SIGKILL)
        runner.wait(10)
    eventually(lambda: not processes_of(name), "its processes have ended", 10)
    leftovers.sweep()
    assert name not in folders()
    assert name not in cgroups.left()


def test_a_node_has_the_gpu_and_the_labels_that_it_is_given(fresh_node: Node) -> None:
    fresh_node.give_gpu()
    with fresh_node.client() as client:
        found = client.get("/api/v1/nodes/lab").json()
        summary = client.get("/api/v1/nodes/lab/proxy/stats/summary").json()
    assert found["status"]["allocatable"]["gpu.intel.com/i915"] == "1"
    assert found["metadata"]["labels"]["intel.feature.node.kubernetes.io/gpu"] == "true"
    assert summary["node"]["nodeName"] == "lab"
