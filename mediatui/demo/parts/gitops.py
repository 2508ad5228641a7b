"""Argo CD's objects: an Application that an ApplicationSet generated, and the project they belong to."""

from __future__ import annotations

from typing import Any, Final

from mediatui.demo.objects import Object
from mediatui.demo.parts.cluster import HOUR, Cluster, digest, owner
from mediatui.demo.parts.unit import Unit

_VERSION: Final = "argoproj.io/v1alpha1"
_NAMESPACE: Final = "argocd"
_REPOSITORY: Final = "https://git.example.internal/home/cluster.git"
_IN_CLUSTER: Final = {"server": "https://kubernetes.default.svc"}


def add_application(
    cluster: Cluster, name: str, units: list[Unit], age: float, *, waiting_for: str, namespace: str = "media"
) -> None:
    """Store an ApplicationSet, its project, and the one Application that tracks the units.

    Args:
        cluster: Where they go.
        name: The Application's name.
        units: What it tracks.
        age: Seconds since it was made.
        waiting_for: The Deployment whose pods are not available; the Application is Progressing because of it.
        namespace: Where its objects go.
    """
    project: Object = {
        "apiVersion": _VERSION,
        "kind": "AppProject",
        "metadata": {"name": "applications", "namespace": _NAMESPACE},
        "spec": {
            "sourceRepos": [_REPOSITORY],
            "destinations": [{"namespace": "*", **_IN_CLUSTER}],
            "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
            "orphanedResources": {"warn": True},
        },
    }
    cluster.add(project, age=age)
    path = f"k8s/applications/{namespace}"
    options = ["CreateNamespace=true", "ApplyOutOfSyncOnly=true", "ServerSideApply=true"]
    policy: dict[str, Any] = {"automated": {"prune": True, "selfHeal": True}, "syncOptions": options}
    source = {"repoURL": _REPOSITORY, "path": path, "targetRevision": "main"}
    spec = {
        "project": "applications",
        "source": source,
        "destination": {"namespace": namespace, **_IN_CLUSTER},
        "syncPolicy": policy,
    }
    template = {**spec, "source": {**source, "path": "{{.path.path}}"}}
    generator = {"git": {"repoURL": _REPOSITORY, "revision": "main", "directories": [{"path": "k8s/applications/*"}]}}
    generated: Object = {
        "apiVersion": _VERSION,
        "kind": "ApplicationSet",
        "metadata": {"name": "applications", "namespace": _NAMESPACE},
        "spec": {
            "goTemplate": True,
            "generators": [generator],
            "template": {"metadata": {"name": "apps-{{.path.basename}}"}, "spec": template},
        },
    }
    parent = cluster.add(generated, age=age)
    revision = digest("revision", name, length=40)
    comparison = {"source": source, "destination": spec["destination"]}
    at = cluster.ago(0.62 * HOUR)
    body: Object = {
        "apiVersion": _VERSION,
        "kind": "Application",
        "metadata": {
            "name": name,
            "namespace": _NAMESPACE,
            "ownerReferences": [owner(parent)],
            "finalizers": ["resources-finalizer.argocd.argoproj.io"],
        },
        "spec": spec,
        "status": {
            "sync": {"status": "Synced", "revision": revision, "comparedTo": comparison},
            "health": {"status": "Progressing", "lastTransitionTime": cluster.ago(150)},
            "reconciledAt": cluster.ago(100),
            "sourceType": "Kustomize",
            "resources": [_resource(unit, waiting_for) for unit in units],
            "summary": {"images": sorted({item.image for unit in units for item in unit.containers})},
            "operationState": {
                "phase": "Succeeded",
                "message": "successfully synced (all tasks run)",
                "startedAt": at,
                "finishedAt": cluster.ago(0.62 * HOUR - 9),
                "operation": {"sync": {"revision": revision}, "initiatedBy": {"automated": True}},
            },
            "history": [{"id": 41, "revision": revision, "deployedAt": at, "source": source}],
        },
    }
    cluster.add(body, age=age, manager="argocd-applicationset-controller", status_manager="argocd-controller", at=100)


def _resource(unit: Unit, waiting_for: str) -> Object:
    health: dict[str, str] = {"status": "Healthy"}
    if unit.name == waiting_for:
        message = "Waiting for rollout to finish: 0 of 1 updated replicas are available..."
        health = {"status": "Progressing", "message": message}
    return {
        "group": "apps",
        "version": "v1",
        "kind": unit.kind,
        "namespace": unit.namespace,
        "name": unit.name,
        "status": "Synced",
        "health": health,
    }
