"""What can be put on a laboratory with a node and storage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import httpx

from tests.lab.images.catalogue import image
from tests.lab.objects import Object, create
from tests.lab.storage import CLASS

PORTS: Final = {"jellyfin": 8096, "sonarr": 8989, "radarr": 7878, "prowlarr": 9696, "bazarr": 6767}
PROBES: Final = {"jellyfin": "/health", "bazarr": "/api/system/ping"}
"""Where an app is asked whether it is well; ``/ping`` for the others."""


def media(client: httpx.Client, namespace: str = "media", apps: Sequence[str] = tuple(PORTS)) -> None:
    """Make the five apps: Jellyfin as a StatefulSet with a claim template, the others as Deployments on claims."""
    create(client, "/api/v1/namespaces", {"metadata": {"name": namespace}})
    for app in apps:
        create(client, f"/api/v1/namespaces/{namespace}/services", _service(app))
        if app == "jellyfin":
            create(client, f"/apis/apps/v1/namespaces/{namespace}/statefulsets", stateful_set(app))
        else:
            create(client, f"/api/v1/namespaces/{namespace}/persistentvolumeclaims", claim(f"{app}-config"))
            create(client, f"/apis/apps/v1/namespaces/{namespace}/deployments", deployment(app))


def claim(name: str, size: str = "128Mi") -> Object:
    """Return a claim of the laboratory's class."""
    resources = {"requests": {"storage": size}}
    return {
        "metadata": {"name": name},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": CLASS, "resources": resources},
    }


def deployment(app: str, **container: Any) -> Object:
    """Return an app as a Deployment on the claim ``APP-config``, as most repositories have it."""
    volume = {"name": "config", "persistentVolumeClaim": {"claimName": f"{app}-config"}}
    spec = _spec(app, [volume], container) | {"strategy": {"type": "Recreate"}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": app}, "spec": spec}


def stateful_set(app: str, **container: Any) -> Object:
    """Return an app as a StatefulSet with a claim template."""
    template = claim("config")
    spec = _spec(app, [], container) | {"serviceName": app, "volumeClaimTemplates": [template]}
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": app}, "spec": spec}


def _spec(app: str, volumes: list[Object], container: Object) -> Object:
    labels = {"app.kubernetes.io/name": app}
    probe = {"httpGet": {"path": PROBES.get(app, "/ping"), "port": PORTS[app]}, "periodSeconds": 1}
    body = {
        "name": app,
        "image": image(app),
        "ports": [{"name": "http", "containerPort": PORTS[app]}],
        "readinessProbe": probe,
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "256Mi"}},
        "volumeMounts": [{"name": "config", "mountPath": "/config"}],
        **container,
    }
    pod = {"terminationGracePeriodSeconds": 20, "containers": [body], "volumes": volumes}
    return {
        "replicas": 1,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }


def _service(app: str) -> Object:
    port = {"name": "http", "port": PORTS[app], "targetPort": "http"}
    return {"metadata": {"name": app}, "spec": {"selector": {"app.kubernetes.io/name": app}, "ports": [port]}}
