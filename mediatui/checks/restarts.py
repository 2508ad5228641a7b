"""An app that runs now, but not for long yet."""

from __future__ import annotations

from collections.abc import Iterator

from mediatui.checks.base import Check
from mediatui.model.app import AppUnit
from mediatui.model.finding import Finding, Level
from mediatui.model.stack import Stack
from mediatui.text import age, plural

_RECENT = 3600.0


def _run(stack: Stack, unit: AppUnit) -> Iterator[Finding]:
    pod = unit.pod
    status = pod.status(unit.container.name) if pod is not None else None
    if status is None or not status.ready or not status.restarts or not status.last_ended:
        return
    ago = stack.observed_at - status.last_ended
    if ago < _RECENT and status.last_reason != "OOMKilled":
        yield Finding(
            id="app.restarts",
            level=Level.WARN,
            subject=unit.key,
            summary=f"restarted {age(ago)} ago: {status.last_reason or 'ended'}, exit {status.last_exit_code}",
            evidence=(f"{plural(status.restarts, 'restart')} of container {status.name}",),
        )


CHECK = Check("app.restarts", "It stays up", _run)
