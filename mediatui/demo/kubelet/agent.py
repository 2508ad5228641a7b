"""The kubelet's side that talks to the API server: a node, its lease, and the lives of its pods."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from datetime import UTC, datetime
from random import Random
from typing import Any, Final, Self

import aiohttp

from mediatui.demo.clock import SystemClock
from mediatui.demo.containerlogs import LogBook
from mediatui.demo.containers.insides import Insides
from mediatui.demo.containers.surroundings import OfNode
from mediatui.demo.disks import Disks
from mediatui.demo.kubelet.lifecycle import PodLife
from mediatui.demo.kubelet.server import KubeletServer
from mediatui.demo.objects import Object

_LEASE_EVERY: Final = 8.0
_AGAIN: Final = 0.2
_ADDRESS: Final = "10.88.0.7"
_MERGE: Final = {"Content-Type": "application/merge-patch+json"}
_LEASES: Final = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"


class Kubelet:
    """One node of a cluster.

    Args:
        server: The API server's URL.
        token: A token that may do what a kubelet does; empty where the TLS context has a certificate.
        tls: Whom to trust, and who we are.
        name: The node's name.
        devices: Extended resources of the node, for example ``gpu.intel.com/i915``.
    """

    def __init__(
        self, server: str, token: str, tls: ssl.SSLContext, name: str = "node-a", devices: dict[str, str] | None = None
    ) -> None:
        self._server = server
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._tls = tls
        self._devices = devices or {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._known: dict[str, Object] = {}
        self._lives: dict[str, PodLife] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._busy: dict[str, asyncio.Lock] = {}
        self._session: aiohttp.ClientSession | None = None
        self.name = name
        self.logs = LogBook()
        self.disks = Disks()
        self._insides = Insides(OfNode(self.disks), SystemClock(), Random())
        self._http = KubeletServer(self.logs, self._insides, lambda *key: self._known.get("/".join(key)), time.time)

    async def __aenter__(self) -> Self:
        """Register the node and begin to run its pods."""
        self._session = aiohttp.ClientSession(
            self._server, headers=self._headers, connector=aiohttp.TCPConnector(ssl=self._tls)
        )
        await self._http.start()
        await self._register()
        self._spawn(self._renew())
        self._spawn(self._run())
        return self

    async def __aexit__(self, *failure: object) -> None:
        """Stop; the node stays registered and goes quiet, as a real one does."""
        for timer in self._timers.values():
            timer.cancel()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._http.stop()
        await self._insides.close()
        if self._session is not None:
            await self._session.close()

    def say(self, namespace: str, pod: str, container: str, *lines: str) -> None:
        """Let a container write lines to its log."""
        for line in lines:
            self.logs.write(namespace, pod, container, line, time.time())

    async def restart(self, namespace: str, pod: str, container: str) -> None:
        """Let a container end and begin anew: its log becomes the previous one, its restarts are one more."""
        key = f"{namespace}/{pod}"
        body = self._known[key]
        self._lives[body["metadata"]["uid"]].restart()
        await self._advance(key)

    async def _ask(self, method: str, path: str, body: Object | None = None, patch: bool = False) -> Any:
        assert self._session is not None
        headers = _MERGE if patch else {"Content-Type": "application/json"}
        data = json.dumps(body) if body is not None else None
        async with self._session.request(method, path, data=data, headers=headers) as answer:
            text = await answer.text()
            if answer.status >= 400 and answer.status not in (404, 409):
                raise RuntimeError(f"{method} {path}: {answer.status} {text}")
            return json.loads(text)

    async def _register(self) -> None:
        labels = {"kubernetes.io/hostname": self.name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
        node: Object = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": self.name, "labels": labels}}
        await self._ask("POST", "/api/v1/nodes", node)
        await self._ask("PATCH", f"/api/v1/nodes/{self.name}/status", {"status": self._status()}, patch=True)
        await self._ask("PATCH", f"/api/v1/nodes/{self.name}", {"spec": {"taints": None}}, patch=True)

    def _status(self) -> Object:
        room = {"cpu": "16", "memory": "64Gi", "pods": "20000", "ephemeral-storage": "500Gi", **self._devices}
        now = _now()
        good = {"lastHeartbeatTime": now, "lastTransitionTime": now, "reason": "KubeletReady", "message": "it plays"}
        return {
            "capacity": room,
            "allocatable": room,
            "conditions": [{"type": "Ready", "status": "True", **good}],
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}, {"type": "Hostname", "address": self.name}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": self._http.port}},
            "nodeInfo": {
                "kubeletVersion": "v1.36.2",
                "operatingSystem": "linux",
                "architecture": "amd64",
                "containerRuntimeVersion": "mediatui://1",
                "machineID": "",
                "systemUUID": "",
                "bootID": "",
                "kernelVersion": "",
                "osImage": "",
                "kubeProxyVersion": "",
            },
            # With this the API server hands exec's WebSocket through as it is, since 1.36.
            "declaredFeatures": ["ExtendWebSocketsToKubelet"],
        }

    async def _renew(self) -> None:
        body: Object = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": self.name, "namespace": "kube-node-lease"},
            "spec": {"holderIdentity": self.name, "leaseDurationSeconds": 40, "renewTime": _now(micro=True)},
        }
        await self._ask("POST", _LEASES, body)
        while True:
            await asyncio.sleep(_LEASE_EVERY)
            spec = {"spec": {"renewTime": _now(micro=True)}}
            try:
                await self._ask("PATCH", f"{_LEASES}/{self.name}", spec, patch=True)
            except (aiohttp.ClientError, RuntimeError):
                continue

    async def _run(self) -> None:
        """List and watch this node's pods for ever; a broken connection begins again."""
        while True:
            try:
                await self._follow_pods()
            except (aiohttp.ClientError, RuntimeError, TimeoutError):
                await asyncio.sleep(_AGAIN)

    async def _follow_pods(self) -> None:
        assert self._session is not None
        mine = f"fieldSelector=spec.nodeName%3D{self.name}"
        listed = await self._ask("GET", f"/api/v1/pods?{mine}")
        for pod in listed.get("items") or []:
            await self._take("ADDED", pod)
        version = listed["metadata"]["resourceVersion"]
        path = f"/api/v1/pods?watch=1&{mine}&resourceVersion={version}"
        async with self._session.get(path, timeout=aiohttp.ClientTimeout(total=None)) as answer:
            async for line in answer.content:
                event = json.loads(line)
                if event["type"] == "ERROR":
                    return
                await self._take(event["type"], event["object"])

    async def _take(self, change: str, pod: Object) -> None:
        metadata = pod["metadata"]
        key = f"{metadata['namespace']}/{metadata['name']}"
        known = self._known.get(key)
        if change == "DELETED" or (known is not None and known["metadata"]["uid"] != metadata["uid"]):
            self._known.pop(key, None)
            self._lives.pop(metadata["uid"], None)
            self._insides.forget(metadata["uid"])
            self.logs.forget(metadata["namespace"], metadata["name"])
        if change != "DELETED":
            self._known[key] = pod
            await self._advance(key)

    async def _advance(self, key: str) -> None:
        """Take one pod a step further, and come back to it when its next step is due."""
        async with self._busy.setdefault(key, asyncio.Lock()):
            pod = self._known.get(key)
            if pod is None or pod.get("status", {}).get("phase") in ("Succeeded", "Failed"):
                return
            metadata = pod["metadata"]
            life = self._lives.setdefault(metadata["uid"], PodLife(_ADDRESS, "127.0.0.1"))
            step = life.advance(pod, time.time())
            for name in step.ended:
                self._insides.end(metadata["uid"], name)
            for name in step.started if life.restarts else ():
                self.logs.begin(metadata["namespace"], metadata["name"], name)
            if step.status is not None:
                self._known[key] = {**pod, "status": step.status}
                await self._publish(pod, step.status)
            if step.gone:
                path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"
                body = {"gracePeriodSeconds": 0, "preconditions": {"uid": metadata["uid"]}}
                await self._ask("DELETE", path, body)
        if step.wake is not None:
            self._come_back(key, step.wake)

    def _come_back(self, key: str, seconds: float) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
        loop = asyncio.get_running_loop()
        self._timers[key] = loop.call_later(seconds, lambda: self._spawn(self._advance(key)))

    async def _publish(self, pod: Object, status: Object) -> None:
        metadata = pod["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}/status"
        body = {"metadata": {"uid": metadata["uid"]}, "status": status}
        while True:
            try:
                await self._ask("PATCH", path, body, patch=True)
            except aiohttp.ClientError:
                await asyncio.sleep(_AGAIN)
                continue
            return

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _now(*, micro: bool = False) -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds" if micro else "seconds").replace("+00:00", "Z")
