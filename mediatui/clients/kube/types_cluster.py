"""Structs of everything that is no pod and runs none: network, storage, events, nodes, and the optional kinds."""

from __future__ import annotations

import msgspec

from mediatui.clients.kube.types import ClaimSpec, Condition, Meta, Pairs, Part, Quantities


class ServicePort(Part):
    """A port of a Service."""

    port: int | None = None
    target_port: int | str | None = None
    name: str | None = None


class ServiceSpec(Part):
    """The spec of a Service."""

    selector: Pairs | None = None
    ports: list[ServicePort] | None = None
    cluster_ip: str | None = msgspec.field(default=None, name="clusterIP")


class Service(Part):
    """A Service."""

    metadata: Meta | None = None
    spec: ServiceSpec | None = None


class EndpointConditions(Part):
    """Null means ready."""

    ready: bool | None = None


class Endpoint(Part):
    """One address of a Service."""

    conditions: EndpointConditions | None = None


class EndpointPort(Part):
    """A port of an EndpointSlice."""

    port: int | None = None


class EndpointSlice(Part):
    """The addresses behind a Service."""

    metadata: Meta | None = None
    endpoints: list[Endpoint] | None = None
    ports: list[EndpointPort] | None = None


class ParentStatus(Part):
    """What a gateway says of a route."""

    conditions: list[Condition] | None = None


class RouteStatus(Part):
    """The status of an HTTPRoute."""

    parents: list[ParentStatus] | None = None


class Backend(Part):
    """Where a route leads."""

    kind: str | None = None
    name: str | None = None
    namespace: str | None = None
    port: int | None = None


class RouteRule(Part):
    """A rule of an HTTPRoute."""

    backend_refs: list[Backend] | None = None


class RouteSpec(Part):
    """The spec of an HTTPRoute."""

    hostnames: list[str] | None = None
    rules: list[RouteRule] | None = None


class Route(Part):
    """An HTTPRoute."""

    metadata: Meta | None = None
    spec: RouteSpec | None = None
    status: RouteStatus | None = None


class ClaimStatus(Part):
    """The status of a claim."""

    phase: str | None = None
    capacity: Quantities | None = None


class Claim(Part):
    """A PersistentVolumeClaim."""

    metadata: Meta | None = None
    spec: ClaimSpec | None = None
    status: ClaimStatus | None = None


class ObjectRef(Part):
    """A reference to an object."""

    kind: str | None = None
    namespace: str | None = None
    name: str | None = None
    uid: str | None = None


class CsiSource(Part):
    """A volume of a CSI driver."""

    driver: str | None = None
    volume_handle: str | None = None


class VolumePath(Part):
    """A volume that is a path."""

    path: str | None = None
    server: str | None = None


class VolumeSpec(Part):
    """The spec of a PersistentVolume."""

    capacity: Quantities | None = None
    access_modes: list[str] | None = None
    persistent_volume_reclaim_policy: str | None = None
    storage_class_name: str | None = None
    volume_mode: str | None = None
    claim_ref: ObjectRef | None = None
    csi: CsiSource | None = None
    nfs: VolumePath | None = None
    host_path: VolumePath | None = None
    local: VolumePath | None = None


class VolumeStatus(Part):
    """The status of a PersistentVolume."""

    phase: str | None = None


class Volume(Part):
    """A PersistentVolume."""

    metadata: Meta | None = None
    spec: VolumeSpec | None = None
    status: VolumeStatus | None = None


class EventSource(Part):
    """Who says so, as older components write it."""

    component: str | None = None


class EventSeries(Part):
    """How often it has happened, as events.k8s.io writes it."""

    count: int | None = None
    last_observed_time: str | None = None


class Event(Part):
    """An event in core/v1; one of events.k8s.io has null times and a series."""

    metadata: Meta | None = None
    involved_object: ObjectRef | None = None
    type: str | None = None
    reason: str | None = None
    message: str | None = None
    source: EventSource | None = None
    reporting_component: str | None = None
    first_timestamp: str | None = None
    last_timestamp: str | None = None
    event_time: str | None = None
    count: int | None = None
    series: EventSeries | None = None


class ScaleTarget(Part):
    """What an autoscaler scales."""

    kind: str | None = None
    name: str | None = None


class AutoscalerSpec(Part):
    """The spec of a HorizontalPodAutoscaler or a ScaledObject."""

    scale_target_ref: ScaleTarget | None = None
    min_replicas: int | None = None
    max_replicas: int | None = None
    min_replica_count: int | None = None
    max_replica_count: int | None = None


class Autoscaler(Part):
    """A HorizontalPodAutoscaler or a ScaledObject."""

    metadata: Meta | None = None
    spec: AutoscalerSpec | None = None


class NodeInfo(Part):
    """What runs a node."""

    kubelet_version: str | None = None


class NodeStatus(Part):
    """The status of a node."""

    conditions: list[Condition] | None = None
    node_info: NodeInfo | None = None
    allocatable: Quantities | None = None


class NodeSpec(Part):
    """The spec of a node."""

    unschedulable: bool | None = None


class Node(Part):
    """A node."""

    metadata: Meta | None = None
    spec: NodeSpec | None = None
    status: NodeStatus | None = None


class ContainerUsage(Part):
    """What a container used."""

    name: str | None = None
    usage: Quantities | None = None


class PodMetrics(Part):
    """What a pod used, by metrics.k8s.io."""

    metadata: Meta | None = None
    timestamp: str | None = None
    containers: list[ContainerUsage] | None = None


class Automated(Part):
    """How an Application syncs by itself; ``enabled`` is there since Argo CD 3.1."""

    enabled: bool | None = None
    prune: bool | None = None
    self_heal: bool | None = None


class SyncPolicy(Part):
    """When an Application syncs."""

    automated: Automated | None = None


class ApplicationSpec(Part):
    """The spec of an Argo CD Application."""

    sync_policy: SyncPolicy | None = None


class Named(Part):
    """A state that is one word: ``Synced``, ``Healthy``, ``Running``."""

    status: str | None = None
    phase: str | None = None


class ApplicationStatus(Part):
    """The status of an Argo CD Application."""

    sync: Named | None = None
    health: Named | None = None
    operation_state: Named | None = None


class Application(Part):
    """An Argo CD Application."""

    metadata: Meta | None = None
    spec: ApplicationSpec | None = None
    status: ApplicationStatus | None = None


class LonghornSpec(Part):
    """The spec of a Longhorn volume."""

    number_of_replicas: int | None = None


class LonghornStatus(Part):
    """The status of a Longhorn volume."""

    state: str | None = None
    robustness: str | None = None
    actual_size: float | None = None
    last_backup_at: str | None = None


class LonghornVolume(Part):
    """A volumes.longhorn.io object."""

    metadata: Meta | None = None
    spec: LonghornSpec | None = None
    status: LonghornStatus | None = None
