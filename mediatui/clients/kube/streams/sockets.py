"""From a request to an open WebSocket, with the TLS, proxy and credentials of every other request, and its errors."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import re
from collections.abc import Sequence
from typing import Final

import httpx

from mediatui.clients.kube.http import KubeHttp, Params, translated
from mediatui.clients.kube.resources import object_path
from mediatui.clients.kube.streams.channels import ChannelSocket
from mediatui.clients.kube.translate import decode_status, from_response
from mediatui.errors import ClusterError, NotFound, NotKubernetes, NotServed, ServerFailed, Unauthenticated
from mediatui.model.source import Ref
from mediatui.text import printable

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""By which a server proves that it understood: RFC 6455, section 1.3."""
_REFUSAL_MOST: Final = 64 * 1024
_RIGHT: Final = re.compile(r'cannot (?:get|create) resource "(pods/(?:exec|portforward))"')
_NOT_RUNNING: Final = re.compile(r"(?:container|pod) not found \(|is not created or running|cannot exec in a stopped")
"""In the words of kubelets and runtimes."""


def subresource(pod: Ref, name: str) -> str:
    """Return the path of something that a pod can do: ``exec``, ``portforward``."""
    return f"{object_path('Pod', pod.namespace, pod.name)}/{name}"


class Sockets:
    """Opens WebSockets to one API server and knows which are open.

    Each is opened by an HTTP client of its own, made as the others are: httpcore forgets a connection whose request is
    cancelled before it was sent, and only the end of its client ends it.

    Args:
        http: The server.
    """

    def __init__(self, http: KubeHttp) -> None:
        self.server = http.server
        self._http = http
        self._open: set[ChannelSocket] = set()

    async def sign_in(self) -> None:
        """Have a credential ready: a plugin's run is no part of a request's time.

        Raises:
            Unauthenticated: There is none.
        """
        await self._http._credentials.credential.authorization()

    async def open(self, path: str, params: Params, protocols: Sequence[str]) -> ChannelSocket:
        """Return an open socket, to be closed by the caller.

        Args:
            path: What is asked.
            params: Its query.
            protocols: The subprotocols that will do, the best first.

        Raises:
            NotPermitted: The role lacks ``get`` on the subresource, or ``create``, which Kubernetes wants too since
                1.35.
            NotFound: The pod or its container is not there.
            NotServed: The server knows none of the protocols.
            ClusterError: Of the kind that says what else went wrong.
        """
        await self.sign_in()
        credential = self._http._credentials.credential
        epoch = credential.epoch
        try:
            return await self._attempt(path, params, protocols)
        except Unauthenticated:
            if credential.epoch == epoch:
                raise
        # As for any other request: there is a new client certificate now, and it takes a new connection.
        return await self._attempt(path, params, protocols)

    async def close(self) -> None:
        """Close what is open."""
        for socket in tuple(self._open):
            await socket.close()

    async def _attempt(self, path: str, params: Params, protocols: Sequence[str]) -> ChannelSocket:
        key = base64.b64encode(os.urandom(16))
        headers = {
            "Accept": "application/json, */*",  # JSON alone is refused by kubelets that are asked directly, with 406
            "Accept-Encoding": "identity",
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": key.decode(),
            "Sec-WebSocket-Protocol": ", ".join(protocols),
        }
        timeouts = self._http.timeouts
        patience = httpx.Timeout(timeouts.read, connect=timeouts.connect, pool=None)
        client = self._http._client(keep=0)
        try:
            url = self.server + path
            request = client.build_request("GET", url, params=list(params), headers=headers, timeout=patience)
            # Silence may be the kubelet's: it says nothing about contact with the API server.
            with translated(self.server):
                async with asyncio.timeout(timeouts.total or timeouts.read):
                    response = await client.send(request, stream=True)
                    if response.status_code != 101:
                        raise await _refused(response, protocols, self.server)
            protocol = _agreed(response, key, protocols, self.server)
        except BaseException:
            await client.aclose()
            raise

        async def end() -> None:
            self._open.discard(socket)
            await client.aclose()

        socket = ChannelSocket(response.extensions["network_stream"], protocol, end)
        self._open.add(socket)
        return socket


def _agreed(response: httpx.Response, key: bytes, protocols: Sequence[str], server: str) -> str:
    proof = base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest()).decode()
    if response.headers.get("sec-websocket-accept", "") != proof:
        raise NotKubernetes(
            f"{server} switched protocols, but not to the WebSocket that was asked for",
            "a proxy may stand before it",
            status=101,
        )
    protocol: str = response.headers.get("sec-websocket-protocol", "")
    if protocol not in protocols:
        raise _unknown(protocols, server, 101)
    return protocol


async def _refused(response: httpx.Response, protocols: Sequence[str], server: str) -> ClusterError:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) >= _REFUSAL_MOST:
            break
    code = response.status_code
    if code == 403 and not body and "content-type" not in response.headers:
        # Go's WebSocket server says this, and no more, to protocols that it does not know. A role that lacks
        # something brings a Status.
        return _unknown(protocols, server, code)
    if response.is_success:
        return NotKubernetes(
            f"{server} answered {code} instead of opening a WebSocket",
            "a proxy before it may not let WebSockets through",
            status=code,
        )
    return explained(from_response(code, response.headers, body, server), decode_status(body) is not None)


def explained(error: ClusterError, by_server: bool = True) -> ClusterError:
    """Return an error with what is known of its words when they concern a pod's streams.

    Args:
        error: What was said.
        by_server: False where it came as plain text, from the kubelet or something between.
    """
    hint = error.hint
    kind: type[ClusterError] = type(error)
    if isinstance(error, NotServed) and not by_server:
        kind = NotFound  # the kubelet's plain text: a pod or a container that it does not have
    if right := _RIGHT.search(error.message):
        # The verb of the HTTP method is asked for, and since 1.35 ``create`` as well:
        # https://github.com/kubernetes/kubernetes/issues/133515
        hint = f"a Role must allow get and create on {right[1]}; kubectl may do with create alone"
    elif _NOT_RUNNING.search(error.message):
        kind, hint = NotFound, "it does not run"
    elif "error dialing backend" in error.message:
        kind, hint = ServerFailed, "the API server does not reach the node's kubelet: is the node up?"
    elif "upgrade request required" in error.message.lower():
        hint = "a proxy before the API server does not let WebSockets through"
    return kind(error.message, hint, status=error.status, reason=error.reason, retry_after=error.retry_after)


def _unknown(protocols: Sequence[str], server: str, code: int) -> NotServed:
    names = " or ".join(protocols)
    return NotServed(
        f"{printable(server)} does not speak {names}",
        "commands with standard input need Kubernetes 1.30, others any that is supported",
        status=code,
    )
