"""What runs pods and decides on their number, to rows."""

from __future__ import annotations

from typing import Final, Literal

from mediatui.clients.kube import types, types_cluster
from mediatui.clients.kube.decode import Nameless, ref_of
from mediatui.clients.kube.decode_pods import condition, containers, kept_annotations, volumes
from mediatui.clients.kube.sharing import Sharing
from mediatui.clients.kube.types import Pairs
from mediatui.model.workload import Autoscaler, ClaimTemplate, ReplicaSet, Workload

LABELS: Final = (
    "app",
    "k8s-app",
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/component",
    "app.kubernetes.io/controller",
    "app.kubernetes.io/managed-by",
    "kustomize.toolkit.fluxcd.io/name",
    "kustomize.toolkit.fluxcd.io/namespace",
    "helm.toolkit.fluxcd.io/name",
    "helm.toolkit.fluxcd.io/namespace",
    "argocd.argoproj.io/instance",
)
"""What discovery and GitOps read of a workload's own labels; its selector and its template's labels stay whole."""

_PAUSED: Final = ("autoscaling.keda.sh/paused", "autoscaling.keda.sh/paused-replicas")


def deployment(raw: types.Workload, sharing: Sharing) -> Workload:
    """Return a Deployment."""
    return _workload(raw, sharing, "Deployment")


def statefulset(raw: types.Workload, sharing: Sharing) -> Workload:
    """Return a StatefulSet."""
    return _workload(raw, sharing, "StatefulSet")


def _workload(raw: types.Workload, sharing: Sharing, kind: Literal["Deployment", "StatefulSet"]) -> Workload:
    meta = raw.metadata
    if meta is None:
        raise Nameless("a workload without metadata")
    spec, status = raw.spec or types.WorkloadSpec(), raw.status or types.WorkloadStatus()
    template = spec.template or types.Template()
    pod_spec = template.spec or types.PodSpec()
    strategy = spec.strategy or spec.update_strategy
    return Workload(
        kind=kind,
        ref=ref_of(meta, sharing),
        uid=sharing.text(meta.uid),
        created=sharing.moment(meta.creation_timestamp),
        desired=1 if spec.replicas is None else spec.replicas,
        ready=status.ready_replicas or 0,
        updated=status.updated_replicas or 0,
        replicas=status.replicas or 0,
        generation=meta.generation or 0,
        observed_generation=status.observed_generation or 0,
        paused=bool(spec.paused),
        strategy=sharing.text(strategy.type) if strategy else "",
        selector=sharing.pairs(spec.selector.match_labels) if spec.selector else (),
        containers=containers(pod_spec, sharing),
        volumes=volumes(pod_spec, sharing),
        claim_templates=tuple(_claim_template(each, sharing) for each in spec.volume_claim_templates or ()),
        service_name=sharing.text(spec.service_name),
        conditions=tuple(condition(each, sharing) for each in status.conditions or ()),
        labels=sharing.chosen(meta.labels, LABELS),
        template_labels=_labels(template, sharing),
        annotations=kept_annotations(meta.annotations, sharing),
    )


def _labels(template: types.Template, sharing: Sharing) -> tuple[tuple[str, str], ...]:
    labels: Pairs | None = template.metadata.labels if template.metadata else None
    return sharing.pairs(labels)


def _claim_template(raw: types.ClaimTemplate, sharing: Sharing) -> ClaimTemplate:
    spec = raw.spec or types.ClaimSpec()
    requests = (spec.resources.requests if spec.resources else None) or {}
    return ClaimTemplate(
        name=sharing.text(raw.metadata.name) if raw.metadata else "",
        storage_class=sharing.text(spec.storage_class_name),
        request=sharing.amount(requests.get("storage")),
        access_modes=tuple(sharing.text(mode) for mode in spec.access_modes or ()),
    )


def replicaset(raw: types.Workload, sharing: Sharing) -> ReplicaSet:
    """Return a ReplicaSet."""
    meta = raw.metadata
    if meta is None:
        raise Nameless("a ReplicaSet without metadata")
    spec, status = raw.spec or types.WorkloadSpec(), raw.status or types.WorkloadStatus()
    owner = next((owner for owner in meta.owner_references or () if owner.controller), None)
    return ReplicaSet(
        ref=ref_of(meta, sharing),
        uid=sharing.text(meta.uid),
        owner_uid=sharing.text(owner.uid) if owner else "",
        desired=1 if spec.replicas is None else spec.replicas,
        conditions=tuple(condition(each, sharing) for each in status.conditions or ()),
    )


def autoscaler(raw: types_cluster.Autoscaler, sharing: Sharing) -> Autoscaler:
    """Return a HorizontalPodAutoscaler."""
    spec = raw.spec or types_cluster.AutoscalerSpec()
    target = spec.scale_target_ref or types_cluster.ScaleTarget()
    return Autoscaler(
        kind="HorizontalPodAutoscaler",
        ref=ref_of(raw.metadata, sharing),
        target_kind=sharing.text(target.kind),
        target_name=sharing.text(target.name),
        minimum=1 if spec.min_replicas is None else spec.min_replicas,
        maximum=spec.max_replicas or 0,
    )


def scaled_object(raw: types_cluster.Autoscaler, sharing: Sharing) -> Autoscaler:
    """Return a KEDA ScaledObject; its defaults are those of https://keda.sh/docs/latest/reference/scaledobject-spec/."""
    spec = raw.spec or types_cluster.AutoscalerSpec()
    target = spec.scale_target_ref or types_cluster.ScaleTarget()
    marks = (raw.metadata.annotations if raw.metadata else None) or {}
    return Autoscaler(
        kind="ScaledObject",
        ref=ref_of(raw.metadata, sharing),
        target_kind=sharing.text(target.kind) or "Deployment",
        target_name=sharing.text(target.name),
        minimum=spec.min_replica_count or 0,
        maximum=100 if spec.max_replica_count is None else spec.max_replica_count,
        paused=any(marks.get(mark) not in (None, "", "false") for mark in _PAUSED),
    )
