"""The log, as rows of a database and as a file on the volume."""

from __future__ import annotations

from operator import itemgetter
from typing import Final

from aiohttp import web

from mediatui.demo.apps.answers import empty, plain, reply
from mediatui.demo.apps.routing import Call, Routes
from mediatui.demo.apps.servarr.instance import Instance
from mediatui.demo.apps.servarr.paging import paged
from mediatui.demo.apps.times import name_time
from mediatui.demo.objects import Object, stamp

_LEVELS: Final = ("trace", "debug", "info", "warn", "error", "fatal")
_ORDERS: Final = {"time": itemgetter("id"), **{name: itemgetter(name) for name in ("id", "level", "logger", "message")}}


class Logs:
    """The log of an app.

    Args:
        instance: The app.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._path = f"logs/{instance.kind.name}.txt"

    def serve(self, routes: Routes) -> None:
        """Add the paths."""
        api = f"{self._instance.kind.api}/log"
        routes.get(api, self._rows)
        routes.get(f"{api}/file", self._files)
        routes.get(f"{api}/file/{{name}}", self._file)

    def settle(self) -> None:
        """Write the file."""
        lines = [
            f"{name_time(row['time'], '%Y-%m-%d %H:%M:%S')}.0|{row['level']}|{row['logger']}|{row['message']}\n"
            for row in self._instance.state["log"]
        ]
        self._instance.setting.files[self._path] = "".join(lines).encode()

    async def _rows(self, call: Call) -> web.Response:
        asked = call.request.query.get("level", "").lower()
        # A level means itself and all that is worse.
        wanted = _LEVELS[_LEVELS.index(asked) :] if asked in _LEVELS else _LEVELS
        kept = self._instance.state["log"] if self._instance.config.logs_to_database else []
        rows: list[Object] = [
            {
                "time": stamp(row["time"]),
                "level": row["level"].lower(),
                "logger": row["logger"],
                "message": row["message"],
                "id": row["id"],
            }
            for row in kept
            if row["level"].lower() in wanted
        ]
        return paged(call, rows, _ORDERS, "time")

    async def _files(self, call: Call) -> web.Response:
        if self._path not in self._instance.setting.files:
            return reply([])
        name = self._path.rpartition("/")[2]
        base = self._instance.config.url_base
        rows = self._instance.state["log"]
        row = {
            "filename": name,
            "lastWriteTime": stamp(rows[-1]["time"] if rows else self._instance.running.started),
            "contentsUrl": f"{base}{self._instance.kind.api}/log/file/{name}",
            "downloadUrl": f"{base}/logfile/{name}",
            "id": 1,
        }
        return reply([row])

    async def _file(self, call: Call) -> web.Response:
        data = self._instance.setting.files.get(f"logs/{call.parts['name']}")
        return empty(404) if data is None else plain(data.decode())
