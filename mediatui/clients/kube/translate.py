"""Turns what httpx, TLS, sockets and API servers say into our own errors, each with what can be done about it.

Nothing above ``clients/kube`` sees an exception of a library.
"""

from __future__ import annotations

import asyncio
import errno
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from typing import Final

import httpx
import msgspec

from mediatui.errors import (
    ClusterError,
    Conflict,
    Expired,
    Invalid,
    NotFound,
    NotKubernetes,
    NotPermitted,
    NotServed,
    ServerFailed,
    Throttled,
    Unauthenticated,
    Unreachable,
)
from mediatui.text import printable

TransportErrors: Final = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    ssl.SSLError,
    OSError,
    UnicodeError,
)
"""Everything that a request can raise; some TLS errors come through httpx untouched."""

_MESSAGE_MOST: Final = 1000
_FORBIDDEN: Final = re.compile(r'cannot ([\w-]+) resource "([^"]+)"')
_TOO_NEW: Final = "too large resource version"
# OpenSSL's numbers: https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/
_CERTIFICATE: Final = {
    9: ("its certificate is not valid yet", "compare the clocks of both machines"),
    10: (
        "its certificate has expired",
        "renew the server's certificate, or compare the clocks of both machines",
    ),
    18: (
        "its certificate is signed by itself",
        "certificate-authority in the kubeconfig is another cluster's",
    ),
    19: (
        "its certificate is signed by an unknown authority",
        "certificate-authority in the kubeconfig is another's",
    ),
    20: (
        "its certificate is signed by an unknown authority",
        "certificate-authority in the kubeconfig is another's",
    ),
    62: (
        "its certificate is for another name",
        "set tls-server-name in the kubeconfig to a name that it has",
    ),
    64: (
        "its certificate is for another address",
        "set tls-server-name in the kubeconfig to a name that it has",
    ),
}
_SOCKET: Final = {
    errno.ECONNREFUSED: ("connection refused", "is the API server running, and is this its port?"),
    errno.ECONNRESET: ("the connection was reset", ""),
    errno.EPIPE: ("the connection was closed", ""),
    errno.EHOSTUNREACH: ("no route to host", "is a VPN or a tunnel needed?"),
    errno.ENETUNREACH: ("the network is unreachable", "is a VPN or a tunnel needed?"),
    errno.ETIMEDOUT: ("no answer", "is a VPN or a tunnel needed?"),
    errno.EMFILE: ("too many open files", "raise the limit with `ulimit -n`"),
}


class _Cause(msgspec.Struct, gc=False):
    reason: str | None = None


class _Details(msgspec.Struct, gc=False, rename="camel"):
    retry_after_seconds: float | None = None
    causes: list[_Cause] | None = None


class Status(msgspec.Struct, gc=False, rename="camel"):
    """A Kubernetes Status: how a server says that something failed."""

    kind: str | None = None
    message: str | None = None
    reason: str | None = None
    code: int | None = None
    details: _Details | None = None


_STATUS: Final = msgspec.json.Decoder(Status)


def from_transport(error: Exception, server: str) -> Unreachable:
    """Return why no answer came from a server.

    Args:
        error: One of ``TransportErrors``.
        server: Its URL, as the kubeconfig says it.
    """
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                what, hint = _CERTIFICATE.get(cause.verify_code, (f"its certificate: {cause.verify_message}", ""))
                return Unreachable(f"{server} is not trusted: {printable(what)}", hint)
            case ssl.SSLError():
                return _from_tls(cause, server)
            case socket.gaierror():
                host = printable(httpx.URL(server).host)
                return Unreachable(
                    f"{host} cannot be resolved: {cause.strerror}", "is a VPN needed, or is it misspelt?"
                )
            case OSError(errno=int() as number) if number in _SOCKET:
                what, hint = _SOCKET[number]
                return Unreachable(f"{server}: {what}", hint)
    match error:
        case httpx.ConnectTimeout():
            return Unreachable(f"{server}: no answer to a connection attempt", "is a VPN or a tunnel needed?")
        case httpx.TimeoutException() | TimeoutError():
            return Unreachable(f"{server}: no answer in time", "`--request-timeout` sets how long is waited")
        case httpx.ProxyError():
            return Unreachable(
                f"the proxy before {server} refused: {printable(str(error))}", "see proxy-url and HTTPS_PROXY"
            )
        case httpx.RemoteProtocolError() | httpx.ReadError() | httpx.WriteError() | httpx.CloseError():
            return Unreachable(f"{server}: the connection ended before the answer was complete")
        case httpx.DecodingError():
            return NotKubernetes(f"{server}: the answer is compressed, but not readable")
        case _:
            said = printable(" ".join(str(error).split())) or type(error).__name__
            return Unreachable(f"{server}: {said[:_MESSAGE_MOST]}")


