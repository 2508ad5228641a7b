"""A node that hangs and a volume that does not let go: what is told is what was last heard, and that it is old."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.e2e.conftest import Object, Place, workload
from tests.lab.images.catalogue import image
from tests.lab.longhorn import NAMESPACE as LONGHORN
from tests.lab.node import Node
from tests.lab.scenarios import claim, deployment
from tests.lab.storage import Storage
from tests.support.waiting import eventually


def app(place: Place) -> Object:
    return next(iter(place.status()["apps"]), {"level": "", "summary": ""})


@pytest.fixture
def frozen(quiet_place: Place, fresh_node: Node) -> Iterator[Place]:
    """A namespace with Sonarr, whose node's kubelet has been frozen and is told to be away."""
    quiet_place.post("apis/apps/v1/deployments", workload("Deployment", "sonarr", image("sonarr")))
    eventually(lambda: app(quiet_place)["level"] == "ok", "sonarr is fine", 60)
    fresh_node.kubelet.send(signal.SIGSTOP)
    yield quiet_place
    fresh_node.kubelet.send(signal.SIGCONT)


def test_a_frozen_kubelet_is_told_though_its_pods_are_still_called_running(frozen: Place, fresh_node: Node) -> None:
    logs = frozen.run("logs", "sonarr", timeout=30)
    assert logs.returncode == 1, logs.stdout
    assert "TLS handshake timeout" in logs.stderr, "in the API server's words, instead of hanging"

    # kube-controller-manager gives a node 40 s without a word before it calls it away.
    eventually(lambda: app(frozen)["level"] == "fail", "the cluster has noticed", 90)
    said = app(frozen)
    assert said["summary"] == "node lab is not ready: Kubelet stopped posting node status.", said
    pods = frozen.client.get(f"/api/v1/namespaces/{frozen.namespace}/pods").json()["items"]
    assert [pod["status"]["phase"] for pod in pods] == ["Running"]

    fresh_node.kubelet.send(signal.SIGCONT)
    eventually(lambda: app(frozen)["level"] == "ok", "it is well again", 60)


@pytest.fixture
def stored(node: Node, storage: Storage, node_namespace: Place) -> Iterator[Place]:
    """A namespace with Sonarr on a volume, on a node with storage."""
    node_namespace.post("api/v1/persistentvolumeclaims", claim("sonarr-config"))
    node_namespace.post("apis/apps/v1/deployments", deployment("sonarr"))
    eventually(lambda: app(node_namespace)["level"] == "ok", "sonarr is fine", 90)
    yield node_namespace
    storage.mend()


def scale(place: Place, replicas: int) -> None:
    place.patch("apis/apps/v1/deployments", "sonarr", {"spec": {"replicas": replicas}})


def attachment(place: Place) -> Object | None:
    claim = place.client.get(f"/api/v1/namespaces/{place.namespace}/persistentvolumeclaims/sonarr-config").json()
    items: list[Object] = place.client.get("/apis/storage.k8s.io/v1/volumeattachments").json()["items"]
    volume = claim["spec"]["volumeName"]
    return next((one for one in items if one["spec"]["source"]["persistentVolumeName"] == volume), None)


def longhorn_state(place: Place) -> str:
    items = place.client.get(f"/apis/longhorn.io/v1beta2/namespaces/{LONGHORN}/volumes").json()["items"]
    states = [one["status"] for one in items if one["status"]["kubernetesStatus"]["namespace"] == place.namespace]
    state: str = states[0]["state"]
    return state


def pods(place: Place) -> list[Object]:
    items: list[Object] = place.client.get(f"/api/v1/namespaces/{place.namespace}/pods").json()["items"]
    return items


def test_a_volume_that_detaches_slowly_is_still_there_after_its_pods_have_gone(stored: Place, storage: Storage) -> None:
    storage.slow("detach", 5)
    scale(stored, 0)
    eventually(lambda: not pods(stored), "the pods have gone", 60)
    assert attachment(stored) is not None, "without pods, and still attached"
    eventually(lambda: longhorn_state(stored) == "detaching", "Longhorn says so")
    eventually(lambda: attachment(stored) is None, "it is detached", 30)
    eventually(lambda: longhorn_state(stored) == "detached", "Longhorn says so")


def test_a_volume_that_cannot_be_detached_says_why_and_lets_its_app_come_back(stored: Place, storage: Storage) -> None:
    storage.fail("detach", "replica is rebuilding")
    scale(stored, 0)

    def error() -> str:
        found = attachment(stored)
        assert found is not None
        message: str = (found["status"].get("detachError") or {}).get("message", "")
        return message

    assert "replica is rebuilding" in eventually(error, "the attacher has written why", 60)
    storage.mend()
    # A pod that comes sooner waits two minutes for an attachment that is being deleted, without an event.
    eventually(lambda: attachment(stored) is None, "it is detached", 60)
    scale(stored, 1)
    eventually(lambda: app(stored)["level"] == "ok", "it runs again", 120)
