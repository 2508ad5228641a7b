"""A workload before it is one: what a scenario says, and nothing that a controller would add."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mediatui.demo.parts.cluster import DAY

Spec = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a unit."""

    name: str
    image: str
    ports: tuple[tuple[str, int], ...] = ()
    requests: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)
    env: tuple[tuple[str, str], ...] = ()
    env_from: str = ""
    """A Secret whose keys become variables."""
    args: tuple[str, ...] = ()
    mounts: tuple[tuple[str, str], ...] = ()
    """Volume name and path."""
    probe: tuple[str, int | str] | None = None
    """Path and port that liveness and readiness ask."""
    hardened: bool = True
    """Whether it runs without privileges, with a read-only root."""

    @property
    def resources(self) -> dict[str, Any]:
        """The ``resources`` of the container."""
        found = {"limits": dict(self.limits), "requests": dict(self.requests)}
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Template:
    """A volumeClaimTemplate."""

    name: str
    size: str
    storage_class: str = "longhorn"


@dataclass(frozen=True, slots=True)
class Unit:
    """A workload and where it runs."""

    name: str
    kind: Literal["Deployment", "StatefulSet", "DaemonSet"]
    containers: tuple[Container, ...]
    nodes: tuple[str, ...]
    """One per replica."""
    namespace: str = "media"
    label: str = "app"
    """The label key that selects its pods; the value is its name."""
    volumes: tuple[Spec, ...] = ()
    templates: tuple[Template, ...] = ()
    age: float = 200 * DAY
    """Seconds since the workload was created."""
    pod_age: float = 12 * DAY
    restarts: int = 0
    """Restarts of the first container, by somebody who wanted it."""
    restart_age: float = 3 * DAY
    """Seconds since the last of them."""
    application: str = ""
    """The Argo CD Application that tracks it."""
    groups: tuple[int, ...] = ()
    """Supplemental groups: 44 and 104 open a render node."""
    node_selector: Mapping[str, str] = field(default_factory=dict)
    recreate: bool = False
    behaviour: str = ""
    """What its pods do on a simulated node, see ``kubelet.behaviour``."""
    user: int = 2501

    @property
    def selector(self) -> dict[str, str]:
        """What selects its pods."""
        return {self.label: self.name}
