"""How the tests start the apps and ask them: with an HTTP client of its own over the wires."""

from __future__ import annotations

import random
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, cast

import httpcore
import httpx

from mediatui.demo.apps.app import App
from mediatui.demo.apps.catalogue import populate, start
from mediatui.demo.apps.setting import Habits, Library, Setting
from mediatui.demo.apps.wire import Wire
from tests.support.clock import FakeClock

VERSIONS = {
    "sonarr": "4.0.17",
    "radarr": "6.2.0",
    "prowlarr": "2.4.0",
    "bazarr": "1.5.5",
    "jellyfin": "10.11.10",
}
SERVARR = ("sonarr", "radarr", "prowlarr")
API = {"sonarr": "/api/v3", "radarr": "/api/v3", "prowlarr": "/api/v1"}
DEADLINE = 10.0


class _Stream(httpcore.AsyncNetworkStream):
    """A wire as an HTTP client wants it."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._wire.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._wire.write(bytes(buffer))

    async def aclose(self) -> None:
        await self._wire.close()

    def get_extra_info(self, info: str) -> Any:
        return False if info == "is_readable" else None


class _Wires(httpcore.AsyncNetworkBackend):
    """Connects to one app, whatever the host."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.opened = 0

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            wire = await self.app.connect()
        except ConnectionRefusedError as error:
            raise httpcore.ConnectError(str(error)) from error
        self.opened += 1
        return _Stream(wire)


class WireTransport(httpx.AsyncBaseTransport):
    """Sends requests over wires; connections are kept."""

    def __init__(self, app: App) -> None:
        self.wires = _Wires(app)
        self._pool = httpcore.AsyncConnectionPool(network_backend=self.wires, max_connections=100)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, AsyncIterable)
        url = request.url
        try:
            answer = await self._pool.handle_async_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        except httpcore.ConnectError as error:
            raise httpx.ConnectError(str(error)) from error
        assert isinstance(answer.stream, AsyncIterable)
        body = b"".join([part async for part in answer.stream])
        await answer.aclose()
        return httpx.Response(answer.status, headers=answer.headers, content=body)

    async def aclose(self) -> None:
        await self._pool.aclose()


class Client(httpx.AsyncClient):
    """Asks one app; it shows the app's key unless told otherwise."""

    def __init__(self, app: App, **headers: str) -> None:
        self.wires = WireTransport(app)
        super().__init__(
            transport=self.wires, base_url=f"http://localhost:{app.port}", headers=headers, timeout=DEADLINE
        )

    async def json(self, path: str, /, **query: str | int | bool) -> Any:
        """Return what a path answers."""
        answer = await self.get(path, params=query)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        assert answer.headers["content-type"].startswith("application/json"), path
        return answer.json()


def setting(name: str, **values: Any) -> Setting:
    """Return a setting with an empty volume, time that stands still and chance of a seed."""
    base: dict[str, Any] = {
        "files": {},
        "clock": FakeClock(),
        "random": random.Random(values.pop("seed", 1)),
        "version": VERSIONS[name],
    }
    return Setting(**{**base, **values})


def clock_of(app: App) -> FakeClock:
    """Return the clock that an app was started with."""
    return cast(FakeClock, app.running.setting.clock)


def key_headers(name: str, key: str) -> dict[str, str]:
    """Return the headers that show a key to an app."""
    return {"Authorization": f'MediaBrowser Token="{key}"'} if name == "jellyfin" else {"X-Api-Key": key}


@asynccontextmanager
async def running(
    name: str, habits: Habits | None = None, library: Library | None = None, **values: Any
) -> AsyncIterator[Client]:
    """Run an app that has been in use, and yield a client that knows its key."""
    where = setting(name, habits=habits or Habits(), library=library or Library(), **values)
    populate(name, where)
    async with restarted(name, where) as client:
        yield client


@asynccontextmanager
async def restarted(name: str, where: Setting) -> AsyncIterator[Client]:
    """Start an app on a volume, and yield a client that knows its key."""
    app = start(name, where)
    async with Client(app, **key_headers(name, app.key)) as client:
        yield client
    await app.close()


def app_of(client: Client) -> App:
    """Return the app that a client asks."""
    return client.wires.wires.app


def somebody_waits(client: Client) -> bool:
    """Tell whether something waits for time to pass."""
    return bool(clock_of(app_of(client))._sleepers)
