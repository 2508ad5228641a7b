"""Where each kind lives in the API, and how it is read: one line a kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from mediatui.clients.kube import decode_cluster, decode_pods, decode_workloads, types, types_cluster
from mediatui.clients.kube.decode import Shape
from mediatui.model.source import Kind


@dataclass(frozen=True, slots=True)
class Resource:
    """How a kind is read."""

    plural: str
    groups: tuple[str, ...]
    """Group and version, the preferred one first: a server that does not serve it is asked for the next."""
    shape: Shape
    poll: float = 0.0
    """Seconds between lists of what cannot be watched, 0 for what can."""

    def path(self, group: str, namespace: str) -> str:
        """Return the path of the collection; an empty namespace stands for all, or for none where there is none."""
        return _path(group, namespace, self.plural)


def _path(group: str, namespace: str, *parts: str) -> str:
    root = f"/apis/{group}" if "/" in group else f"/api/{group}"
    within = ("namespaces", namespace) if namespace else ()
    return "/".join((root, *(quote(part, safe="") for part in (*within, *parts))))


RESOURCES: Final[Mapping[Kind, Resource]] = MappingProxyType(
    {
        Kind.PODS: Resource("pods", ("v1",), Shape(types.Pod, decode_pods.pod)),
        Kind.DEPLOYMENTS: Resource("deployments", ("apps/v1",), Shape(types.Workload, decode_workloads.deployment)),
        Kind.STATEFULSETS: Resource("statefulsets", ("apps/v1",), Shape(types.Workload, decode_workloads.statefulset)),
        Kind.REPLICASETS: Resource("replicasets", ("apps/v1",), Shape(types.Workload, decode_workloads.replicaset)),
        Kind.SERVICES: Resource("services", ("v1",), Shape(types_cluster.Service, decode_cluster.service)),
        Kind.ENDPOINT_SLICES: Resource(
            "endpointslices",
            ("discovery.k8s.io/v1",),
            Shape(types_cluster.EndpointSlice, decode_cluster.endpoint_slice),
        ),
        Kind.CLAIMS: Resource("persistentvolumeclaims", ("v1",), Shape(types_cluster.Claim, decode_cluster.claim)),
        Kind.VOLUMES: Resource("persistentvolumes", ("v1",), Shape(types_cluster.Volume, decode_cluster.volume)),
        Kind.EVENTS: Resource("events", ("v1",), Shape(types_cluster.Event, decode_cluster.event)),
        Kind.AUTOSCALERS: Resource(
            "horizontalpodautoscalers",
            ("autoscaling/v2", "autoscaling/v1"),
            Shape(types_cluster.Autoscaler, decode_workloads.autoscaler),
        ),
        Kind.NODES: Resource("nodes", ("v1",), Shape(types_cluster.Node, decode_cluster.node)),
        Kind.POD_METRICS: Resource(
            "pods", ("metrics.k8s.io/v1beta1",), Shape(types_cluster.PodMetrics, decode_cluster.pod_usage), poll=60.0
        ),
        Kind.ROUTES: Resource(
            "httproutes",
            ("gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1"),
            Shape(types_cluster.Route, decode_cluster.route),
        ),
        Kind.APPLICATIONS: Resource(
            "applications", ("argoproj.io/v1alpha1",), Shape(types_cluster.Application, decode_cluster.application)
        ),
        Kind.LONGHORN_VOLUMES: Resource(
            "volumes", ("longhorn.io/v1beta2",), Shape(types_cluster.LonghornVolume, decode_cluster.longhorn_volume)
        ),
        Kind.SCALED_OBJECTS: Resource(
            "scaledobjects", ("keda.sh/v1alpha1",), Shape(types_cluster.Autoscaler, decode_workloads.scaled_object)
        ),
    }
)
"""Every kind of ``model.source``."""

_OBJECTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "Pod": ("v1", "pods"),
        "Service": ("v1", "services"),
        "ConfigMap": ("v1", "configmaps"),
        "Secret": ("v1", "secrets"),
        "Event": ("v1", "events"),
        "PersistentVolumeClaim": ("v1", "persistentvolumeclaims"),
        "PersistentVolume": ("v1", "persistentvolumes"),
        "Node": ("v1", "nodes"),
        "Namespace": ("v1", "namespaces"),
        "ServiceAccount": ("v1", "serviceaccounts"),
        "ResourceQuota": ("v1", "resourcequotas"),
        "Deployment": ("apps/v1", "deployments"),
        "StatefulSet": ("apps/v1", "statefulsets"),
        "DaemonSet": ("apps/v1", "daemonsets"),
        "ReplicaSet": ("apps/v1", "replicasets"),
        "ControllerRevision": ("apps/v1", "controllerrevisions"),
        "Job": ("batch/v1", "jobs"),
        "CronJob": ("batch/v1", "cronjobs"),
        "HorizontalPodAutoscaler": ("autoscaling/v2", "horizontalpodautoscalers"),
        "EndpointSlice": ("discovery.k8s.io/v1", "endpointslices"),
        "Ingress": ("networking.k8s.io/v1", "ingresses"),
        "NetworkPolicy": ("networking.k8s.io/v1", "networkpolicies"),
        "HTTPRoute": ("gateway.networking.k8s.io/v1", "httproutes"),
        "StorageClass": ("storage.k8s.io/v1", "storageclasses"),
        "VolumeAttachment": ("storage.k8s.io/v1", "volumeattachments"),
        "CSIDriver": ("storage.k8s.io/v1", "csidrivers"),
        "PodDisruptionBudget": ("policy/v1", "poddisruptionbudgets"),
        "Application": ("argoproj.io/v1alpha1", "applications"),
        "ApplicationSet": ("argoproj.io/v1alpha1", "applicationsets"),
        "Volume": ("longhorn.io/v1beta2", "volumes"),
        "ScaledObject": ("keda.sh/v1alpha1", "scaledobjects"),
        "Kustomization": ("kustomize.toolkit.fluxcd.io/v1", "kustomizations"),
        "HelmRelease": ("helm.toolkit.fluxcd.io/v2", "helmreleases"),
    }
)


def object_path(kind: str, namespace: str, name: str) -> str | None:
    """Return the path of one object by the name of its kind, None for a kind that we do not know."""
    if kind not in _OBJECTS:
        return None
    group, plural = _OBJECTS[kind]
    return _path(group, namespace, plural, name)
