"""An API server that answers exactly as a test tells it to, over a real socket: for trouble that no real one makes.

The embedded cluster of ``mediatui.demo`` is the faithful server; this one knows nothing of Kubernetes but its paths.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

Step = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that came in."""

    at: float
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]

    @property
    def is_watch(self) -> bool:
        return self.query.get("watch") == "true"

    @property
    def is_watch_list(self) -> bool:
        return self.query.get("sendInitialEvents") == "true"


class FaultyServer:
    """Answers each path step by step; the last step of a path stays.

    Args:
        tls: How to speak TLS, None for plain HTTP.
        now: What requests are stamped with.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, now: Callable[[], float] = time.monotonic) -> None:
        self.requests: list[Seen] = []
        self.port = 0
        self._tls = tls
        self._now = now
        self._steps: dict[str, list[Step]] = {}
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def script(self, path: str, *steps: Step) -> None:
        """Set how a path is answered; ``watch PATH`` and ``watchlist PATH`` are the watches of a collection."""
        self._steps[path] = list(steps)

    def lists(self) -> list[Seen]:
        return [seen for seen in self.requests if not seen.is_watch and not seen.path.endswith("/log")]

    def watches(self) -> list[Seen]:
        return [seen for seen in self.requests if seen.is_watch]

    def drop_connections(self) -> None:
        """Abort every connection, as a network that dies does."""
        assert self._runner is not None
        assert self._runner.server is not None
        for protocol in list(self._runner.server.connections):
            if protocol.transport is not None:
                protocol.transport.abort()

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.05)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self._tls)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.stop()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        seen = Seen(self._now(), request.path, dict(request.query), request.headers)
        self.requests.append(seen)
        key = request.path
        if seen.is_watch_list:
            key = f"watchlist {key}"
            if key not in self._steps:
                return await status(422, "sendInitialEvents is forbidden for watch", reason="Invalid")(request)
        elif seen.is_watch:
            key = f"watch {key}"
        steps = self._steps.get(key)
        if not steps:
            return await text("404 page not found\n", code=404)(request)
        step = steps.pop(0) if len(steps) > 1 else steps[0]
        return await step(request)


def status(code: int, message: str, *, reason: str = "", headers: Mapping[str, str] | None = None) -> Step:
    """Answer with a Kubernetes Status."""
    body = {"kind": "Status", "status": "Failure", "message": message, "reason": reason, "code": code}
    return answer(body, code=code, headers=headers)


def answer(body: Any, *, code: int = 200, headers: Mapping[str, str] | None = None) -> Step:
    """Answer with JSON."""

    async def step(request: web.Request) -> web.StreamResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return web.Response(body=raw, status=code, content_type="application/json", headers=headers)

    return step


def text(body: str, *, code: int = 200, kind: str = "text/plain", headers: Mapping[str, str] | None = None) -> Step:
    """Answer with text."""

    async def step(request: web.Request) -> web.StreamResponse:
        return web.Response(text=body, status=code, content_type=kind, headers=headers)

    return step


def listing(*items: Any, revision: str = "10", more: str = "", kind: str = "PodList") -> Step:
    """Answer with a page of a list."""
    metadata = {"resourceVersion": revision, **({"continue": more} if more else {})}
    return answer({"kind": kind, "apiVersion": "v1", "metadata": metadata, "items": list(items)})


def hang() -> Step:
    """Take the request and never answer."""

    async def step(request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    return step


def abort(after: bytes = b"") -> Step:
    """Break the connection, perhaps in the middle of an answer."""

    async def step(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        if after:
            response.enable_chunked_encoding()
            await response.prepare(request)
            await response.write(after)
        assert request.transport is not None
        request.transport.abort()
        return response

    return step


def stream(*pieces: bytes, end: str = "hang", kind: str = "application/json") -> Step:
    """Answer piece by piece, then ``hang``, ``close`` properly or ``abort``."""

    async def step(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": kind})
        response.enable_chunked_encoding()
        await response.prepare(request)
        for piece in filter(None, pieces):
            await response.write(piece)
        if end == "hang":
            await asyncio.Event().wait()
        if end == "abort":
            assert request.transport is not None
            request.transport.abort()
            return response
        await response.write_eof()
        return response

    return step


class Feed:
    """A stream whose pieces the test sends when it likes; use ``feed.step`` as a step."""

    def __init__(self, kind: str = "application/json") -> None:
        self.opened = 0
        self._kind = kind
        self._queue: asyncio.Queue[bytes | str] = asyncio.Queue()

    def send(self, piece: bytes) -> None:
        self._queue.put_nowait(piece)

    def close(self) -> None:
        self._queue.put_nowait("close")

    def abort(self) -> None:
        self._queue.put_nowait("abort")

    async def step(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": self._kind})
        response.enable_chunked_encoding()
        await response.prepare(request)
        self.opened += 1
        while True:
            match await self._queue.get():
                case bytes() as piece:
                    await response.write(piece)
                case "close":
                    await response.write_eof()
                    return response
                case _:
                    assert request.transport is not None
                    request.transport.abort()
                    return response


def event(kind: str, thing: Any) -> bytes:
    """Return a line of a watch."""
    return json.dumps({"type": kind, "object": thing}).encode() + b"\n"


def bookmark(revision: str, *, ends_initial: bool = False) -> bytes:
    """Return a bookmark."""
    metadata: dict[str, Any] = {"resourceVersion": revision}
    if ends_initial:
        metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
    return event("BOOKMARK", {"kind": "Pod", "apiVersion": "v1", "metadata": metadata})


def expired() -> bytes:
    """Return the event that ends a watch whose history is gone; a real server sends it with HTTP 200."""
    gone = {
        "kind": "Status",
        "status": "Failure",
        "code": 410,
        "reason": "Expired",
        "message": "too old resource version",
    }
    return event("ERROR", gone)
