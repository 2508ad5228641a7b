"""Whom Jellyfin lets in, and what it says while it starts or where it does not serve."""

from __future__ import annotations

import posixpath
from typing import Final
from urllib.parse import unquote

from aiohttp import web

from mediatui.demo.apps.answers import empty, html, plain, reply
from mediatui.demo.apps.jellyfin.instance import Instance
from mediatui.demo.apps.routing import Routes

_LEGACY_HEADERS: Final = ("X-Emby-Token", "X-MediaBrowser-Token")
_STARTING: Final = (
    "<!doctype html>\n<html><head><title>Jellyfin is starting</title></head><body>Starting</body></html>\n"
)
_PAGE: Final = "<!doctype html>\n<html><head><title>Jellyfin</title></head><body></body></html>\n"
_QUICK: Final = 2.4107
"""Milliseconds that any answer takes."""
_RETRY: Final = {"Retry-After": "005"}


class Paths:
    """The paths by who may use them."""

    def __init__(self) -> None:
        self.anyone = Routes()
        """Nobody has to show anything."""
        self.setup = Routes()
        """A key, unless the wizard of the first start is not through yet."""
        self.key = Routes()
        """A key."""


class Door:
    """Answers every request.

    Args:
        instance: The app.
        paths: What it serves, below its URL base.
    """

    def __init__(self, instance: Instance, paths: Paths) -> None:
        self._instance = instance
        self._paths = paths

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        begun, starting = self._instance.now, self._instance.running.starting
        answer = self._starting(request) if starting else await self._answer(request)
        answer.headers["Server"] = "Kestrel"
        if not starting:
            answer.headers["X-Response-Time-ms"] = f"{_QUICK + 1000 * (self._instance.now - begun):.4f}"
        return answer

    def _starting(self, request: web.Request) -> web.StreamResponse:
        """Answer as ``SetupServer.cs`` does, which knows no URL base."""
        instance, path = self._instance, request.path.lower().rstrip("/")
        if path == "/health":
            return plain("Degraded")
        if path == "/system/info/public":
            running = instance.running
            if running.now < running.started + running.habits.starting_for / 2:
                return empty(503, **_RETRY)
            # It writes this in camel case, and says of every server that it was never set up.
            return reply(
                {
                    "localAddress": f"http://{request.host}",
                    "serverName": instance.configuration.value("system", "ServerName"),
                    "version": instance.version,
                    "productName": "Jellyfin Server",
                    "operatingSystem": "",
                    "id": instance.identity,
                    "startupWizardCompleted": False,
                }
            )
        return html(_STARTING, 503, **_RETRY)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        base, path = self._instance.url_base, request.path
        if path.lower() in (base.lower(), f"{base.lower()}/") or not path.lower().startswith(f"{base.lower()}/"):
            if path.lower().rstrip("/") == "/health":
                return empty(302, Location=f"{base}/health")
            target = posixpath.relpath(f"{base}/web", posixpath.dirname(path) or "/")
            return empty(302, Location=f"{target}/")
        path = path[len(base) :]
        if path.lower().rstrip("/") in ("/web", "/web/index.html"):
            return html(_PAGE)
        answer = await self._paths.anyone.answer(request, path)
        if answer is not None:
            return answer
        for routes, free in ((self._paths.setup, not self._instance.set_up), (self._paths.key, False)):
            if routes.knows(path):
                if not free and not self._shows_key(request):
                    return empty(401)
                answer = await routes.answer(request, path)
                if answer is not None:
                    return answer
        return empty(404)

    def _shows_key(self, request: web.Request) -> bool:
        token = self._token(request)
        return any(token == row["token"] for row in self._instance.state["keys"])

    def _token(self, request: web.Request) -> str:
        """Return what was shown, in the order of ``AuthorizationContext.cs``."""
        legacy = not self._instance.later
        header = request.headers.get("Authorization", "")
        if not header and legacy:
            header = request.headers.get("X-Emby-Authorization", "")
        token = _token_of(header, ("mediabrowser", "emby") if legacy else ("mediabrowser",))
        for name in _LEGACY_HEADERS if legacy else ():
            token = token or request.headers.get(name, "")
        token = token or request.query.get("ApiKey", "")
        return token or (request.query.get("api_key", "") if legacy else "")


def _token_of(header: str, schemes: tuple[str, ...]) -> str:
    scheme, _, rest = header.partition(" ")
    if scheme.lower() not in schemes:
        return ""
    for part in rest.split(","):
        name, _, value = part.strip().partition("=")
        if name.lower() == "token":
            return unquote(value.strip('"'))
    return ""
