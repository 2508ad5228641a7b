"""A pod that no node takes, in the scheduler's words."""

from __future__ import annotations

from collections.abc import Iterator

from mediatui.checks.base import Check, events_of
from mediatui.model.app import AppUnit
from mediatui.model.finding import Finding, Level
from mediatui.model.stack import Stack


def _run(stack: Stack, unit: AppUnit) -> Iterator[Finding]:
    pod = unit.pod
    if pod is None or pod.node or pod.deleting_since:
        return
    condition = next((one for one in pod.conditions if one.type == "PodScheduled" and one.status == "False"), None)
    if condition is not None:
        yield Finding(
            id="app.unschedulable",
            level=Level.FAIL,
            subject=unit.key,
            summary=f"{condition.reason or 'Unschedulable'}: {condition.message or 'no node takes the pod'}",
            evidence=(f"condition PodScheduled of pod {pod.ref} is False",),
        )
        return
    if stack.observed_at - pod.created > _GRACE:
        events = events_of(stack, pod.uid)
        yield Finding(
            id="app.unschedulable",
            level=Level.FAIL,
            subject=unit.key,
            summary="Pending: no scheduler has looked at the pod"
            if not events
            else f"Pending: {events[0].reason}: {events[0].message}",
            evidence=(f"pod {pod.ref} has no node and no PodScheduled condition",),
        )


# A scheduler decides within a second; the rest is for a clock that differs from the server's.
_GRACE = 30.0

CHECK = Check("app.unschedulable", "A node takes it", _run)
