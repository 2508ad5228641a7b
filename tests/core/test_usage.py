"""What an app uses is what this run of its container was measured to use."""

from __future__ import annotations

import pytest

from mediatui.apps.discovery import discover
from mediatui.model.workload import ContainerStatus, PodUsage
from mediatui.present.status import usage_of
from tests.support.rows import NOW, container, pod_of, stack, workload


@pytest.mark.parametrize(
    ("status", "usage"),
    [
        (ContainerStatus("sonarr", "running", ready=True, since=NOW - 3600), (0.25, 1e9)),
        (ContainerStatus("sonarr", "running", ready=True, since=NOW - 5), None),
        (ContainerStatus("sonarr", "waiting", reason="CrashLoopBackOff"), None),
    ],
)
def test_a_measure_counts_for_the_run_that_was_measured(
    status: ContainerStatus, usage: tuple[float, float] | None
) -> None:
    sonarr = workload("StatefulSet", "media/sonarr", container("sonarr", "ghcr.io/x/sonarr:4.0.17", 8989))
    pod = pod_of(sonarr, status=status)
    measured = PodUsage(pod.ref, NOW - 30, (("sonarr", 0.25, 1e9),))
    picture = stack(sonarr, pods=(pod,), pod_metrics=[measured])
    (unit,) = discover(picture)
    assert usage_of(picture, unit) == usage
