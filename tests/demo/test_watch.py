from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from mediatui.demo.resources import named
from mediatui.demo.server import DemoServer
from tests.demo.asking import DEADLINE, client_of, pod, until, watching

PODS = "/api/v1/namespaces/media/pods"
RESOURCE = named("pods", "")
END = "k8s.io/initial-events-end"


@pytest.fixture
async def brisk() -> AsyncIterator[tuple[DemoServer, httpx.AsyncClient]]:
    """An empty server that sends bookmarks often and forgets soon."""
    async with DemoServer(None, bookmark_every=0.05, history=3) as server, client_of(server) as client:
        yield server, client


async def test_changes_after_a_version_arrive_in_order(empty: DemoServer, client: httpx.AsyncClient) -> None:
    empty.store.create(pod("old"))
    since = str(empty.store.revision)
    async with watching(client, PODS, resourceVersion=since) as watch:
        empty.store.create(pod("a"))
        empty.store.create(pod("elsewhere", "other"))
        empty.store.update(pod("a", phase="Failed"))
        empty.store.delete(RESOURCE, "a", "media")
        events = [await watch.next() for _ in range(3)]
    assert [(event["type"], event["object"]["metadata"]["name"]) for event in events] == [
        ("ADDED", "a"),
        ("MODIFIED", "a"),
        ("DELETED", "a"),
    ]
    versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in events]
    assert versions == sorted(set(versions))


async def test_without_a_version_it_begins_with_what_is_there(empty: DemoServer, client: httpx.AsyncClient) -> None:
    empty.store.create(pod("old"))
    for query in ({}, {"resourceVersion": "0"}):
        async with watching(client, PODS, **query) as watch:
            event = await watch.next()
            assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "old")


async def test_what_leaves_the_selection_is_deleted_and_what_enters_is_added(
    empty: DemoServer, client: httpx.AsyncClient
) -> None:
    empty.store.create(pod("a"))
    empty.store.create(pod("b", phase="Pending"))
    query = {"resourceVersion": str(empty.store.revision), "fieldSelector": "status.phase=Running"}
    async with watching(client, PODS, **query) as watch:
        empty.store.update(pod("a", phase="Failed"))
        empty.store.update(pod("b", phase="Running"))
        empty.store.update(pod("b", labels={"app": "b", "x": "y"}))
        events = [await watch.next() for _ in range(3)]
    assert [(event["type"], event["object"]["metadata"]["name"]) for event in events] == [
        ("DELETED", "a"),
        ("ADDED", "b"),
        ("MODIFIED", "b"),
    ]


async def test_a_watch_list_ends_its_beginning_with_a_marked_bookmark(
    empty: DemoServer, client: httpx.AsyncClient
) -> None:
    empty.store.create(pod("a"))
    query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}
    async with watching(client, PODS, **query) as watch:
        first, mark = await watch.next(), await watch.next()
        empty.store.create(pod("b"))
        then = await watch.next()
    assert (first["type"], first["object"]["metadata"]["name"]) == ("ADDED", "a")
    assert mark["type"] == "BOOKMARK"
    assert mark["object"]["metadata"]["annotations"] == {END: "true"}
    assert int(mark["object"]["metadata"]["resourceVersion"]) == int(first["object"]["metadata"]["resourceVersion"])
    assert then["object"]["metadata"]["name"] == "b"


async def test_a_watch_list_must_say_how_its_version_matches(client: httpx.AsyncClient) -> None:
    answer = await client.get(PODS, params={"watch": "true", "sendInitialEvents": "true"})
    assert answer.status_code == 422
    assert "resourceVersionMatch" in answer.json()["message"]


async def test_bookmarks_come_for_those_who_allow_them(brisk: tuple[DemoServer, httpx.AsyncClient]) -> None:
    server, client = brisk
    since = str(server.store.revision)
    async with watching(client, PODS, resourceVersion=since, allowWatchBookmarks="true") as watch:
        server.store.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "media"}})
        event = await watch.next()
        while int(event["object"]["metadata"]["resourceVersion"]) < server.store.revision:
            event = await watch.next()
    assert (event["type"], event["object"]["kind"]) == ("BOOKMARK", "Pod")


