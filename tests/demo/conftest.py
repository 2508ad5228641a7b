from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from mediatui.demo.server import DemoServer
from tests.demo.asking import client_of


@pytest.fixture
async def empty() -> AsyncIterator[DemoServer]:
    """A server with nothing on it."""
    async with DemoServer(None) as server:
        for name in ("kube-node-lease", "media"):
            server.store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        yield server


@pytest.fixture
async def demo() -> AsyncIterator[DemoServer]:
    """The home lab, standing still."""
    async with DemoServer("homelab", live=False) as server:
        yield server


@pytest.fixture
async def client(empty: DemoServer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the empty server."""
    async with client_of(empty) as client:
        yield client


@pytest.fixture
async def visitor(demo: DemoServer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the home lab."""
    async with client_of(demo) as client:
        yield client
