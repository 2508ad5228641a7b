"""An app that is meant to have no pods, and who meant it."""

from __future__ import annotations

from collections.abc import Iterator

from mediatui.checks.base import Check
from mediatui.model.app import AppUnit
from mediatui.model.finding import Finding, Level
from mediatui.model.stack import Stack
from mediatui.text import age, plural


def _run(stack: Stack, unit: AppUnit) -> Iterator[Finding]:
    if unit.workload.desired > 0:
        return
    scaler = unit.autoscaler
    if scaler is not None:
        by, evidence = f"{scaler.kind} {scaler.ref.name}", f"{scaler.kind} {scaler.ref} has minimum {scaler.minimum}"
    elif unit.gitops is not None:
        by, evidence = f"its manifest or by hand ({unit.gitops.engine} {unit.gitops.name})", unit.gitops.evidence
    else:
        by, evidence = "hand", "no autoscaler and no GitOps owner was found"
    ending = [pod for pod in unit.pods if pod.deleting_since]
    still = f", {plural(len(ending), 'pod')} still ending" if ending else ""
    yield Finding(
        id="app.scaled-to-zero",
        level=Level.WARN,
        subject=unit.key,
        summary=f"scaled to 0 by {by}{still}",
        evidence=(
            f"spec.replicas of {unit.workload.kind} {unit.workload.ref} is 0",
            evidence,
            *(f"pod {pod.ref} has been ending for {age(stack.observed_at - pod.deleting_since)}" for pod in ending),
        ),
    )


CHECK = Check("app.scaled-to-zero", "Wanted at all", _run)
