"""One object in lines a person reads: what `kubectl describe` says, as far as it explains a media app."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mediatui.model.app import AppUnit
from mediatui.model.source import Kind
from mediatui.model.stack import Stack
from mediatui.present.events import events_of_app
from mediatui.present.rows import Cell
from mediatui.present.status import absence
from mediatui.text import age

Line = tuple[Cell, ...]


def describe(title: str, body: Mapping[str, Any]) -> list[Line]:
    """Return a Pod, Deployment or StatefulSet in lines; what an object does not have is left out."""
    metadata, spec, status = _part(body, "metadata"), _part(body, "spec"), _part(body, "status")
    template = _part(_part(spec, "template"), "spec") or spec
    lines = [
        (Cell(title, "header"),),
        *_pairs("Labels", _part(metadata, "labels")),
        *_pairs("Annotations", _part(metadata, "annotations")),
        *_fact("Created", metadata.get("creationTimestamp")),
        *_fact("Node", spec.get("nodeName")),
        *_fact("Phase", status.get("phase")),
        *_fact("Replicas", _replicas(spec, status)),
        *_fact("Strategy", _part(spec, "strategy").get("type") or _part(spec, "updateStrategy").get("type")),
        *_fact("Service account", template.get("serviceAccountName")),
        *_fact("Priority class", template.get("priorityClassName")),
    ]
    states = {
        str(one.get("name")): one for one in _list(status, "containerStatuses") + _list(status, "initContainerStatuses")
    }
    for role, key in (("Init container", "initContainers"), ("Container", "containers")):
        for container in _list(template, key):
            lines.extend(_container(role, container, states.get(str(container.get("name")), {})))
    for volume in _list(template, "volumes"):
        kind = next((key for key in volume if key != "name"), "emptyDir")
        source = volume.get(kind)
        detail = ", ".join(_scalars(source)) if isinstance(source, dict) else ""
        lines.append((Cell(f"{'Volume':<16}", "muted"), Cell(f"{volume.get('name')}: {kind} {detail}".rstrip())))
    for condition in _list(status, "conditions"):
        good = condition.get("status") == "True"
        why = ": ".join(str(part) for part in (condition.get("reason"), condition.get("message")) if part)
        lines.append(
            (
                Cell(f"{'Condition':<16}", "muted"),
                Cell(f"{condition.get('type')} {condition.get('status')}", "ok" if good else "warn"),
                Cell(f"  {why}" if why else ""),
            )
        )
    lines.append((Cell(""),))
    return lines


def event_lines(stack: Stack, unit: AppUnit) -> list[Line]:
    """Return the events of an app's workload, its ReplicaSets, pods and claims, newest first."""
    missing = absence(stack, Kind.EVENTS, unit.namespace)
    if missing is not None:
        return [(Cell("Events", "header"), Cell("  "), missing)]
    events = events_of_app(stack, unit)
    lines: list[Line] = [(Cell("Events", "header"), Cell("" if events else "  none kept", "muted"))]
    lines.extend(
        (
            Cell(f"{age(stack.observed_at - event.last_seen):>7} ", "muted"),
            Cell(
                f"{event.reason}{f' x{event.count}' if event.count > 1 else ''}  ",
                "warn" if event.type == "Warning" else "accent",
            ),
            Cell(f"{event.object_kind} {event.object_name}  ", "muted"),
            Cell(event.message),
        )
        for event in events
    )
    return lines


def _container(role: str, spec: Mapping[str, Any], status: Mapping[str, Any]) -> Iterator[Line]:
    yield (Cell(f"{role:<16}", "muted"), Cell(str(spec.get("name", "")), "accent"), Cell(f"  {spec.get('image', '')}"))
    for label, key in (("state", "state"), ("last state", "lastState")):
        for state, facts in _part(status, key).items():
            known = facts if isinstance(facts, dict) else {}
            about = ", ".join(f"{name} {value}" for name, value in known.items() if name != "containerID")
            yield (
                Cell(f"{'':<16}{label} ", "muted"),
                Cell(state, "ok" if state == "running" else "warn"),
                Cell(f"  {about}"),
            )
    if status:
        yield (
            Cell(f"{'':<16}", "muted"),
            Cell(f"ready {status.get('ready')}, restarts {status.get('restartCount', 0)}"),
        )
    resources = _part(spec, "resources")
    for label in ("requests", "limits"):
        amounts = ", ".join(f"{name} {amount}" for name, amount in _part(resources, label).items())
        if amounts:
            yield (Cell(f"{'':<16}{label} ", "muted"), Cell(amounts))
    for mount in _list(spec, "volumeMounts"):
        yield (Cell(f"{'':<16}mount ", "muted"), Cell(f"{mount.get('mountPath')} from {mount.get('name')}"))


def _replicas(spec: Mapping[str, Any], status: Mapping[str, Any]) -> str:
    if "replicas" not in spec:
        return ""
    return f"{spec.get('replicas')} desired, {status.get('readyReplicas', 0)} ready"


def _pairs(label: str, pairs: Mapping[str, Any]) -> Iterator[Line]:
    for index, (key, value) in enumerate(pairs.items()):
        yield (
            Cell(f"{'' if index else label:<16}", "muted"),
            Cell(f"{key}={str(value).splitlines()[0] if value else ''}"),
        )


def _fact(label: str, value: Any) -> Iterator[Line]:
    if value:
        yield (Cell(f"{label:<16}", "muted"), Cell(str(value)))


def _part(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = body.get(key)
    return part if isinstance(part, dict) else {}


def _scalars(source: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a volume's source says in a word; of a projected volume, the kinds of its sources."""
    for key, value in source.items():
        if isinstance(value, list):
            yield from (str(kind) for part in value if isinstance(part, dict) for kind in list(part)[:1])
        elif not isinstance(value, dict):
            yield f"{key} {value}"


def _list(body: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    part = body.get(key)
    return [one for one in part if isinstance(one, dict)] if isinstance(part, list) else []
