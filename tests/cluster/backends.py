"""The two clusters that scenarios run on: the demo's, and a real control plane with a node that is played."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx

from mediatui.demo.kubelet.agent import Kubelet
from mediatui.demo.server import DemoServer
from tests.demo.asking import context_of
from tests.e2e.conftest import access_of
from tests.lab.controlplane import ControlPlane

T = TypeVar("T")
NODE = "node-suite"
GPU = "gpu.intel.com/i915"


class Background:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], timeout: float = 60) -> T:
        """Run a coroutine there and return what it returns."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(timeout)

    def close(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@contextmanager
def demo() -> Iterator[httpx.Client]:
    """An empty demo cluster with one node; scenarios play its provisioner themselves."""
    background = Background()
    server = DemoServer(None, resync=1.0)
    server.world.disks.dead |= {"create", "delete"}
    background.run(server.start())
    headers = {"Authorization": f"Bearer {server.token}"}
    try:
        with httpx.Client(base_url=server.url, headers=headers, verify=context_of(server), timeout=20) as client:
            labels = {"kubernetes.io/hostname": NODE, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
            body = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE, "labels": labels}}
            client.post("/api/v1/nodes", json=body).raise_for_status()
            room = {"cpu": "16", "memory": "64Gi", "pods": "20000", GPU: "1"}
            status = {
                "capacity": room,
                "allocatable": room,
                "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
                "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            }
            headers = {"Content-Type": "application/merge-patch+json"}
            client.patch(f"/api/v1/nodes/{NODE}/status", json={"status": status}, headers=headers).raise_for_status()
            yield client
    finally:
        background.run(server.stop())
        background.close()


@contextmanager
def real(plane: ControlPlane) -> Iterator[httpx.Client]:
    """A control plane, and a kubelet that only plays."""
    background = Background()
    access = access_of(plane.kubeconfig())

    async def make() -> Kubelet:
        return await Kubelet(access.server, access.token, access.tls, NODE, {GPU: "1"}).__aenter__()

    kubelet = background.run(make())
    try:
        with plane.client() as client:
            yield client
    finally:
        background.run(kubelet.__aexit__())
        background.close()
