"""Services, their endpoints and the routes that lead to them."""

from __future__ import annotations

from dataclasses import dataclass

from mediatui.model.source import Ref


@dataclass(frozen=True, slots=True)
class ServicePort:
    """One port of a Service."""

    port: int
    target: int | str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """A Service."""

    ref: Ref
    uid: str
    selector: tuple[tuple[str, str], ...] = ()
    ports: tuple[ServicePort, ...] = ()
    headless: bool = False


@dataclass(frozen=True, slots=True)
class EndpointSlice:
    """The addresses behind a Service."""

    ref: Ref
    service: str
    ready: int
    not_ready: int
    ports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """An HTTPRoute: host names, and the Services behind them."""

    ref: Ref
    hostnames: tuple[str, ...]
    backends: tuple[tuple[str, str, int], ...]
    """Namespace, Service, port."""
    accepted: bool | None = None
    """What the gateway says, None while it has said nothing."""
    problem: str = ""
