"""Streams go where requests go: the same credentials, certificates and proxies."""

from __future__ import annotations

import base64
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from mediatui.clients.kube.auth import TokenFile, impersonation, password
from mediatui.clients.kube.cluster import KubeCluster
from mediatui.clients.kube.tls import load_pair
from tests.clients.kube.certificates import Authority, Pair
from tests.clients.kube.doubles import HandClock, cluster_at, http_to
from tests.clients.kube.kubelet_streams import (
    EXEC,
    SUCCESS,
    run,
    saying,
    trust,
)
from tests.clients.kube.test_trouble import tunnel
from tests.support.faulty_server import FaultyServer, status


@pytest.fixture
async def secure(authority: Authority, tmp_path: Path) -> AsyncIterator[FaultyServer]:
    """A server that speaks TLS."""
    async with FaultyServer(authority.issue().server_context(tmp_path)) as running:
        yield running


async def test_a_token_that_has_been_rotated_is_read_again_after_a_401(
    secure: FaultyServer, authority: Authority, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text("old")
    clock = HandClock()
    http = http_to(secure.url, TokenFile(str(file), "", clock), tls=trust(authority))
    cluster = KubeCluster(http, clock)

    async def rejected(request: web.Request) -> web.StreamResponse:
        file.write_text("new")
        return await status(401, "Unauthorized")(request)

    secure.script(EXEC, rejected, saying(SUCCESS))
    assert (await run(cluster)).exit_code == 0
    assert [seen.headers["Authorization"] for seen in secure.requests] == ["Bearer old", "Bearer new"]
    await cluster.close()


async def test_a_password_and_who_is_acted_as_are_sent(secure: FaultyServer, authority: Authority) -> None:
    http = http_to(secure.url, password("ann", "secret"), tls=trust(authority), headers=impersonation("bob", ["ops"]))
    cluster = KubeCluster(http, HandClock())
    secure.script(EXEC, saying(SUCCESS))
    assert (await run(cluster)).exit_code == 0
    headers = secure.requests[0].headers
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"ann:secret").decode()
    assert (headers["Impersonate-User"], headers["Impersonate-Group"]) == ("bob", "ops")
    await cluster.close()


async def test_a_client_certificate_is_shown(authority: Authority, tmp_path: Path) -> None:
    names: list[str] = []

    async def step(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        names.append(request.transport.get_extra_info("peercert")["subject"][0][0][1])
        return await saying(SUCCESS)(request)

    pair = authority.issue("ann")
    user = {
        "client-certificate-data": base64.b64encode(pair.certificate).decode(),
        "client-key-data": base64.b64encode(pair.key).decode(),
    }
    async with FaultyServer(authority.issue().server_context(tmp_path, client_ca=authority.pem)) as server:
        cluster = cluster_at(server.url, HandClock(), tls=trust(authority, **user))
        server.script(EXEC, step)
        assert (await run(cluster)).exit_code == 0
        await cluster.close()
    assert names == ["ann"]


async def test_a_proxy_is_gone_through(secure: FaultyServer, authority: Authority) -> None:
    async with tunnel() as (proxy, asked):
        cluster = cluster_at(secure.url, HandClock(), tls=trust(authority), proxy=proxy)
        secure.script(EXEC, saying(b"\x01there", SUCCESS))
        assert (await run(cluster)).stdout == b"there"
        await cluster.close()
    assert asked == [f"CONNECT 127.0.0.1:{secure.port} HTTP/1.1"]


class Plugin:
    """A credential that brings a new client certificate when the first is rejected."""

    def __init__(self, tls: ssl.SSLContext, first: Pair, second: Pair) -> None:
        self.epoch = 1
        self._tls = tls
        self._second = second
        load_pair(tls, first.certificate, first.key, "plugin")

    async def authorization(self) -> str:
        return ""

    async def renew(self, rejected: str) -> bool:
        load_pair(self._tls, self._second.certificate, self._second.key, "plugin")
        self.epoch += 1
        return True


async def test_a_certificate_that_was_renewed_after_a_401_is_shown_by_a_new_connection(
    authority: Authority, tmp_path: Path
) -> None:
    names: list[str] = []

    async def step(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        names.append(request.transport.get_extra_info("peercert")["subject"][0][0][1])
        return await (status(401, "Unauthorized") if names[-1] == "old" else saying(SUCCESS))(request)

    async with FaultyServer(authority.issue().server_context(tmp_path, client_ca=authority.pem)) as server:
        tls = trust(authority)
        plugin = Plugin(tls, authority.issue("old"), authority.issue("new"))
        cluster = KubeCluster(http_to(server.url, plugin, tls=tls), HandClock())
        server.script(EXEC, step)
        assert (await run(cluster)).exit_code == 0
        await cluster.close()
    assert names == ["old", "new"]


def test_streams_come_with_the_client_and_not_before() -> None:
    code = """
import sys, importlib, pkgutil, mediatui.tui
for found in pkgutil.walk_packages(mediatui.tui.__path__, "mediatui.tui."):
    importlib.import_module(found.name)
assert not [name for name in sys.modules if name.startswith("mediatui.clients")]
import mediatui.clients.kube.connect
assert "mediatui.clients.kube.streams.execution" in sys.modules
heavy = {"kubernetes", "aiohttp", "websocket", "wsproto", "websockets"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
