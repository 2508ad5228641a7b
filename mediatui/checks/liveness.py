"""A container that the kubelet itself ends because it does not answer, whatever exit code that looks like."""

from __future__ import annotations

from collections.abc import Iterator

from mediatui.checks.base import Check, events_of
from mediatui.model.app import AppUnit
from mediatui.model.finding import Finding, Level
from mediatui.model.stack import Stack
from mediatui.text import age, plural

_RECENT = 600.0
# From pkg/kubelet/kuberuntime: "Container app failed liveness probe, will be restarted".
_SAID = {"liveness": "failed liveness probe", "startup": "failed startup probe"}


def _run(stack: Stack, unit: AppUnit) -> Iterator[Finding]:
    pod = unit.pod
    if pod is None or pod.deleting_since:
        return
    for event in events_of(stack, pod.uid, ("Killing",)):
        probe = next((probe for probe, words in _SAID.items() if words in event.message), None)
        if probe is None or stack.observed_at - event.last_seen > _RECENT:
            continue
        container = event.message.removeprefix("Container ").partition(" ")[0]
        status = pod.status(container)
        restarts = status.restarts if status else 0
        failures = [one for one in events_of(stack, pod.uid, ("Unhealthy",)) if one.message.lower().startswith(probe)]
        why = failures[0].message if failures else f"{probe.capitalize()} probe failed"
        who = "" if container == unit.container.name else f"container {container}: "
        yield Finding(
            id="app.liveness",
            level=Level.WARN if pod.ready else Level.FAIL,
            subject=unit.key,
            summary=f"{who}{why}, {plural(restarts, 'restart')}",
            evidence=(
                f"{event.message} ({age(stack.observed_at - event.last_seen)} ago)",
                *(f"Unhealthy x{one.count}: {one.message}" for one in failures[:2]),
            ),
        )
        return


CHECK = Check("app.liveness", "The kubelet leaves it running", _run)
