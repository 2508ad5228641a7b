"""Network, storage, events, nodes, usage, Argo CD and Longhorn to rows."""

from __future__ import annotations

from mediatui.clients.kube import types_cluster as types
from mediatui.clients.kube.decode import Nameless, ref_of
from mediatui.clients.kube.decode_pods import deleting_since, extended
from mediatui.clients.kube.sharing import Sharing, one_line
from mediatui.clients.kube.types import ClaimSpec, Condition, Meta
from mediatui.model.gitops import Application
from mediatui.model.network import EndpointSlice, Route, Service, ServicePort
from mediatui.model.source import Ref
from mediatui.model.storage import Claim, LonghornVolume, Volume
from mediatui.model.workload import Event, Node, PodUsage


def _meta(meta: Meta | None) -> Meta:
    if meta is None:
        raise Nameless("an object without metadata")
    return meta


def service(raw: types.Service, sharing: Sharing) -> Service:
    """Return a Service; a port without a target leads to its own number."""
    meta, spec = _meta(raw.metadata), raw.spec or types.ServiceSpec()
    return Service(
        ref=ref_of(meta, sharing),
        uid=sharing.text(meta.uid),
        selector=sharing.pairs(spec.selector),
        ports=tuple(_service_port(port, sharing) for port in spec.ports or ()),
        headless=spec.cluster_ip == "None",
    )


def _service_port(raw: types.ServicePort, sharing: Sharing) -> ServicePort:
    target = raw.target_port or raw.port or 0
    return ServicePort(
        port=raw.port or 0,
        target=sharing.text(target) if isinstance(target, str) else target,
        name=sharing.text(raw.name),
    )


def endpoint_slice(raw: types.EndpointSlice, sharing: Sharing) -> EndpointSlice:
    """Return an EndpointSlice; an endpoint that says nothing counts as ready, as the API documents."""
    meta = _meta(raw.metadata)
    endpoints = raw.endpoints or ()
    ready = sum(1 for each in endpoints if each.conditions is None or each.conditions.ready is not False)
    return EndpointSlice(
        ref=ref_of(meta, sharing),
        service=sharing.text((meta.labels or {}).get("kubernetes.io/service-name")),
        ready=ready,
        not_ready=len(endpoints) - ready,
        ports=tuple(port.port for port in raw.ports or () if port.port is not None),
    )


def route(raw: types.Route, sharing: Sharing) -> Route:
    """Return an HTTPRoute with the Services behind it and the first thing that a gateway has against it."""
    ref = ref_of(raw.metadata, sharing)
    spec, status = raw.spec or types.RouteSpec(), raw.status or types.RouteStatus()
    backends = dict.fromkeys(
        (sharing.text(backend.namespace) or ref.namespace, sharing.text(backend.name), backend.port or 0)
        for rule in spec.rules or ()
        for backend in rule.backend_refs or ()
        if (backend.kind or "Service") == "Service"
    )
    conditions = [condition for parent in status.parents or () for condition in parent.conditions or ()]
    refusal = next((each for each in conditions if _refuses(each)), None)
    accepted = [each.status == "True" for each in conditions if each.type == "Accepted"]
    return Route(
        ref=ref,
        hostnames=tuple(sharing.text(name) for name in spec.hostnames or ()),
        backends=tuple(backends),
        accepted=all(accepted) if accepted else None,
        problem=one_line(refusal.message or refusal.reason) if refusal else "",
    )


def _refuses(condition: Condition) -> bool:
    return condition.type in ("Accepted", "ResolvedRefs") and condition.status == "False"


def claim(raw: types.Claim, sharing: Sharing) -> Claim:
    """Return a PersistentVolumeClaim."""
    meta, status = _meta(raw.metadata), raw.status or types.ClaimStatus()
    spec = raw.spec or ClaimSpec()
    requests = (spec.resources.requests if spec.resources else None) or {}
    return Claim(
        ref=ref_of(meta, sharing),
        uid=sharing.text(meta.uid),
        created=sharing.moment(meta.creation_timestamp),
        phase=sharing.text(status.phase),
        volume=sharing.text(spec.volume_name),
        storage_class=None if spec.storage_class_name is None else sharing.text(spec.storage_class_name),
        access_modes=tuple(sharing.text(mode) for mode in spec.access_modes or ()),
        volume_mode=sharing.text(spec.volume_mode) or "Filesystem",
        request=sharing.amount(requests.get("storage")),
        capacity=sharing.amount((status.capacity or {}).get("storage")),
        deleting_since=deleting_since(meta, sharing),
        labels=sharing.pairs(meta.labels),
    )


