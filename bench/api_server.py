"""An API server with ten thousand pods whose answers are made beforehand, so that only its clients cost anything.

It serves what a list needs: pages of JSON, tables as kubectl asks for them, watches that begin with what is there,
discovery, and a log that never runs dry. Run as ``python -m bench.api_server PODS``; prints its URL.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
from typing import Any

from aiohttp import web

from bench.pods import encoded, pod

TABLE = "as=Table"
LINE = b"2026-11-23T06:22:19.123456789Z [Info] RssSyncService: Processing 150 releases, nothing new, sleeping\n"
_COLUMNS = ("Name", "Ready", "Status", "Restarts", "Age", "IP", "Node", "Nominated Node", "Readiness Gates")


class PodServer:
    """Serves so many pods.

    Args:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._pages: dict[tuple[bool, int, int], bytes] = {}
        self._beginning = b"".join(b'{"type":"ADDED","object":%s}\n' % encoded(number) for number in range(count))
        self._beginning += (
            b'{"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"9",'
            b'"annotations":{"k8s.io/initial-events-end":"true"}}}}\n'
        )
        for table, limit in ((False, 250), (True, 500)):
            for start in range(0, count, limit):
                self._page(table, limit, start)

    def app(self) -> web.Application:
        """Return the server."""
        app = web.Application()
        app.router.add_get("/api", _answering({"kind": "APIVersions", "versions": ["v1"]}))
        app.router.add_get("/apis", _answering({"kind": "APIGroupList", "apiVersion": "v1", "groups": []}))
        app.router.add_get("/api/v1", _answering(_RESOURCES))
        for prefix in ("", "/lists"):
            app.router.add_get(f"{prefix}/api/v1/pods", self._pods)
            app.router.add_get(f"{prefix}/api/v1/namespaces/{{namespace}}/pods/{{pod}}/log", self._log)
        return app

    async def _pods(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("watch") == "true":
            return await self._watch(request)
        table = TABLE in request.headers.get("Accept", "")
        limit = int(request.query.get("limit", "0")) or self._count
        body = self._page(table, limit, int(request.query.get("continue", "0")))
        return web.Response(body=body, headers={"Content-Type": "application/json", "Content-Encoding": "gzip"})

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith("/lists") and "sendInitialEvents" in request.query:
            status = {"kind": "Status", "code": 422, "reason": "Invalid", "message": "sendInitialEvents is forbidden"}
            return web.json_response(status, status=422)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        if "sendInitialEvents" in request.query:
            for start in range(0, len(self._beginning), 65536):
                await response.write(self._beginning[start : start + 65536])
        await asyncio.Event().wait()
        return response

    async def _log(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        block = LINE * 100
        for _ in range(int(request.query.get("tailLines", "1000000")) // 100):
            await response.write(block)
        await response.write_eof()
        return response

    def _page(self, table: bool, limit: int, start: int) -> bytes:
        key = (table, limit, start)
        if key not in self._pages:
            numbers = range(start, min(start + limit, self._count))
            after = start + limit
            metadata = {"resourceVersion": "9", **({"continue": str(after)} if after < self._count else {})}
            head = json.dumps(metadata).encode()
            if table:
                rows = b",".join(json.dumps(_row(number)).encode() for number in numbers)
                columns = json.dumps([_column(name) for name in _COLUMNS]).encode()
                body = (
                    b'{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":%s,"columnDefinitions":%s,"rows":[%s]}'
                )
                page = body % (head, columns, rows)
            else:
                items = b",".join(encoded(number) for number in numbers)
                page = b'{"kind":"PodList","apiVersion":"v1","metadata":%s,"items":[%s]}' % (head, items)
            self._pages[key] = gzip.compress(page, 1)
        return self._pages[key]


def _row(number: int) -> dict[str, Any]:
    thing = pod(number)
    part = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": thing["metadata"]}
    cells = [thing["metadata"]["name"], "1/1", "Running", 0, "3d", "10.0.0.1", "node-1", "<none>", "<none>"]
    return {"cells": cells, "object": part}


def _column(name: str) -> dict[str, Any]:
    return {"name": name, "type": "string", "format": "", "description": "", "priority": 0}


_RESOURCES = {
    "kind": "APIResourceList",
    "groupVersion": "v1",
    "resources": [
        {"name": "pods", "singularName": "pod", "namespaced": True, "kind": "Pod", "verbs": ["get", "list", "watch"]}
    ],
}


def _answering(body: dict[str, Any]) -> Any:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response(body)

    return answer


async def main(count: int) -> None:
    """Serve until killed."""
    runner = web.AppRunner(PodServer(count).app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
