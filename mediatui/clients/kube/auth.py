"""Who we are to the API server: one ``httpx.Auth`` over the sources that a kubeconfig can name."""

from __future__ import annotations

import base64
import re
import ssl
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote

import httpx

from mediatui.errors import KubeconfigError, Unauthenticated
from mediatui.interfaces import Clock

_REREAD: Final = 10.0
"""Seconds that a token file's content is kept; client-go keeps it as long."""
HEADER_VALUE: Final = re.compile(r"[\x21-\x7e]+")
"""What a token may consist of so that it can be sent."""


class Credential(Protocol):
    """Something that the API server may accept."""

    @property
    def epoch(self) -> int:
        """How many client certificates have been loaded; when it rises, connections must be opened anew."""
        ...

    async def authorization(self) -> str:
        """Return the value of the Authorization header, empty for none; raises ``Unauthenticated``."""
        ...

    async def renew(self, rejected: str) -> bool:
        """After a 401: try to get another credential than the rejected one and tell whether there is one."""
        ...


@dataclass(slots=True)
class Fixed:
    """What never changes: a token or a password written in the kubeconfig, or nothing at all."""

    value: str = field(default="", repr=False)
    epoch: int = 0

    async def authorization(self) -> str:
        """Return it."""
        return self.value

    async def renew(self, rejected: str) -> bool:
        """Return False: there is no other."""
        return False


class TokenFile:
    """A token in a file that something else rotates.

    Args:
        path: The file.
        fallback: The token beside it in the kubeconfig, used while the file cannot be read.
        clock: Time.
    """

    epoch = 0

    def __init__(self, path: str, fallback: str, clock: Clock) -> None:
        self._path = Path(path)
        self._fallback = fallback
        self._clock = clock
        self._token = ""
        self._read_at = float("-inf")

    async def authorization(self) -> str:
        """Return the token, read again when it is older than ten seconds."""
        if self._clock.now() - self._read_at > _REREAD:
            self._read()
        return f"Bearer {self._token}"

    async def renew(self, rejected: str) -> bool:
        """Read the file again at once."""
        self._read()
        return f"Bearer {self._token}" != rejected

    def _read(self) -> None:
        try:
            token = self._path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            token = self._token or self._fallback
            if not token:
                reason = error.strerror if isinstance(error, OSError) else "it is not text"
                raise Unauthenticated(f"token file {self._path} cannot be read: {reason}") from error
        if not HEADER_VALUE.fullmatch(token):
            raise Unauthenticated(f"token file {self._path} holds no token")
        self._token = token
        self._read_at = self._clock.now()


class BearerAuth(httpx.Auth):
    """Adds the credential to every request, and asks for another one once when the server answers 401."""

    def __init__(self, credential: Credential) -> None:
        self._credential = credential

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send the request, and after a 401 once more if there is another credential."""
        value = await self._credential.authorization()
        if value:
            request.headers["Authorization"] = value
        response = yield request
        if response.status_code == 401 and await self._credential.renew(value):
            renewed = await self._credential.authorization()
            if renewed != value:
                request.headers["Authorization"] = renewed
                yield request


@dataclass(frozen=True, slots=True)
class Credentials:
    """Everything that a connection to one API server needs."""

    base_url: str
    credential: Credential
    tls: ssl.SSLContext | None = None
    """None for a server on plain HTTP."""
    proxy: str | None = None
    headers: Sequence[tuple[str, bytes]] = ()
    """Impersonation, for ``--as``."""


def fixed_token(token: str, where: str) -> Fixed:
    """Return a token of the kubeconfig.

    Raises:
        KubeconfigError: It cannot be sent in a header, for example because a line end was pasted into it.
    """
    if not HEADER_VALUE.fullmatch(token.strip()):
        raise KubeconfigError(f"{where}: the token contains characters that no token has")
    return Fixed(f"Bearer {token.strip()}")


def password(username: str, secret: str) -> Fixed:
    """Return HTTP basic authentication, which only proxies before an API server still take."""
    return Fixed("Basic " + base64.b64encode(f"{username}:{secret}".encode()).decode())


def impersonation(
    user: str, groups: Sequence[str] = (), uid: str = "", extra: Sequence[tuple[str, str]] = ()
) -> tuple[tuple[str, bytes], ...]:
    """Return the headers that act as somebody else, as ``kubectl --as`` sends them.

    Raises:
        KubeconfigError: A group or uid without a user, or a control character in a name.
    """
    if not user:
        if groups or uid or extra:
            raise KubeconfigError("as-groups, as-uid and as-user-extra need a user to act as", "set `as`, or --as")
        return ()
    headers = [("Impersonate-User", user)]
    headers += [("Impersonate-Group", group) for group in groups]
    if uid:
        headers.append(("Impersonate-Uid", uid))
    headers += [(f"Impersonate-Extra-{quote(key, safe='')}", value) for key, value in extra]
    for name, value in headers:
        if not value.isprintable():
            raise KubeconfigError(f"{name} contains a control character")
    return tuple((name, value.encode()) for name, value in headers)
