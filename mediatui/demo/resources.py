"""The resources that the demo serves, and what it can do with each: the single source for discovery and routing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_VERBS: Final = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of one API version."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    short: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    computed: bool = False
    """Made at each request and kept nowhere: it can be read but not watched, like metrics.k8s.io."""

    @property
    def api_version(self) -> str:
        """The ``apiVersion`` of its objects."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def singular(self) -> str:
        """The singular name, which kubectl accepts too."""
        return self.kind.lower()

    @property
    def qualified(self) -> str:
        """The name in messages: ``pods``, ``deployments.apps``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def verbs(self) -> tuple[str, ...]:
        """What discovery says can be done."""
        return ("get", "list") if self.computed else _VERBS


def _core(plural: str, kind: str, *short: str, **more: Any) -> Resource:
    return Resource("", "v1", plural, kind, short=short, **more)


def _apps(plural: str, kind: str, *short: str, sub: tuple[str, ...] = ("scale", "status")) -> Resource:
    return Resource("apps", "v1", plural, kind, short=short, categories=("all",), subresources=sub)


_STATUS: Final = ("status",)
_LONGHORN: Final = ("longhorn.io", "v1beta2")
_GATEWAY: Final = ("gateway.networking.k8s.io", "v1")

SERVED: Final[tuple[Resource, ...]] = (
    _core("configmaps", "ConfigMap", "cm"),
    _core("endpoints", "Endpoints", "ep"),
    _core("events", "Event", "ev"),
    _core("limitranges", "LimitRange", "limits"),
    _core("namespaces", "Namespace", "ns", namespaced=False, subresources=_STATUS),
    _core("nodes", "Node", "no", namespaced=False, subresources=_STATUS),
    _core("persistentvolumeclaims", "PersistentVolumeClaim", "pvc", subresources=_STATUS),
    _core("persistentvolumes", "PersistentVolume", "pv", namespaced=False, subresources=_STATUS),
    _core("pods", "Pod", "po", categories=("all",), subresources=("binding", "exec", "log", "portforward", "status")),
    _core("replicationcontrollers", "ReplicationController", "rc", categories=("all",)),
    _core("resourcequotas", "ResourceQuota", "quota", subresources=_STATUS),
    _core("secrets", "Secret"),
    _core("serviceaccounts", "ServiceAccount", "sa"),
    _core("services", "Service", "svc", categories=("all",), subresources=_STATUS),
    _apps("controllerrevisions", "ControllerRevision", sub=()),
    _apps("daemonsets", "DaemonSet", "ds", sub=("status",)),
    _apps("deployments", "Deployment", "deploy"),
    _apps("replicasets", "ReplicaSet", "rs"),
    _apps("statefulsets", "StatefulSet", "sts"),
    Resource(
        "autoscaling",
        "v2",
        "horizontalpodautoscalers",
        "HorizontalPodAutoscaler",
        short=("hpa",),
        categories=("all",),
        subresources=_STATUS,
    ),
    Resource("batch", "v1", "cronjobs", "CronJob", short=("cj",), categories=("all",), subresources=_STATUS),
    Resource("batch", "v1", "jobs", "Job", categories=("all",), subresources=_STATUS),
    Resource("coordination.k8s.io", "v1", "leases", "Lease"),
    Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
    Resource("networking.k8s.io", "v1", "ingresses", "Ingress", short=("ing",), subresources=_STATUS),
    Resource("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", short=("netpol",)),
    Resource("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", short=("pdb",), subresources=_STATUS),
    Resource("storage.k8s.io", "v1", "csidrivers", "CSIDriver", namespaced=False),
    Resource("storage.k8s.io", "v1", "storageclasses", "StorageClass", namespaced=False, short=("sc",)),
    Resource("storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment", namespaced=False, subresources=_STATUS),
    Resource("argoproj.io", "v1alpha1", "applications", "Application", short=("app", "apps")),
    Resource("argoproj.io", "v1alpha1", "applicationsets", "ApplicationSet", short=("appset", "appsets")),
    Resource("argoproj.io", "v1alpha1", "appprojects", "AppProject", short=("appproj", "appprojs")),
    Resource(*_GATEWAY, "gatewayclasses", "GatewayClass", namespaced=False, short=("gc",), categories=("gateway-api",)),
    Resource(*_GATEWAY, "gateways", "Gateway", short=("gtw",), categories=("gateway-api",), subresources=_STATUS),
    Resource(*_GATEWAY, "httproutes", "HTTPRoute", categories=("gateway-api",), subresources=_STATUS),
    Resource("keda.sh", "v1alpha1", "scaledobjects", "ScaledObject", short=("so",), subresources=_STATUS),
    Resource(*_LONGHORN, "volumes", "Volume", short=("lhv",), categories=("longhorn",), subresources=_STATUS),
    Resource("metrics.k8s.io", "v1beta1", "nodes", "NodeMetrics", namespaced=False, computed=True),
    Resource("metrics.k8s.io", "v1beta1", "pods", "PodMetrics", computed=True),
)
"""Every resource, in the order in which discovery lists the groups."""

_BY_PATH: Final = {(item.group, item.version, item.plural): item for item in SERVED}
_BY_KIND: Final = {(item.api_version, item.kind): item for item in SERVED}


def find(group: str, version: str, plural: str) -> Resource | None:
    """Return the resource behind a path, None where nothing is served."""
    return _BY_PATH.get((group, version, plural))


def of_object(obj: Mapping[str, Any]) -> Resource:
    """Return the resource that an object belongs to by its ``apiVersion`` and ``kind``.

    Raises:
        KeyError: The demo serves no such kind.
    """
    return _BY_KIND[(obj["apiVersion"], obj["kind"])]


def named(plural: str, group: str | None = None) -> Resource:
    """Return a resource by its plural name, for callers inside the process; the first match wins without a group.

    Raises:
        KeyError: The demo serves no such resource.
    """
    for item in SERVED:
        if item.plural == plural and (group is None or item.group == group):
            return item
    raise KeyError(plural)
