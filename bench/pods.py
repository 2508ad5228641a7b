"""Pods as large as real ones: ten thousand bytes each, with managed fields, probes, mounts and conditions."""

from __future__ import annotations

import json
from typing import Any

_STAMP = "2026-11-23T06:22:19Z"


def pod(number: int) -> dict[str, Any]:
    """Return the pod of that number: of one of forty Deployments, with names and times of its own."""
    app = f"app-{number % 40}"
    name = f"{app}-6d4cf5{number % 40:03d}-{number:05x}"
    uid = f"4b022332-6c45-43ae-a4f0-{number:012x}"
    token = f"kube-api-access-{number:05x}"
    started = f"2026-11-{1 + number % 28:02d}T{number % 24:02d}:{number % 60:02d}:{number % 59:02d}Z"
    labels = {
        "app": app,
        "app.kubernetes.io/name": app,
        "app.kubernetes.io/instance": app,
        "app.kubernetes.io/managed-by": "Helm",
        "pod-template-hash": f"6d4cf5{number % 40:03d}",
    }
    container = {
        "name": app,
        "image": f"ghcr.io/home-operations/{app}:4.0.{number % 40}",
        "ports": [{"containerPort": 8989, "name": "http", "protocol": "TCP"}],
        "env": [{"name": "TZ", "value": "Etc/UTC"}, {"name": "SONARR__SERVER__PORT", "value": "8989"}]
        + [{"name": f"SETTING_{index}", "value": "x" * 40} for index in range(8)],
        "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m", "memory": "512Mi"}},
        "volumeMounts": [
            {"name": "config", "mountPath": "/config"},
            {"name": "media", "mountPath": "/media", "readOnly": True},
            {"name": token, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": True},
        ],
        "livenessProbe": {"httpGet": {"path": "/ping", "port": 8989, "scheme": "HTTP"}, "periodSeconds": 10},
        "readinessProbe": {"httpGet": {"path": "/ping", "port": 8989, "scheme": "HTTP"}, "periodSeconds": 10},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
        "securityContext": {"runAsNonRoot": True, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
    }
    fields: dict[str, object] = {
        f"f:field-{index}": {".": {}, f"f:part-{index}": {}, "f:other": {"k:value": {}}} for index in range(97)
    }
    condition = {"status": "True", "lastProbeTime": None, "lastTransitionTime": started}
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {
            "name": name,
            "generateName": f"{app}-6d4cf5{number % 40:03d}-",
            "namespace": f"media-{number % 20}",
            "uid": uid,
            "resourceVersion": str(100_000 + number),
            "creationTimestamp": started,
            "labels": labels,
            "annotations": {"checksum/config": f"{number % 40:064x}", "prometheus.io/scrape": "true"},
            "ownerReferences": [
                {
                    "apiVersion": "apps/v1",
                    "kind": "ReplicaSet",
                    "name": f"{app}-6d4cf5{number % 40:03d}",
                    "uid": f"aaaaaaaa-6c45-43ae-a4f0-{number % 40:012x}",
                    "controller": True,
                    "blockOwnerDeletion": True,
                }
            ],
            "managedFields": [
                {"manager": manager, "operation": "Update", "apiVersion": "v1", "time": _STAMP, "fieldsV1": fields}
                for manager in ("kube-controller-manager",)
            ],
        },
        "spec": {
            "volumes": [
                {"name": "config", "persistentVolumeClaim": {"claimName": f"{app}-config"}},
                {"name": "media", "nfs": {"server": "nas.lan", "path": "/export/media"}},
                {"name": token, "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}},
            ],
            "containers": [container],
            "restartPolicy": "Always",
            "terminationGracePeriodSeconds": 30,
            "dnsPolicy": "ClusterFirst",
            "serviceAccountName": "default",
            "nodeName": f"node-{number % 50}",
            "tolerations": [
                {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"},
                {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute"},
            ],
        },
        "status": {
            "phase": "Running",
            "conditions": [
                {"type": kind, **condition} for kind in ("Initialized", "Ready", "ContainersReady", "PodScheduled")
            ],
            "hostIP": f"10.0.0.{number % 50}",
            "podIP": f"10.{number // 65536}.{number // 256 % 256}.{number % 256}",
            "startTime": started,
            "containerStatuses": [
                {
                    "name": app,
                    "state": {"running": {"startedAt": started}},
                    "lastState": {},
                    "ready": True,
                    "restartCount": number % 3,
                    "image": container["image"],
                    "imageID": f"{container['image']}@sha256:{number % 40:064x}",
                    "containerID": f"containerd://{number:064x}",
                }
            ],
            "qosClass": "Burstable",
        },
    }


def encoded(number: int) -> bytes:
    """Return the pod as the server writes it."""
    return json.dumps(pod(number), separators=(",", ":")).encode()
