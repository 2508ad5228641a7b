"""What only a real kubelet shows: who else still writes on a claim, and when its volume lets go."""

from __future__ import annotations

import signal
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.conftest import Object, Place
from tests.lab import database
from tests.lab.images.catalogue import image
from tests.lab.node import Node
from tests.lab.scenarios import claim, deployment
from tests.lab.storage import Storage
from tests.support.waiting import eventually


@pytest.fixture
def sonarr(node: Node, storage: Storage, node_namespace: Place) -> Path:
    """The volume of a Sonarr that writes; its Deployment updates as Kubernetes does by default."""
    body = deployment("sonarr")
    body["spec"]["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    node_namespace.post("api/v1/persistentvolumeclaims", claim("sonarr-config"))
    node_namespace.post("apis/apps/v1/deployments", body)
    volume = eventually(partial(volume_of, node_namespace, storage), "the claim is bound", 60)
    assert volume is not None
    eventually(partial(written, volume), "it writes", 60)
    return volume


def volume_of(place: Place, storage: Storage) -> Path | None:
    path = f"/api/v1/namespaces/{place.namespace}/persistentvolumeclaims/sonarr-config"
    name = place.client.get(path).json()["spec"].get("volumeName")
    if not name:
        return None
    return storage.volume(place.client.get(f"/api/v1/persistentvolumes/{name}").json()["spec"]["csi"]["volumeHandle"])


def written(volume: Path) -> list[database.Writer]:
    """Return who has written, nobody while there is no database."""
    return database.writers(volume, "sonarr") if (volume / "sonarr.db").exists() else []


def pods(place: Place) -> list[Object]:
    items: list[Object] = place.client.get(f"/api/v1/namespaces/{place.namespace}/pods").json()["items"]
    return items


def test_a_rolling_update_on_one_claim_has_two_writers_at_once(sonarr: Path, node_namespace: Place) -> None:
    changed = {"spec": {"template": {"metadata": {"annotations": {"update": "1"}}}}}
    node_namespace.patch("apis/apps/v1/deployments", "sonarr", changed)
    eventually(lambda: len(written(sonarr)) == 2, "its successor writes too", 60)
    eventually(lambda: len(pods(node_namespace)) == 1, "the first is gone", 60)
    first, second = written(sonarr)
    assert first.last > second.first, "ReadWriteOnce is about nodes, not about pods"


def test_a_pod_that_was_deleted_by_force_writes_on_until_its_kubelet_hears_of_it(
    sonarr: Path, node_namespace: Place, node: Node
) -> None:
    node_namespace.patch("apis/apps/v1/deployments", "sonarr", {"spec": {"replicas": 0, "paused": True}})
    (pod,) = pods(node_namespace)
    node.kubelet.send(signal.SIGSTOP)
    try:
        path = f"/api/v1/namespaces/{node_namespace.namespace}/pods/{pod['metadata']['name']}"
        node_namespace.client.request("DELETE", path, json={"gracePeriodSeconds": 0})
        assert node_namespace.client.get(path).status_code == 404
        (gone,) = written(sonarr)
        eventually(lambda: written(sonarr)[0].count > gone.count + 10, "it writes on")
    finally:
        node.kubelet.send(signal.SIGCONT)
    eventually(lambda: _stands_still(sonarr), "it has ended", 60)


def _stands_still(volume: Path) -> bool:
    """Tell whether ten of its usual pauses went by without a write."""
    (before,) = written(volume)
    for _ in range(20):
        if written(volume)[0].count != before.count:
            return False
        eventually(lambda: True, pause=0.05)
    return not (volume / "sonarr.db-wal").exists()


def test_a_volume_lets_go_only_after_the_pod_is_gone(sonarr: Path, node_namespace: Place, storage: Storage) -> None:
    slow = ["/bin/sh", "-c", "trap '' TERM; while true; do busybox sleep 1; done"]
    container: Object = {"name": "slow", "image": image("sonarr"), "command": slow}
    volumes = [{"name": "config", "persistentVolumeClaim": {"claimName": "sonarr-config"}}]
    container["volumeMounts"] = [{"name": "config", "mountPath": "/config"}]
    spec: Object = {"containers": [container], "volumes": volumes, "terminationGracePeriodSeconds": 6}
    node_namespace.post("api/v1/pods", {"metadata": {"name": "slow"}, "spec": spec})
    node_namespace.patch("apis/apps/v1/deployments", "sonarr", {"spec": {"replicas": 0}})

    def phase(name: str) -> str:
        found = next((pod for pod in pods(node_namespace) if pod["metadata"]["name"] == name), None)
        return found["status"]["phase"] if found else ""

    eventually(lambda: phase("slow") == "Running" and len(pods(node_namespace)) == 1, "it alone holds the volume", 60)
    handle = sonarr.name

    def attached() -> bool:
        items = node_namespace.client.get("/apis/storage.k8s.io/v1/volumeattachments").json()["items"]
        names = [one["spec"]["source"].get("persistentVolumeName") for one in items]
        return handle in names

    assert attached()
    node_namespace.client.delete(f"/api/v1/namespaces/{node_namespace.namespace}/pods/slow")
    seen: list[tuple[bool, bool]] = []

    def over() -> bool:
        there = attached()
        seen.append((bool(phase("slow")), there))
        return seen[-1] == (False, False)

    eventually(over, "pod and attachment are gone", 90)
    assert (True, True) in seen
    assert (True, False) not in seen, "never before"
