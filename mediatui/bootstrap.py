"""Configuration, then clients, then the session: the only place that knows concrete classes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Final

from mediatui import config as configuration
from mediatui.config import Config
from mediatui.errors import UsageError
from mediatui.model.stack import ClusterInfo
from mediatui.observe import Observer
from mediatui.session import Session, Target

DEFAULT_SCENARIO: Final = "homelab"
"""The scenario of the embedded cluster when none is named."""


class SystemClock:
    """The machine's own time."""

    def now(self) -> float:
        """Return seconds since the epoch."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        await asyncio.sleep(seconds)


@asynccontextmanager
async def open_session(target: Target) -> AsyncIterator[Session]:
    """Connect to what the target names and close everything at the end.

    Raises:
        UsageError: The configuration or the kubeconfig cannot be used.
        ClusterError: The embedded cluster could not be started.
    """
    settings = configuration.load(target.config)
    async with AsyncExitStack() as resources:
        if target.demo is not None:
            target = await resources.enter_async_context(_demo(target))
        session = await _connect(target, settings)
        resources.push_async_callback(session.close)
        yield session


async def _connect(target: Target, settings: Config) -> Session:
    # httpx and the kubeconfig cost tens of milliseconds: off the event loop, which has a screen to draw.
    await asyncio.to_thread(_import_clients)
    from mediatui.clients.kube.connect import connect

    clock = SystemClock()
    cluster, place = await connect(
        kubeconfig=target.kubeconfig or None,
        context=target.context or settings.context or None,
        request_timeout=target.request_timeout or settings.request_timeout,
        impersonate=target.impersonate or None,
        clock=clock,
    )
    info = ClusterInfo(
        context=place.context,
        namespaces=(target.namespace,) if target.namespace else (),
        default_namespace=place.namespace,
        server=place.server,
    )
    observer = Observer(cluster, clock, info, (*settings.namespaces, place.namespace), settings.apps)
    return Session(cluster, cluster, observer, clock, settings)


def _import_clients() -> None:
    from mediatui.clients.kube import connect  # noqa: F401


@asynccontextmanager
async def _demo(target: Target) -> AsyncIterator[Target]:
    from mediatui.demo.launch import DemoFailedError, DemoProcess

    process = DemoProcess(target.demo or DEFAULT_SCENARIO, target.seed)
    try:
        address = await process.ready()
    except DemoFailedError as error:
        raise UsageError(str(error)) from None
    try:
        yield replace(target, kubeconfig=str(address.kubeconfig), context="")
    finally:
        await asyncio.to_thread(process.stop)
