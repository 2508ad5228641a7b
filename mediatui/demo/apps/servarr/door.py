"""Whom a Servarr app lets in, and what it says to the others: the order is that of its ASP.NET pipeline.

``Startup.cs`` of Sonarr 4: authentication, authorization, ``UrlBaseMiddleware``, ``StartingUpMiddleware``, the routes.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from aiohttp import web

from mediatui.demo.apps.answers import empty, html, plain, reply
from mediatui.demo.apps.routing import Routes
from mediatui.demo.apps.servarr.instance import Instance

_SERVER: Final = "Kestrel"
_ANONYMOUS: Final = ("/ping", "/login", "/content")
_PAGE: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body><div id="root"></div><script src="{base}/initialize.js" data-no-hash></script></body>
</html>
"""


class Door:
    """Answers every request of an app.

    Args:
        instance: The app.
        routes: What it serves, below its URL base.
    """

    def __init__(self, instance: Instance, routes: Routes) -> None:
        self._instance = instance
        self._routes = routes

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        answer = await self._answer(request)
        answer.headers["Server"] = _SERVER
        answer.headers["X-Application-Version"] = self._instance.version
        return answer

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        base = self._instance.config.url_base
        path = request.path
        inside = not base or path.lower() == base.lower() or path.lower().startswith(f"{base.lower()}/")
        if inside:
            path = path[len(base) :] or "/"
        of_api = _below(path, "/api")
        refusal = self._refusal(request, path, of_api=of_api)
        if refusal is not None:
            return refusal
        if not inside:
            return empty(307, Location=f"{base}{request.path_qs}")
        if self._instance.running.starting:
            said = f"{self._instance.kind.title} is starting up, please try again later"
            return reply({"errorMessage": said}, 503) if of_api else plain(said, 503)
        answer = await self._routes.answer(request, path)
        if answer is not None:
            return answer
        if of_api or "." in path or request.method not in ("GET", "HEAD"):
            return empty(404)
        return html(_PAGE.format(title=self._instance.kind.title, base=base))

    def _refusal(self, request: web.Request, path: str, *, of_api: bool) -> web.StreamResponse | None:
        if of_api:
            return None if _shown_key(request) == self._instance.config.key else empty(401)
        config = self._instance.config
        # A port-forward comes from the loopback address, which is local.
        open_door = config.method in ("none", "external") or config.required == "disabledforlocaladdresses"
        if open_door or any(_below(path, known) for known in _ANONYMOUS):
            return None
        if config.method == "basic":
            return empty(401, **{"WWW-Authenticate": f'Basic realm="{self._instance.kind.title}"'})
        login = f"{config.url_base}/login?returnUrl={quote(request.path_qs, safe='')}"
        return empty(302, Location=f"{request.scheme}://{request.host}{login}")


def _below(path: str, folder: str) -> bool:
    return path.lower() == folder or path.lower().startswith(f"{folder}/")


def _shown_key(request: web.Request) -> str:
    """Return the key: the query goes before the header, and any other header before ``Authorization``."""
    if "apikey" in request.query:
        return request.query["apikey"]
    if "X-Api-Key" in request.headers:
        return request.headers["X-Api-Key"]
    return request.headers.get("Authorization", "").replace("Bearer ", "")
