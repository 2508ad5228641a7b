"""Find the media apps on a cluster: which container of which workload is which app, and what belongs to it.

A unit is a container of a workload, recognised by the basename of its image; labels, names and ports only break
ties, because eleven public stacks agree on nothing else. Everything here is pure and reads one ``Stack``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mediatui.apps import APPS, MediaApp
from mediatui.apps.image import app_of_image
from mediatui.apps.overrides import AppOverride
from mediatui.apps.ownership import Ownership
from mediatui.apps.relations import Relations
from mediatui.apps.settings import database, port, url_base, version
from mediatui.model.app import AppUnit
from mediatui.model.stack import Stack
from mediatui.model.workload import ContainerSpec, Pod, Workload

_NAME_LABELS = ("app.kubernetes.io/name", "app")


def discover(stack: Stack, overrides: Sequence[AppOverride] = ()) -> tuple[AppUnit, ...]:
    """Return the media apps of a stack in the order of ``APPS``, then by namespace and name."""
    ownership = Ownership(stack)
    relations = Relations(stack)
    units = [
        _unit(stack, app, workload, container, evidence, overrides, ownership.pods_of(workload), relations)
        for workload in ownership.workloads()
        for app, container, evidence in _identify(workload, overrides)
    ]
    order = {app.id: index for index, app in enumerate(APPS)}
    return tuple(sorted(units, key=lambda unit: (order[unit.app], unit.workload.ref, unit.container.name)))


def _identify(workload: Workload, overrides: Sequence[AppOverride]) -> Iterable[tuple[MediaApp, ContainerSpec, str]]:
    candidates = [container for container in workload.containers if not container.init]
    found: dict[str, list[tuple[ContainerSpec, str]]] = {}
    for container in candidates:
        named = _override_naming(workload, container, candidates, overrides)
        if named is not None:
            found.setdefault(named, []).append((container, "configuration"))
            continue
        app = app_of_image(container.image)
        if app is not None:
            found.setdefault(app.id, []).append((container, f"image {container.image}"))
    if not found:
        found = _by_label_and_port(workload, candidates)
    for app in APPS:
        matches = found.get(app.id)
        if not matches:
            continue
        container, evidence = min(matches, key=lambda match: _tie_rank(app, workload, match[0]))
        entries = _concerning(overrides, app, workload, container)
        if not any(entry.ignore for entry in entries):
            yield app, container, evidence


def _override_naming(
    workload: Workload,
    container: ContainerSpec,
    candidates: Sequence[ContainerSpec],
    overrides: Sequence[AppOverride],
) -> str | None:
    for entry in overrides:
        if not entry.names_workload or not entry.concerns(*workload.ref, container.name):
            continue
        if entry.container or len(candidates) == 1 or app_of_image(container.image) is not None:
            return entry.app
    return None


def _by_label_and_port(
    workload: Workload, candidates: Sequence[ContainerSpec]
) -> dict[str, list[tuple[ContainerSpec, str]]]:
    """Recognise an app whose image says nothing: two witnesses are needed, its label and its port."""
    labels = dict(workload.template_labels)
    names = {labels[label]: label for label in reversed(_NAME_LABELS) if label in labels}
    for app in APPS:
        if app.id not in names:
            continue
        for container in candidates:
            if any(declared.number == app.port for declared in container.ports):
                return {app.id: [(container, f"label {names[app.id]}={app.id} and port {app.port}")]}
    return {}


def _tie_rank(app: MediaApp, workload: Workload, container: ContainerSpec) -> tuple[bool, bool, bool]:
    labels = dict(workload.template_labels)
    by_label = any(labels.get(label) == container.name for label in _NAME_LABELS)
    by_name = container.name in (app.id, "app", "main", workload.ref.name)
    by_port = any(declared.number == app.port for declared in container.ports)
    return (not by_label, not by_name, not by_port)


def _concerning(
    overrides: Sequence[AppOverride], app: MediaApp, workload: Workload, container: ContainerSpec
) -> list[AppOverride]:
    return [entry for entry in overrides if entry.app == app.id and entry.concerns(*workload.ref, container.name)]


def _unit(
    stack: Stack,
    app: MediaApp,
    workload: Workload,
    container: ContainerSpec,
    evidence: str,
    overrides: Sequence[AppOverride],
    pods: tuple[Pod, ...],
    relations: Relations,
) -> AppUnit:
    entries = _concerning(overrides, app, workload, container)
    services = relations.services_of(workload)
    owner = relations.gitops_of(workload)
    expected = next((entry.expected for entry in entries if entry.expected is not None), app.expected)
    return AppUnit(
        app=app.id,
        title=app.title,
        workload=workload,
        container=container,
        identified_by=evidence,
        version=version(container),
        port=port(app, container, services, entries),
        url_base=url_base(app, container, entries),
        database=database(app, container),
        expected=expected,
        pods=pods,
        claims=relations.claims_of(workload, container, pods),
        routes=relations.routes_of(services),
        services=tuple(service.ref for service in services),
        autoscaler=relations.autoscaler_of(workload),
        gitops=owner,
        application=relations.application_of(owner),
    )
