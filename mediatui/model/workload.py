"""Pods, what runs them and where: the rows that the API server's objects are flattened to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mediatui.model.source import Ref

WorkloadKind = Literal["Deployment", "StatefulSet", "Pod"]


@dataclass(frozen=True, slots=True)
class Resources:
    """What a container asks for and may use; None where nothing is said."""

    cpu_request: float | None = None
    """Cores."""
    cpu_limit: float | None = None
    memory_request: float | None = None
    """Bytes."""
    memory_limit: float | None = None
    devices: tuple[tuple[str, float], ...] = ()
    """Extended resources by name, for example ``gpu.intel.com/i915``."""
    claims: tuple[str, ...] = ()
    """Names of dynamic resource claims."""


@dataclass(frozen=True, slots=True)
class ContainerPort:
    """A port that a container declares."""

    number: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume seen inside a container."""

    volume: str
    path: str
    sub_path: str = ""


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """What a container is meant to be; equal specs share one object."""

    name: str
    image: str
    resources: Resources = Resources()
    ports: tuple[ContainerPort, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    """Literal environment of the app's own settings that are no secret: ports, URL base, database host."""
    probe_port: int | str = 0
    """The port that a probe asks, by number or name; 0 without one."""
    mounts: tuple[Mount, ...] = ()
    init: bool = False
    """An init container, a native sidecar among them."""


@dataclass(frozen=True, slots=True)
class ContainerStatus:
    """What a container is doing, as the kubelet last said."""

    name: str
    state: Literal["waiting", "running", "terminated", "unknown"] = "unknown"
    ready: bool = False
    restarts: int = 0
    reason: str = ""
    """Why it waits or ended: ``CrashLoopBackOff``, ``ImagePullBackOff``, ``Completed``."""
    message: str = ""
    since: float = 0.0
    """Seconds since the epoch when the state began, 0 if not said."""
    exit_code: int | None = None
    last_reason: str = ""
    """Why the previous run ended: ``OOMKilled``, ``Error``."""
    last_exit_code: int | None = None
    last_ended: float = 0.0


@dataclass(frozen=True, slots=True)
class PodVolume:
    """A volume of a pod or a pod template and what is behind it."""

    name: str
    kind: Literal["claim", "emptyDir", "hostPath", "nfs", "ephemeral", "configMap", "secret", "other"]
    source: str = ""
    """The claim's name, the host's path or ``server:/export``."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as the API server keeps it, the parts that are shown."""

    type: str
    status: Literal["True", "False", "Unknown"]
    reason: str = ""
    message: str = ""
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod."""

    ref: Ref
    uid: str
    created: float
    """Seconds since the epoch."""
    phase: str
    owner_kind: str = ""
    owner_name: str = ""
    owner_uid: str = ""
    node: str = ""
    ip: str = ""
    reason: str = ""
    """Why the pod as a whole failed: ``Evicted``, ``NodeLost``."""
    message: str = ""
    deleting_since: float = 0.0
    """When it began to end, 0 while it lives."""
    ready: bool = False
    containers: tuple[ContainerSpec, ...] = ()
    """Init containers included, marked so."""
    statuses: tuple[ContainerStatus, ...] = ()
    volumes: tuple[PodVolume, ...] = ()
    conditions: tuple[Condition, ...] = ()
    """Only those that are not True, and ``PodScheduled`` when it is not."""
    labels: tuple[tuple[str, str], ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()
    """Only those that discovery and GitOps read."""

    def status(self, container: str) -> ContainerStatus | None:
        """Return the status of a container, None when the kubelet has said nothing yet."""
        return next((status for status in self.statuses if status.name == container), None)


@dataclass(frozen=True, slots=True)
class ClaimTemplate:
    """A StatefulSet's volumeClaimTemplate, the parts that are compared."""

    name: str
    storage_class: str = ""
    request: float | None = None
    """Bytes."""
    access_modes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Workload:
    """A Deployment or StatefulSet, or a pod that nothing owns."""

    kind: WorkloadKind
    ref: Ref
    uid: str
    created: float
    desired: int
    ready: int
    updated: int
    replicas: int = 0
    """Pods that the controller counts; a Deployment counts none that is terminating."""
    generation: int = 0
    observed_generation: int = 0
    paused: bool = False
    strategy: str = ""
    selector: tuple[tuple[str, str], ...] = ()
    containers: tuple[ContainerSpec, ...] = ()
    volumes: tuple[PodVolume, ...] = ()
    claim_templates: tuple[ClaimTemplate, ...] = ()
    service_name: str = ""
    conditions: tuple[Condition, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    template_labels: tuple[tuple[str, str], ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()
    """Only those that discovery and GitOps read."""


@dataclass(frozen=True, slots=True)
class ReplicaSet:
    """The link between a Deployment and its pods."""

    ref: Ref
    uid: str
    owner_uid: str = ""
    desired: int = 0
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Autoscaler:
    """A HorizontalPodAutoscaler or a KEDA ScaledObject: who decides on replicas."""

    kind: Literal["HorizontalPodAutoscaler", "ScaledObject"]
    ref: Ref
    target_kind: str
    target_name: str
    minimum: int = 1
    maximum: int = 0
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """A node, the parts that explain a pod."""

    name: str
    uid: str
    ready: bool
    reason: str = ""
    unschedulable: bool = False
    version: str = ""
    allocatable: tuple[tuple[str, float], ...] = ()
    """Extended resources only."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event, of core or events.k8s.io origin alike."""

    ref: Ref
    uid: str
    type: str
    reason: str
    message: str
    object_kind: str
    object_name: str
    object_uid: str
    count: int
    first_seen: float
    last_seen: float
    source: str = ""


@dataclass(frozen=True, slots=True)
class PodUsage:
    """What a pod's containers used, by metrics.k8s.io."""

    ref: Ref
    at: float
    containers: tuple[tuple[str, float, float], ...]
    """Container, cores, bytes."""
