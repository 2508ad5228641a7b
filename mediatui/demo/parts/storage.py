"""Storage classes, claims, volumes, attachments, and Longhorn's own view of them."""

from __future__ import annotations

from typing import Final

from mediatui.demo.objects import Object
from mediatui.demo.parts.cluster import Cluster, digest

DRIVER: Final = "driver.longhorn.io"
_NAMESPACE: Final = "longhorn-system"


def add_storage_class(cluster: Cluster, name: str, replicas: int, reclaim: str, age: float, *, default: bool) -> None:
    """Store a StorageClass of Longhorn."""
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"} if default else {}
    parameters = {
        "numberOfReplicas": str(replicas),
        "staleReplicaTimeout": "30",
        "fsType": "ext4",
        "dataLocality": "disabled",
    }
    body: Object = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name, "annotations": annotations},
        "provisioner": DRIVER,
        "parameters": parameters,
        "reclaimPolicy": reclaim,
        "allowVolumeExpansion": True,
        "volumeBindingMode": "Immediate",
    }
    cluster.add(body, age=age)


def add_driver(cluster: Cluster, age: float) -> None:
    """Store the CSIDriver of Longhorn."""
    spec = {
        "attachRequired": True,
        "podInfoOnMount": True,
        "volumeLifecycleModes": ["Persistent"],
        "storageCapacity": False,
        "fsGroupPolicy": "ReadWriteOnceWithFSType",
        "requiresRepublish": False,
        "seLinuxMount": False,
    }
    body = {"apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver", "metadata": {"name": DRIVER}, "spec": spec}
    cluster.add(body, age=age)


def add_claim(
    cluster: Cluster,
    name: str,
    size: str,
    node: str,
    *,
    age: float,
    namespace: str = "media",
    storage_class: str = "longhorn",
    reclaim: str = "Delete",
    mode: str = "ReadWriteOnce",
    labels: dict[str, str] | None = None,
    pod: str = "",
    also: tuple[str, ...] = (),
) -> None:
    """Store a bound claim, its volume, the volume's attachment, and Longhorn's volume.

    Args:
        cluster: Where it goes.
        name: The claim's name.
        size: Its size, as a quantity in Gi or Ti.
        node: Where the volume is attached.
        age: Seconds since it was created.
        namespace: The claim's namespace.
        storage_class: The StorageClass.
        reclaim: The volume's reclaim policy.
        mode: The access mode.
        labels: The claim's labels.
        pod: The pod that uses it, for Longhorn's status.
        also: Further nodes where it is attached, for a shared one.
    """
    store = cluster.world.store
    uid = store.new_uid()
    volume = f"pvc-{uid}"
    common = {"accessModes": [mode], "storageClassName": storage_class, "volumeMode": "Filesystem"}
    claim: Object = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "uid": uid,
            "labels": labels or {},
            "annotations": {
                "pv.kubernetes.io/bind-completed": "yes",
                "pv.kubernetes.io/bound-by-controller": "yes",
                "volume.beta.kubernetes.io/storage-provisioner": DRIVER,
                "volume.kubernetes.io/storage-provisioner": DRIVER,
            },
            "finalizers": ["kubernetes.io/pvc-protection"],
        },
        "spec": {**common, "resources": {"requests": {"storage": size}}, "volumeName": volume},
        "status": {"phase": "Bound", "accessModes": [mode], "capacity": {"storage": size}},
    }
    made = cluster.add(claim, age=age, manager="argocd-controller", status_manager="kube-controller-manager")
    reference = {
        "kind": "PersistentVolumeClaim",
        "namespace": namespace,
        "name": name,
        "uid": uid,
        "apiVersion": "v1",
        "resourceVersion": made["metadata"]["resourceVersion"],
    }
    attributes = {"numberOfReplicas": "2", "fsType": "ext4", "staleReplicaTimeout": "30"}
    persistent: Object = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {
            "name": volume,
            "annotations": {"pv.kubernetes.io/provisioned-by": DRIVER},
            "finalizers": ["kubernetes.io/pv-protection", "external-attacher/driver-longhorn-io"],
        },
        "spec": {
            **common,
            "capacity": {"storage": size},
            "csi": {"driver": DRIVER, "fsType": "ext4", "volumeHandle": volume, "volumeAttributes": attributes},
            "claimRef": reference,
            "persistentVolumeReclaimPolicy": reclaim,
        },
        "status": {"phase": "Bound", "lastPhaseTransitionTime": cluster.ago(age - 4)},
    }
    cluster.add(persistent, age=age - 3, manager="csi-provisioner", status_manager="kube-controller-manager")
    for where in (node, *also):
        attachment: Object = {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "VolumeAttachment",
            "metadata": {
                "name": f"csi-{digest(volume, where)}",
                "finalizers": [f"external-attacher/{DRIVER.replace('.', '-')}"],
            },
            "spec": {"attacher": DRIVER, "nodeName": where, "source": {"persistentVolumeName": volume}},
            "status": {"attached": True},
        }
        cluster.add(attachment, age=min(age - 5, 12 * 86400.0))
    _longhorn(cluster, volume, claim, node, age, pod)


def _longhorn(cluster: Cluster, volume: str, claim: Object, node: str, age: float, pod: str) -> None:
    size = claim["spec"]["resources"]["requests"]["storage"]
    total = int(size[:-2]) * (2**40 if size.endswith("Ti") else 2**30)
    shared = claim["spec"]["accessModes"] == ["ReadWriteMany"]
    since = cluster.ago(age - 3)
    conditions = [
        {"type": kind, "status": status, "reason": "", "message": "", "lastProbeTime": "", "lastTransitionTime": since}
        for kind, status in (("Scheduled", "True"), ("Restore", "False"), ("TooManySnapshots", "False"))
    ]
    body: Object = {
        "apiVersion": "longhorn.io/v1beta2",
        "kind": "Volume",
        "metadata": {
            "name": volume,
            "namespace": _NAMESPACE,
            "labels": {"longhornvolume": volume, "recurring-job-group.longhorn.io/default": "enabled"},
            "finalizers": ["longhorn.io"],
        },
        "spec": {
            "size": str(total),
            "numberOfReplicas": 1 if shared else 2,
            "accessMode": "rwx" if shared else "rwo",
            "dataEngine": "v1",
            "frontend": "blockdev",
            "nodeID": node,
            "staleReplicaTimeout": 30,
        },
        "status": {
            "state": "attached",
            "robustness": "healthy",
            "currentNodeID": node,
            "actualSize": int(total * cluster.jitter(0.18, 0.46)) // 4096 * 4096,
            "conditions": conditions,
            "frontendDisabled": False,
            "kubernetesStatus": {
                "namespace": claim["metadata"]["namespace"],
                "pvcName": claim["metadata"]["name"],
                "pvName": volume,
                "pvStatus": "Bound",
                "workloadsStatus": [{"podName": pod, "podStatus": "Running"}] if pod else [],
            },
            "lastDegradedAt": "",
        },
    }
    cluster.add(body, age=age - 3)
