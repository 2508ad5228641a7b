"""Bazarr's backups: zip files in ``backup/``."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from mediatui.demo.apps.answers import empty, reply
from mediatui.demo.apps.bazarr.configfile import PATH as CONFIG
from mediatui.demo.apps.bazarr.requests import argument
from mediatui.demo.apps.database import Database
from mediatui.demo.apps.routing import Call, Routes
from mediatui.demo.apps.setting import Running
from mediatui.demo.apps.times import name_time, named_time

_TIME: Final = "%Y.%m.%d_%H.%M.%S"
_PATH: Final = re.compile(r"backup/bazarr_backup_v[^/]+_([\d.]{10}_[\d.]{8})\.zip")


class Backups:
    """The backups.

    Args:
        running: The run.
        database: The database.
    """

    def __init__(self, running: Running, database: Database) -> None:
        self._running = running
        self._files = running.setting.files
        self._database = database

    def serve(self, routes: Routes) -> None:
        """Add the paths."""
        path = "/api/system/backups"
        routes.get(path, self._list)
        routes.post(path, self._create)
        routes.delete(path, self._delete)
        routes.add("PATCH", path, self._restore)

    def make(self, at: float) -> None:
        """Make a backup of the configuration and the database, as they are now."""
        moment = datetime.fromtimestamp(at, UTC).timetuple()[:6]
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in (CONFIG, *self._database.paths):
                info = zipfile.ZipInfo(posixpath.basename(path), moment)
                archive.writestr(info, self._files[path], zipfile.ZIP_DEFLATED)
        version = self._running.setting.version.removeprefix("v")
        self._files[f"backup/bazarr_backup_v{version}_{name_time(at, _TIME)}.zip"] = packed.getvalue()

    def _all(self) -> Iterator[tuple[float, str]]:
        for path in self._files:
            if found := _PATH.fullmatch(path):
                yield named_time(found[1], _TIME), path

    async def _list(self, call: Call) -> web.Response:
        rows = [
            {
                "date": name_time(at, "%b %d %Y"),
                "filename": posixpath.basename(path),
                "size": _size(len(self._files[path])),
                "type": "backup",
            }
            for at, path in sorted(self._all())
        ]
        return reply({"data": rows})

    async def _create(self, call: Call) -> web.Response:
        self.make(self._running.now)
        return empty(204)

    async def _delete(self, call: Call) -> web.Response:
        path = f"backup/{await argument(call, 'filename')}"
        if self._files.pop(path, None) is None:
            return reply("Filename not provided", 400)
        return empty(204)

    async def _restore(self, call: Call) -> web.Response:
        """Put the files back; the real one restarts itself then."""
        path = f"backup/{await argument(call, 'filename')}"
        if path not in self._files:
            return reply("Filename not provided", 400)
        with zipfile.ZipFile(io.BytesIO(self._files[path])) as archive:
            for place in (CONFIG, *self._database.paths):
                self._files[place] = archive.read(posixpath.basename(place))
        self._database.detach()
        return empty(204)


def _size(count: float) -> str:
    """Return bytes as Bazarr writes them: ``sizeof_fmt``."""
    for unit in ("", "K", "M"):
        if count < 1000:
            return f"{count:3.1f} {unit}B"
        count /= 1000
    return f"{count:.1f} GB"