async def test_nobody_else_gets_bookmarks_and_the_time_is_kept(brisk: tuple[DemoServer, httpx.AsyncClient]) -> None:
    server, client = brisk
    async with watching(client, PODS, resourceVersion=str(server.store.revision), timeoutSeconds="1") as watch:
        assert await watch.rest() == []


async def test_a_timed_out_watch_leaves_with_a_bookmark(empty: DemoServer, client: httpx.AsyncClient) -> None:
    query = {"resourceVersion": str(empty.store.revision), "allowWatchBookmarks": "true", "timeoutSeconds": "1"}
    async with watching(client, PODS, **query) as watch:
        events = await watch.rest()
    assert [event["type"] for event in events] == ["BOOKMARK"]


async def test_too_old_a_version_is_an_error_event_in_a_200(empty: DemoServer, client: httpx.AsyncClient) -> None:
    async with watching(client, PODS, resourceVersion="1") as watch:
        events = await watch.rest()
    assert [event["type"] for event in events] == ["ERROR"]
    status = events[0]["object"]
    assert (status["kind"], status["code"], status["reason"]) == ("Status", 410, "Expired")
    assert status["message"].startswith("too old resource version: 1 (")


async def test_a_watch_that_falls_behind_what_is_kept_is_expired(brisk: tuple[DemoServer, httpx.AsyncClient]) -> None:
    server, client = brisk
    async with watching(client, PODS, resourceVersion=str(server.store.revision)) as watch:
        for index in range(8):  # more than the history holds, before the watch gets its turn
            server.store.create(pod(f"p{index}"))
        events = await watch.rest()
    assert events[-1]["object"]["code"] == 410


async def test_compaction_hits_those_who_come_back(empty: DemoServer, client: httpx.AsyncClient) -> None:
    since = str(empty.store.revision)
    async with watching(client, PODS, resourceVersion=since) as watch:
        await until(lambda: empty.watches.open)
        empty.store.expire()
        empty.store.create(pod("a"))
        assert (await watch.next())["type"] == "ADDED"
        assert empty.close_watches("pods") == 1
        assert await watch.rest() == []
    async with watching(client, PODS, resourceVersion=since) as again:
        assert (await again.next())["object"]["code"] == 410


async def test_a_table_watch_sends_its_columns_once(empty: DemoServer) -> None:
    since = str(empty.store.revision)
    accept = "application/json;as=Table;v=v1;g=meta.k8s.io"
    async with client_of(empty, Accept=accept) as client, watching(client, PODS, resourceVersion=since) as watch:
        empty.store.create(pod("a"))
        empty.store.update(pod("a", phase="Failed"))
        first, second = await watch.next(), await watch.next()
    assert first["object"]["columnDefinitions"][0]["name"] == "Name"
    assert second["object"]["columnDefinitions"] is None
    assert second["object"]["rows"][0]["cells"][0] == "a"


async def test_a_client_that_leaves_leaves_nothing_behind(empty: DemoServer, client: httpx.AsyncClient) -> None:
    async with watching(client, PODS, resourceVersion=str(empty.store.revision)):
        await until(lambda: empty.watches.open)
    await until(lambda: not empty.watches.open, "the watch is gone")


async def test_a_burst_arrives_whole(empty: DemoServer, client: httpx.AsyncClient) -> None:
    async with watching(client, PODS, resourceVersion=str(empty.store.revision)) as watch:
        for index in range(500):
            empty.store.create(pod(f"p{index:03d}"))
        names = [(await watch.next())["object"]["metadata"]["name"] for _ in range(500)]
    assert names == [f"p{index:03d}" for index in range(500)]


async def test_stopping_the_server_ends_its_watches(empty: DemoServer) -> None:
    since = str(empty.store.revision)
    async with client_of(empty) as client, watching(client, PODS, resourceVersion=since) as watch:
        await until(lambda: empty.watches.open)
        async with asyncio.timeout(DEADLINE):
            await empty.stop()
        assert await watch.rest() == []
    port = empty.port
    await empty.start()
    assert empty.port == port
    async with client_of(empty) as another:
        assert (await another.get("/version")).status_code == 200
