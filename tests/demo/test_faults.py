from __future__ import annotations

import asyncio

import httpx
import pytest

from mediatui.demo.faults import Fault
from mediatui.demo.server import DemoServer
from tests.demo.asking import DEADLINE, pod, until, watching

PODS = "/api/v1/namespaces/media/pods"
NODES = "/api/v1/nodes"


async def test_one_kind_can_be_forbidden(empty: DemoServer, client: httpx.AsyncClient) -> None:
    empty.faults.add(Fault(403, resource="pods"))
    answer = await client.get(PODS)
    assert answer.status_code == 403
    assert answer.json()["message"] == (
        'pods is forbidden: User "viewer" cannot list resource "pods" in API group "" in the namespace "media"'
    )
    assert (await client.get(NODES)).status_code == 200
    empty.faults.clear()
    assert (await client.get(PODS)).status_code == 200


async def test_a_fault_can_hit_a_verb_for_a_while(empty: DemoServer, client: httpx.AsyncClient) -> None:
    fault = empty.faults.add(Fault(429, resource="pods", verb="watch", times=1, retry_after=7))
    assert (await client.get(PODS)).status_code == 200
    throttled = await client.get(PODS, params={"watch": "true"})
    assert (throttled.status_code, throttled.headers["Retry-After"]) == (429, "7")
    async with watching(client, PODS):
        assert fault.hits == 1


@pytest.mark.parametrize("status", [401, 410, 500, 503])
async def test_any_status_can_be_answered(empty: DemoServer, client: httpx.AsyncClient, status: int) -> None:
    empty.faults.add(Fault(status, message="because"))
    answer = await client.get("/version")
    assert (answer.status_code, answer.json()["message"]) == (status, "because")


async def test_a_login_page_can_be_answered(empty: DemoServer, client: httpx.AsyncClient) -> None:
    empty.faults.add(Fault(body="<html>Sign in</html>"))
    answer = await client.get(PODS)
    assert (answer.status_code, answer.text) == (200, "<html>Sign in</html>")
    assert answer.headers["content-type"].startswith("text/html")


async def test_a_request_can_hang(empty: DemoServer, client: httpx.AsyncClient) -> None:
    empty.faults.add(Fault(hang=True, resource="pods"))
    with pytest.raises(httpx.ReadTimeout):
        await client.get(PODS, timeout=0.1)
    assert (await client.get(NODES)).status_code == 200


async def test_watches_can_fall_silent(empty: DemoServer, client: httpx.AsyncClient) -> None:
    async with watching(client, PODS, resourceVersion=str(empty.store.revision)) as watch:
        await until(lambda: empty.watches.open)
        empty.faults.freeze()
        empty.store.create(pod("a"))
        silent = asyncio.ensure_future(watch.next())
        assert (await client.get(PODS)).json()["items"]  # the others are answered meanwhile
        assert not silent.done()
        empty.faults.thaw()
        assert (await silent)["type"] == "ADDED"


async def test_connections_can_be_dropped(empty: DemoServer, client: httpx.AsyncClient) -> None:
    async with watching(client, PODS, resourceVersion=str(empty.store.revision)) as watch:
        await until(lambda: empty.watches.open)
        empty.drop_connections()
        with pytest.raises(httpx.TransportError):
            await watch.rest()
    await until(lambda: not empty.watches.open)


async def test_a_watch_can_be_closed_abruptly(empty: DemoServer, client: httpx.AsyncClient) -> None:
    async with watching(client, PODS, resourceVersion=str(empty.store.revision)) as watch:
        await until(lambda: empty.watches.open)
        assert empty.close_watches("pods", abrupt=True) == 1
        with pytest.raises(httpx.TransportError):
            await watch.rest()


async def test_requests_are_counted(empty: DemoServer, client: httpx.AsyncClient) -> None:
    await client.get(PODS, params={"limit": "250"}, headers={"User-Agent": "tester"})
    await client.get(f"{PODS}/nope")
    async with watching(client, NODES, timeoutSeconds="1"):
        await until(lambda: empty.count("watch", "nodes") == 1)
    assert empty.count("list", "pods") == 1
    first = empty.requests[0]
    assert (first.verb, first.resource, first.status, first.agent) == ("list", "pods", 200, "tester")
    assert first.query == {"limit": "250"}
    assert empty.requests[1].status == 404


async def test_the_knobs_are_there_over_http(empty: DemoServer, client: httpx.AsyncClient) -> None:
    assert (await client.post("/demo/faults", json={"status": 500, "resource": "pods"})).status_code == 200
    assert (await client.get(PODS)).status_code == 500
    assert (await client.delete("/demo/faults")).status_code == 200
    assert (await client.post("/demo/faults", json={"nonsense": 1})).status_code == 400
    rows = (await client.get("/demo/requests")).json()["requests"]
    assert [(row["verb"], row["resource"], row["status"]) for row in rows] == [("list", "pods", 500)]
    async with watching(client, PODS, resourceVersion=str(empty.store.revision)) as watch:
        await until(lambda: empty.watches.open)
        await client.post("/demo/history/expire")
        assert (await client.post("/demo/watches/close", params={"resource": "pods"})).json() == {"result": 1}
        async with asyncio.timeout(DEADLINE):
            assert await watch.rest() == []
    assert (await client.get("/demo/nothing")).status_code == 404
    assert (await client.get("/demo/history/expire")).status_code == 405
