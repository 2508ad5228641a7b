"""A rollout that does not get on: rejected pods, a passed deadline, pods that are never made."""

from __future__ import annotations

from collections.abc import Iterator

from mediatui.checks.base import Check, events_of
from mediatui.model.app import AppUnit
from mediatui.model.finding import Finding, Level
from mediatui.model.source import Kind
from mediatui.model.stack import Stack
from mediatui.model.workload import Condition

_REPLICAS_GRACE = 30.0


def _run(stack: Stack, unit: AppUnit) -> Iterator[Finding]:
    workload = unit.workload
    if workload.desired == 0 or workload.kind == "Pod":
        return
    conditions = [*workload.conditions]
    owners = [workload.uid]
    for replicaset in stack.replicasets.values():
        if replicaset.owner_uid == workload.uid and replicaset.desired:
            conditions.extend(replicaset.conditions)
            owners.append(replicaset.uid)
    failure = _first(conditions, "ReplicaFailure", "True")
    if failure is not None:
        yield _finding(unit, Level.FAIL, f"{failure.reason}: {failure.message}", "condition ReplicaFailure is True")
        return
    stuck = _first(conditions, "Progressing", "False")
    if stuck is not None:
        yield _finding(
            unit, Level.FAIL, f"rollout stuck, {stuck.reason}: {stuck.message}", "condition Progressing is False"
        )
        return
    if not stack.source(Kind.PODS, unit.namespace).has_data:
        return
    if not any(not pod.deleting_since for pod in unit.pods):
        events = [event for owner in owners for event in events_of(stack, owner, ("FailedCreate",))]
        if events:
            yield _finding(unit, Level.FAIL, f"no pod: {events[0].message}", f"{events[0].reason} x{events[0].count}")
        elif stack.observed_at - workload.created > _REPLICAS_GRACE:
            yield _finding(unit, Level.FAIL, f"no pod, {workload.desired} wanted", "no living pod was found")
        return
    if workload.paused:
        yield _finding(unit, Level.WARN, "rollout paused", "spec.paused is true")
    elif workload.generation > workload.observed_generation:
        yield _finding(
            unit, Level.WARN, "a change has not been taken up yet", "observedGeneration lags behind generation"
        )
    elif workload.updated < workload.desired and workload.kind == "Deployment":
        yield _finding(
            unit, Level.WARN, f"rolling out: {workload.updated} of {workload.desired} updated", "status.updatedReplicas"
        )


def _first(conditions: list[Condition], kind: str, status: str) -> Condition | None:
    return next((one for one in conditions if one.type == kind and one.status == status), None)


def _finding(unit: AppUnit, level: Level, summary: str, evidence: str) -> Finding:
    return Finding(
        id="app.rollout",
        level=level,
        subject=unit.key,
        summary=summary,
        evidence=(f"{evidence} ({unit.workload.kind} {unit.workload.ref})",),
    )


CHECK = Check("app.rollout", "Its rollout gets on", _run)
