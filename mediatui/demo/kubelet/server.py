"""The kubelet's own HTTPS server, which the API server asks for logs and commands."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from functools import partial

from aiohttp import web

from mediatui.demo.certificates import Certificate, loopback_certificate
from mediatui.demo.containerlogs import LogBook, LogOptions, stream
from mediatui.demo.containers.insides import Insides, runs, sandbox_of
from mediatui.demo.objects import Object, seconds_of
from mediatui.demo.streams.execution import Order, serve_exec
from mediatui.demo.streams.forwarding import serve_forward


class KubeletServer:
    """Serves ``/containerLogs``, ``/exec`` and ``/portForward`` on a free loopback port.

    Args:
        logs: The containers' logs.
        insides: What is in the containers.
        pod: Returns a pod of this node, None where there is none.
        now: Seconds since the epoch, for ``sinceSeconds``.
    """

    def __init__(
        self, logs: LogBook, insides: Insides, pod: Callable[[str, str], Object | None], now: Callable[[], float]
    ) -> None:
        self._logs = logs
        self._insides = insides
        self._pod = pod
        self._now = now
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self, certificate: Certificate | None = None) -> None:
        """Begin to serve."""
        app = web.Application()
        place = "{namespace}/{pod}/{container}"
        app.router.add_get(f"/containerLogs/{place}", self._serve_log)
        app.router.add_route("*", f"/exec/{place}", self._serve_exec)
        app.router.add_route("*", "/portForward/{namespace}/{pod}", self._serve_forward)
        self._runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=0.2)
        await self._runner.setup()
        context = (certificate or loopback_certificate()).context()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop serving."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve_log(self, request: web.Request) -> web.StreamResponse:
        namespace, pod, container = _place(request)
        previous = _yes(request.query, "previous")
        run = self._logs.run(namespace, pod, container, previous=previous)
        if run is None:
            text = f'previous terminated container "{container}" in pod "{pod}" not found'
            return web.Response(status=400, text=text)
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        # A reader that has gone is how most followed logs end.
        with contextlib.suppress(ConnectionError):
            async for block in stream(run, self._options(request.query)):
                await response.write(block)
            await response.write_eof()
        return response

    def _options(self, query: Mapping[str, str]) -> LogOptions:
        since: float | None = None
        if query.get("sinceTime"):
            since = seconds_of(query["sinceTime"])
        elif query.get("sinceSeconds"):
            since = self._now() - int(query["sinceSeconds"])
        return LogOptions(
            follow=_yes(query, "follow"),
            timestamps=_yes(query, "timestamps"),
            since=since,
            tail_lines=_number(query, "tailLines"),
            limit_bytes=_number(query, "limitBytes"),
        )

    async def _serve_exec(self, request: web.Request) -> web.StreamResponse:
        namespace, name, container = _place(request)
        pod = self._pod(namespace, name)
        if pod is None or not runs(pod, container):
            return web.Response(status=404, text=f'container not found ("{container}")')
        query = request.query
        # The API server asks for "input", a client that comes directly for "stdin".
        stdin = _yes(query, "input") or _yes(query, "stdin")
        order = Order(query.getall("command", []), stdin, _yes(query, "tty"))
        return await serve_exec(request, self._insides.container(pod, container), order)

    async def _serve_forward(self, request: web.Request) -> web.StreamResponse:
        info = request.match_info
        pod = self._pod(info["namespace"], info["pod"])
        if pod is None:
            return web.Response(status=404, text=f'pod not found ("{info["pod"]}_{info["namespace"]}")')
        words = request.query.getall("ports", []) + request.query.getall("port", [])
        ports = [int(port) for word in words for port in word.split(",") if port.isdigit()]
        return await serve_forward(request, partial(self._insides.connect, pod), ports, sandbox_of(pod))


def _place(request: web.Request) -> tuple[str, str, str]:
    info = request.match_info
    return info["namespace"], info["pod"], info["container"]


def _yes(query: Mapping[str, str], name: str) -> bool:
    return query.get(name, "").lower() in ("1", "true")


def _number(query: Mapping[str, str], name: str) -> int | None:
    return int(query[name]) if query.get(name, "").isdigit() else None
