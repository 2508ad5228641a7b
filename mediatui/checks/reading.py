"""Whether enough could be read to say anything at all."""

from __future__ import annotations

from collections.abc import Iterator

from mediatui.checks.base import Check
from mediatui.model.app import AppUnit
from mediatui.model.finding import Finding, Level
from mediatui.model.source import Kind, SourceStatus
from mediatui.model.stack import Stack


def _run(stack: Stack, unit: AppUnit) -> Iterator[Finding]:
    state = stack.source(Kind.PODS, unit.namespace)
    if state.status is SourceStatus.STARTING:
        yield Finding(id="app.reading", level=Level.NA, subject=unit.key, summary="reading its pods")
    elif state.unknown is not None:
        yield Finding(
            id="app.reading",
            level=Level.UNKNOWN,
            subject=unit.key,
            summary=f"pods cannot be read: {state.message or state.status}",
            evidence=(f"source pods is {state.status}",),
            reason=state.unknown,
        )


CHECK = Check("app.reading", "Pods can be read", _run)
