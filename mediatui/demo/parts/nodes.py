"""Namespaces, nodes and their leases."""

from __future__ import annotations

from typing import Final

from mediatui.demo.objects import Object, micro_stamp, stamp
from mediatui.demo.parts.cluster import Cluster, digest

_GPU: Final = "gpu.intel.com/i915"
_FINE: Final = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)


def add_namespace(cluster: Cluster, name: str, age: float, labels: dict[str, str] | None = None) -> None:
    """Store an active namespace with what every namespace holds."""
    body: Object = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name, **(labels or {})}},
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    }
    cluster.add(body, age=age)
    place = {"name": "default", "namespace": name}
    cluster.add({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": place}, age=age)
    bundle = {"ca.crt": "-----BEGIN CERTIFICATE-----\n(the demo's workloads trust nobody)\n-----END CERTIFICATE-----\n"}
    place = {"name": "kube-root-ca.crt", "namespace": name}
    cluster.add({"apiVersion": "v1", "kind": "ConfigMap", "metadata": place, "data": bundle}, age=age)


def add_node(
    cluster: Cluster,
    name: str,
    address: str,
    age: float,
    *,
    cores: int,
    memory: int,
    gpu: bool = False,
    control: bool = False,
) -> None:
    """Store a ready node and its lease.

    Args:
        cluster: Where it goes.
        name: Its name.
        address: Its address.
        age: Seconds since it joined.
        cores: Its CPUs.
        memory: Its memory in Gi.
        gpu: Whether it has an Intel GPU, offered by the device plugin.
        control: Whether it carries the control plane.
    """
    cluster.hosts[name] = address
    labels = {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
    }
    if control:
        labels["node-role.kubernetes.io/control-plane"] = ""
    capacity = {"cpu": str(cores), "memory": f"{memory}Gi", "pods": "110", "ephemeral-storage": "236Gi"}
    allocatable = capacity | {"cpu": f"{cores * 1000 - 50}m", "memory": f"{memory * 1024 - 300}Mi"}
    if gpu:
        labels["intel.feature.node.kubernetes.io/gpu"] = "true"
        labels["gpu.intel.com/device-id.0300-4680.present"] = "true"
        capacity[_GPU] = allocatable[_GPU] = "1"
    body: Object = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels, "annotations": {"node.alpha.kubernetes.io/ttl": "0"}},
        "spec": {"podCIDR": f"10.42.{len(cluster.hosts) - 1}.0/24"},
        "status": {
            "capacity": capacity,
            "allocatable": allocatable,
            "conditions": node_conditions(cluster.world.clock.now(), cluster.ago(age - 40)),
            "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {
                "machineID": digest("machine", name, length=32),
                "systemUUID": digest("system", name, length=32),
                "bootID": digest("boot", name, length=32),
                "kernelVersion": "6.12.57-talos",
                "osImage": "Talos (v1.12.1)",
                "containerRuntimeVersion": "containerd://2.1.5",
                "kubeletVersion": "v1.36.2",
                "kubeProxyVersion": "",
                "operatingSystem": "linux",
                "architecture": "amd64",
            },
        },
    }
    made = cluster.add(body, age=age, manager="kubelet", status_manager="kubelet", at=120.0)
    reference = {"apiVersion": "v1", "kind": "Node", "name": name, "uid": made["metadata"]["uid"]}
    lease: Object = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": name, "namespace": "kube-node-lease", "ownerReferences": [reference]},
        "spec": {
            "holderIdentity": name,
            "leaseDurationSeconds": 40,
            "renewTime": micro_stamp(cluster.world.clock.now() - cluster.jitter(0.5, 9.0)),
        },
    }
    cluster.add(lease, age=age)


def node_conditions(now: float, since: str) -> list[Object]:
    """Return the conditions of a node that is well, with a fresh heartbeat."""
    return [
        {
            "type": kind,
            "status": status,
            "lastHeartbeatTime": stamp(now),
            "lastTransitionTime": since,
            "reason": reason,
            "message": message,
        }
        for kind, status, reason, message in _FINE
    ]
