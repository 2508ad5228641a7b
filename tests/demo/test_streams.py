"""The product's own streams against the demo: commands in its containers, and HTTP to its apps."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from mediatui.bootstrap import SystemClock
from mediatui.clients.kube.cluster import KubeCluster
from mediatui.clients.kube.connect import connect
from mediatui.clients.kube.streams.transport import pod_url
from mediatui.demo.kubeconfig import kubeconfig_text
from mediatui.demo.resources import named
from mediatui.demo.server import DemoServer
from mediatui.errors import NotFound, NotPermitted, Unreachable
from mediatui.interfaces import ExecResult
from mediatui.model.source import Ref
from tests.demo.asking import until

MIB = 1 << 20
RADARR = Ref("media", "radarr-0")
PODS = named("pods", "")
CLAIMS = named("persistentvolumeclaims")


@dataclass(frozen=True, slots=True)
class Place:
    """A demo that lives, and the product's client of it."""

    server: DemoServer
    cluster: KubeCluster

    async def run(self, *command: str, stdin: bytes | None = None, limit: int = MIB, timeout: float = 30) -> ExecResult:
        """Run a command in Radarr's pod."""
        return await self.cluster.execute(RADARR, command, stdin=stdin, limit=limit, timeout=timeout)

    def http(self) -> httpx.AsyncClient:
        """Return a client of Radarr's HTTP API."""
        return httpx.AsyncClient(transport=self.cluster.pod_transport(), base_url=pod_url(RADARR, 7878), timeout=20)

    async def key(self) -> str:
        """Return the API key that Radarr is told by its environment."""
        return (await self.run("printenv", "RADARR__AUTH__APIKEY")).stdout.decode().strip()

    async def installation(self) -> str:
        """Return the key that Radarr made for itself when it was installed; empty where it was told one then."""
        file = (await self.run("cat", "/config/config.xml")).stdout.decode()
        found = re.search(r"<ApiKey>(\w*)</ApiKey>", file)
        assert found is not None
        return found[1]

    def delete_pod(self) -> None:
        """Kill Radarr's pod."""
        self.server.world.api.delete(PODS, RADARR.namespace, RADARR.name, {"gracePeriodSeconds": 0})


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with DemoServer("healthy") as server, made(server, tmp_path, server.token) as place:
        yield place


class made:
    """Connects as somebody."""

    def __init__(self, server: DemoServer, folder: Path, token: str) -> None:
        self._server = server
        self._path = folder / "config"
        self._path.write_text(kubeconfig_text(server.url, token, server.ca))

    async def __aenter__(self) -> Place:
        self._cluster, _ = await connect(str(self._path), clock=SystemClock(), environ={})
        return Place(self._server, self._cluster)

    async def __aexit__(self, *_: object) -> None:
        await self._cluster.close()


async def test_output_exit_code_and_input_come_through(place: Place) -> None:
    assert await place.run("sh", "-c", "echo yes; echo no >&2; exit 3") == ExecResult(b"yes\n", b"no\n", 3, False)
    everything = bytes(range(256)) * 4096 * 10
    assert (await place.run("cat", stdin=everything, limit=20 * MIB)).stdout == everything


async def test_fifty_megabytes_come_back_whole(place: Place) -> None:
    large = bytes(50 * MIB)
    assert (await place.run("wc", "-c", stdin=large)).stdout == f"{len(large)}\n".encode()
    result = await place.run("cat", stdin=large, limit=64 * MIB, timeout=60)
    assert (len(result.stdout), result.exit_code) == (len(large), 0)


async def test_what_cannot_be_run_is_told_apart(place: Place) -> None:
    with pytest.raises(NotFound, match="there is no `nope` in pod radarr-0"):
        await place.run("nope")
    with pytest.raises(NotFound, match='pods "nobody" not found'):
        await place.cluster.execute(Ref("media", "nobody"), ["ls"], timeout=10, limit=1)
    with pytest.raises(Unreachable, match=r"did not end within 0\.2 s"):
        await place.run("sleep", "60", timeout=0.2)


async def test_who_may_not_is_told_what_is_missing(place: Place, tmp_path: Path) -> None:
    viewer = place.server.users.named("demo-viewer").token
    async with made(place.server, tmp_path, viewer) as looking:
        with pytest.raises(NotPermitted) as refused:
            await looking.run("ls")
    assert refused.value.hint.startswith("a Role must allow get and create on pods/exec")


async def test_a_pod_that_is_killed_kills_what_runs_in_it(place: Place) -> None:
    running = asyncio.ensure_future(place.run("sleep", "60", timeout=60))
    await until(lambda: place.server.count("get", "pods"), "the command was asked for")
    (await place.run("true"))
    place.delete_pod()
    assert (await running).exit_code == 137


async def test_an_app_answers_on_its_port_and_knows_its_key(place: Place) -> None:
    async with place.http() as http:
        assert (await http.get("/ping")).json() == {"status": "OK"}
        assert (await http.get("/api/v3/system/status")).status_code == 401
        http.headers["X-Api-Key"] = await place.key()
        assert (await http.get("/api/v3/system/status")).json()["appName"] == "Radarr"


async def test_fifty_requests_at_once(place: Place) -> None:
    async with place.http() as http:
        answers = await asyncio.gather(*(http.get("/ping") for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}


async def test_a_port_that_nobody_listens_on(place: Place) -> None:
    async with httpx.AsyncClient(transport=place.cluster.pod_transport(), base_url=pod_url(RADARR, 1)) as http:
        with pytest.raises(Unreachable, match="nothing listens on port 1 in pod radarr-0"):
            await http.get("/")


async def test_a_pod_that_was_replaced_is_reached_again_with_the_same_key(place: Place) -> None:
    async with place.http() as http:
        key = await place.key()
        await http.get("/ping")
        place.delete_pod()
        await until(lambda: _runs(place.server), "its successor runs")
        http.headers["X-Api-Key"] = key
        assert (await http.get("/api/v3/system/status")).status_code == 200


async def test_an_app_on_an_empty_volume_is_a_new_installation(place: Place) -> None:
    before = await place.installation()
    api = place.server.world.api
    api.delete(CLAIMS, "media", "config-radarr-0", {})
    place.delete_pod()

    def replaced() -> bool:
        return _runs(place.server) and bool(place.server.world.disks.destroyed)

    await until(replaced, "it runs on a new volume")
    async with place.http() as http:
        assert (await http.get("/ping")).status_code == 200
        assert await place.installation() != before
        http.headers["X-Api-Key"] = await place.key()
        assert (await http.get("/api/v3/movie")).json() == []


def _runs(server: DemoServer) -> bool:
    for item in server.store.all(PODS, "media"):
        if item.data["metadata"]["name"] == RADARR.name and "deletionTimestamp" not in item.data["metadata"]:
            rows = item.data["status"].get("containerStatuses") or []
            return bool(rows) and "running" in rows[0]["state"]
    return False
