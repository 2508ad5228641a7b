"""A pod's port as a network connection, through the API server: nothing listens on this machine.

One WebSocket for each connection, with the channels data and error. The newer protocol (SPDY frames within a WebSocket)
could carry many connections in one, but knows no flow control: one slow reader would hold up all others.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Iterable
from typing import Any, Final

import httpcore

from mediatui.clients.kube.streams.channels import V4, ChannelSocket
from mediatui.clients.kube.streams.sockets import Sockets, subresource
from mediatui.errors import Unreachable
from mediatui.model.source import Ref
from mediatui.text import printable

_DATA: Final = 0
_ERROR: Final = 1
_PORT_SIZE: Final = 2
"""Each channel begins with its port, little-endian."""
_ERROR_MOST: Final = 4096
_EARLY_MOST: Final = 1 << 20
"""Bytes of an answer that are taken while its request is still being written."""
_PREFIX: Final = re.compile(r"^error forwarding port \d+ to pod \S+, uid [^:]*: ")
_REFUSED: Final = re.compile(r"connection refused", re.IGNORECASE)


def host_of(pod: Ref) -> str:
    """Return the host by which ``PodNetwork`` knows a pod: ``NAME.NAMESPACE``."""
    return f"{pod.name}.{pod.namespace}"


def pod_of(host: str) -> Ref:
    """Return the pod that a host stands for; a namespace has no dots, a pod's name may have some."""
    name, _, namespace = host.rpartition(".")
    return Ref(namespace, name)


class PodNetwork(httpcore.AsyncNetworkBackend):
    """Connects to ``NAME.NAMESPACE`` and a port through the API server, by port-forward.

    Args:
        sockets: The API server.
    """

    def __init__(self, sockets: Sockets) -> None:
        self._sockets = sockets

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Return a connection to a pod's port.

        Whether anything listens there shows at the first read.

        Raises:
            httpcore.ConnectTimeout: The API server or the kubelet did not answer.
            ClusterError: The forward was refused: of the kind that says why.
        """
        pod = pod_of(host)
        try:
            async with asyncio.timeout(timeout):
                path = subresource(pod, "portforward")
                socket = await self._sockets.open(path, [("ports", str(port))], (V4,))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"no connection to port {port} of {pod}") from error
        return PodStream(socket, pod, port)

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: a pod is reached by its ports."""
        raise httpcore.UnsupportedProtocol("a pod is reached by its ports")

    async def sleep(self, seconds: float) -> None:
        """Wait before another attempt to connect."""
        await asyncio.sleep(seconds)


class PodStream(httpcore.AsyncNetworkStream):
    """One connection to a port of a pod.

    It can be closed as a whole only, not one direction alone: the protocol has no sign for it. One piece of at most
    64 KiB is received ahead, so that an end shows at once: while idle, and while writing to a port that nobody listens
    on, where the API server may go on to take data and drop it.

    Args:
        socket: What carries it.
        pod: The pod.
        port: Its port.
    """

    def __init__(self, socket: ChannelSocket, pod: Ref, port: int) -> None:
        self._socket = socket
        self._pod = pod
        self._port = port
        self._heads = {_DATA: _PORT_SIZE, _ERROR: _PORT_SIZE}
        self._data = b""
        self._error = b""
        self._coming = asyncio.create_task(self._receive())

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what came, empty at the end.

        Raises:
            Unreachable: Nothing listens on the port, or the forward failed otherwise.
            httpcore.NetworkError: The connection to the API server broke.
        """
        if not self._data:
            await asyncio.wait((self._coming,), timeout=timeout)
            if not self._coming.done():
                raise httpcore.ReadTimeout
            self._take()
        data, self._data = self._data[:max_bytes], self._data[max_bytes:]
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send; returns when the connection has taken it.

        Raises:
            httpcore.NetworkError: The connection is closed or broke; a read says why.
        """
        sending = asyncio.create_task(self._socket.send(_DATA, bytes(buffer), timeout))
        try:
            while not sending.done():
                watched = (sending, self._coming) if len(self._data) < _EARLY_MOST else (sending,)
                await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
                if self._coming.done() and not sending.done():
                    if self._ended:
                        raise httpcore.WriteError("the other side has closed")
                    self._take()
            await sending
        except (OSError, ssl.SSLError) as error:
            raise httpcore.WriteError(str(error)) from error
        finally:
            await _given_up(sending)

    async def aclose(self) -> None:
        """End the connection."""
        await _given_up(self._coming)
        await self._socket.close()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: what is in the pod is asked in plain HTTP, and TLS to the API server lies around it."""
        await self.aclose()  # httpcore expects that of what fails here
        raise httpcore.UnsupportedProtocol("ports of pods are spoken to in plain HTTP")

    def get_extra_info(self, info: str) -> Any:
        """Tell the pool whether an idle connection has ended."""
        return bool(self._data) or self._coming.done() if info == "is_readable" else None

    @property
    def _ended(self) -> bool:
        """Whether what came is the end, or why there is none."""
        return self._coming.cancelled() or self._coming.exception() is not None or not self._coming.result()

    def _take(self) -> None:
        """Move what came to what can be read, and receive on; an end stays where it is."""
        if self._coming.cancelled():
            raise httpcore.ReadError("it was closed")
        data = self._coming.result()
        if data:
            self._data += data
            self._coming = asyncio.create_task(self._receive())

    async def _receive(self) -> bytes:
        """Return the next piece of data, empty at the end."""
        try:
            while received := await self._socket.receive():
                head = min(self._heads.get(received.channel, 0), len(received.data))
                if head:
                    self._heads[received.channel] -= head
                data = received.data[head:]
                if received.channel == _DATA and data:
                    return data
                if received.channel == _ERROR:
                    self._error = (self._error + data)[:_ERROR_MOST]
                    if self._error and received.last:
                        raise self._failure()
        except (OSError, ssl.SSLError) as error:
            raise httpcore.ReadError(str(error)) from error
        if self._error:
            raise self._failure()
        return b""

    def _failure(self) -> Unreachable:
        said = " ".join(_PREFIX.sub("", self._error.decode("utf-8", "replace")).split())
        pod = printable(self._pod.name)
        if _REFUSED.search(said):
            return Unreachable(f"nothing listens on port {self._port} in pod {pod}", "is the app still starting?")
        return Unreachable(f"the connection to port {self._port} of pod {pod} failed: {printable(said)}")


async def _given_up(work: asyncio.Task[Any]) -> None:
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
