"""Where the picture comes from: the kinds that are read, and how fresh each of them is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Ref(NamedTuple):
    """The identity of a namespaced object within its kind; the namespace is empty for cluster-scoped ones."""

    namespace: str
    name: str

    def __str__(self) -> str:
        """Return ``namespace/name``, or the name alone."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


class Kind(StrEnum):
    """A kind of object that is read; the value is its name in ``--json`` and on the screen."""

    PODS = "pods"
    DEPLOYMENTS = "deployments"
    STATEFULSETS = "statefulsets"
    REPLICASETS = "replicasets"
    SERVICES = "services"
    ENDPOINT_SLICES = "endpointSlices"
    CLAIMS = "claims"
    VOLUMES = "volumes"
    EVENTS = "events"
    AUTOSCALERS = "autoscalers"
    NODES = "nodes"
    POD_METRICS = "podMetrics"
    ROUTES = "routes"
    APPLICATIONS = "applications"
    LONGHORN_VOLUMES = "longhornVolumes"
    SCALED_OBJECTS = "scaledObjects"


OPTIONAL_KINDS: frozenset[Kind] = frozenset(
    {Kind.POD_METRICS, Kind.ROUTES, Kind.APPLICATIONS, Kind.LONGHORN_VOLUMES, Kind.SCALED_OBJECTS}
)
"""Kinds that a cluster may do without: their absence is a fact, not a fault."""

CLUSTER_KINDS: frozenset[Kind] = frozenset({Kind.VOLUMES, Kind.NODES})
"""Kinds whose objects belong to no namespace."""


class SourceId(NamedTuple):
    """One stream of objects: a kind in one namespace, or in all of them when the namespace is empty."""

    kind: Kind
    namespace: str = ""

    def __str__(self) -> str:
        """Return ``kind`` or ``kind@namespace``, the key in ``--json``."""
        return f"{self.kind}@{self.namespace}" if self.namespace else str(self.kind)


class SourceStatus(StrEnum):
    """How far a source can be believed."""

    STARTING = "starting"
    SYNCED = "synced"
    STALE = "stale"
    NO_PERMISSION = "noPermission"
    UNREACHABLE = "unreachable"
    NOT_INSTALLED = "notInstalled"
    STOPPED = "stopped"


class Unknown(StrEnum):
    """Why something could not be found out."""

    NO_PERMISSION = "noPermission"
    UNREACHABLE = "unreachable"
    NOT_IN_VERSION = "notInVersion"
    NOT_RUN = "notRun"


@dataclass(frozen=True, slots=True)
class SourceState:
    """The state of one source."""

    status: SourceStatus = SourceStatus.STARTING
    since: float = 0.0
    """Seconds since the epoch when this status began; for ``stale`` and ``unreachable``: when the last news came."""
    message: str = ""
    """The server's own words, printable; empty while all is well."""

    @property
    def has_data(self) -> bool:
        """Whether what was read from this source may be shown as true or as last known."""
        return self.status in (SourceStatus.SYNCED, SourceStatus.STALE)

    @property
    def unknown(self) -> Unknown | None:
        """Why nothing is known from this source, or None when something is."""
        match self.status:
            case SourceStatus.SYNCED | SourceStatus.STALE:
                return None
            case SourceStatus.NO_PERMISSION:
                return Unknown.NO_PERMISSION
            case SourceStatus.UNREACHABLE:
                return Unknown.UNREACHABLE
            case SourceStatus.NOT_INSTALLED:
                return Unknown.NOT_IN_VERSION
            case SourceStatus.STARTING | SourceStatus.STOPPED:
                return Unknown.NOT_RUN
