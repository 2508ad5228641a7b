"""The one HTTP path to an API server, for reads, watches and logs: everything that can go wrong is translated here.

Rules of the transport, measured: two pools, because a cancelled request can leak its slot; keepalive and
TCP_USER_TIMEOUT, because a dead peer is otherwise noticed after a quarter of an hour; bytes, never decoded lines.
"""

from __future__ import annotations

import asyncio
import socket as sockets
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import httpx

from mediatui import __version__
from mediatui.clients.kube.auth import BearerAuth, Credentials
from mediatui.clients.kube.contact import Contact
from mediatui.clients.kube.translate import TransportErrors, from_response, from_transport, not_kubernetes
from mediatui.errors import Unreachable
from mediatui.text import printable

Params = Sequence[tuple[str, str]]

JSON: Final = "application/json"
_ERROR_BODY_MOST: Final = 64 * 1024
_WARNINGS_KEPT: Final = 100


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long is waited for what, in seconds."""

    connect: float = 10.0
    read: float = 30.0
    """For the next bytes of an answer."""
    stream: float = 150.0
    """For the next bytes of a watch: two and a half times the minute after which a server sends a bookmark."""
    total: float | None = None
    """For one whole answer that is no stream: ``--request-timeout``."""


class Answer:
    """A stream that has begun.

    Args:
        response: What httpx opened.
        server: The server's URL, for errors.
    """

    def __init__(self, response: httpx.Response, server: str) -> None:
        self._response = response
        self._server = server

    @property
    def headers(self) -> Mapping[str, str]:
        """The answer's headers, names in any case."""
        return self._response.headers

    @property
    def socket(self) -> sockets.socket:
        """The socket that it comes through."""
        raw: sockets.socket = self._response.extensions["network_stream"].get_extra_info("socket")
        return raw

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield bytes as they come; ends when the server closed the stream properly.

        Raises:
            Unreachable: The connection broke, or nothing came for too long.
        """
        with translated(self._server):
            async for chunk in self._response.aiter_bytes():
                yield chunk


class KubeHttp:
    """Requests to one API server.

    Args:
        credentials: Where it is and who we are.
        timeouts: How long is waited.
        transport: Instead of the network, for tests.
    """

    def __init__(
        self,
        credentials: Credentials,
        timeouts: Timeouts | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.server = credentials.base_url
        self.timeouts = timeouts or Timeouts()
        self.contact = Contact()
        self._credentials = credentials
        self._transport = transport
        self._epoch = 0
        self._unary, self._streams = self._clients()
        self._warnings: dict[str, None] = {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the server's ``Warning`` headers said, each once, printable."""
        return tuple(self._warnings)

    async def get(self, path: str, params: Params = ()) -> bytes:
        """Return an answer in JSON.

        Raises:
            ClusterError: Of the kind that says what went wrong.
        """
        return await self.send("GET", path, params)

    async def send(
        self,
        method: str,
        path: str,
        params: Params = (),
        content: bytes | None = None,
        content_type: str = JSON,
    ) -> bytes:
        """Send one request and return its answer in JSON.

        Raises:
            ClusterError: Of the kind that says what went wrong.
        """
        headers = {"Content-Type": content_type} if content is not None else {}
        patience = httpx.Timeout(self.timeouts.read, connect=self.timeouts.connect, pool=None)
        async with self._translating():
            await self._credentials.credential.authorization()  # a plugin's run is no part of the request's time
            async with asyncio.timeout(self.timeouts.total):
                response = await self._authorised(method, path, params, patience, content, headers)
        if not response.is_success:
            raise from_response(response.status_code, response.headers, response.content, self.server)
        if "json" not in response.headers.get("content-type", ""):
            raise not_kubernetes(response.status_code, response.headers, self.server)
        return response.content

    @asynccontextmanager
    async def stream(
        self, path: str, params: Params = (), *, begin: float | None, quiet: float | None
    ) -> AsyncIterator[Answer]:
        """Open a stream; leaving the context ends it at once.

        Args:
            path: What is asked.
            params: Its query.
            begin: Seconds until the answer must have begun; None where a server may say nothing for long, as a
                kubelet does for the log of a silent container.
            quiet: Seconds without a byte after which the connection counts as dead, None for never.

        Raises:
            ClusterError: Of the kind that says what went wrong.
        """
        patience = httpx.Timeout(self.timeouts.read, connect=self.timeouts.connect, read=quiet, pool=None)
        async with self._translating():
            await self._credentials.credential.authorization()
            async with asyncio.timeout(begin):
                response = await self._authorised("GET", path, params, patience, stream=True)
        try:
            if not response.is_success or "html" in response.headers.get("content-type", ""):
                async with self._translating(), asyncio.timeout(self.timeouts.read):
                    body = await _beginning(response)
                raise from_response(response.status_code, response.headers, body, self.server)
            yield Answer(response, self.server)
        finally:
            await response.aclose()

    async def close(self) -> None:
        """End every connection."""
        await self._unary.aclose()
        await self._streams.aclose()

    async def _authorised(
        self,
        method: str,
        path: str,
        params: Params,
        patience: httpx.Timeout,
        content: bytes | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
        *,
        stream: bool = False,
    ) -> httpx.Response:
        """Send with the credential; after a 401 that brought a new client certificate, once more on new connections."""
        credential = self._credentials.credential
        for _ in range(2):
            await self._renew_clients(credential.epoch)
            client = self._streams if stream else self._unary
            request = client.build_request(
                method,
                self.server + path,
                params=list(params),
                content=content,
                headers=dict(headers),
                timeout=patience,
            )
            if stream:
                request.headers["Accept-Encoding"] = "identity"  # a proxy that compresses would hold events back
            response = await client.send(request, stream=stream)
            self._note_warnings(response)
            if response.status_code != 401 or credential.epoch == self._epoch:
                break
            await response.aclose()
        return response

    async def _renew_clients(self, epoch: int) -> None:
        if epoch == self._epoch:
            return
        self._epoch = epoch
        before, (self._unary, self._streams) = self._unary, self._clients()
        # Streams that are open go on with what they were opened with; idle connections would not.
        await before.aclose()

    def _clients(self) -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
        return self._client(keep=8), self._client(keep=0)

    def _client(self, *, keep: int) -> httpx.AsyncClient:
        tls = self._credentials.tls
        transport = self._transport or httpx.AsyncHTTPTransport(
            verify=tls if tls is not None else False,
            trust_env=False,
            proxy=self._credentials.proxy,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=keep),
            socket_options=_socket_options(),
        )
        headers: list[tuple[bytes, bytes]] = [
            (b"User-Agent", f"mediatui/{__version__}".encode()),
            (b"Accept", JSON.encode()),
            (b"Accept-Encoding", b"gzip"),
            *((name.encode(), value) for name, value in self._credentials.headers),
        ]
        return httpx.AsyncClient(
            transport=transport,
            auth=BearerAuth(self._credentials.credential),
            headers=headers,
            trust_env=False,
        )

    def _note_warnings(self, response: httpx.Response) -> None:
        for value in response.headers.get_list("warning"):
            text = _warning_text(value)
            if text and len(self._warnings) < _WARNINGS_KEPT:
                self._warnings.setdefault(text)

    @asynccontextmanager
    async def _translating(self) -> AsyncIterator[None]:
        try:
            with translated(self.server):
                yield
        except Unreachable:
            self.contact.lost()
            raise
        self.contact.made()


@contextmanager
def translated(server: str) -> Iterator[None]:
    """Raise our own errors instead of a library's."""
    try:
        yield
    except TransportErrors as error:
        raise from_transport(error, server) from error


async def _beginning(response: httpx.Response) -> bytes:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) >= _ERROR_BODY_MOST:
            break
    return body[:_ERROR_BODY_MOST]


def _warning_text(value: str) -> str:
    # RFC 7234 5.5: a code, an agent, and a quoted text; API servers send code 299.
    _, _, quoted = value.partition('"')
    text, _, _ = quoted.rpartition('"')
    return printable(text.replace('\\"', '"').replace("\\\\", "\\"))


def _socket_options() -> list[tuple[int, int, int]]:
    options = [(sockets.SOL_SOCKET, sockets.SO_KEEPALIVE, 1)]
    for name, value in (
        ("TCP_KEEPIDLE", 15),
        ("TCP_KEEPINTVL", 5),
        ("TCP_KEEPCNT", 3),
        ("TCP_USER_TIMEOUT", 30_000),
    ):
        option = getattr(sockets, name, None)  # macOS and Windows lack some of them
        if option is not None:
            options.append((sockets.IPPROTO_TCP, option, value))
    return options
