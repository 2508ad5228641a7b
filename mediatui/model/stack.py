"""The one immutable picture of everything that panes and commands read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, ClassVar

from mediatui.model.app import AppUnit
from mediatui.model.gitops import Application
from mediatui.model.network import EndpointSlice, Route, Service
from mediatui.model.source import Kind, Ref, SourceId, SourceState, SourceStatus
from mediatui.model.storage import Claim, LonghornVolume, Volume
from mediatui.model.workload import Autoscaler, Event, Node, Pod, PodUsage, ReplicaSet, Workload


def _nothing() -> Mapping[Any, Any]:
    return _NOTHING


_NOTHING: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ClusterInfo:
    """Which cluster this is and as whom we look at it."""

    context: str = ""
    namespaces: tuple[str, ...] = ()
    """What the picture is limited to; empty means all that we may read."""
    default_namespace: str = "default"
    server: str = ""
    server_version: str = ""
    read_only: bool = True
    warnings: tuple[str, ...] = ()
    """What the server warned of while it answered, each once."""

    @property
    def scope(self) -> str:
        """What the picture is limited to, in words."""
        if not self.namespaces:
            return "all namespaces"
        return f"namespace{'s' if len(self.namespaces) > 1 else ''} {', '.join(self.namespaces)}"


@dataclass(frozen=True, slots=True)
class Stack:
    """Everything known at one moment; a newer one has a higher revision.

    Mappings are keyed by ``Ref``; cluster-scoped kinds have an empty namespace.
    """

    EMPTY: ClassVar[Stack]

    revision: int = 0
    observed_at: float = 0.0
    """Seconds since the epoch."""
    cluster: ClusterInfo = ClusterInfo()
    sources: Mapping[SourceId, SourceState] = field(default_factory=_nothing)
    pods: Mapping[Ref, Pod] = field(default_factory=_nothing)
    deployments: Mapping[Ref, Workload] = field(default_factory=_nothing)
    statefulsets: Mapping[Ref, Workload] = field(default_factory=_nothing)
    replicasets: Mapping[Ref, ReplicaSet] = field(default_factory=_nothing)
    services: Mapping[Ref, Service] = field(default_factory=_nothing)
    endpoint_slices: Mapping[Ref, EndpointSlice] = field(default_factory=_nothing)
    claims: Mapping[Ref, Claim] = field(default_factory=_nothing)
    volumes: Mapping[Ref, Volume] = field(default_factory=_nothing)
    events: Mapping[Ref, Event] = field(default_factory=_nothing)
    events_of: Mapping[str, tuple[Event, ...]] = field(default_factory=_nothing)
    """The same events by the uid of the object they are about, newest first; see ``events_by_object``."""
    autoscalers: Mapping[Ref, Autoscaler] = field(default_factory=_nothing)
    nodes: Mapping[Ref, Node] = field(default_factory=_nothing)
    pod_metrics: Mapping[Ref, PodUsage] = field(default_factory=_nothing)
    routes: Mapping[Ref, Route] = field(default_factory=_nothing)
    applications: Mapping[Ref, Application] = field(default_factory=_nothing)
    longhorn_volumes: Mapping[Ref, LonghornVolume] = field(default_factory=_nothing)
    scaled_objects: Mapping[Ref, Autoscaler] = field(default_factory=_nothing)
    apps: tuple[AppUnit, ...] = ()

    def with_apps(self, apps: tuple[AppUnit, ...]) -> Stack:
        """Return the same picture with the apps that were found in it."""
        return replace(self, apps=apps)

    def at(self, now: float) -> Stack:
        """Return the same picture seen later: ages and what follows from them change, nothing else."""
        return replace(self, observed_at=now)

    def source(self, kind: Kind, namespace: str = "") -> SourceState:
        """Return the state of what is known about a kind in a namespace.

        A source for all namespaces answers for each of them, unless it may not be read and one for the
        namespace alone is.
        """
        everywhere = self.sources.get(SourceId(kind))
        if namespace and (everywhere is None or not everywhere.has_data):
            narrow = self.sources.get(SourceId(kind, namespace))
            if narrow is not None:
                return narrow
        if everywhere is not None and (everywhere.has_data or namespace):
            return everywhere
        parts = [state for source, state in self.sources.items() if source.kind is kind and source.namespace]
        if not parts:
            return everywhere or SourceState()
        return max(parts, key=lambda state: _WORST.index(state.status))


def events_by_object(events: Iterable[Event]) -> Mapping[str, tuple[Event, ...]]:
    """Return events by the uid of the object they are about, newest first: each check asks for few of many."""
    found: dict[str, list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda event: -event.last_seen):
        found[event.object_uid].append(event)
    return MappingProxyType({uid: tuple(some) for uid, some in found.items()})


_WORST = (
    SourceStatus.STOPPED,
    SourceStatus.NOT_INSTALLED,
    SourceStatus.SYNCED,
    SourceStatus.STARTING,
    SourceStatus.STALE,
    SourceStatus.NO_PERMISSION,
    SourceStatus.UNREACHABLE,
)

Stack.EMPTY = Stack()
