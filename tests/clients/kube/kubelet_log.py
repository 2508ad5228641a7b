"""A container's log as a kubelet serves it, and a network that breaks wherever a test wants it to."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from tests.support.faulty_server import FaultyServer, answer

POD = "/api/v1/namespaces/media/pods/sonarr"
LOG = f"{POD}/log"


def line(second: float, text: str) -> bytes:
    """Return a line as it stands in the log: nine decimals, whatever the time."""
    whole = int(second)
    stamp = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{stamp}.{round((second - whole) * 1e9):09d}Z {text}\n".encode()


class KubeletLog:
    """One container's log file; serves it by kubelet's rules (``pkg/kubelet/kuberuntime/logs``).

    ``sinceTime`` leaves out every line that is older, wherever it stands; ``tailLines`` counts in the file.
    """

    def __init__(self, server: FaultyServer, lines: list[bytes] | None = None) -> None:
        self.lines = lines or []
        self.ended = False
        self.cuts: list[int] = []
        """After how many bytes to abort, for one connection each."""
        self.chunk = 64 * 1024
        self.status: dict[str, Any] = {"name": "app", "state": {"running": {}}}
        self._grown = asyncio.Event()
        server.script(LOG, self._serve)
        server.script(POD, self._pod)

    def write(self, *lines: bytes) -> None:
        self.lines.extend(lines)
        self._grown.set()

    def end(self) -> None:
        """Let the container end."""
        self.ended = True
        self.status = {"name": "app", "state": {"terminated": {"exitCode": 0}}}
        self._grown.set()

    async def _pod(self, request: web.Request) -> web.StreamResponse:
        status = {"phase": "Running", "containerStatuses": [self.status]}
        return await answer({"kind": "Pod", "metadata": {"name": "sonarr"}, "status": status})(request)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        assert request.query["timestamps"] == "true"
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        room = self.cuts.pop(0) if self.cuts else None
        since = request.query.get("sinceTime")
        at = 0
        if "tailLines" in request.query:
            at = max(0, len(self.lines) - int(request.query["tailLines"]))
        while True:
            self._grown.clear()
            data = b"".join(each for each in self.lines[at:] if since is None or _at_or_after(each, since))
            at = len(self.lines)
            for start in range(0, len(data), self.chunk):
                piece = data[start : start + self.chunk]
                if room is not None and len(piece) >= room:
                    await response.write(piece[:room])
                    return await self._abort(request, response)
                room = None if room is None else room - len(piece)
                await response.write(piece)
            if self.ended or "follow" not in request.query:
                await response.write_eof()
                return response
            await self._grown.wait()

    async def _abort(self, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        # What was written must reach the other side before the connection dies.
        await asyncio.sleep(0.01)
        assert request.transport is not None
        request.transport.abort()
        return response


def _at_or_after(each: bytes, since: str) -> bool:
    return datetime.fromisoformat(each.split(b" ")[0].decode()) >= datetime.fromisoformat(since)
