"""Services and what is behind them, gateways, and the routes that lead to them from outside."""

from __future__ import annotations

from typing import Final

from mediatui.demo.objects import Object, dig
from mediatui.demo.parts.cluster import Cluster, owner
from mediatui.demo.parts.unit import Unit

_GATEWAY_API: Final = "gateway.networking.k8s.io/v1"
_CONTROLLER: Final = "io.cilium/gateway-controller"


def add_service(cluster: Cluster, unit: Unit, port: int, pods: list[Object], *, target: int | str = "http") -> None:
    """Store the Service of a unit and its EndpointSlice, and for a StatefulSet its headless Service too."""
    _service(cluster, unit, unit.name, port, target, pods, headless=False)
    if unit.kind == "StatefulSet":
        _service(cluster, unit, f"{unit.name}-headless", port, target, pods, headless=True)


def _service(
    cluster: Cluster, unit: Unit, name: str, port: int, target: int | str, pods: list[Object], *, headless: bool
) -> None:
    address = "None" if headless else cluster.address("10.43.0")
    body: Object = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": unit.namespace, "labels": dict(unit.selector)},
        "spec": {
            "ports": [{"name": "http", "protocol": "TCP", "port": port, "targetPort": target}],
            "selector": unit.selector,
            "clusterIP": address,
            "clusterIPs": [address],
            "type": "ClusterIP",
            "sessionAffinity": "None",
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "internalTrafficPolicy": "Cluster",
        },
        "status": {"loadBalancer": {}},
    }
    made = cluster.add(body, age=unit.age, manager="argocd-controller" if unit.application else "helm")
    number = next(number for label, number in unit.containers[0].ports if target in (label, number))
    labels = {
        **unit.selector,
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        "kubernetes.io/service-name": name,
    }
    if headless:
        labels["service.kubernetes.io/headless"] = ""
    piece: Object = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{name}-{cluster.suffix()}",
            "namespace": unit.namespace,
            "labels": labels,
            "ownerReferences": [owner(made)],
        },
        "addressType": "IPv4",
        "endpoints": [endpoint(pod) for pod in pods],
        "ports": [{"name": "http", "port": number, "protocol": "TCP"}],
    }
    cluster.add(piece, age=unit.age)


def endpoint(pod: Object) -> Object:
    """Return the entry of a pod in an EndpointSlice."""
    rows = dig(pod, "status.conditions", [])
    ready = any(row["type"] == "Ready" and row["status"] == "True" for row in rows)
    metadata = pod["metadata"]
    ending = "deletionTimestamp" in metadata
    target = {"kind": "Pod", "namespace": metadata["namespace"], "name": metadata["name"], "uid": metadata["uid"]}
    return {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": ready and not ending, "serving": ready, "terminating": ending},
        "nodeName": pod["spec"]["nodeName"],
        "targetRef": target,
    }


def add_gateway(cluster: Cluster, name: str, address: str, age: float) -> None:
    """Store a Gateway for ``*.example.internal``."""
    now = cluster.ago(age - 20)
    listeners = [
        {
            "name": "https",
            "protocol": "HTTPS",
            "port": 443,
            "hostname": "*.example.internal",
            "tls": {"mode": "Terminate", "certificateRefs": [{"group": "", "kind": "Secret", "name": "wildcard-tls"}]},
            "allowedRoutes": {"namespaces": {"from": "All"}},
        }
    ]
    body: Object = {
        "apiVersion": _GATEWAY_API,
        "kind": "Gateway",
        "metadata": {"name": name, "namespace": "gateway"},
        "spec": {"gatewayClassName": "cilium", "listeners": listeners},
        "status": {
            "addresses": [{"type": "IPAddress", "value": address}],
            "conditions": [_condition("Accepted", now), _condition("Programmed", now)],
            "listeners": [
                {
                    "name": "https",
                    "attachedRoutes": 5,
                    "supportedKinds": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute"}],
                    "conditions": [_condition("Accepted", now), _condition("ResolvedRefs", now)],
                }
            ],
        },
    }
    cluster.add(body, age=age)


def add_gateway_class(cluster: Cluster, age: float) -> None:
    """Store the GatewayClass of Cilium."""
    conditions = [_condition("Accepted", cluster.ago(age))]
    body: Object = {
        "apiVersion": _GATEWAY_API,
        "kind": "GatewayClass",
        "metadata": {"name": "cilium"},
        "spec": {"controllerName": _CONTROLLER},
        "status": {"conditions": conditions},
    }
    cluster.add(body, age=age)


def add_route(cluster: Cluster, unit: Unit, port: int, *, gateways: tuple[str, ...] = ("internal",)) -> None:
    """Store the HTTPRoute ``NAME.example.internal`` to a unit's Service."""
    now = cluster.ago(unit.age - 60)
    parents = [
        {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": name, "namespace": "gateway"}
        for name in gateways
    ]
    backend = {"group": "", "kind": "Service", "name": unit.name, "port": port, "weight": 1}
    body: Object = {
        "apiVersion": _GATEWAY_API,
        "kind": "HTTPRoute",
        "metadata": {"name": unit.name, "namespace": unit.namespace, "labels": dict(unit.selector)},
        "spec": {
            "parentRefs": parents,
            "hostnames": [f"{unit.name}.example.internal"],
            "rules": [{"matches": [{"path": {"type": "PathPrefix", "value": "/"}}], "backendRefs": [backend]}],
        },
        "status": {
            "parents": [
                {
                    "parentRef": parent,
                    "controllerName": _CONTROLLER,
                    "conditions": [_condition("Accepted", now), _condition("ResolvedRefs", now)],
                }
                for parent in parents
            ]
        },
    }
    cluster.add(body, age=unit.age)


def _condition(kind: str, at: str) -> Object:
    return {
        "type": kind,
        "status": "True",
        "reason": kind,
        "message": "",
        "observedGeneration": 1,
        "lastTransitionTime": at,
    }
