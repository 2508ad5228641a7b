"""An app that the kernel killed for memory, now or not long ago."""

from __future__ import annotations

from collections.abc import Iterator

from mediatui.checks.base import Check
from mediatui.model.app import AppUnit
from mediatui.model.finding import Finding, Level
from mediatui.model.stack import Stack
from mediatui.text import age, plural, size

_DAY = 86400.0


def _run(stack: Stack, unit: AppUnit) -> Iterator[Finding]:
    pod = unit.pod
    status = pod.status(unit.container.name) if pod is not None else None
    if pod is None or status is None:
        return
    now_killed = status.state == "terminated" and status.reason == "OOMKilled"
    if not now_killed and status.last_reason != "OOMKilled":
        return
    ago = stack.observed_at - status.last_ended if status.last_ended else 0.0
    if not now_killed and status.ready and ago > _DAY:
        return
    limit = unit.container.resources.memory_limit
    yield Finding(
        id="app.out-of-memory",
        level=Level.WARN if status.ready else Level.FAIL,
        subject=unit.key,
        summary=f"OOMKilled {age(ago)} ago at a memory limit of {size(limit)}, {plural(status.restarts, 'restart')}",
        evidence=(
            f"last state of container {status.name} of pod {pod.ref}: OOMKilled, exit code {status.last_exit_code}",
            f"expected limit: {size(unit.expected.memory_limit)}",
        ),
    )


CHECK = Check("app.out-of-memory", "Memory suffices", _run)
