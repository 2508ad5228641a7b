"""Model rows in few words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mediatui.model.source import Kind, Ref, SourceId, SourceState, SourceStatus
from mediatui.model.stack import Stack, events_by_object
from mediatui.model.workload import ContainerPort, ContainerSpec, ContainerStatus, Pod, ReplicaSet, Workload

NOW = 1_800_000_000.0


def container(name: str, image: str, *ports: int, settings: dict[str, str] | None = None, **more: Any) -> ContainerSpec:
    return ContainerSpec(
        name=name,
        image=image,
        ports=tuple(ContainerPort(port, "http" if index == 0 else "") for index, port in enumerate(ports)),
        settings=tuple((settings or {}).items()),
        **more,
    )


def workload(
    kind: str, place: str, *containers: ContainerSpec, desired: int = 1, ready: int | None = None, **more: Any
) -> Workload:
    namespace, _, name = place.partition("/")
    defaults: dict[str, Any] = {
        "uid": f"uid-{kind}-{place}",
        "created": NOW - 86400,
        "desired": desired,
        "ready": desired if ready is None else ready,
        "updated": desired,
        "selector": (("app", name),),
        "template_labels": (("app", name),),
    }
    return Workload(kind=kind, ref=Ref(namespace, name), containers=containers, **(defaults | more))  # type: ignore[arg-type]


def replicaset_of(deployment: Workload, **more: Any) -> ReplicaSet:
    return ReplicaSet(
        Ref(deployment.ref.namespace, f"{deployment.ref.name}-6d4cf56db6"),
        uid=f"rs-{deployment.uid}",
        owner_uid=deployment.uid,
        desired=deployment.desired,
        **more,
    )


def pod_of(owner: Workload, suffix: str = "0", *, status: ContainerStatus | None = None, **more: Any) -> Pod:
    in_deployment = owner.kind == "Deployment"
    own = status or ContainerStatus(owner.containers[0].name, "running", ready=True, since=NOW - 3600)
    defaults: dict[str, Any] = {
        "uid": f"pod-{owner.uid}-{suffix}",
        "created": NOW - 3600,
        "phase": "Running",
        "owner_kind": "ReplicaSet" if in_deployment else owner.kind,
        "owner_name": f"{owner.ref.name}-6d4cf56db6" if in_deployment else owner.ref.name,
        "owner_uid": f"rs-{owner.uid}" if in_deployment else owner.uid,
        "node": "node-a",
        "ready": own.ready,
        "statuses": (own,),
        "containers": owner.containers,
        "volumes": owner.volumes,
        "labels": owner.template_labels,
    }
    return Pod(ref=Ref(owner.ref.namespace, f"{owner.ref.name}-{suffix}"), **(defaults | more))


def stack(*workloads: Workload, pods: tuple[Pod, ...] = (), **tables: Any) -> Stack:
    """A picture whose every source has been read; Deployments get their ReplicaSet."""
    deployments = [one for one in workloads if one.kind == "Deployment"]
    replicasets = tables.pop("replicasets", None) or [replicaset_of(one) for one in deployments]
    base = Stack(
        revision=1,
        observed_at=NOW,
        sources={SourceId(kind): SourceState(SourceStatus.SYNCED, NOW) for kind in Kind},
        deployments={one.ref: one for one in deployments},
        statefulsets={one.ref: one for one in workloads if one.kind == "StatefulSet"},
        replicasets={one.ref: one for one in replicasets},
        pods={one.ref: one for one in pods},
    )
    keyed: dict[str, Any] = {
        name: {getattr(row, "ref", None) or Ref("", row.name): row for row in rows} for name, rows in tables.items()
    }
    return replace(base, **keyed, events_of=events_by_object(keyed.get("events", {}).values()))


def without(picture: Stack, *kinds: Kind, status: SourceStatus = SourceStatus.NO_PERMISSION) -> Stack:
    """The same picture with some sources that could not be read."""
    return replace(
        picture,
        sources={**picture.sources, **{SourceId(kind): SourceState(status, NOW, "forbidden") for kind in kinds}},
    )
