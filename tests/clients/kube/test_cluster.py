"""One API server: its version, its objects, and how it is asked."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from mediatui.clients.kube.cluster import KubeCluster
from mediatui.clients.kube.resources import RESOURCES
from mediatui.clients.kube.whole import whole_object
from mediatui.errors import Invalid, NotFound, NotKubernetes
from mediatui.interfaces import Cluster, ServerVersion
from mediatui.model.source import Kind, Ref
from tests.clients.kube.doubles import HandClock, cluster_at
from tests.support.faulty_server import FaultyServer, answer, status, text

SECRET = "c2VjcmV0"


async def shown(server: FaultyServer, kind: str, path: str, thing: dict[str, Any]) -> dict[str, Any]:
    server.script(path, answer(thing))
    cluster = cluster_at(server.url, HandClock())
    try:
        return await cluster.get_object(kind, Ref("media", "it"))
    finally:
        await cluster.close()


async def test_the_version_with_a_providers_plus(server: FaultyServer) -> None:
    server.script("/version", answer({"gitVersion": "v1.33.1-eks-\x1b[1mabc", "major": "1", "minor": "33+"}))
    cluster = cluster_at(server.url, HandClock())
    assert await cluster.version() == ServerVersion("v1.33.1-eks-abc", 1, 33)
    await cluster.close()


@pytest.mark.parametrize("step", [text("404 page not found", code=404), answer({"status": "UP"}), answer([1])])
async def test_a_server_that_says_no_version_is_no_api_server(server: FaultyServer, step: Any) -> None:
    server.script("/version", step)
    cluster = cluster_at(server.url, HandClock())
    with pytest.raises(NotKubernetes, match="is no API server"):
        await cluster.version()
    await cluster.close()


async def test_an_object_comes_whole_but_for_its_bookkeeping(server: FaultyServer) -> None:
    thing = {
        "kind": "Pod",
        "metadata": {"name": "it", "managedFields": [{"manager": "x"}], "labels": {"a\x1b[1m": "b\u202e"}},
        "spec": {"replicas": 3, "ready": True, "none": None, "list": ["x\x07", 1.5]},
        "status": {"message": "first\nsecond \x9b2J[/foo]"},
    }
    assert await shown(server, "Pod", "/api/v1/namespaces/media/pods/it", thing) == {
        "kind": "Pod",
        "metadata": {"name": "it", "labels": {"a": "b·"}},
        "spec": {"replicas": 3, "ready": True, "none": None, "list": ["x·", 1.5]},
        "status": {"message": "first\nsecond [/foo]"},
    }


async def test_the_data_of_a_secret_never_leaves_the_client(server: FaultyServer) -> None:
    thing = {
        "kind": "Secret",
        "metadata": {
            "name": "it",
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": json.dumps({"data": {"k": SECRET}})},
        },
        "data": {"k": SECRET, "other": SECRET},
        "stringData": {"k": SECRET},
        "type": "Opaque",
    }
    found = await shown(server, "Secret", "/api/v1/namespaces/media/secrets/it", thing)
    assert SECRET not in json.dumps(found)
    assert found["data"] == {"k": "***", "other": "***"}
    assert found["stringData"] == {"k": "***"}
    assert found["type"] == "Opaque"


async def test_an_object_of_no_namespace_and_a_name_that_needs_quoting(server: FaultyServer) -> None:
    server.script("/api/v1/nodes/a/b", answer({"metadata": {}}))
    cluster = cluster_at(server.url, HandClock())
    assert await cluster.get_object("Node", Ref("", "a/b")) == {"metadata": {}}
    await cluster.close()


async def test_an_object_that_is_not_there_or_of_no_known_kind(server: FaultyServer) -> None:
    server.script("/apis/apps/v1/namespaces/media/deployments/it", status(404, 'deployments "it" not found'))
    cluster = cluster_at(server.url, HandClock())
    with pytest.raises(NotFound, match='deployments "it" not found'):
        await cluster.get_object("Deployment", Ref("media", "it"))
    with pytest.raises(Invalid, match="Unicorn is a kind that cannot be shown"):
        await cluster.get_object("Unicorn", Ref("media", "it"))
    server.script("/apis/apps/v1/namespaces/media/deployments/it", answer([]))
    with pytest.raises(NotKubernetes, match="no object"):
        await cluster.get_object("Deployment", Ref("media", "it"))
    await cluster.close()


def test_every_kind_has_its_place_in_the_api() -> None:
    assert set(RESOURCES) == set(Kind)


def test_it_is_what_the_inside_asks_for() -> None:
    cluster: type[Cluster] = KubeCluster
    assert cluster is KubeCluster


def test_the_kubernetes_library_is_not_needed_for_an_ordinary_kubeconfig() -> None:
    code = "import mediatui.clients.kube.connect, sys; print('kubernetes' in sys.modules, 'aiohttp' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "False"]


def test_literal_secrets_in_an_environment_are_masked_and_the_rest_of_it_is_shown() -> None:
    environment = [
        {"name": "TZ", "value": "Etc/UTC"},
        {"name": "SONARR__AUTH__APIKEY", "value": "canary-1"},
        {"name": "DB_PASS", "value": "canary-2"},
        {"name": "POSTGRES_URL", "value": "postgres://sonarr:canary-4@db/sonarr"},
        {"name": "X-Api-Key", "value": "canary-5"},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
    ]
    body = {
        "kind": "Pod",
        "metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "canary-3"}},
        "spec": {
            "containers": [
                {"name": "app", "env": environment, "args": ["--api-key=canary-6", "--password", "canary-7", "-v"]}
            ]
        },
    }
    found = whole_object(json.dumps(body).encode())
    assert "canary" not in json.dumps(found)
    shown = found["spec"]["containers"][0]["env"]
    assert shown[0] == environment[0]
    assert shown[-1] == environment[-1]
    assert found["spec"]["containers"][0]["args"] == ["--api-key=***", "--password", "***", "-v"]
