"""Everything that is known of one app, in lines."""

from __future__ import annotations

from collections.abc import Callable

from mediatui.model.finding import Level
from mediatui.model.source import Kind
from mediatui.model.stack import Stack
from mediatui.present.events import events_of_app
from mediatui.present.glyphs import GLYPHS, ROLES
from mediatui.present.rows import Cell, Role
from mediatui.present.status import AppStatus, absence, claim_texts, gitops_cell, usage_of
from mediatui.text import age, cores, plural, size

Line = tuple[Cell, ...]

_LABEL = 11


def detail(stack: Stack, status: AppStatus) -> list[Line]:
    """Return an app's details: what was found, what runs where, resources, storage, way in, owner, events."""
    return [
        *_findings(status),
        *_running(stack, status),
        *_resources(stack, status),
        *_surroundings(stack, status),
        *_events(stack, status),
    ]


def _line(label: str, *cells: Cell) -> Line:
    return (Cell(f"{label:<{_LABEL}}", "muted"), *cells)


def _findings(status: AppStatus) -> list[Line]:
    lines: list[Line] = []
    for finding in status.health.findings:
        lines.append((Cell(f"{GLYPHS[finding.level]} {finding.summary}", ROLES[finding.level]),))
        lines.extend((Cell(f"    {evidence}", "muted"),) for evidence in finding.evidence)
    if not lines:
        lines.append((Cell(f"{GLYPHS[Level.OK]} {status.health.summary}", "ok"),))
    return lines


def _running(stack: Stack, status: AppStatus) -> list[Line]:
    unit = status.unit
    workload = unit.workload
    lines = [
        _line("Workload", Cell(f"{workload.kind} {workload.ref}"), Cell(f"  container {unit.container.name}", "muted")),
        _line("Image", Cell(unit.container.image)),
        _line(
            "Version",
            Cell(unit.version.value or "unknown", "" if unit.version.value else "unknown"),
            Cell(f"  {unit.version.source}", "muted"),
        ),
        _line("Port", Cell(f"{unit.port.value}{unit.url_base.value}"), Cell(f"  {unit.port.source}", "muted")),
        _line("Database", Cell(unit.database.value), Cell(f"  {unit.database.source}", "muted")),
    ]
    missing = absence(stack, Kind.PODS, unit.namespace)
    if not unit.pods:
        lines.append(_line("Pods", missing or Cell("none", "muted")))
    for index, pod in enumerate(unit.pods):
        own = pod.status(unit.container.name)
        phase = "Terminating" if pod.deleting_since else pod.phase
        last = f", last end {own.last_reason}, exit {own.last_exit_code}" if own and own.last_reason else ""
        restarts = plural(own.restarts, "restart") if own else "no status yet"
        lines.append(
            _line(
                "" if index else "Pods",
                Cell(pod.ref.name),
                Cell(f"  {phase}", "ok" if pod.ready else "warn"),
                Cell(
                    f"  {age(stack.observed_at - pod.created)}  {restarts}{last}  on {pod.node or 'no node'}", "muted"
                ),
            )
        )
    return lines


def _resources(stack: Stack, status: AppStatus) -> list[Line]:
    unit = status.unit
    has, expected = unit.container.resources, unit.expected
    usage = usage_of(stack, unit)
    used = (cores(usage[0]), size(usage[1])) if usage else None
    missing = absence(stack, Kind.POD_METRICS, unit.namespace)
    measure = used or ((missing.text if missing else "not measured"),) * 2
    lines = [
        _amounts("CPU", measure[0], cores, has.cpu_request, has.cpu_limit, expected.cpu_request, expected.cpu_limit),
        _amounts(
            "Memory",
            measure[1],
            size,
            has.memory_request,
            has.memory_limit,
            expected.memory_request,
            expected.memory_limit,
        ),
    ]
    if has.devices or has.claims:
        devices = [f"{name}: {amount:g}" for name, amount in has.devices] + [f"claim {name}" for name in has.claims]
        lines.append(_line("Devices", Cell(", ".join(devices))))
    return lines


def _amounts(
    label: str,
    used: str,
    show: Callable[[float | None], str],
    request: float | None,
    limit: float | None,
    expected_request: float | None,
    expected_limit: float | None,
) -> Line:
    same = (request, limit) == (expected_request, expected_limit)
    role: Role = "ok" if same else "warn"
    expected = "as expected" if same else f"expected {show(expected_request)} to {show(expected_limit)}"
    return _line(
        label,
        Cell(f"{show(request)} to {show(limit)}"),
        Cell(f"  {expected}", role),
        Cell(f"  in use: {used}", "muted"),
    )


def _surroundings(stack: Stack, status: AppStatus) -> list[Line]:
    unit = status.unit
    lines: list[Line] = []
    for index, (ref, text) in enumerate(claim_texts(stack, unit)):
        lines.append(_line("" if index else "Claims", Cell(f"{ref.name}  "), text))
    if not unit.claims:
        lines.append(_line("Claims", Cell("none mounted", "muted")))
    lines.append(_route(stack, status))
    if unit.autoscaler is not None:
        scaler = unit.autoscaler
        lines.append(_line("Scaled by", Cell(f"{scaler.kind} {scaler.ref.name}, {scaler.minimum} to {scaler.maximum}")))
    owner = unit.gitops
    if owner is None:
        lines.append(_line("GitOps", Cell("no owner found", "muted")))
        return lines
    application = unit.application
    by = (
        f", made by {application.owner_kind} {application.owner_name}" if application and application.owner_kind else ""
    )
    policy = ""
    if application is not None:
        policy = ", automated" if application.automated else ", manual"
        policy += " with self-heal" if application.self_heal else ""
    lines.append(
        _line(
            "GitOps",
            gitops_cell(stack, unit),
            Cell(f"  {owner.engine} {owner.name}{by}{policy}"),
            Cell(f"  {owner.evidence}", "muted"),
        )
    )
    return lines


def _route(stack: Stack, status: AppStatus) -> Line:
    unit = status.unit
    missing = absence(stack, Kind.ROUTES, unit.namespace)
    if not unit.routes:
        return _line("Route", missing or Cell("none", "muted"))
    cells: list[Cell] = []
    for route in unit.routes:
        hosts = ", ".join(route.hostnames) or route.ref.name
        role: Role = "ok" if route.accepted else "warn" if route.accepted is None else "fail"
        word = "accepted" if route.accepted else "not answered yet" if route.accepted is None else route.problem
        cells.extend((Cell(hosts), Cell(f"  {word}  ", role)))
    return _line("Route", *cells)


def _events(stack: Stack, status: AppStatus) -> list[Line]:
    unit = status.unit
    missing = absence(stack, Kind.EVENTS, unit.namespace)
    if missing is not None:
        return [_line("Events", missing)]
    events = events_of_app(stack, unit)
    if not events:
        return [_line("Events", Cell("none kept", "muted"))]
    lines: list[Line] = []
    for index, event in enumerate(events[:8]):
        times = f" x{event.count}" if event.count > 1 else ""
        lines.append(
            _line(
                "" if index else "Events",
                Cell(f"{age(stack.observed_at - event.last_seen):>6} ", "muted"),
                Cell(f"{event.reason}{times}  ", "warn" if event.type == "Warning" else "accent"),
                Cell(event.message),
            )
        )
    return lines
