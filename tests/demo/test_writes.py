from __future__ import annotations

import httpx
import pytest

from mediatui.demo.resources import named
from mediatui.demo.server import DemoServer
from tests.demo.asking import Object, pod

PODS = "/api/v1/namespaces/media/pods"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
MERGE = {"Content-Type": "application/merge-patch+json"}
STRATEGIC = {"Content-Type": "application/strategic-merge-patch+json"}
RESOURCE = named("pods", "")


def lease(holder: str = "kube-1") -> Object:
    return {"metadata": {"name": "kube-1"}, "spec": {"holderIdentity": holder, "leaseDurationSeconds": 40}}


async def test_a_kubelets_lease_is_made_and_renewed(client: httpx.AsyncClient) -> None:
    made = await client.post(LEASES, json=lease())
    assert made.status_code == 201
    assert (await client.post(LEASES, json=lease())).json()["reason"] == "AlreadyExists"
    renewed = await client.put(f"{LEASES}/kube-1", json={**made.json(), "spec": {"holderIdentity": "kube-2"}})
    assert renewed.json()["spec"]["holderIdentity"] == "kube-2"
    stale = await client.put(f"{LEASES}/kube-1", json={**made.json(), "spec": {}})
    assert (stale.status_code, stale.json()["reason"]) == (409, "Conflict")
    assert "please apply your changes to the latest version" in stale.json()["message"]


async def test_a_write_to_the_status_changes_the_status_alone(empty: DemoServer, client: httpx.AsyncClient) -> None:
    empty.store.create(pod("a"))
    patch = {"metadata": {"labels": {"x": "y"}}, "spec": {"nodeName": "moved"}, "status": {"phase": "Failed"}}
    answer = (await client.patch(f"{PODS}/a/status", json=patch, headers=MERGE)).json()
    assert answer["status"]["phase"] == "Failed"
    assert (answer["spec"]["nodeName"], "x" in answer["metadata"]["labels"]) == ("kube-1", False)


async def test_a_patch_beside_the_status_leaves_the_status(empty: DemoServer, client: httpx.AsyncClient) -> None:
    empty.store.create(pod("a"))
    patch = {"metadata": {"labels": {"x": "y"}}, "status": {"phase": "Failed"}}
    answer = (await client.patch(f"{PODS}/a", json=patch, headers=MERGE)).json()
    assert answer["metadata"]["labels"] == {"app": "a", "x": "y"}
    assert answer["status"]["phase"] == "Running"


async def test_a_strategic_patch_merges_conditions_by_type(empty: DemoServer, client: httpx.AsyncClient) -> None:
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}, "spec": {}}
    conditions = [{"type": "Ready", "status": "True"}, {"type": "DiskPressure", "status": "False"}]
    empty.store.create({**node, "status": {"conditions": conditions}})
    patch = {"status": {"conditions": [{"type": "Ready", "status": "False"}]}}
    strategic = (await client.patch("/api/v1/nodes/n/status", json=patch, headers=STRATEGIC)).json()
    assert {row["type"]: row["status"] for row in strategic["status"]["conditions"]} == {
        "Ready": "False",
        "DiskPressure": "False",
    }
    merged = (await client.patch("/api/v1/nodes/n/status", json=patch, headers=MERGE)).json()
    assert len(merged["status"]["conditions"]) == 1


async def test_a_deleted_pod_has_its_grace(empty: DemoServer, client: httpx.AsyncClient) -> None:
    empty.store.create(pod("a"))
    answer = (await client.delete(f"{PODS}/a")).json()
    assert answer["metadata"]["deletionGracePeriodSeconds"] == 30
    assert empty.store.get(RESOURCE, "a", "media").data["metadata"]["deletionTimestamp"]
    await client.request("DELETE", f"{PODS}/a", json={"gracePeriodSeconds": 0})
    assert (await client.get(f"{PODS}/a")).status_code == 404


@pytest.mark.parametrize("condition", [{"uid": "another"}, {"resourceVersion": "1"}])
async def test_a_deletion_with_a_wrong_precondition_is_refused(
    empty: DemoServer, client: httpx.AsyncClient, condition: dict[str, str]
) -> None:
    empty.store.create(pod("a"))
    answer = await client.request("DELETE", f"{PODS}/a", json={"preconditions": condition})
    assert (answer.status_code, answer.json()["reason"]) == (409, "Conflict")
    assert "deletionTimestamp" not in empty.store.get(RESOURCE, "a", "media").data["metadata"]


async def test_a_dry_run_changes_nothing(empty: DemoServer, client: httpx.AsyncClient) -> None:
    empty.store.create(pod("a"))
    before = empty.store.revision
    for request in (
        client.delete(f"{PODS}/a", params={"dryRun": "All"}),
        client.patch(f"{PODS}/a", params={"dryRun": "All"}, json={"metadata": {"labels": {"x": "y"}}}, headers=MERGE),
        client.post(LEASES, params={"dryRun": "All"}, json=lease()),
    ):
        assert (await request).is_success
    assert empty.store.revision == before


async def test_a_body_that_is_no_object_is_400(client: httpx.AsyncClient) -> None:
    for content in (b"{", b"[]"):
        answer = await client.post(LEASES, content=content, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["reason"]) == (400, "BadRequest")
