"""Claims that keep an app from starting, or that are about to go."""

from __future__ import annotations

from collections.abc import Iterator

from mediatui.checks.base import Check, events_of
from mediatui.model.app import AppUnit
from mediatui.model.finding import Finding, Level
from mediatui.model.source import Kind
from mediatui.model.stack import Stack


def _run(stack: Stack, unit: AppUnit) -> Iterator[Finding]:
    if not stack.source(Kind.CLAIMS, unit.namespace).has_data:
        return
    starting = unit.pod is not None and not unit.pod.ready
    for ref in unit.claims:
        claim = stack.claims.get(ref)
        if claim is None:
            if starting:
                yield _finding(unit, Level.FAIL, f"claim {ref.name} does not exist", ())
            continue
        # "Waiting for a volume" is said again and again, and is newer than what the provisioner failed with.
        events = sorted(events_of(stack, claim.uid), key=lambda event: event.type != "Warning")
        evidence = tuple(f"{event.reason}: {event.message}" for event in events[:2])
        if claim.phase == "Lost":
            yield _finding(unit, Level.FAIL, f"claim {ref.name} has lost its volume {claim.volume}", evidence)
        elif claim.deleting_since:
            yield _finding(
                unit, Level.FAIL, f"claim {ref.name} is being deleted (its phase still says {claim.phase})", evidence
            )
        elif claim.phase == "Pending" and starting:
            why = evidence[0] if evidence else "no event explains it"
            yield _finding(unit, Level.FAIL, f"claim {ref.name} is Pending: {why}", evidence)


def _finding(unit: AppUnit, level: Level, summary: str, evidence: tuple[str, ...]) -> Finding:
    return Finding(id="app.claims", level=level, subject=unit.key, summary=summary, evidence=evidence)


CHECK = Check("app.claims", "Claims are there", _run)
