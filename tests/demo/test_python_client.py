"""The official Python client against the demo: it lists, watches, patches and streams."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import pytest

from mediatui.demo.kubeconfig import kubeconfig_text
from mediatui.demo.server import DemoServer
from tests.support.waiting import eventually

# The official client closes neither its web sockets nor the threads behind them.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")

T = TypeVar("T")
kubernetes: Any = pytest.importorskip("kubernetes")
streaming: Any = pytest.importorskip("kubernetes.stream")
watching: Any = pytest.importorskip("kubernetes.watch")


class Python:
    """The client, asked from a thread: it blocks, and the server lives in this loop."""

    def __init__(self, server: DemoServer, folder: Path) -> None:
        path = folder / "config"
        path.write_text(kubeconfig_text(server.url, server.token, server.ca))
        self.server = server
        self.api = kubernetes.config.new_client_from_config(str(path))
        self.core = kubernetes.client.CoreV1Api(self.api)
        self.apps = kubernetes.client.AppsV1Api(self.api)

    async def ask(self, call: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Call something that blocks."""
        async with asyncio.timeout(30):
            return await asyncio.to_thread(call, *arguments, **named)


@pytest.fixture
async def python(tmp_path: Path) -> AsyncIterator[Python]:
    async with DemoServer("healthy") as server:
        made = Python(server, tmp_path)
        yield made
        made.api.close()
    gc.collect()  # what the library has left open is to be noticed here, where it is expected


async def test_it_lists_and_reads_typed_objects(python: Python) -> None:
    pods = await python.ask(python.core.list_namespaced_pod, "media", label_selector="app=sonarr")
    (pod,) = pods.items
    assert [one.name for one in pod.spec.containers] == ["sonarr", "exportarr"]
    deployment = await python.ask(python.apps.read_namespaced_deployment, "sonarr", "media")
    assert deployment.status.ready_replicas == 1


async def test_it_watches_what_it_changes(python: Python) -> None:
    listed = await python.ask(python.core.list_namespaced_config_map, "media")
    seen: list[str] = []
    started = threading.Event()

    def follow() -> None:
        watch = watching.Watch()
        started.set()
        for event in watch.stream(
            python.core.list_namespaced_config_map, "media", resource_version=listed.metadata.resource_version
        ):
            seen.append(f"{event['type']} {event['object'].metadata.name}")
            if event["type"] == "DELETED":
                watch.stop()

    following = asyncio.ensure_future(asyncio.to_thread(follow))
    await python.ask(started.wait)
    body = kubernetes.client.V1ConfigMap(metadata=kubernetes.client.V1ObjectMeta(name="note"), data={"a": "1"})
    await python.ask(python.core.create_namespaced_config_map, "media", body)
    await python.ask(python.core.patch_namespaced_config_map, "note", "media", {"data": {"a": "2"}})
    await python.ask(python.core.delete_namespaced_config_map, "note", "media")
    async with asyncio.timeout(30):
        await following
    assert seen == ["ADDED note", "MODIFIED note", "DELETED note"]


async def test_a_conflict_is_the_exception_that_it_knows(python: Python) -> None:
    claim = await python.ask(python.core.read_namespaced_persistent_volume_claim, "sonarr-config", "media")
    await python.ask(
        python.core.patch_namespaced_persistent_volume_claim,
        "sonarr-config",
        "media",
        {"metadata": {"labels": {"seen": "yes"}}},
    )
    with pytest.raises(kubernetes.client.exceptions.ApiException) as refused:
        await python.ask(python.core.replace_namespaced_persistent_volume_claim, "sonarr-config", "media", claim)
    assert refused.value.status == 409
    assert json.loads(refused.value.body)["reason"] == "Conflict"


async def test_it_scales_and_sees_the_pods_go(python: Python) -> None:
    await python.ask(python.apps.patch_namespaced_stateful_set_scale, "radarr", "media", {"spec": {"replicas": 0}})

    def gone() -> bool:
        return not python.core.list_namespaced_pod("media", label_selector="app=radarr").items

    async with asyncio.timeout(30):
        while not await python.ask(gone):
            await asyncio.sleep(0.1)


async def test_it_runs_commands(python: Python) -> None:
    def run(*command: str) -> tuple[str, str, int]:
        opened = streaming.stream(
            python.core.connect_get_namespaced_pod_exec,
            "radarr-0",
            "media",
            command=list(command),
            stdin=False,
            stdout=True,
            stderr=True,
            tty=False,
            _preload_content=False,
        )
        with closing(opened):
            opened.run_forever(timeout=20)
            return opened.read_stdout(timeout=1) or "", opened.read_stderr(timeout=1) or "", opened.returncode

    assert await python.ask(run, "sh", "-c", "echo one; echo two >&2; exit 3") == ("one\n", "two\n", 3)


async def test_a_port_that_nobody_listens_on_is_an_error_on_its_channel(python: Python) -> None:
    def forward() -> str:
        forwarded = streaming.portforward(
            python.core.connect_get_namespaced_pod_portforward, "radarr-0", "media", ports="9999"
        )
        try:
            with closing(forwarded.socket(9999)):
                return str(eventually(lambda: forwarded.error(9999), "the kubelet's words"))
        finally:
            forwarded.websocket.close()

    assert "connection refused" in await python.ask(forward)
