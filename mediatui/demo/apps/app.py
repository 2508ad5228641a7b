"""A running app: what is behind its port."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from mediatui.demo.apps.setting import Running
from mediatui.demo.apps.wire import Wire, serve

_LARGEST: Final = 64 << 20
"""Bytes of a request body."""

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]
"""Answers every request, whatever its path."""


class App:
    """One run of an app; a restart is another one on the same volume.

    Args:
        running: The run.
        port: What it listens on.
        key: Its API key; empty where it has none yet.
        handle: Answers.
        catch_up: Brings its files up to the present.
        refuses: Tells whether nothing listens yet.
    """

    def __init__(
        self,
        running: Running,
        port: int,
        key: str,
        handle: Handle,
        catch_up: Callable[[], None],
        refuses: Callable[[], bool] = lambda: False,
    ) -> None:
        self.running = running
        self.port = port
        self.key = key
        self.application = web.Application(client_max_size=_LARGEST)
        self.application.router.add_route("*", "/{path:.*}", handle)
        self.catch_up = catch_up
        self._refuses = refuses
        self._runner: web.AppRunner | None = None
        self._making = asyncio.Lock()

    async def connect(self) -> Wire:
        """Connect to the port.

        Raises:
            ConnectionRefusedError: Nothing listens yet.
        """
        if self._refuses():
            raise ConnectionRefusedError(self.port)
        async with self._making:
            if self._runner is None:
                self._runner = await serve(self.application)
        server = self._runner.server
        assert server is not None
        return Wire(server, self.port)

    async def close(self) -> None:
        """End the run: connections are closed; the volume stays as it is."""
        runner, self._runner = self._runner, None
        if runner is not None:
            server = runner.server
            for protocol in server.connections if server else []:
                protocol.force_close()
            await runner.cleanup()
