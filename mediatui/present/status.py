"""The Status pane and ``status``: a row per app, and everything about one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mediatui.checks import CHECKS, Health, examine
from mediatui.model.app import AppUnit
from mediatui.model.finding import SEVERITY, Level
from mediatui.model.source import Kind, Ref, SourceStatus
from mediatui.model.stack import Stack
from mediatui.present.glyphs import SOURCE_WORDS, level_cell
from mediatui.present.rows import Cell, Column, Role, Row
from mediatui.text import age, cores, size

NEEDS: tuple[Kind, ...] = tuple(Kind)
"""Every kind takes part in an app's status."""

COLUMNS: tuple[Column, ...] = (
    Column("app", "APP", 8),
    Column("level", "STATE", 9),
    Column("ready", "READY", 5, right=True),
    Column("restarts", "RESTARTS", 8, right=True, priority=2),
    Column("age", "AGE", 5, right=True, priority=2),
    Column("version", "VERSION", 10, least=6, priority=3),
    Column("summary", "WHY", 29, least=26, grow=True),
    Column("cpu", "CPU", 8, right=True, priority=5),
    Column("memory", "MEMORY", 11, right=True, priority=5),
    Column("workload", "WORKLOAD", 20, least=12, priority=6),
    Column("node", "NODE", 12, least=6, priority=7),
    Column("gitops", "GITOPS", 14, least=8, priority=8),
)


@dataclass(frozen=True, slots=True)
class AppStatus:
    """An app and how it is."""

    unit: AppUnit
    health: Health


def statuses(stack: Stack) -> tuple[AppStatus, ...]:
    """Return how each app of a stack is, in the order of the apps."""
    return tuple(AppStatus(unit, examine(stack, unit, CHECKS)) for unit in stack.apps)


def rows(stack: Stack, apps: Sequence[AppStatus]) -> list[Row]:
    """Return a row per app; names that two units share are told apart by namespace and workload."""
    names = [status.unit.app for status in apps]
    return [Row(status.unit.key, _cells(stack, status, shared=names.count(status.unit.app) > 1)) for status in apps]


SORTABLE: tuple[str, ...] = ("level", "ready", "restarts", "age", "version", "workload", "node")
"""Columns that the apps can be sorted by; without one they stand in the order of ``APPS``."""


def placeholder(stack: Stack, *, filtered: bool) -> tuple[str, Role]:
    """Return what stands where no app can be shown, and what it means."""
    if filtered:
        return "no app matches the filter", "muted"
    state = stack.source(Kind.PODS)
    if state.status is SourceStatus.STARTING or not stack.sources:
        return "reading the cluster", "muted"
    if not state.has_data:
        word, role = SOURCE_WORDS[state.status]
        return f"pods: {word}: {state.message}" if state.message else f"pods: {word}", role
    return f"no media app was found in {stack.cluster.scope}", "muted"


def sort_key(column: str, status: AppStatus) -> tuple[float, str]:
    """Return what apps are sorted by when a column is asked for; levels the most urgent first."""
    unit = status.unit
    own = unit.pod.status(unit.container.name) if unit.pod else None
    text = {
        "version": unit.version.value,
        "node": unit.pod.node if unit.pod else "",
        "workload": str(unit.workload.ref),
    }
    number = {
        "level": -SEVERITY[status.health.level],
        "ready": unit.workload.ready,
        "restarts": -(own.restarts if own else 0),
        "age": -(unit.pod.created if unit.pod else 0.0),
    }
    return (float(number.get(column, 0)), text.get(column, unit.app))


def name(unit: AppUnit, *, shared: bool) -> str:
    """Return what an app is called on the screen."""
    return f"{unit.app} ({unit.namespace}/{unit.workload.ref.name})" if shared else unit.app


def absence(stack: Stack, kind: Kind, namespace: str = "") -> Cell | None:
    """Return why nothing is known of a kind, to be shown where its value would be; None when it is known."""
    state = stack.source(kind, namespace)
    if state.has_data:
        return None
    word, role = SOURCE_WORDS[state.status]
    return Cell(word, role)


def _cells(stack: Stack, status: AppStatus, *, shared: bool) -> tuple[Cell, ...]:
    unit, health = status.unit, status.health
    pod = unit.pod
    own = pod.status(unit.container.name) if pod else None
    workload = unit.workload
    complete = workload.ready >= workload.desired
    restarts: Role = "warn" if own and own.restarts else ""
    usage = usage_of(stack, unit)
    cpu, memory = (cores(usage[0]), size(usage[1])) if usage else ("-", "-")
    return (
        Cell(name(unit, shared=shared), "accent"),
        level_cell(health.level),
        Cell(f"{workload.ready}/{workload.desired}", "" if complete else "warn"),
        Cell(str(own.restarts) if own else "-", restarts),
        Cell(age(stack.observed_at - pod.created) if pod else "-", "muted"),
        Cell(unit.version.value or "digest"),
        Cell(health.summary, "" if health.level is Level.OK else level_cell(health.level).role),
        Cell(cpu, "muted"),
        Cell(memory, "muted"),
        Cell(f"{_SHORT[workload.kind]}/{workload.ref.name}", "muted"),
        Cell((pod.node if pod else "") or "-", "muted"),
        gitops_cell(stack, unit),
    )


_SHORT = {"Deployment": "deploy", "StatefulSet": "sts", "Pod": "pod"}


def usage_of(stack: Stack, unit: AppUnit) -> tuple[float, float] | None:
    """Return cores and bytes that the app's container used when last measured, None where this run of it was not."""
    used = stack.pod_metrics.get(unit.pod.ref) if unit.pod else None
    status = unit.pod.status(unit.container.name) if unit.pod else None
    if used is None or status is None or status.state != "running" or status.since > used.at:
        return None
    return next(((cpu, memory) for container, cpu, memory in used.containers if container == unit.container.name), None)


def gitops_cell(stack: Stack, unit: AppUnit) -> Cell:
    """Return the state of the app's owner in Git, or who that owner is, or that there is none."""
    if unit.gitops is None:
        return Cell("none", "muted")
    application = unit.application
    if application is None:
        if unit.gitops.engine == "argocd":
            missing = absence(stack, Kind.APPLICATIONS, unit.gitops.namespace)
            return Cell(f"argocd: {missing.text if missing else 'not found'}", "unknown")
        return Cell(f"{unit.gitops.engine}: {unit.gitops.name}", "muted")
    good = application.sync == "Synced" and application.health in ("Healthy", "Progressing")
    return Cell(f"{application.sync or 'Unknown'}, {application.health or 'Unknown'}", "ok" if good else "warn")


def claim_texts(stack: Stack, unit: AppUnit) -> list[tuple[Ref, Cell]]:
    """Return each claim of an app with its phase, size and class."""
    missing = absence(stack, Kind.CLAIMS, unit.namespace)
    texts: list[tuple[Ref, Cell]] = []
    for ref in unit.claims:
        claim = stack.claims.get(ref)
        if claim is None:
            texts.append((ref, missing or Cell("does not exist", "fail")))
            continue
        phase = "Terminating" if claim.deleting_since else claim.phase
        volume = stack.volumes.get(Ref("", claim.volume))
        policy = f", {volume.reclaim_policy}" if volume else ""
        text = f"{phase}, {size(claim.capacity or claim.request)} {claim.storage_class or 'no class'}{policy}"
        texts.append((ref, Cell(text, "ok" if phase == "Bound" else "fail")))
    return texts
