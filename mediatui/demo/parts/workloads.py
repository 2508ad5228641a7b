"""Deployments, StatefulSets and DaemonSets with what their controllers made of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from mediatui.demo.api import defaults
from mediatui.demo.objects import Object
from mediatui.demo.parts.cluster import DAY, Cluster, owner, short_hash, template_hash
from mediatui.demo.parts.pods import TRACKING, pod_of, template_of
from mediatui.demo.parts.unit import Unit

_MANAGER: Final = "kube-controller-manager"


def add_unit(cluster: Cluster, unit: Unit) -> list[Object]:
    """Store a workload, everything between it and its pods, and the pods; return the pods."""
    if unit.kind == "Deployment":
        return _deployment(cluster, unit)
    return _stateful_set(cluster, unit) if unit.kind == "StatefulSet" else _daemon_set(cluster, unit)


def add_pod(cluster: Cluster, unit: Unit, template: Object, name: str, node: str, parent: Object) -> Object:
    """Store one running pod of a workload."""
    pod = pod_of(cluster, unit, template, name, node, owner(parent))
    return cluster.add(
        pod, age=unit.pod_age, manager=_MANAGER, status_manager="kubelet", at=max(0.0, unit.pod_age - 20)
    )


def _metadata(unit: Unit) -> Object:
    kind = f"apps/{unit.kind}"
    metadata: Object = {"name": unit.name, "namespace": unit.namespace, "labels": dict(unit.selector)}
    if unit.application:
        identity = f"{unit.application}:{kind}:{unit.namespace}/{unit.name}"
        metadata["annotations"] = {TRACKING: identity}
    return metadata


def _writer(unit: Unit) -> str:
    return "argocd-controller" if unit.application else "helm"


def _deployment(cluster: Cluster, unit: Unit) -> list[Object]:
    count = len(unit.nodes)
    since, revision = cluster.ago(unit.pod_age - 30), {"deployment.kubernetes.io/revision": "4"}
    metadata = _metadata(unit)
    metadata["annotations"] = {**metadata.get("annotations", {}), **revision}
    strategy: dict[str, Any] = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}}
    deployment: Object = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {
            "replicas": count,
            "selector": {"matchLabels": unit.selector},
            "template": template_of(unit),
            "strategy": {"type": "Recreate"} if unit.recreate else strategy,
            "revisionHistoryLimit": 3,
            "progressDeadlineSeconds": 600,
        },
    }
    pod_hash = short_hash(unit.namespace, unit.name, unit.containers[0].image)
    progress = f'ReplicaSet "{unit.name}-{pod_hash}" has successfully progressed.'
    deployment["status"] = {
        "observedGeneration": 1,
        "replicas": count,
        "updatedReplicas": count,
        "readyReplicas": count,
        "availableReplicas": count,
        "terminatingReplicas": 0,
        "conditions": [
            {
                "type": "Progressing",
                "status": "True",
                "lastUpdateTime": since,
                "lastTransitionTime": cluster.ago(unit.age),
                "reason": "NewReplicaSetAvailable",
                "message": progress,
            },
            available(since, True),
        ],
    }
    made = cluster.add(deployment, age=unit.age, manager=_writer(unit), status_manager=_MANAGER, at=unit.pod_age)
    hashed = {**unit.selector, "pod-template-hash": pod_hash}
    template = template_of(unit, {"pod-template-hash": pod_hash})
    replica_set: Object = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{unit.name}-{pod_hash}",
            "namespace": unit.namespace,
            "labels": hashed,
            "annotations": {
                "deployment.kubernetes.io/desired-replicas": str(count),
                "deployment.kubernetes.io/max-replicas": str(count + (0 if unit.recreate else 1)),
                **revision,
            },
            "ownerReferences": [owner(made)],
        },
        "spec": {"replicas": count, "selector": {"matchLabels": hashed}, "template": template},
        "status": {
            "replicas": count,
            "fullyLabeledReplicas": count,
            "readyReplicas": count,
            "availableReplicas": count,
            "terminatingReplicas": 0,
            "observedGeneration": 1,
        },
    }
    _old_replica_set(cluster, unit, made)
    parent = cluster.add(replica_set, age=unit.pod_age, manager=_MANAGER)
    base = f"{unit.name}-{pod_hash}"
    return [add_pod(cluster, unit, template, f"{base}-{cluster.suffix()}", node, parent) for node in unit.nodes]


def _old_replica_set(cluster: Cluster, unit: Unit, parent: Object) -> None:
    """Store the ReplicaSet of the revision before: it has no pods, and must not be taken for the current one."""
    pod_hash = short_hash(unit.namespace, unit.name, "before")
    labels = {**unit.selector, "pod-template-hash": pod_hash}
    image = unit.containers[0].image
    older = replace(unit, containers=(replace(unit.containers[0], image=f"{image}-rc1"), *unit.containers[1:]))
    replica_set: Object = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{unit.name}-{pod_hash}",
            "namespace": unit.namespace,
            "labels": labels,
            "annotations": {"deployment.kubernetes.io/revision": "3"},
            "ownerReferences": [owner(parent)],
        },
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": labels},
            "template": template_of(older, {"pod-template-hash": pod_hash}),
        },
        "status": {"replicas": 0, "observedGeneration": 1, "terminatingReplicas": 0},
    }
    cluster.add(replica_set, age=min(unit.age, unit.pod_age + 20 * DAY))


def available(since: str, yes: bool) -> Object:
    """Return the Available condition of a Deployment."""
    words = {
        True: ("MinimumReplicasAvailable", "Deployment has minimum availability."),
        False: ("MinimumReplicasUnavailable", "Deployment does not have minimum availability."),
    }[yes]
    return {
        "type": "Available",
        "status": str(yes),
        "lastUpdateTime": since,
        "lastTransitionTime": since,
        "reason": words[0],
        "message": words[1],
    }


def _stateful_set(cluster: Cluster, unit: Unit) -> list[Object]:
    count, template = len(unit.nodes), template_of(unit)
    defaults.pod_template(template)
    revision = f"{unit.name}-{template_hash(template)}"
    templates = [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": item.name},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": item.size}},
                "storageClassName": item.storage_class,
                "volumeMode": "Filesystem",
            },
            "status": {"phase": "Pending"},
        }
        for item in unit.templates
    ]
    body: Object = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": _metadata(unit),
        "spec": {
            "replicas": count,
            "selector": {"matchLabels": unit.selector},
            "template": template,
            "serviceName": f"{unit.name}-headless",
            "podManagementPolicy": "OrderedReady",
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
            "revisionHistoryLimit": 3,
            "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        },
        "status": {
            "observedGeneration": 1,
            "replicas": count,
            "readyReplicas": count,
            "currentReplicas": count,
            "updatedReplicas": count,
            "currentRevision": revision,
            "updateRevision": revision,
            "collisionCount": 0,
            "availableReplicas": count,
        },
    }
    if templates:
        body["spec"]["volumeClaimTemplates"] = templates
    made = cluster.add(body, age=unit.age, manager=_writer(unit), status_manager=_MANAGER, at=unit.pod_age)
    pods = []
    for index, node in enumerate(unit.nodes):
        name = f"{unit.name}-{index}"
        labels = {
            "apps.kubernetes.io/pod-index": str(index),
            "controller-revision-hash": revision,
            "statefulset.kubernetes.io/pod-name": name,
        }
        pods.append(add_pod(cluster, unit, template_of(unit, labels), name, node, made))
    return pods


def _daemon_set(cluster: Cluster, unit: Unit) -> list[Object]:
    count = len(unit.nodes)
    labels = {"controller-revision-hash": short_hash(unit.namespace, unit.name), "pod-template-generation": "1"}
    names = (
        "currentNumberScheduled",
        "desiredNumberScheduled",
        "numberReady",
        "numberAvailable",
        "updatedNumberScheduled",
    )
    body: Object = {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": _metadata(unit),
        "spec": {
            "selector": {"matchLabels": unit.selector},
            "template": template_of(unit),
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}},
            "revisionHistoryLimit": 10,
        },
        "status": {**dict.fromkeys(names, count), "numberMisscheduled": 0, "observedGeneration": 1},
    }
    made = cluster.add(body, age=unit.age, manager=_writer(unit), status_manager=_MANAGER, at=unit.pod_age)
    template = template_of(unit, labels)
    return [add_pod(cluster, unit, template, f"{unit.name}-{cluster.suffix()}", node, made) for node in unit.nodes]
