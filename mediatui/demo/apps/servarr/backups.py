"""Backups: zip files on the volume, whose names tell when they were made."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import md5
from typing import Final, NamedTuple

from aiohttp import web

from mediatui.demo.apps.answers import empty, reply
from mediatui.demo.apps.routing import Call, Routes
from mediatui.demo.apps.servarr.configfile import PATH as CONFIG
from mediatui.demo.apps.servarr.instance import Instance
from mediatui.demo.apps.times import name_time, named_time
from mediatui.demo.objects import stamp

_TIME: Final = "%Y.%m.%d_%H.%M.%S"
_PATH: Final = re.compile(r"Backups/(manual|scheduled|update)/(\w+_backup_v[\d.]+_([\d.]{10}_[\d.]{8})\.zip)")


class Backup(NamedTuple):
    """One backup."""

    kind: str
    name: str
    path: str
    time: float

    @property
    def number(self) -> int:
        """Its id, made of its name as ``HashConverter.GetHashInt31`` does."""
        digest = md5(f"backup-{self.kind}-{self.name}".encode(), usedforsecurity=False).digest()
        return int.from_bytes(digest[:4], "big") & 0x7FFF_FFFF


class Backups:
    """The backups of an app.

    Args:
        instance: The app.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def serve(self, routes: Routes) -> None:
        """Add the paths."""
        api = f"{self._instance.kind.api}/system/backup"
        routes.get(api, self._list)
        routes.delete(f"{api}/{{id:int}}", self._delete)
        routes.post(f"{api}/restore/{{id:int}}", self._restore)
        routes.get("/backup/{kind}/{name}", self._download)

    def make(self, at: float, kind: str = "manual") -> None:
        """Make a backup of the configuration and the database, as they are now."""
        instance = self._instance
        name = f"{instance.kind.name}_backup_v{instance.version}_{name_time(at, _TIME)}.zip"
        files = instance.setting.files
        moment = datetime.fromtimestamp(at, UTC).timetuple()[:6]
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in (CONFIG, *instance.database.paths):
                archive.writestr(zipfile.ZipInfo(path, moment), files[path], zipfile.ZIP_DEFLATED)
        files[f"Backups/{kind}/{name}"] = packed.getvalue()

    def all(self) -> Iterator[Backup]:
        """Yield what lies on the volume."""
        for path in self._instance.setting.files:
            if found := _PATH.fullmatch(path):
                yield Backup(found[1], found[2], path, named_time(found[3], _TIME))

    def _find(self, call: Call) -> Backup | None:
        return next((one for one in self.all() if one.number == call.number("id")), None)

    async def _list(self, call: Call) -> web.Response:
        files = self._instance.setting.files
        return reply(
            [
                {
                    "name": one.name,
                    "path": f"/backup/{one.kind}/{one.name}",
                    "type": one.kind,
                    "size": len(files[one.path]),
                    "time": stamp(one.time),
                    "id": one.number,
                }
                for one in sorted(self.all(), key=lambda one: one.time, reverse=True)
            ]
        )

    async def _delete(self, call: Call) -> web.Response:
        found = self._find(call)
        if found is None:
            return reply({"message": "NotFound"}, 404)
        del self._instance.setting.files[found.path]
        return reply({})

    async def _restore(self, call: Call) -> web.Response:
        """Put the files back; the run goes on with what it has in memory until it is restarted."""
        found = self._find(call)
        if found is None:
            return reply({"message": "NotFound"}, 404)
        files = self._instance.setting.files
        with zipfile.ZipFile(io.BytesIO(files[found.path])) as archive:
            for name in archive.namelist():
                files[name] = archive.read(name)
        self._instance.database.detach()
        return reply({"restartRequired": True})

    async def _download(self, call: Call) -> web.Response:
        path = f"Backups/{call.parts['kind']}/{call.parts['name']}"
        data = self._instance.setting.files.get(path)
        return empty(404) if data is None else web.Response(body=data, content_type="application/zip")