def _from_tls(error: ssl.SSLError, server: str) -> Unreachable:
    reason = (error.reason or str(error)).upper()
    if any(
        sign in reason for sign in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH")
    ):
        return NotKubernetes(f"{server} does not speak TLS", "is it http instead of https, or another port?")
    if "CERTIFICATE" in reason or "UNKNOWN_CA" in reason:
        said = reason.lower().replace("_", " ")
        return Unreachable(f"{server} refused our client certificate: {printable(said)}", "it may have expired")
    return Unreachable(f"{server}: TLS failed: {printable(reason.lower().replace('_', ' '))}")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the chain of causes; a connection tried on several addresses hides them in a group."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            yield from _causes(error.exceptions[0])
        if isinstance(error, (TimeoutError, asyncio.CancelledError)):
            return  # what was under way when patience ended is not why
        error = error.__cause__ or error.__context__  # httpcore drops causes, but not contexts


def from_response(code: int, headers: Mapping[str, str], body: bytes, server: str) -> ClusterError:
    """Return what an answer other than 2xx means.

    Args:
        code: The HTTP status.
        headers: The answer's headers, names in lower case or case-insensitive.
        body: The answer, or its beginning.
        server: The server's URL.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if "html" in kind or 300 <= code < 400:
        return not_kubernetes(code, headers, server)
    status = decode_status(body) if "json" in kind else None
    if status is not None:
        return from_status(status, code=code, retry_after=_retry_after(headers))
    said = printable(" ".join(body[:_MESSAGE_MOST].decode("utf-8", "replace").split()))
    if code == 404:
        return NotServed(said or "not served", status=code)
    if code == 400 and "HTTP request to an HTTPS server" in said:
        return NotKubernetes(f"{server} wants TLS", "the server's URL must begin with https://", status=code)
    plain = Status(message=said or f"{server} answered {code}")
    return from_status(plain, code=code, retry_after=_retry_after(headers))


def not_kubernetes(code: int, headers: Mapping[str, str], server: str) -> NotKubernetes:
    """Return the error for an answer that no API server gives: a login page, a redirect, somebody else's JSON."""
    kind = printable(headers.get("content-type", "")) or "nothing"
    if 300 <= code < 400:
        place = printable(headers.get("location", "elsewhere"))
        said = f"{server} redirects to {place}"
    else:
        said = f"{server} answered {code} with {kind}, which no API server does"
    return NotKubernetes(said, "a login page or a proxy may stand before it, or it is another server", status=code)


def decode_status(body: bytes) -> Status | None:
    """Return the Status that a body holds, None if it holds something else."""
    try:
        status = _STATUS.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return status if status.kind == "Status" or status.message is not None else None


def from_status(status: Status, *, code: int = 0, retry_after: float = 0.0) -> ClusterError:
    """Return the error that a Status describes, be it an answer or an ERROR event of a watch."""
    code = code if code >= 400 else status.code or 500
    message = printable(" ".join((status.message or f"the server answered {code}").split()))[:_MESSAGE_MOST]
    reason = printable(status.reason or "")
    details = status.details or _Details()
    wait = retry_after or max(0.0, details.retry_after_seconds or 0.0)
    # After a restore from a backup, what we have seen lies in the server's future: only a new list helps.
    ahead = _TOO_NEW in message.lower() or any(
        cause.reason == "ResourceVersionTooLarge" for cause in details.causes or ()
    )
    if ahead:
        return Expired(message, status=code, reason=reason)
    kind: type[ClusterError]
    hint = ""
    match code:
        case 401:
            kind, hint = (
                Unauthenticated,
                "the credential was not accepted: it may have expired; sign in again",
            )
        case 403:
            kind, hint = NotPermitted, _missing_right(message)
        case 404:
            kind = NotFound
        case 409:
            kind = Conflict
        case 410:
            kind = Expired
        case 429:
            kind, hint = Throttled, f"the server asks to wait {wait:g} s" if wait else ""
        case _ if code < 500:
            kind = Invalid
        case _:
            kind = ServerFailed
    return kind(message, hint, status=code, reason=reason, retry_after=wait)


def _missing_right(message: str) -> str:
    right = _FORBIDDEN.search(message)
    if right is None:
        return ""
    if right[1] == "impersonate":
        return "--as takes the right to impersonate"
    role = "ClusterRole" if "at the cluster scope" in message else "Role"
    return f"a {role} must allow {right[1]} on {right[2]}"


def _retry_after(headers: Mapping[str, str]) -> float:
    value = headers.get("retry-after", "").strip()
    return float(value) if value.isascii() and value.isdigit() else 0.0
