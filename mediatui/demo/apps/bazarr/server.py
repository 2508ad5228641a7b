"""Bazarr as a whole."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from aiohttp import web

from mediatui.demo.apps.answers import empty, html, reply
from mediatui.demo.apps.app import App
from mediatui.demo.apps.bazarr.backups import Backups
from mediatui.demo.apps.bazarr.configfile import ConfigFile
from mediatui.demo.apps.bazarr.requests import argument
from mediatui.demo.apps.bazarr.system import System
from mediatui.demo.apps.database import Database
from mediatui.demo.apps.readings import data, nth
from mediatui.demo.apps.routing import Call, Handler, Routes
from mediatui.demo.apps.setting import EMPTY, Library, Setting, run
from mediatui.demo.apps.times import DAY, MINUTE
from mediatui.demo.objects import Object

_DATABASE: Final = "db/bazarr.db"
_AGE: Final = 310 * DAY
_OPEN: Final = "/api/system/ping"
_UNAUTHORIZED: Final = (
    "The server could not verify that you are authorized to access the URL requested. You either supplied the wrong "
    "credentials (e.g. a bad password), or your browser doesn't understand how to supply the credentials required."
)
_PAGE: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Bazarr</title></head>
<body><div id="root"></div><script>window.Bazarr = {{"apiKey": "{key}", "baseUrl": "{base}/"}};</script></body>
</html>
"""


class _Guarded(Routes):
    """Paths behind the key: each handler checks it itself, so an unknown path needs none.

    Args:
        key: The API key.
    """

    def __init__(self, key: str) -> None:
        super().__init__()
        self._key = key

    def add(self, method: str, path: str, handler: Handler) -> None:
        async def guarded(call: Call) -> web.StreamResponse:
            shown = (call.request.headers.get("X-API-KEY"), await argument(call, "apikey"))
            return await handler(call) if self._key in shown else reply({"message": _UNAUTHORIZED}, 401)

        super().add(method, path, handler if path == _OPEN else guarded)


def start(setting: Setting) -> App:
    """Start Bazarr on a volume.

    Raises:
        DamagedError: What lies there cannot be read.
    """
    running = run(setting)
    config = ConfigFile(setting)
    database = Database(setting.files, _DATABASE)
    if not database.open():
        database.create(_new_state(setting.new_id(), EMPTY, running.now), 0)
    system, backups = System(running, config, database), Backups(running, database)
    routes = _Guarded(config.key)
    system.serve(routes)
    backups.serve(routes)

    def catch_up() -> None:
        system.settle()
        database.save()

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            answer = await _answer(request, config, routes)
        finally:
            catch_up()
        answer.headers["Server"] = "waitress"
        return answer

    system.log("INFO", f"Bazarr starting (version {setting.version}), listening on port {config.port}")
    catch_up()
    # While it starts nothing listens: it has no page for that.
    return App(running, config.port, config.key, handle, catch_up, refuses=lambda: running.starting)


async def _answer(request: web.Request, config: ConfigFile, routes: Routes) -> web.StreamResponse:
    base, path = config.url_base, request.path
    if base and path != base and not path.startswith(f"{base}/"):
        return empty(302, Location=base)
    answer = await routes.answer(request, path.removeprefix(base) or "/")
    if answer is not None:
        return answer
    if request.method not in ("GET", "HEAD"):
        return empty(405)
    # Every other path is the UI's, the unknown ones below /api too.
    return html(_PAGE.format(key=config.key if config.open else "", base=base))


def populate(setting: Setting) -> None:
    """Fill an empty volume with what ``setting.library`` says."""
    running = run(setting)
    library, now = setting.library, running.now
    config = ConfigFile(setting)
    names = [nth(data("bazarr")["providers"], index)["name"] for index in range(library.providers)]
    config.values["general"].update(use_sonarr=True, use_radarr=True, enabled_providers=names)
    config.values["auth"].update(type="form", username="admin")
    config.save()
    database = Database(setting.files, _DATABASE)
    state = _new_state(setting.new_id(), library, now - _AGE)
    state["throttled"] = dict.fromkeys(names[: library.throttled], now + 42 * MINUTE)
    for task in data("bazarr")["tasks"]:
        state["tasks"][task["job_id"]] = now - setting.random.uniform(0.1, 0.9) * task["minutes"] * MINUTE
    database.create(state, library.items)
    backups = Backups(running, database)
    for number in range(library.backups):
        backups.make(now - (3.2 + 7 * number) * DAY)


def _new_state(identity: str, library: Library, since: float) -> Object:
    return {
        "identity": identity,
        "since": since,
        "library": asdict(library),
        "throttled": {},
        "tasks": {},
        "log": [],
    }
