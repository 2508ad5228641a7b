"""What a check is, and how all of them are run over one app."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from mediatui.model.app import AppUnit
from mediatui.model.finding import SEVERITY, Finding, Level
from mediatui.model.source import Unknown
from mediatui.model.stack import Stack
from mediatui.model.workload import Event

Probe = Callable[[Stack, AppUnit], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """One read-only diagnosis of an app that comes free from the live picture."""

    id: str
    title: str
    run: Probe
    """Yields what is wrong or worth saying; nothing when all is well."""


@dataclass(frozen=True, slots=True)
class Health:
    """How an app is, and everything that was found about it, the most telling first."""

    level: Level
    summary: str
    findings: tuple[Finding, ...]


def examine(stack: Stack, unit: AppUnit, checks: Sequence[Check]) -> Health:
    """Run every check over an app; the first finding of the worst level speaks for it.

    Checks are ordered from cause to consequence. One that raises becomes *unknown*: a picture with one odd
    object is still a picture.
    """
    findings: list[Finding] = []
    for check in checks:
        try:
            findings.extend(check.run(stack, unit))
        except Exception as error:  # noqa: BLE001 - the runner is one of the two named edges for a broad except
            findings.append(
                Finding(
                    id=check.id,
                    level=Level.UNKNOWN,
                    subject=unit.key,
                    summary=f"the check '{check.title}' itself failed",
                    evidence=(f"{type(error).__name__}: {error}",),
                    reason=Unknown.NOT_RUN,
                )
            )
    findings.sort(key=lambda finding: -SEVERITY[finding.level])
    if not findings or findings[0].level in (Level.OK, Level.NA):
        note = findings[0].summary if findings else f"{unit.workload.ready}/{unit.workload.desired} ready"
        return Health(findings[0].level if findings else Level.OK, note, tuple(findings))
    return Health(findings[0].level, findings[0].summary, tuple(findings))


def events_of(stack: Stack, uid: str, reasons: Sequence[str] = ()) -> list[Event]:
    """Return an object's events, newest first, optionally those with certain reasons only."""
    return [event for event in stack.events_of.get(uid, ()) if not reasons or event.reason in reasons]
