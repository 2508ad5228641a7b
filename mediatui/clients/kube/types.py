"""The parts of API objects that are read, as msgspec Structs: every field optional, because Go writes null.

Decoding into these costs a tenth of building dicts, and ``gc=False`` keeps them out of the collector's sight: they
live only until they are flattened to rows of ``mediatui.model``.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")

Pairs = dict[str, str | None]
Quantities = dict[str, str | float | None]


class Part(msgspec.Struct, gc=False, rename="camel"):
    """What all of them share."""


class ListMeta(Part):
    """The metadata of a list."""

    resource_version: str | None = None
    continue_: str | None = msgspec.field(default=None, name="continue")


class Owner(Part):
    """One of ``metadata.ownerReferences``."""

    kind: str | None = None
    name: str | None = None
    uid: str | None = None
    controller: bool | None = None


class Meta(Part):
    """The metadata of an object."""

    name: str | None = None
    namespace: str | None = None
    uid: str | None = None
    resource_version: str | None = None
    generation: int | None = None
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    deletion_grace_period_seconds: int | None = None
    labels: Pairs | None = None
    annotations: Pairs | None = None
    owner_references: list[Owner] | None = None


class Thing(Part):
    """An object of any kind, as far as its metadata go."""

    metadata: Meta | None = None


class ObjectList(Part, Generic[T]):
    """A page of a list."""

    kind: str | None = None
    metadata: ListMeta | None = None
    items: list[T] | None = None


class WatchEvent(Part):
    """One line of a watch; what the object is depends on the type."""

    type: str | None = None
    object: msgspec.Raw = msgspec.Raw(b"null")


class Condition(Part):
    """A condition of any object."""

    type: str | None = None
    status: str | None = None
    reason: str | None = None
    message: str | None = None
    last_transition_time: str | None = None


class EnvVar(Part):
    """An environment variable; where its value comes from a Secret, only that it does is decoded."""

    name: str | None = None
    value: str | None = None


class PortSpec(Part):
    """A port that a container declares."""

    container_port: int | None = None
    name: str | None = None


class ProbeTarget(Part):
    """Where a probe knocks."""

    port: int | str | None = None


class Probe(Part):
    """A liveness, readiness or startup probe."""

    http_get: ProbeTarget | None = None
    tcp_socket: ProbeTarget | None = None


class VolumeMount(Part):
    """A volume seen inside a container."""

    name: str | None = None
    mount_path: str | None = None
    sub_path: str | None = None


class ResourceClaimUse(Part):
    """A dynamic resource claim that a container uses."""

    name: str | None = None


class ResourceSpec(Part):
    """Requests and limits."""

    requests: Quantities | None = None
    limits: Quantities | None = None
    claims: list[ResourceClaimUse] | None = None


class Container(Part):
    """A container of a pod or a template."""

    name: str | None = None
    image: str | None = None
    resources: ResourceSpec | None = None
    ports: list[PortSpec] | None = None
    env: list[EnvVar] | None = None
    readiness_probe: Probe | None = None
    liveness_probe: Probe | None = None
    startup_probe: Probe | None = None
    volume_mounts: list[VolumeMount] | None = None
    restart_policy: str | None = None


class ClaimSource(Part):
    """A volume that is a claim."""

    claim_name: str | None = None


class PathSource(Part):
    """A volume that is a path of the host, or of an NFS server."""

    path: str | None = None
    server: str | None = None


class NamedSource(Part):
    """A volume that is a ConfigMap (``name``) or a Secret (``secretName``)."""

    name: str | None = None
    secret_name: str | None = None


class Present(Part):
    """Something of which only its being there counts."""


class VolumeSpec(Part):
    """A volume of a pod or a template."""

    name: str | None = None
    persistent_volume_claim: ClaimSource | None = None
    empty_dir: Present | None = None
    host_path: PathSource | None = None
    nfs: PathSource | None = None
    ephemeral: Present | None = None
    config_map: NamedSource | None = None
    secret: NamedSource | None = None


class PodSpec(Part):
    """The spec of a pod or of a template; its bulk stays undecoded, because most pods are as their siblings."""

    node_name: str | None = None
    containers: msgspec.Raw = msgspec.Raw(b"null")
    init_containers: msgspec.Raw = msgspec.Raw(b"null")
    volumes: msgspec.Raw = msgspec.Raw(b"null")


class Waiting(Part):
    """A container that waits."""

    reason: str | None = None
    message: str | None = None


class Running(Part):
    """A container that runs."""

    started_at: str | None = None


class Terminated(Part):
    """A container that has ended."""

    exit_code: int | None = None
    reason: str | None = None
    message: str | None = None
    finished_at: str | None = None


class ContainerState(Part):
    """Exactly one of the three; an empty state means waiting."""

    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


class ContainerStatus(Part):
    """What the kubelet says of a container."""

    name: str | None = None
    ready: bool | None = None
    restart_count: int | None = None
    state: ContainerState | None = None
    last_state: ContainerState | None = None


class PodStatus(Part):
    """The status of a pod."""

    phase: str | None = None
    reason: str | None = None
    message: str | None = None
    pod_ip: str | None = msgspec.field(default=None, name="podIP")
    conditions: list[Condition] | None = None
    container_statuses: list[ContainerStatus] | None = None
    init_container_statuses: list[ContainerStatus] | None = None


class Pod(Part):
    """A pod."""

    metadata: Meta | None = None
    spec: PodSpec | None = None
    status: PodStatus | None = None


class Selector(Part):
    """A label selector; expressions are not read."""

    match_labels: Pairs | None = None


class Template(Part):
    """A pod template."""

    metadata: Meta | None = None
    spec: PodSpec | None = None


class ClaimResources(Part):
    """What a claim asks for."""

    requests: Quantities | None = None


class ClaimSpec(Part):
    """The spec of a claim, or of a claim template."""

    access_modes: list[str] | None = None
    resources: ClaimResources | None = None
    storage_class_name: str | None = None
    volume_mode: str | None = None
    volume_name: str | None = None


class ClaimTemplate(Part):
    """One of a StatefulSet's volumeClaimTemplates."""

    metadata: Meta | None = None
    spec: ClaimSpec | None = None


class Strategy(Part):
    """How a workload replaces its pods."""

    type: str | None = None


class WorkloadSpec(Part):
    """The spec of a Deployment, a StatefulSet or a ReplicaSet."""

    replicas: int | None = None
    paused: bool | None = None
    selector: Selector | None = None
    template: Template | None = None
    strategy: Strategy | None = None
    update_strategy: Strategy | None = None
    volume_claim_templates: list[ClaimTemplate] | None = None
    service_name: str | None = None


class WorkloadStatus(Part):
    """The status of a Deployment, a StatefulSet or a ReplicaSet."""

    replicas: int | None = None
    ready_replicas: int | None = None
    updated_replicas: int | None = None
    observed_generation: int | None = None
    conditions: list[Condition] | None = None


class Workload(Part):
    """A Deployment, a StatefulSet or a ReplicaSet."""

    metadata: Meta | None = None
    spec: WorkloadSpec | None = None
    status: WorkloadStatus | None = None
