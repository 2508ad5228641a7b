"""What the checks say of an app in each kind of trouble."""

from __future__ import annotations

from typing import Any

import pytest

from mediatui.apps.discovery import discover
from mediatui.checks import CHECKS, Health, examine
from mediatui.checks.base import Check
from mediatui.model.finding import Level
from mediatui.model.source import Kind, Ref, SourceStatus
from mediatui.model.stack import Stack
from mediatui.model.storage import Claim
from mediatui.model.workload import (
    Autoscaler,
    Condition,
    ContainerStatus,
    Event,
    Mount,
    Node,
    PodVolume,
    Workload,
)
from tests.support.rows import NOW, container, pod_of, stack, without, workload

SONARR = container("app", "ghcr.io/x/sonarr:4", 8989, mounts=(Mount("config", "/config"),))


def sonarr(kind: str = "Deployment", **more: Any) -> Workload:
    return workload(kind, "media/sonarr", SONARR, volumes=(PodVolume("config", "claim", "sonarr-config"),), **more)


def status(state: str, **more: Any) -> ContainerStatus:
    return ContainerStatus("app", state, **more)  # type: ignore[arg-type]


def claim(phase: str = "Bound", **more: Any) -> Claim:
    return Claim(Ref("media", "sonarr-config"), "uid-claim", NOW, phase, volume="pv-1", **more)


def event(uid: str, reason: str, message: str, **more: Any) -> Event:
    defaults: dict[str, Any] = {"type": "Warning", "count": 3, "first_seen": NOW - 60, "last_seen": NOW - 5}
    return Event(
        Ref("media", f"e-{reason}"),
        f"e-{reason}",
        reason=reason,
        message=message,
        object_kind="",
        object_name="",
        object_uid=uid,
        **(defaults | more),
    )


def health(picture: Stack) -> Health:
    (unit,) = discover(picture)
    return examine(picture, unit, CHECKS)


def test_a_ready_app_is_fine() -> None:
    owner = sonarr()
    found = health(stack(owner, pods=(pod_of(owner),), claims=[claim()]))
    assert (found.level, found.summary, found.findings) == (Level.OK, "1/1 ready", ())


def test_a_crash_loop_says_how_the_last_run_ended_and_how_often() -> None:
    owner = sonarr(ready=0)
    looping = status(
        "waiting",
        reason="CrashLoopBackOff",
        message="back-off 5m0s restarting failed container",
        restarts=14,
        last_reason="Error",
        last_exit_code=139,
        last_ended=NOW - 60,
    )
    found = health(stack(owner, pods=(pod_of(owner, status=looping),), claims=[claim()]))
    assert (found.level, found.summary) == (Level.FAIL, "CrashLoopBackOff: exit 139, 14 restarts")
    assert "back-off 5m0s restarting failed container" in found.findings[0].evidence


def test_a_crash_loop_after_running_out_of_memory_is_told_as_that() -> None:
    owner = sonarr(ready=0)
    looping = status(
        "waiting",
        reason="CrashLoopBackOff",
        restarts=2,
        last_reason="OOMKilled",
        last_exit_code=137,
        last_ended=NOW - 60,
    )
    found = health(stack(owner, pods=(pod_of(owner, status=looping),), claims=[claim()]))
    assert found.level is Level.FAIL
    assert found.summary.startswith("OOMKilled 60s ago at a memory limit of -")


def test_running_out_of_memory_yesterday_warns_and_last_week_does_not() -> None:
    owner = sonarr()
    for ago, level in ((3600.0 * 5, Level.WARN), (86400.0 * 7, Level.OK)):
        killed = status(
            "running", ready=True, restarts=1, last_reason="OOMKilled", last_exit_code=137, last_ended=NOW - ago
        )
        assert health(stack(owner, pods=(pod_of(owner, status=killed),), claims=[claim()])).level is level


@pytest.mark.parametrize(
    "reason",
    ["ImagePullBackOff", "ErrImagePull", "InvalidImageName", "CreateContainerConfigError", "RunContainerError"],
)
def test_what_the_kubelet_cannot_start_is_told_in_its_own_words(reason: str) -> None:
    owner = sonarr(ready=0)
    waiting = status("waiting", reason=reason, message="the registry said no")
    found = health(stack(owner, pods=(pod_of(owner, status=waiting),), claims=[claim()]))
    assert (found.level, found.summary) == (Level.FAIL, f"{reason}: the registry said no")


