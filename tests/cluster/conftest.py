"""The cluster that a scenario runs on: each runs on the demo, and with ``MEDIATUI_TEST_REAL`` on a real one too."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import httpx
import pytest

from tests.cluster import backends
from tests.cluster.hands import Cluster, place
from tests.e2e.conftest import started
from tests.lab.controlplane import ControlPlane

_NAMES = ("demo", "real") if os.environ.get("MEDIATUI_TEST_REAL") else ("demo",)


@pytest.fixture(scope="session")
def demo_client() -> Iterator[httpx.Client]:
    """The demo cluster."""
    with backends.demo() as client:
        yield client


@pytest.fixture(scope="session")
def real_client() -> Iterator[httpx.Client]:
    """The real control plane."""
    with started(ControlPlane()) as plane, backends.real(plane) as client:
        yield client


@pytest.fixture(params=_NAMES)
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A fresh namespace and storage class on one of the clusters."""
    client: httpx.Client = request.getfixturevalue(f"{request.param}_client")
    with place(request.param, client) as made:
        yield made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many scenarios and probes held on each cluster."""
    passed = [report.nodeid for report in terminalreporter.stats.get("passed", []) if report.when == "call"]
    for name in ("demo", "real"):
        mine = [
            one for one in passed if one.startswith("tests/cluster/") and re.search(rf"\[(.*-)?{name}(-.*)?\]$", one)
        ]
        scenarios = sum("/test_s" in one for one in mine)
        probes = sum("/test_api" in one for one in mine)
        if mine:
            terminalreporter.write_line(f"{name} cluster: {scenarios} scenarios and {probes} probes held")
