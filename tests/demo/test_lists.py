from __future__ import annotations

import gzip

import httpx
import pytest

from mediatui.demo.server import DemoServer
from tests.demo.asking import client_of, pod

PODS = "/api/v1/namespaces/media/pods"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


async def test_no_token_and_a_wrong_token_are_401(empty: DemoServer) -> None:
    for token in ("", "wrong"):
        async with client_of(empty, token=token) as stranger:
            for path in (PODS, "/version", "/demo/requests"):
                answer = await stranger.get(path)
                assert (answer.status_code, answer.json()["message"]) == (401, "Unauthorized")


async def test_the_version_is_told(client: httpx.AsyncClient) -> None:
    assert (await client.get("/version")).json()["gitVersion"].startswith("v1.36.")


async def test_a_list_has_kind_version_and_items(empty: DemoServer, client: httpx.AsyncClient) -> None:
    for name in ("a", "b"):
        empty.store.create(pod(name))
    empty.store.create(pod("c", "other"))
    body = (await client.get(PODS)).json()
    assert (body["kind"], body["apiVersion"]) == ("PodList", "v1")
    assert body["metadata"] == {"resourceVersion": str(empty.store.revision)}
    assert [item["metadata"]["name"] for item in body["items"]] == ["a", "b"]
    assert len((await client.get("/api/v1/pods")).json()["items"]) == 3


async def test_selectors_choose(empty: DemoServer, client: httpx.AsyncClient) -> None:
    empty.store.create(pod("a", labels={"app": "a"}))
    empty.store.create(pod("b", labels={"app": "b"}, phase="Pending"))
    for query in ({"labelSelector": "app in (b)"}, {"fieldSelector": "status.phase!=Running"}):
        items = (await client.get(PODS, params=query)).json()["items"]
        assert [item["metadata"]["name"] for item in items] == ["b"]
    refused = await client.get(PODS, params={"fieldSelector": "spec.hostname=x"})
    assert (refused.status_code, refused.json()["message"]) == (400, "field label not supported: spec.hostname")


async def test_a_list_comes_in_pages(empty: DemoServer, client: httpx.AsyncClient) -> None:
    for index in range(5):
        empty.store.create(pod(f"p{index}"))
    names: list[str] = []
    token, versions = "", set()
    while True:
        body = (await client.get(PODS, params={"limit": "2", **({"continue": token} if token else {})})).json()
        names += [item["metadata"]["name"] for item in body["items"]]
        versions.add(body["metadata"]["resourceVersion"])
        empty.store.update(pod("p0", phase=f"Phase{len(names)}"))
        token = body["metadata"].get("continue", "")
        if not token:
            break
    assert names == [f"p{index}" for index in range(5)]
    assert len(versions) == 1


async def test_an_expired_token_is_410_with_another_token(empty: DemoServer, client: httpx.AsyncClient) -> None:
    for index in range(5):
        empty.store.create(pod(f"p{index}"))
    token = (await client.get(PODS, params={"limit": "2"})).json()["metadata"]["continue"]
    empty.store.expire()
    refused = await client.get(PODS, params={"limit": "2", "continue": token})
    assert (refused.status_code, refused.json()["reason"]) == (410, "Expired")
    on = await client.get(PODS, params={"continue": refused.json()["metadata"]["continue"]})
    assert [item["metadata"]["name"] for item in on.json()["items"]] == ["p2", "p3", "p4"]


async def test_the_cache_answers_without_pages(empty: DemoServer, client: httpx.AsyncClient) -> None:
    for index in range(3):
        empty.store.create(pod(f"p{index}"))
    body = (await client.get(PODS, params={"limit": "1", "resourceVersion": "0"})).json()
    assert len(body["items"]) == 3


async def test_a_list_from_the_future_times_out(empty: DemoServer, client: httpx.AsyncClient) -> None:
    answer = await client.get(PODS, params={"resourceVersion": str(empty.store.revision + 5)})
    assert answer.status_code == 504
    assert answer.json()["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (f"{PODS}/nope", 'pods "nope" not found'),
        ("/apis/apps/v1/namespaces/media/deployments/nope", 'deployments.apps "nope" not found'),
        ("/api/v1/nodes/nope", 'nodes "nope" not found'),
    ],
)
async def test_what_is_not_there_is_a_404_status(client: httpx.AsyncClient, path: str, message: str) -> None:
    answer = await client.get(path)
    body = answer.json()
    assert (answer.status_code, body["kind"], body["reason"], body["message"]) == (404, "Status", "NotFound", message)
    assert body["details"]["name"] == "nope"


@pytest.mark.parametrize("path", ["/apis/nothing.io/v1", "/apis/nothing.io/v1/things", "/api/v1/things", "/openapi/v2"])
async def test_what_is_not_installed_is_a_plain_404(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.text) == (404, "404 page not found\n")
    assert answer.headers["content-type"].startswith("text/plain")


