"""An app that runs and does not answer its probe, or is only just starting or ending."""

from __future__ import annotations

from collections.abc import Iterator

from mediatui.checks.base import Check, events_of
from mediatui.model.app import AppUnit
from mediatui.model.finding import Finding, Level
from mediatui.model.stack import Stack
from mediatui.text import age

_STARTING = 60.0
# What the kubelet says of a container that it is still preparing.
_BEGINNING = ("", "ContainerCreating", "PodInitializing")


def _run(stack: Stack, unit: AppUnit) -> Iterator[Finding]:
    pod = unit.pod
    if pod is None or pod.ready:
        return
    if pod.deleting_since:
        if unit.workload.desired:
            since = age(stack.observed_at - pod.deleting_since)
            yield _finding(
                unit, Level.WARN, f"its only pod has been ending for {since}", f"pod {pod.ref} is being deleted"
            )
        return
    if pod.phase == "Failed":
        yield _finding(
            unit, Level.FAIL, f"{pod.reason or 'Failed'}: {pod.message or 'the pod ended'}", f"phase of pod {pod.ref}"
        )
        return
    for status in sorted(pod.statuses, key=lambda one: one.name != unit.container.name):
        if status.state == "running" and not status.ready:
            failures = events_of(stack, pod.uid, ("Unhealthy",))
            running = stack.observed_at - status.since if status.since else 0.0
            who = "" if status.name == unit.container.name else f"container {status.name}: "
            if failures:
                yield _finding(
                    unit, Level.FAIL, f"{who}{failures[0].message}", f"Unhealthy x{failures[0].count} (pod {pod.ref})"
                )
            elif running > _STARTING:
                yield _finding(
                    unit, Level.FAIL, f"{who}not ready for {age(running)}", f"pod {pod.ref} runs and is not ready"
                )
            else:
                yield _finding(unit, Level.WARN, f"{who}starting", f"pod {pod.ref} runs and is not ready yet")
            return
    if pod.node:
        if any(one.state == "terminated" or one.reason not in _BEGINNING for one in pod.statuses):
            return  # what its containers are stuck in has been said by another check
        waiting = next((one for one in pod.statuses if one.state == "waiting" and one.reason), None)
        why = waiting.reason if waiting else "no container has started"
        level = Level.WARN if stack.observed_at - pod.created < 5 * _STARTING else Level.FAIL
        yield _finding(
            unit, level, f"starting for {age(stack.observed_at - pod.created)}: {why}", f"pod {pod.ref} is {pod.phase}"
        )


def _finding(unit: AppUnit, level: Level, summary: str, evidence: str) -> Finding:
    return Finding(id="app.readiness", level=level, subject=unit.key, summary=summary, evidence=(evidence,))


CHECK = Check("app.readiness", "It is ready", _run)
