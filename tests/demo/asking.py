"""How the tests of the demo ask and wait."""

from __future__ import annotations

import asyncio
import heapq
import json
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from mediatui.demo.api import defaults
from mediatui.demo.server import DemoServer

DEADLINE = 20.0
Object = dict[str, Any]


def pod(name: str, namespace: str = "media", *, labels: dict[str, str] | None = None, phase: str = "Running") -> Object:
    """Return the least that the demo takes for a pod."""
    body: Object = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels or {"app": name}},
        "spec": {"containers": [{"name": "main", "image": "example/main:1"}], "nodeName": "kube-1"},
        "status": {
            "phase": phase,
            "containerStatuses": [
                {"name": "main", "state": {"running": {}}, "lastState": {}, "ready": True, "restartCount": 0}
            ],
        },
    }
    defaults.complete(body)
    return body


def context_of(server: DemoServer) -> ssl.SSLContext:
    """Return a TLS context that trusts the server."""
    return ssl.create_default_context(cadata=server.ca)


def client_of(server: DemoServer, *, token: str | None = None, **headers: str) -> httpx.AsyncClient:
    """Return a client that trusts the server and shows its token, or another."""
    context = context_of(server)
    bearer = server.token if token is None else token
    return httpx.AsyncClient(
        base_url=server.url,
        verify=context,
        headers={"Authorization": f"Bearer {bearer}", **headers} if bearer else headers,
        timeout=DEADLINE,
    )


async def until(condition: Callable[[], Any], what: str = "") -> Any:
    """Return what a condition gives once it is true; fail when that takes too long."""
    ends = time.monotonic() + DEADLINE
    while not (found := condition()):
        assert time.monotonic() < ends, f"never came true: {what or condition}"
        await asyncio.sleep(0.01)
    return found


class Watch:
    """The events of one watch, read as they come."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines

    async def next(self) -> Object:
        """Return the next event."""
        async with asyncio.timeout(DEADLINE):
            event: Object = json.loads(await anext(self._lines))
        return event

    async def rest(self) -> list[Object]:
        """Return every event until the server ends the stream."""
        async with asyncio.timeout(DEADLINE):
            return [json.loads(line) async for line in self._lines]


@asynccontextmanager
async def watching(client: httpx.AsyncClient, path: str, **query: str) -> AsyncIterator[Watch]:
    """Open a watch."""
    async with client.stream("GET", path, params={"watch": "true", **query}) as response:
        assert response.status_code == 200
        yield Watch(response.aiter_lines())


class TurnedClock:
    """Time that moves only when a test turns it."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self._now = now
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> float:
        """Return the time."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Return when the time has been turned that far."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self._now + max(0.0, seconds), self._count, future))
        await future

    async def turn(self, seconds: float) -> None:
        """Let time pass, waking every sleeper at its own moment."""
        target = self._now + seconds
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= target:
            at, _, future = heapq.heappop(self._sleepers)
            self._now = max(self._now, at)
            if not future.done():
                future.set_result(None)
            await _settle()
        self._now = target


async def _settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)