async def test_what_the_demo_cannot_do_is_refused_in_a_sentence(client: httpx.AsyncClient) -> None:
    for method, path in (
        ("POST", f"{PODS}/sonarr/attach"),
        ("POST", f"{PODS}/sonarr/eviction"),
    ):
        answer = await client.request(method, path, json={})
        assert (answer.status_code, answer.json()["reason"]) == (501, "NotImplemented")
        assert answer.json()["message"].startswith("the demo cluster does not ")


async def test_another_method_on_discovery_is_405(client: httpx.AsyncClient) -> None:
    answer = await client.put("/version")
    assert answer.json()["message"] == "the server does not allow this method on the requested resource"


async def test_only_protobuf_is_406(client: httpx.AsyncClient) -> None:
    answer = await client.get(PODS, headers={"Accept": "application/vnd.kubernetes.protobuf"})
    assert answer.status_code == 406


async def test_a_big_list_is_compressed_for_those_who_take_it(visitor: httpx.AsyncClient) -> None:
    async with visitor.stream("GET", "/api/v1/pods", headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
        assert answer.headers["content-encoding"] == "gzip"
    plain = await visitor.get("/api/v1/pods", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(raw) == plain.content
    small = await visitor.get("/api/v1/nodes", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in small.headers


async def test_a_table_has_the_columns_that_kubectl_prints(visitor: httpx.AsyncClient) -> None:
    body = (await visitor.get(PODS, headers={"Accept": TABLE})).json()
    assert [column["name"] for column in body["columnDefinitions"]][:5] == [
        "Name",
        "Ready",
        "Status",
        "Restarts",
        "Age",
    ]
    rows = {row["cells"][0].split("-")[0]: row for row in body["rows"]}
    assert rows["bazarr"]["cells"][1:3] == ["0/1", "CrashLoopBackOff"]
    assert rows["sonarr"]["cells"][1:3] == ["2/2", "Running"]
    assert rows["sonarr"]["object"]["kind"] == "PartialObjectMetadata"
    whole = (await visitor.get(PODS, headers={"Accept": TABLE}, params={"includeObject": "Object"})).json()
    assert whole["rows"][0]["object"]["kind"] == "Pod"


async def test_metadata_alone_can_be_asked_for(visitor: httpx.AsyncClient) -> None:
    accept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
    body = (await visitor.get(PODS, headers={"Accept": accept})).json()
    assert body["kind"] == "PartialObjectMetadataList"
    assert all(set(item) == {"kind", "apiVersion", "metadata"} for item in body["items"])


async def test_discovery_says_the_same_in_both_forms(visitor: httpx.AsyncClient) -> None:
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
    found: set[tuple[str, str]] = set()
    for path in ("/api", "/apis"):
        answer = await visitor.get(path, headers={"Accept": accept})
        assert "as=APIGroupDiscoveryList" in answer.headers["content-type"]
        for group in answer.json()["items"]:
            for version in group["versions"]:
                name = f"{group['metadata'].get('name', '')}/{version['version']}".strip("/")
                found |= {(name, row["resource"]) for row in version["resources"]}
    old: set[tuple[str, str]] = set()
    groups = (await visitor.get("/apis")).json()["groups"]
    versions = ["/api/v1", *(f"/apis/{row['preferredVersion']['groupVersion']}" for row in groups)]
    for path in versions:
        body = (await visitor.get(path)).json()
        old |= {(body["groupVersion"], row["name"]) for row in body["resources"] if "/" not in row["name"]}
    assert found == old
    assert ("gateway.networking.k8s.io/v1", "httproutes") in found


async def test_usage_is_listed_but_not_watched(visitor: httpx.AsyncClient) -> None:
    path = "/apis/metrics.k8s.io/v1beta1/namespaces/media/pods"
    items = (await visitor.get(path)).json()["items"]
    names = {item["metadata"]["name"].split("-")[0] for item in items}
    assert "sonarr" in names
    assert "bazarr" not in names  # it does not run
    sonarr = next(item for item in items if item["metadata"]["name"].startswith("sonarr"))
    assert {row["name"] for row in sonarr["containers"]} == {"sonarr", "exportarr"}
    one = await visitor.get(f"{path}/jellyfin-0")
    assert one.json()["containers"][0]["usage"]["memory"].endswith("Ki")
    assert (await visitor.get(path, params={"watch": "true"})).status_code == 405


async def test_an_access_review_allows_but_for_what_is_denied(demo: DemoServer, visitor: httpx.AsyncClient) -> None:
    from mediatui.demo.faults import Fault

    demo.faults.add(Fault(403, resource="nodes"))
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

    async def allowed(resource: str) -> bool:
        asked = {"resourceAttributes": {"verb": "list", "resource": resource, "namespace": ""}}
        answer = await visitor.post(path, json={"spec": asked})
        assert answer.status_code == 201
        return bool(answer.json()["status"]["allowed"])

    assert await allowed("pods")
    assert not await allowed("nodes")
    rules = await visitor.post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", json={})
    assert rules.json()["status"]["resourceRules"][0]["verbs"] == ["*"]
