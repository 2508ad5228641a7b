"""HTTP to apps in pods: an httpx transport over ``PodNetwork``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Final

import httpcore
import httpx

from mediatui.clients.kube.streams.forward import PodNetwork, host_of, pod_of
from mediatui.clients.kube.streams.pool import ConnectionPool
from mediatui.clients.kube.streams.sockets import Sockets
from mediatui.errors import ClusterError, Invalid, Unreachable
from mediatui.model.source import Ref
from mediatui.text import printable

LIMITS: Final = httpx.Limits(max_connections=16, max_keepalive_connections=16, keepalive_expiry=30.0)
"""Each connection is a stream on the API server and on the kubelet; a TLS handshake is what re-using one saves."""

_REPEATABLE: Final = (b"GET", b"HEAD", b"OPTIONS")
_LOST: Final = ("Server disconnected", "peer closed")
"""How httpcore and h11 begin what they say of a connection that ended; all else means that it was no HTTP."""


def pod_url(pod: Ref, port: int) -> str:
    """Return the URL under which ``PodTransport`` reaches a pod's port."""
    return f"http://{host_of(pod)}:{port}"


class PodTransport(httpx.AsyncBaseTransport):
    """Sends requests for ``http://NAME.NAMESPACE:PORT`` to that port of that pod.

    Connections are kept and re-used; one that has ended, as when a container was restarted, is replaced. Every failure
    is raised as one of our own errors.

    Args:
        sockets: The API server.
        limits: How many connections there may be, and how long idle ones are kept.
    """

    def __init__(self, sockets: Sockets, limits: httpx.Limits = LIMITS) -> None:
        self._pool = ConnectionPool(PodNetwork(sockets), limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request.

        Raises:
            Unreachable: Nothing listens there, nothing answered in time, or the connection broke.
            NotFound: The pod is not there.
            NotPermitted: Its ports may not be forwarded.
            ClusterError: Of the kind that says what else went wrong.
        """
        assert isinstance(request.stream, httpx.AsyncByteStream)
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port or 80,
            target=request.url.raw_path,
        )
        asked = httpcore.Request(
            request.method, url, headers=request.headers.raw, content=request.stream, extensions=request.extensions
        )
        where = f"port {url.port} of pod {printable(pod_of(request.url.host).name)}"
        if request.url.scheme != "http":
            raise Invalid(f"{where} is spoken to in plain HTTP", "TLS to the API server lies around it")
        with _translated(where):
            answer = await self._answer(asked)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer, where), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        """End every connection."""
        await self._pool.aclose()

    async def _answer(self, asked: httpcore.Request) -> httpcore.Response:
        try:
            return await self._pool.send(asked)
        except httpcore.RemoteProtocolError as error:
            # A kept connection that ends at this very moment says nothing about the app.
            repeatable = asked.method in _REPEATABLE and isinstance(asked.stream, httpx.ByteStream)
            if not repeatable or not str(error).startswith("Server disconnected"):
                raise
            return await self._pool.send(asked)


class _Body(httpx.AsyncByteStream):
    """An answer's body as it comes."""

    def __init__(self, answer: httpcore.Response, where: str) -> None:
        self._answer = answer
        self._where = where

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated(self._where):
            async for part in self._answer.aiter_stream():
                yield part

    async def aclose(self) -> None:
        await self._answer.aclose()


@contextmanager
def _translated(where: str) -> Iterator[None]:
    try:
        yield
    except httpcore.PoolTimeout as error:
        raise Unreachable(f"{where}: every connection is busy") from error
    except httpcore.ConnectTimeout as error:
        raise Unreachable(f"{where}: no connection in time", "is its node up?") from error
    except httpcore.TimeoutException as error:
        raise Unreachable(f"{where}: no answer in time", "is the app busy, or does it hang?") from error
    except (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol) as error:
        raise Invalid(f"{where}: {printable(str(error))}") from error
    except httpcore.RemoteProtocolError as error:
        raise _no_answer(where, str(error)) from error
    except httpcore.NetworkError as error:
        raise Unreachable(f"{where}: the connection broke before the answer was complete") from error


def _no_answer(where: str, said: str) -> ClusterError:
    if said.startswith(_LOST):
        return Unreachable(f"{where}: the connection ended before the answer was complete", "did the app restart?")
    return Unreachable(f"{where} does not speak HTTP: {printable(said)}", "is it another port?")