def test_an_unschedulable_pod_gives_the_schedulers_message() -> None:
    owner = sonarr(ready=0)
    why = "0/1 nodes are available: 1 Insufficient gpu.intel.com/i915."
    pod = pod_of(
        owner,
        node="",
        ready=False,
        phase="Pending",
        statuses=(),
        conditions=(Condition("PodScheduled", "False", "Unschedulable", why),),
    )
    found = health(stack(owner, pods=(pod,), claims=[claim()]))
    assert (found.level, found.summary) == (Level.FAIL, f"Unschedulable: {why}")


def test_a_pending_pod_without_a_word_from_the_scheduler_is_not_taken_for_starting() -> None:
    owner = sonarr(ready=0)
    pod = pod_of(owner, node="", ready=False, phase="Pending", statuses=())
    assert health(stack(owner, pods=(pod,), claims=[claim()])).summary == "Pending: no scheduler has looked at the pod"


def test_a_missing_claim_is_the_cause_and_comes_before_the_unschedulable_pod() -> None:
    owner = sonarr(ready=0)
    why = 'persistentvolumeclaim "sonarr-config" not found'
    pod = pod_of(
        owner,
        node="",
        ready=False,
        phase="Pending",
        statuses=(),
        conditions=(Condition("PodScheduled", "False", "Unschedulable", why),),
    )
    found = health(stack(owner, pods=(pod,)))
    assert found.summary == "claim sonarr-config does not exist"
    assert [finding.id for finding in found.findings] == ["app.claims", "app.unschedulable"]


def test_a_claim_that_is_being_deleted_fails_though_its_phase_says_bound() -> None:
    owner = sonarr()
    found = health(stack(owner, pods=(pod_of(owner),), claims=[claim(deleting_since=NOW - 5)]))
    assert (found.level, found.summary) == (
        Level.FAIL,
        "claim sonarr-config is being deleted (its phase still says Bound)",
    )


def test_a_pending_claim_gives_the_event_that_explains_it_though_that_is_a_normal_one() -> None:
    owner = sonarr(ready=0)
    told = event("uid-claim", "ExternalProvisioning", "Waiting for a volume to be created", type="Normal")
    pod = pod_of(owner, node="", ready=False, phase="Pending", statuses=())
    found = health(stack(owner, pods=(pod,), claims=[claim("Pending")], events=[told]))
    assert found.summary == "claim sonarr-config is Pending: ExternalProvisioning: Waiting for a volume to be created"
    failed = event("uid-claim", "ProvisioningFailed", "no space left", last_seen=NOW - 50)
    found = health(stack(owner, pods=(pod,), claims=[claim("Pending")], events=[told, failed]))
    assert found.summary == "claim sonarr-config is Pending: ProvisioningFailed: no space left"


