"""One cluster as a scenario handles it: a namespace and a storage class of its own, and short verbs."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.waiting import eventually

Object = dict[str, Any]

MERGE = "application/merge-patch+json"
JSON = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
DRIVER = "driver.longhorn.io"

_PATHS = {
    "Deployment": "apis/apps/v1",
    "ReplicaSet": "apis/apps/v1",
    "StatefulSet": "apis/apps/v1",
    "StorageClass": "apis/storage.k8s.io/v1",
}
_GLOBAL = ("PersistentVolume", "StorageClass", "Namespace", "Node")
_DEADLINE = 40.0


@dataclass(frozen=True, slots=True)
class Told:
    """An event."""

    kind: str
    reason: str
    message: str


@dataclass(slots=True)
class Cluster:
    """A namespace of a cluster.

    Args:
        name: ``demo`` or ``real``.
        client: The way to the API server.
        namespace: The namespace.
        storage_class: The class of everything in it, so that no other scenario's volume is taken for its own.
    """

    name: str
    client: httpx.Client
    namespace: str
    storage_class: str
    made: list[tuple[str, str]] = field(default_factory=list)
    """Cluster-wide objects, to be removed in the end."""

    def path(self, kind: str, name: str = "", sub: str = "", namespace: str | None = None) -> str:
        """Return the path of a kind, of an object, or of its subresource."""
        base = _PATHS.get(kind, "api/v1")
        plural = f"{kind.lower()}es" if kind.endswith("Class") else f"{kind.lower()}s"
        where = "" if kind in _GLOBAL else f"/namespaces/{namespace or self.namespace}"
        return f"/{base}{where}/{plural}" + (f"/{name}" if name else "") + (f"/{sub}" if sub else "")

    def create(self, body: Object, *, code: int = 201, **parameters: str) -> Object:
        """Create an object."""
        kind = body["kind"]
        answer = self.client.post(self.path(kind), json=body, params=parameters)
        assert answer.status_code == code, answer.text
        if kind in _GLOBAL and code == 201:
            self.made.append((kind, body["metadata"]["name"]))
        return _object(answer)

    def get(self, kind: str, name: str) -> Object | None:
        """Return an object, None where there is none."""
        answer = self.client.get(self.path(kind, name))
        if answer.status_code == 404:
            return None
        assert answer.status_code == 200, answer.text
        return _object(answer)

    def there(self, kind: str, name: str) -> Object:
        """Return an object that is there."""
        found = self.get(kind, name)
        assert found is not None, f"{kind} {name} is not there"
        return found

    def all(self, kind: str) -> list[Object]:
        """Return the objects of a kind."""
        items: list[Object] = self.client.get(self.path(kind)).json()["items"]
        return items

    def patch(self, kind: str, name: str, body: Any, media: str = MERGE, *, sub: str = "", code: int = 200) -> Object:
        """Patch an object and return it, or the refusal."""
        headers = {"Content-Type": media}
        answer = self.client.patch(self.path(kind, name, sub), content=json.dumps(body), headers=headers)
        assert answer.status_code == code, answer.text
        return _object(answer)

    def delete(self, kind: str, name: str, *, code: int = 200, **options: Any) -> Object:
        """Delete an object and return the answer."""
        answer = self.client.request("DELETE", self.path(kind, name), json=options)
        assert answer.status_code == code, answer.text
        return _object(answer)

    def scale(self, kind: str, name: str, replicas: int) -> None:
        """Scale a workload."""
        self.patch(kind, name, {"spec": {"replicas": replicas}}, sub="scale")

    def events(self, about: str = "") -> list[Told]:
        """Return the events of the namespace, or those about one object."""
        items = self.client.get(self.path("Event")).json()["items"]
        return [
            Told(one["type"], one["reason"], one["message"])
            for one in items
            if about in ("", one["involvedObject"]["name"])
        ]

    def told(self, about: str, reason: str, pattern: str = "", *, kind: str = "") -> Told | None:
        """Return an event about an object whose message matches, None while there is none."""
        return next(
            (
                one
                for one in self.events(about)
                if one.reason == reason and re.search(pattern, one.message) and kind in ("", one.kind)
            ),
            None,
        )

    def until(self, true: Callable[[], object], what: str, deadline: float = _DEADLINE) -> None:
        """Wait until something is true."""
        eventually(true, f"{self.name}: {what}", deadline)

    def pods(self, app: str = "") -> list[Object]:
        """Return the pods of the namespace, or those of an app."""
        return [pod for pod in self.all("Pod") if app in ("", (pod["metadata"].get("labels") or {}).get("app"))]

    def phase(self, kind: str, name: str) -> str:
        """Return the phase of an object, empty where it is not there."""
        found = self.get(kind, name)
        return found["status"].get("phase", "") if found else ""

    def is_bound(self, claim: str, volume: str) -> bool:
        """Tell whether a claim is bound to a volume, and both sides say so."""
        one, other = self.get("PersistentVolumeClaim", claim), self.get("PersistentVolume", volume)
        return (
            one is not None
            and other is not None
            and (one["status"].get("phase"), other["status"].get("phase")) == ("Bound", "Bound")
            and one["spec"].get("volumeName") == volume
            and (other["spec"].get("claimRef") or {}).get("uid") == one["metadata"]["uid"]
        )

    def ready(self, kind: str, name: str, count: int = 1) -> bool:
        """Tell whether a workload has so many pods ready."""
        found = self.get(kind, name)
        return found is not None and found["status"].get("readyReplicas", 0) == count

    def claim(self, name: str, size: str = "10Gi", *, volume: str = "", **spec: Any) -> Object:
        """Return a claim of the scenario's class."""
        resources = {"requests": {"storage": size}}
        body: Object = {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": self.storage_class,
            "resources": resources,
        }
        if volume:
            body["volumeName"] = volume
        metadata = {"name": name, "labels": {"app": name.partition("-")[0]}}
        return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": {**body, **spec}}

    def volume(self, name: str, size: str = "10Gi", *, claim: Object | None = None, policy: str = "Retain") -> Object:
        """Return a volume of the scenario's class, with a reference to a claim that has been created."""
        spec: Object = {
            "capacity": {"storage": size},
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": self.storage_class,
            "persistentVolumeReclaimPolicy": policy,
            "csi": {"driver": DRIVER, "volumeHandle": name},
        }
        if claim is not None:
            metadata = claim["metadata"]
            names = {key: metadata[key] for key in ("namespace", "name", "uid") if key in metadata}
            spec["claimRef"] = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", **names}
        return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": self.unique(name)}, "spec": spec}

    def unique(self, name: str) -> str:
        """Return a cluster-wide name that no other scenario uses."""
        return f"{self.namespace}-{name}"

    def provisioned(self, name: str, volume: str, size: str = "10Gi", policy: str = "Delete") -> str:
        """Create a claim and its volume as a provisioner does, wait until they are bound, and return the volume."""
        claim = self.create(self.claim(name, size))
        made = self.create(self.volume(volume, size, claim=claim, policy=policy))["metadata"]["name"]
        self.until(lambda: self.is_bound(name, made), f"{name} is bound")
        return str(made)

    def deployment(self, name: str, *, claim: str = "", strategy: str = "Recreate", **container: Any) -> Object:
        """Return a Deployment of one pod, on a claim where one is given."""
        spec = self._workload(name, container)
        spec["strategy"] = {"type": strategy}
        if claim:
            _mount(spec["template"]["spec"])
            volumes = [{"name": "config", "persistentVolumeClaim": {"claimName": claim}}]
            spec["template"]["spec"]["volumes"] = volumes
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}

    def stateful_set(self, name: str, size: str = "10Gi", *, template: Object | None = None, **more: Any) -> Object:
        """Return a StatefulSet of one pod with a claim template ``config``."""
        spec = self._workload(name, {})
        _mount(spec["template"]["spec"])
        body = template or self.claim("config", size)["spec"]
        spec |= {"serviceName": name, "volumeClaimTemplates": [{"metadata": {"name": "config"}, "spec": body}], **more}
        return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": name}, "spec": spec}

    def _workload(self, name: str, container: Object) -> Object:
        labels = {"app": name}
        body = {"name": name, "image": f"ghcr.io/lab/{name}:1", **container}
        pod = {"containers": [body], "terminationGracePeriodSeconds": 5}
        return {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        }


def _mount(pod: Object) -> None:
    pod["containers"][0]["volumeMounts"] = [{"name": "config", "mountPath": "/config"}]


def _object(answer: httpx.Response) -> Object:
    body: Object = answer.json()
    return body


@contextmanager
def place(name: str, client: httpx.Client) -> Iterator[Cluster]:
    """Have a fresh namespace and class on a cluster."""
    namespace = f"s-{secrets.token_hex(4)}"
    created = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    assert client.post("/api/v1/namespaces", json=created).status_code == 201
    account = f"/api/v1/namespaces/{namespace}/serviceaccounts/default"
    eventually(lambda: client.get(account).status_code == 200, "the namespace's service account", 30)
    cluster = Cluster(name, client, namespace, namespace)
    cluster.create(
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": namespace},
            "provisioner": DRIVER,
            "allowVolumeExpansion": True,
        }
    )
    try:
        yield cluster
    finally:
        client.delete(f"/api/v1/namespaces/{namespace}")
        for kind, made in reversed(cluster.made):
            client.delete(cluster.path(kind, made))
