"""The kubelet's own HTTPS server, which the API server asks for logs and commands."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import WSMsgType, web

from mediatui.demo.certificates import Certificate, loopback_certificate
from mediatui.demo.containerlogs import LogBook, LogOptions, stream
from mediatui.demo.kubelet.answers import ExecBook
from mediatui.demo.objects import seconds_of

_STDIN, _STDOUT, _STDERR, _ERROR, _CLOSE = 0, 1, 2, 3, 255
_PROTOCOLS: Final = ("v5.channel.k8s.io", "v4.channel.k8s.io")


class KubeletServer:
    """Serves `/containerLogs` and `/exec` on a free loopback port.

    Args:
        logs: The containers' logs.
        commands: What commands answer.
        now: Seconds since the epoch, for ``sinceSeconds``.
    """

    def __init__(self, logs: LogBook, commands: ExecBook, now: Any) -> None:
        self._logs = logs
        self._commands = commands
        self._now = now
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self, certificate: Certificate | None = None) -> None:
        """Begin to serve."""
        app = web.Application()
        place = "{namespace}/{pod}/{container}"
        app.router.add_get(f"/containerLogs/{place}", self._serve_log)
        app.router.add_route("*", f"/exec/{place}", self._serve_exec)
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
        socket = web.WebSocketResponse(protocols=_PROTOCOLS)
        await socket.prepare(request)
        command = request.query.getall("command", [])
        stdin = b""
        if _yes(request.query, "input") or _yes(request.query, "stdin"):
            stdin = await _read_stdin(socket)
        answer = self._commands.answer(command, stdin)
        if answer is None:
            await _finish(socket, _internal_error(command))
            return socket
        for channel, data in ((_STDOUT, answer.stdout), (_STDERR, answer.stderr)):
            if data:
                await socket.send_bytes(bytes([channel]) + data)
        await _finish(socket, _status(answer.exit_code))
        return socket


async def _read_stdin(socket: web.WebSocketResponse) -> bytes:
    data = b""
    async for message in socket:
        if message.type is not WSMsgType.BINARY or not message.data:
            continue
        if message.data[0] == _CLOSE or (message.data[0] == _STDIN and len(message.data) == 1 and data):
            break
        if message.data[0] == _STDIN:
            data += message.data[1:]
    return data


async def _finish(socket: web.WebSocketResponse, status: Mapping[str, Any]) -> None:
    await socket.send_bytes(bytes([_ERROR]) + json.dumps(status).encode())
    await socket.close()


def _status(exit_code: int) -> dict[str, Any]:
    if exit_code == 0:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {exit_code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(exit_code)}]},
    }


def _internal_error(command: list[str]) -> dict[str, Any]:
    """What containerd says of a command that is not in the image."""
    name = command[0] if command else ""
    message = (
        "Internal error occurred: error executing command in container: failed to exec in container: failed to start "
        f'exec: OCI runtime exec failed: exec failed: unable to start container process: exec: "{name}": '
        "executable file not found in $PATH"
    )
    return {"metadata": {}, "status": "Failure", "message": message, "reason": "InternalError", "code": 500}


def _place(request: web.Request) -> tuple[str, str, str]:
    info = request.match_info
    return info["namespace"], info["pod"], info["container"]


def _yes(query: Mapping[str, str], name: str) -> bool:
    return query.get(name, "").lower() in ("1", "true")


def _number(query: Mapping[str, str], name: str) -> int | None:
    return int(query[name]) if query.get(name, "").isdigit() else None
