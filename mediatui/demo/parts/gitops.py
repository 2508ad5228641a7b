"""Argo CD's objects: an Application that an ApplicationSet generated, and the project they belong to."""

from __future__ import annotations

from typing import Any, Final

from mediatui.demo.objects import Object
from mediatui.demo.parts.cluster import HOUR, Cluster, owner
from mediatui.demo.parts.unit import Unit
from mediatui.demo.resources import named

_VERSION: Final = "argoproj.io/v1alpha1"
_NAMESPACE: Final = "argocd"
_REPOSITORY: Final = "https://git.example.internal/home/cluster.git"
_IN_CLUSTER: Final = {"server": "https://kubernetes.default.svc"}


def add_application(
    cluster: Cluster, name: str, units: list[Unit], age: float, *, pausable: bool, namespace: str = "media"
) -> None:
    """Store an ApplicationSet, its project, and the one Application that tracks the units.

    Args:
        cluster: Where they go.
        name: The Application's name.
        units: What it tracks.
        age: Seconds since it was made.
        pausable: Whether the ApplicationSet lets automated sync be switched off.
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
    if pausable:
        generated["spec"]["ignoreApplicationDifferences"] = [{"jsonPointers": ["/spec/syncPolicy"]}]
    parent = cluster.add(generated, age=age)
    manifests = [_manifest(cluster, unit) for unit in units]
    revision = cluster.world.repositories.commit(_REPOSITORY, path, manifests, "jellyfin: 10.11.10")
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
            "health": {"status": "Progressing", "lastTransitionTime": cluster.ago(150)},
            "operationState": {
                "phase": "Succeeded",
                "message": "successfully synced (all tasks run)",
                "startedAt": at,
                "finishedAt": cluster.ago(0.62 * HOUR - 9),
                "operation": {"sync": {"revision": revision}, "initiatedBy": {"automated": True}},
                "syncResult": {"revision": revision, "source": source, "resources": []},
            },
            "history": [{"id": 41, "revision": revision, "deployedAt": at, "source": source}],
        },
    }
    cluster.add(body, age=age, manager="argocd-applicationset-controller", status_manager="argocd-controller", at=100)


def _manifest(cluster: Cluster, unit: Unit) -> Object:
    """Return a workload as Git has it."""
    live = cluster.world.store.get(named(f"{unit.kind.lower()}s", "apps"), unit.name, unit.namespace).data
    names = {name: live["metadata"][name] for name in ("name", "namespace", "labels") if name in live["metadata"]}
    return {"apiVersion": live["apiVersion"], "kind": live["kind"], "metadata": names, "spec": live["spec"]}