def test_a_failing_probe_gives_the_kubelets_message() -> None:
    owner = sonarr(ready=0)
    pod = pod_of(owner, status=status("running", since=NOW - 300))
    told = event(pod.uid, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 500")
    found = health(stack(owner, pods=(pod,), claims=[claim()], events=[told]))
    assert (found.level, found.summary) == (
        Level.FAIL,
        "Readiness probe failed: HTTP probe failed with statuscode: 500",
    )


def test_a_container_that_its_liveness_probe_ends_is_told_as_that_and_not_by_its_exit_code() -> None:
    owner = sonarr(ready=0)
    crashed = status("waiting", reason="CrashLoopBackOff", restarts=5, last_reason="Completed", last_exit_code=0)
    pod = pod_of(owner, status=crashed)
    killed = event(pod.uid, "Killing", "Container app failed liveness probe, will be restarted", type="Normal")
    failed = event(pod.uid, "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 404")
    said = health(stack(owner, pods=(pod,), claims=(claim(),), events=(killed, failed)))
    assert said.level is Level.FAIL
    assert said.summary == "Liveness probe failed: HTTP probe failed with statuscode: 404, 5 restarts"
    assert [finding.id for finding in said.findings] == ["app.liveness", "app.crash-loop"]


def test_an_app_scaled_to_zero_says_that_its_pod_is_still_ending() -> None:
    owner = sonarr(desired=0)
    pod = pod_of(owner, deleting_since=NOW - 9)
    said = health(stack(owner, pods=(pod,), claims=(claim(),)))
    assert said.summary == "scaled to 0 by hand, 1 pod still ending"
    assert any("has been ending for 9s" in line for line in said.findings[0].evidence)


def test_an_app_that_has_just_begun_is_starting_and_not_failing() -> None:
    owner = sonarr(ready=0)
    pod = pod_of(owner, status=status("running", since=NOW - 5))
    assert health(stack(owner, pods=(pod,), claims=[claim()])).level is Level.WARN


def test_pods_that_admission_refuses_are_told_from_the_replicaset() -> None:
    failure = Condition(
        "ReplicaFailure", "True", "FailedCreate", 'pods "x" is forbidden: violates PodSecurity "baseline:latest"'
    )
    found = health(stack(sonarr(ready=0, conditions=(failure,)), claims=[claim()]))
    assert found.level is Level.FAIL
    assert "violates PodSecurity" in found.summary


def test_a_statefulset_whose_pods_are_refused_gives_its_event() -> None:
    owner = sonarr("StatefulSet", ready=0)
    told = event(owner.uid, "FailedCreate", "create Pod sonarr-0 failed: quota exceeded")
    assert (
        health(stack(owner, claims=[claim()], events=[told])).summary
        == "no pod: create Pod sonarr-0 failed: quota exceeded"
    )


def test_a_stuck_rollout_is_told_with_the_deadlines_reason() -> None:
    stuck = Condition("Progressing", "False", "ProgressDeadlineExceeded", 'ReplicaSet "x" has timed out progressing.')
    owner = sonarr(conditions=(stuck,))
    found = health(stack(owner, pods=(pod_of(owner),), claims=[claim()]))
    assert found.summary == 'rollout stuck, ProgressDeadlineExceeded: ReplicaSet "x" has timed out progressing.'


@pytest.mark.parametrize(
    ("scaler", "words"),
    [
        (None, "scaled to 0 by hand"),
        (
            Autoscaler("ScaledObject", Ref("media", "nfs-up"), "Deployment", "sonarr", 0, 1),
            "scaled to 0 by ScaledObject nfs-up",
        ),
    ],
)
def test_an_app_scaled_to_zero_is_not_called_down_and_names_who_did_it(scaler: Autoscaler | None, words: str) -> None:
    found = health(stack(sonarr(desired=0), claims=[claim()], scaled_objects=[scaler] if scaler else []))
    assert (found.level, found.summary) == (Level.WARN, words)


def test_a_quiet_node_is_the_cause_of_what_its_pods_say() -> None:
    owner = sonarr()
    node = Node("node-a", "n", ready=False, reason="NodeStatusUnknown")
    found = health(stack(owner, pods=(pod_of(owner),), claims=[claim()], nodes=[node]))
    assert found.summary == "node node-a is not ready: NodeStatusUnknown"


def test_an_evicted_pod_is_told_with_its_reason() -> None:
    owner = sonarr(ready=0)
    pod = pod_of(
        owner,
        phase="Failed",
        ready=False,
        reason="Evicted",
        message="The node was low on resource: ephemeral-storage.",
        statuses=(),
    )
    assert (
        health(stack(owner, pods=(pod,), claims=[claim()])).summary
        == "Evicted: The node was low on resource: ephemeral-storage."
    )


def test_a_volume_that_cannot_be_attached_is_told_from_its_event() -> None:
    owner = sonarr(ready=0)
    pod = pod_of(owner, status=status("waiting", reason="ContainerCreating"), phase="Pending", created=NOW - 120)
    told = event(pod.uid, "FailedAttachVolume", "Multi-Attach error for volume")
    assert (
        health(stack(owner, pods=(pod,), claims=[claim()], events=[told])).summary
        == "FailedAttachVolume: Multi-Attach error for volume"
    )


def test_pods_that_may_not_be_read_make_the_app_unknown_and_not_down() -> None:
    picture = without(stack(sonarr(ready=0)), Kind.PODS)
    found = health(picture)
    assert (found.level, found.summary) == (Level.UNKNOWN, "pods cannot be read: forbidden")
    assert found.findings[0].reason == "noPermission"


def test_a_check_that_fails_itself_is_unknown_and_ends_nothing() -> None:
    def broken(_stack: Stack, _unit: object) -> Any:
        raise ZeroDivisionError("odd object")

    owner = sonarr()
    picture = stack(owner, pods=(pod_of(owner),), claims=[claim()])
    (unit,) = discover(picture)
    found = examine(picture, unit, [Check("x.broken", "Broken", broken)])
    assert (found.level, found.findings[0].reason) == (Level.UNKNOWN, "notRun")


def test_a_source_answers_for_a_namespace_through_the_narrow_one_when_all_is_forbidden() -> None:
    from mediatui.model.source import SourceId, SourceState

    sources = {
        SourceId(Kind.PODS): SourceState(SourceStatus.NO_PERMISSION),
        SourceId(Kind.PODS, "media"): SourceState(SourceStatus.SYNCED),
    }
    picture = Stack(sources=sources)
    assert picture.source(Kind.PODS, "media").status is SourceStatus.SYNCED
    assert picture.source(Kind.PODS, "other").status is SourceStatus.NO_PERMISSION
    assert picture.source(Kind.PODS).status is SourceStatus.SYNCED
