"""What mediatui says of a real node: every state that the Status pane knows, brought about for real, and its logs."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.e2e.conftest import Object, Place, workload
from tests.lab.images.catalogue import image
from tests.support.waiting import eventually

SONARR = image("sonarr")
UNREACHABLE = "127.0.0.1:5000/lab/sonarr:9"
"""An image that cannot be pulled; a name that cannot be resolved would make deletion slow."""


def probe(path: str, **more: Any) -> Object:
    return {"httpGet": {"path": path, "port": 8989}, "periodSeconds": 1, **more}


def deployment(name: str, used: str = SONARR, *, volume: Object | None = None, **container: Any) -> Object:
    if volume is not None:
        container["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]
    body = workload("Deployment", name, used, **container)
    if volume is not None:
        body["spec"]["template"]["spec"]["volumes"] = [{"name": "data", **volume}]
    return body


STATES: tuple[tuple[Object, str, str], ...] = (
    (deployment("fine", readinessProbe=probe("/ping")), "ok", "1/1 ready"),
    (
        deployment("crash", env=[{"name": "CONFIG_DIR", "value": "/proc/no"}]),
        "fail",
        r"(CrashLoopBackOff|Error): exit 1, \d restarts?",
    ),
    (
        deployment("oom", command=["sh", "-c", "sleep 1; tail /dev/zero"], resources={"limits": {"memory": "32Mi"}}),
        "fail",
        r"OOMKilled \d+s ago at a memory limit of 32Mi, \d restarts?",
    ),
    (deployment("pull", UNREACHABLE), "fail", "ErrImagePull: failed to pull"),
    (deployment("backoff", UNREACHABLE), "fail", "ImagePullBackOff: Back-off pulling image"),
    (deployment("never", imagePullPolicy="Never", used="ghcr.io/lab/sonarr:9"), "fail", "ErrImageNeverPull: "),
    (
        deployment("config", env=[{"name": "A", "valueFrom": {"secretKeyRef": {"name": "missing", "key": "k"}}}]),
        "fail",
        'CreateContainerConfigError: secret "missing" not found',
    ),
    (deployment("run", command=["/nonexistent"]), "fail", r"RunContainerError: .*/nonexistent.*no such file"),
    (
        deployment("mount", volume={"configMap": {"name": "missing"}}),
        "fail",
        'FailedMount: .*configmap "missing" not found',
    ),
    (
        deployment("unready", readinessProbe=probe("/nothing")),
        "fail",
        "Readiness probe failed: HTTP probe failed with statuscode: 404",
    ),
    (
        deployment("unlively", livenessProbe=probe("/nothing", failureThreshold=2)),
        "fail",
        r"Liveness probe failed: HTTP probe failed with statuscode: 404, [1-9] restarts?",
    ),
    (
        deployment("gpu", resources={"limits": {"gpu.intel.com/i915": "1"}}),
        "fail",
        "Unschedulable: .*Insufficient gpu.intel.com/i915",
    ),
    (
        deployment("unbound", volume={"persistentVolumeClaim": {"claimName": "unbound"}}),
        "fail",
        'claim unbound is Pending: ProvisioningFailed: storageclass.* "none" not found',
    ),
    (
        deployment("noclaim", volume={"persistentVolumeClaim": {"claimName": "gone"}}),
        "fail",
        "claim gone does not exist",
    ),
    (deployment("leaving", env=[{"name": "TERM_DELAY", "value": "40s"}]), "warn", "scaled to 0 by hand, 1 pod still"),
)


@pytest.fixture(scope="module")
def troubled(node_place: Place) -> Place:
    """A namespace with an app in every state."""
    claim = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
        "storageClassName": "none",
    }
    node_place.post("api/v1/persistentvolumeclaims", {"metadata": {"name": "unbound"}, "spec": claim})
    for body, _, _ in STATES:
        if body["metadata"]["name"] == "leaving":
            body["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 60
        node_place.post("apis/apps/v1/deployments", body)
    eventually(lambda: named(node_place, "leaving")["replicas"]["ready"], "it runs before it leaves", 60)
    node_place.patch("apis/apps/v1/deployments", "leaving", {"spec": {"replicas": 0}})
    return node_place


def named(place: Place, name: str) -> Object:
    return next((app for app in place.status()["apps"] if app["workload"]["name"] == name), {"replicas": {"ready": 0}})


@pytest.mark.parametrize(
    ("name", "level", "summary"),
    [(body["metadata"]["name"], level, summary) for body, level, summary in STATES],
)
def test_every_state_is_told_with_its_real_reason(troubled: Place, name: str, level: str, summary: str) -> None:
    seen: dict[str, None] = {}

    def as_expected() -> bool:
        app = named(troubled, name)
        seen[f"{app.get('level')}: {app.get('summary')}"] = None
        return app.get("level") == level and re.search(summary, app["summary"]) is not None

    try:
        # A pull alternates between failing and waiting to be tried again, a crash between ending and waiting.
        eventually(as_expected, deadline=60)
    except AssertionError:
        pytest.fail(f"expected {level}: {summary}; seen: {list(seen)}")
