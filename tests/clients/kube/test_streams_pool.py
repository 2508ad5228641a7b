"""Connections to pods: how many there are, which are used again, and what becomes of those that are given up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from random import Random

import httpx
import pytest
from aiohttp import web

from mediatui.clients.kube.cluster import KubeCluster
from mediatui.clients.kube.streams.transport import pod_url
from mediatui.errors import Unreachable
from mediatui.model.source import Ref
from tests.clients.kube.doubles import HandClock, cluster_at
from tests.clients.kube.kubelet_streams import FORWARD, SONARR, Forwarder
from tests.support.faulty_server import FaultyServer, Feed, answer
from tests.support.waiting import until

URL = pod_url(SONARR, 8989)


@pytest.fixture
async def app() -> AsyncIterator[FaultyServer]:
    """An app in a pod."""
    async with FaultyServer() as running:
        running.script("/x", answer({}))
        yield running


@pytest.fixture
async def cluster(server: FaultyServer) -> AsyncIterator[KubeCluster]:
    """The way to it."""
    cluster = cluster_at(server.url, HandClock())
    yield cluster
    await cluster.close()


@pytest.fixture
async def forwarder(server: FaultyServer, app: FaultyServer) -> AsyncIterator[Forwarder]:
    """A kubelet's forwards, which all have ended at the end."""
    forwarder = Forwarder(app.port)
    server.script(FORWARD, forwarder.step)
    yield forwarder
    await until(lambda: not forwarder.open, "every forward has ended")


def client(cluster: KubeCluster, most: int = 4, idle: int = 4, expiry: float | None = None) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=most, max_keepalive_connections=idle, keepalive_expiry=expiry)
    return httpx.AsyncClient(transport=cluster.pod_transport(limits), base_url=URL)


async def ask(client: httpx.AsyncClient, times: int) -> None:
    answers = await asyncio.gather(*(client.get("/x") for _ in range(times)))
    assert [one.status_code for one in answers] == [200] * times


@pytest.mark.parametrize(("idle", "kept"), [(0, 0), (2, 2), (9, 4)])
async def test_so_many_are_kept(cluster: KubeCluster, forwarder: Forwarder, idle: int, kept: int) -> None:
    async with client(cluster, idle=idle) as apps:
        await ask(apps, 20)
        assert forwarder.most == 4
        await until(lambda: forwarder.open == kept, f"{kept} are kept")


async def test_what_has_been_idle_for_too_long_is_not_used_again(cluster: KubeCluster, forwarder: Forwarder) -> None:
    async with client(cluster, expiry=0.0) as apps:
        for opened in range(1, 4):
            await ask(apps, 1)
            assert forwarder.opened == opened
        await until(lambda: forwarder.open == 1, "the older ones have ended")


async def test_idle_connections_make_room_for_another_pod(
    cluster: KubeCluster, forwarder: Forwarder, server: FaultyServer, app: FaultyServer
) -> None:
    other = Forwarder(app.port)
    server.script(FORWARD.replace("sonarr", "radarr"), other.step)
    async with client(cluster, most=2, idle=2) as apps:
        await ask(apps, 5)
        assert forwarder.open == 2
        assert (await apps.get(pod_url(Ref("media", "radarr"), 7878) + "/x")).status_code == 200
        await until(lambda: forwarder.open == 1, "one was ended")
        assert other.open == 1


async def test_a_pool_that_is_closed_keeps_nothing(
    cluster: KubeCluster, forwarder: Forwarder, app: FaultyServer
) -> None:
    feed = Feed()
    app.script("/long", feed.step)
    apps = client(cluster)
    await ask(apps, 3)
    async with apps.stream("GET", "/long") as long:
        await apps.aclose()
        feed.send(b"still here")
        feed.close()
        assert await long.aread() == b"still here"
    await until(lambda: not forwarder.open, "every forward has ended")


@pytest.mark.parametrize("seed", range(3))
async def test_requests_that_are_cancelled_at_any_moment_leave_no_trace(
    cluster: KubeCluster, forwarder: Forwarder, app: FaultyServer, seed: int
) -> None:
    random = Random(seed)

    async def slow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(3):
            await asyncio.sleep(random.random() * 0.002)
            await response.write(bytes(2000))
        return response

    app.script("/slow", slow)
    async with client(cluster) as apps:
        for _ in range(8):
            asking = [asyncio.ensure_future(apps.get("/slow")) for _ in range(12)]
            for one in random.sample(asking, len(asking)):
                await asyncio.sleep(random.random() * 0.002)
                one.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
        await ask(apps, 12)
        await until(lambda: forwarder.open <= 4, "what was given up has ended")
        assert forwarder.most <= 8, "what is given up ends before the kubelet hears of it"


async def test_who_waits_for_a_place_and_is_cancelled_takes_none(
    cluster: KubeCluster, forwarder: Forwarder, app: FaultyServer
) -> None:
    feed = Feed()
    app.script("/long", feed.step)
    async with client(cluster, most=1, idle=1) as apps:
        long = asyncio.ensure_future(apps.get("/long"))
        await until(lambda: feed.opened == 1)
        waiting = [asyncio.ensure_future(apps.get("/x")) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        with pytest.raises(Unreachable, match="every connection is busy"):
            await apps.get("/x", timeout=httpx.Timeout(5, pool=0.05))
        feed.close()
        assert [one.status_code for one in await asyncio.gather(long, *waiting[1:])] == [200] * 3
        assert forwarder.opened == 1