def volume(raw: types.Volume, sharing: Sharing) -> Volume:
    """Return a PersistentVolume."""
    meta, spec = _meta(raw.metadata), raw.spec or types.VolumeSpec()
    driver, handle = _backing(spec, sharing)
    bound = spec.claim_ref
    return Volume(
        name=ref_of(meta, sharing).name,
        uid=sharing.text(meta.uid),
        created=sharing.moment(meta.creation_timestamp),
        phase=sharing.text(raw.status.phase) if raw.status else "",
        reclaim_policy=sharing.text(spec.persistent_volume_reclaim_policy),
        storage_class=sharing.text(spec.storage_class_name),
        capacity=sharing.amount((spec.capacity or {}).get("storage")),
        access_modes=tuple(sharing.text(mode) for mode in spec.access_modes or ()),
        volume_mode=sharing.text(spec.volume_mode) or "Filesystem",
        claim=Ref(sharing.text(bound.namespace), sharing.text(bound.name)) if bound else None,
        claim_uid=sharing.text(bound.uid) if bound else "",
        driver=driver,
        handle=handle,
        deleting_since=deleting_since(meta, sharing),
    )


def _backing(spec: types.VolumeSpec, sharing: Sharing) -> tuple[str, str]:
    if spec.csi is not None:
        return sharing.text(spec.csi.driver), sharing.text(spec.csi.volume_handle)
    if spec.nfs is not None:
        return "nfs", f"{sharing.text(spec.nfs.server)}:{sharing.text(spec.nfs.path)}"
    if spec.host_path is not None:
        return "hostPath", sharing.text(spec.host_path.path)
    if spec.local is not None:
        return "local", sharing.text(spec.local.path)
    return "", ""


def event(raw: types.Event, sharing: Sharing) -> Event:
    """Return an event; one of events.k8s.io origin has its times in eventTime and its count in a series."""
    meta, about = _meta(raw.metadata), raw.involved_object or types.ObjectRef()
    series = raw.series or types.EventSeries()
    created = sharing.moment(meta.creation_timestamp)
    first = sharing.moment(raw.first_timestamp) or sharing.moment(raw.event_time) or created
    last = sharing.moment(series.last_observed_time) or sharing.moment(raw.last_timestamp) or first
    return Event(
        ref=ref_of(meta, sharing),
        uid=sharing.text(meta.uid),
        type=sharing.text(raw.type),
        reason=sharing.text(raw.reason),
        message=one_line(raw.message),
        object_kind=sharing.text(about.kind),
        object_name=sharing.text(about.name),
        object_uid=sharing.text(about.uid),
        count=max(series.count or 0, raw.count or 0, 1),
        first_seen=first,
        last_seen=last,
        source=sharing.text((raw.source and raw.source.component) or raw.reporting_component),
    )


def node(raw: types.Node, sharing: Sharing) -> Node:
    """Return a node."""
    meta, spec, status = _meta(raw.metadata), raw.spec or types.NodeSpec(), raw.status or types.NodeStatus()
    ready = next((each for each in status.conditions or () if each.type == "Ready"), None)
    is_ready = ready is not None and ready.status == "True"
    return Node(
        name=ref_of(meta, sharing).name,
        uid=sharing.text(meta.uid),
        ready=is_ready,
        reason="" if is_ready or ready is None else one_line(ready.message) or sharing.text(ready.reason),
        unschedulable=bool(spec.unschedulable),
        version=sharing.text(status.node_info.kubelet_version) if status.node_info else "",
        allocatable=extended(status.allocatable, sharing),
    )


def pod_usage(raw: types.PodMetrics, sharing: Sharing) -> PodUsage:
    """Return what a pod used."""
    return PodUsage(
        ref=ref_of(raw.metadata, sharing),
        at=sharing.moment(raw.timestamp),
        containers=tuple(
            (
                sharing.text(each.name),
                sharing.amount((each.usage or {}).get("cpu")) or 0.0,
                sharing.amount((each.usage or {}).get("memory")) or 0.0,
            )
            for each in raw.containers or ()
        ),
    )


def application(raw: types.Application, sharing: Sharing) -> Application:
    """Return an Argo CD Application."""
    meta = _meta(raw.metadata)
    status = raw.status or types.ApplicationStatus()
    policy = raw.spec.sync_policy if raw.spec else None
    automated = policy.automated if policy else None
    owner = next((owner for owner in meta.owner_references or () if owner.kind == "ApplicationSet"), None)
    return Application(
        ref=ref_of(meta, sharing),
        uid=sharing.text(meta.uid),
        sync=sharing.text(status.sync.status) if status.sync else "",
        health=sharing.text(status.health.status) if status.health else "",
        automated=automated is not None and automated.enabled is not False,
        self_heal=bool(automated and automated.self_heal),
        prune=bool(automated and automated.prune),
        owner_kind=sharing.text(owner.kind) if owner else "",
        owner_name=sharing.text(owner.name) if owner else "",
        operation=sharing.text(status.operation_state.phase) if status.operation_state else "",
    )


def longhorn_volume(raw: types.LonghornVolume, sharing: Sharing) -> LonghornVolume:
    """Return a Longhorn volume."""
    spec, status = raw.spec or types.LonghornSpec(), raw.status or types.LonghornStatus()
    return LonghornVolume(
        ref=ref_of(raw.metadata, sharing),
        state=sharing.text(status.state),
        robustness=sharing.text(status.robustness),
        replicas=spec.number_of_replicas or 0,
        actual_size=status.actual_size,
        last_backup_at=sharing.text(status.last_backup_at),
    )
