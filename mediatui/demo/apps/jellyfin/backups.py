"""``/Backup``: zip files in ``data/backups``, each with a manifest."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from mediatui.demo.apps.answers import no_object
from mediatui.demo.apps.jellyfin.door import Paths
from mediatui.demo.apps.jellyfin.instance import Instance
from mediatui.demo.apps.routing import Call
from mediatui.demo.apps.times import fine_stamp, name_time
from mediatui.demo.objects import Object

_FOLDER: Final = "data/backups/"
_ENGINE: Final = "0.2.0"
_MANIFEST: Final = "manifest.json"
_OPTIONS: Final = ("Metadata", "Trickplay", "Subtitles", "Database")
_LENGTH: Final = 2.0
"""Seconds that a backup takes; the request waits for it."""


class Backups:
    """The backups of a server.

    Args:
        instance: The server.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def serve(self, paths: Paths) -> None:
        """Add the paths."""
        paths.key.get("/Backup", self._list)
        paths.key.post("/Backup/Create", self._create)

    def make(self, at: float, options: Object) -> Object:
        """Make a backup and return its manifest."""
        files = self._instance.setting.files
        path = f"{_FOLDER}jellyfin-backup-{name_time(at, '%Y%m%d%H%M%S')}.zip"
        manifest = {
            "ServerVersion": f"{self._instance.version}.0",
            "BackupEngineVersion": _ENGINE,
            "DateCreated": fine_stamp(at),
            "Options": {name: bool(options.get(name, name == "Database")) for name in _OPTIONS},
        }
        moment = datetime.fromtimestamp(at, UTC).timetuple()[:6]
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo(_MANIFEST, moment), json.dumps(manifest))
            for place in self._instance.database.paths:
                archive.writestr(zipfile.ZipInfo(place, moment), files[place], zipfile.ZIP_DEFLATED)
        files[path] = packed.getvalue()
        return self._shown(path, manifest)

    def _shown(self, path: str, manifest: Object) -> Object:
        return {**manifest, "Path": f"{self._instance.setting.folder}/{path}"}

    async def _list(self, call: Call) -> web.Response:
        rows = []
        for path, data in self._instance.setting.files.items():
            if path.startswith(_FOLDER) and path.endswith(".zip"):
                with zipfile.ZipFile(io.BytesIO(data)) as archive:
                    rows.append(self._shown(path, json.loads(archive.read(_MANIFEST))))
        return self._instance.reply(rows)

    async def _create(self, call: Call) -> web.Response:
        options = await call.body()
        if options is None:
            return no_object()
        await self._instance.running.take(_LENGTH)
        return self._instance.reply(self.make(self._instance.now, options))
