"""What decides on replicas besides people: a KEDA ScaledObject and the autoscaler that it drives."""

from __future__ import annotations

from mediatui.demo.objects import Object
from mediatui.demo.parts.cluster import Cluster, owner
from mediatui.demo.parts.unit import Unit


def add_scaled_object(cluster: Cluster, unit: Unit, age: float) -> None:
    """Store a ScaledObject that takes a unit down while its NFS share is lost, and KEDA's autoscaler for it."""
    name, since = f"{unit.name}-nfs", cluster.ago(age - 30)
    target = {"apiVersion": "apps/v1", "kind": unit.kind, "name": unit.name}
    trigger = {
        "type": "prometheus",
        "metadata": {
            "serverAddress": "http://prometheus.monitoring:9090",
            "query": 'max(probe_success{instance="nas.example.internal:2049"})',
            "threshold": "1",
        },
    }
    external = f"s0-prometheus-{unit.name}"
    body: Object = {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": name, "namespace": unit.namespace, "labels": {"scaledobject.keda.sh/name": name}},
        "spec": {"scaleTargetRef": target, "minReplicaCount": 0, "maxReplicaCount": 1, "triggers": [trigger]},
        "status": {
            "scaleTargetKind": f"apps/v1.{unit.kind}",
            "originalReplicaCount": 1,
            "externalMetricNames": [external],
            "hpaName": f"keda-hpa-{name}",
            "conditions": [
                {"type": "Ready", "status": "True", "reason": "ScaledObjectReady", "message": "ScaledObject is ready"},
                {"type": "Active", "status": "True", "reason": "ScalerActive", "message": "Scaling is performed"},
                {"type": "Paused", "status": "False", "reason": "ScaledObjectNotPaused", "message": ""},
            ],
        },
    }
    made = cluster.add(body, age=age)
    selector = {"matchLabels": {"scaledobject.keda.sh/name": name}}
    metric = {"name": external, "selector": selector}
    autoscaler: Object = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {
            "name": f"keda-hpa-{name}",
            "namespace": unit.namespace,
            "labels": {"app.kubernetes.io/managed-by": "keda-operator", "scaledobject.keda.sh/name": name},
            "ownerReferences": [owner(made)],
        },
        "spec": {
            "scaleTargetRef": target,
            "minReplicas": 1,
            "maxReplicas": 1,
            "metrics": [
                {
                    "type": "External",
                    "external": {"metric": metric, "target": {"type": "AverageValue", "averageValue": "1"}},
                }
            ],
        },
        "status": {
            "currentReplicas": 1,
            "desiredReplicas": 1,
            "currentMetrics": [{"type": "External", "external": {"metric": metric, "current": {"averageValue": "1"}}}],
            "conditions": [
                _condition("AbleToScale", "True", since, "ReadyForNewScale", "recommended size matches current size"),
                _condition("ScalingActive", "True", since, "ValidMetricFound", "the HPA was able to calculate"),
                _condition("ScalingLimited", "False", since, "DesiredWithinRange", "the desired count is in range"),
            ],
        },
    }
    cluster.add(autoscaler, age=age - 5)


def _condition(kind: str, status: str, at: str, reason: str, message: str) -> Object:
    return {"type": kind, "status": status, "lastTransitionTime": at, "reason": reason, "message": message}
