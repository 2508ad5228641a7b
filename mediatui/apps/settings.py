"""What a container's own definition says of an app: version, port, URL base, database; each with its provenance."""

from __future__ import annotations

from collections.abc import Sequence

from mediatui.apps.base import MediaApp
from mediatui.apps.image import parse_image
from mediatui.apps.overrides import AppOverride
from mediatui.model.app import Datum
from mediatui.model.network import Service
from mediatui.model.workload import ContainerSpec


def version(container: ContainerSpec) -> Datum[str]:
    """Return the version as the image tells it; a bare digest tells none."""
    image = parse_image(container.image)
    if image.tag:
        return Datum(image.tag, "image tag")
    if image.digest:
        return Datum("", "image is pinned by digest alone")
    return Datum("latest", "image without a tag")


def port(
    app: MediaApp, container: ContainerSpec, services: Sequence[Service], overrides: Sequence[AppOverride]
) -> Datum[int]:
    """Return the port that the app listens on.

    Order: configuration, environment, declared container port, probe, Service target, the app's default.
    """
    for entry in overrides:
        if entry.port is not None:
            return Datum(entry.port, "configuration")
    environment = dict(container.settings)
    for name in app.port_settings:
        if environment.get(name, "").isdigit():
            return Datum(int(environment[name]), f"env {name}")
    declared = _declared_port(app, container)
    if declared is not None:
        return declared
    by_name = {entry.name: entry.number for entry in container.ports if entry.name}
    if isinstance(container.probe_port, int) and container.probe_port:
        return Datum(container.probe_port, "probe")
    for service in services:
        for service_port in service.ports:
            target = service_port.target
            number = target if isinstance(target, int) else by_name.get(target)
            if number:
                return Datum(number, f"Service {service.ref.name}")
    return Datum(app.port, "default")


def _declared_port(app: MediaApp, container: ContainerSpec) -> Datum[int] | None:
    if not container.ports:
        return None
    by_name = {entry.name: entry.number for entry in container.ports if entry.name}
    if isinstance(container.probe_port, str) and container.probe_port in by_name:
        return Datum(by_name[container.probe_port], f"probe port {container.probe_port}")
    if len(container.ports) == 1 or any(entry.number == app.port for entry in container.ports):
        chosen = next((entry for entry in container.ports if entry.number == app.port), container.ports[0])
    else:
        chosen = next((entry for entry in container.ports if entry.name in ("http", "web", app.id)), container.ports[0])
    return Datum(chosen.number, "containerPort")


def url_base(app: MediaApp, container: ContainerSpec, overrides: Sequence[AppOverride]) -> Datum[str]:
    """Return the path under which the app serves, without a slash at the end."""
    for entry in overrides:
        if entry.url_base is not None:
            return Datum(entry.url_base.rstrip("/"), "configuration")
    environment = dict(container.settings)
    for name in app.url_base_settings:
        if name in environment:
            return Datum(environment[name].rstrip("/"), f"env {name}")
    return Datum("", "default")


def database(app: MediaApp, container: ContainerSpec) -> Datum[str]:
    """Return ``postgres`` where the environment names a PostgreSQL host, else ``sqlite``."""
    environment = dict(container.settings)
    if app.database_setting and app.database_setting in environment:
        return Datum("postgres", f"env {app.database_setting}")
    return Datum("sqlite", "default")
