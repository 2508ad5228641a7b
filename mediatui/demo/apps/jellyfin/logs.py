"""``/System/Logs``: the files in ``log/``."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from mediatui.demo.apps.answers import empty
from mediatui.demo.apps.jellyfin.door import Paths
from mediatui.demo.apps.jellyfin.ffmpeglog import LogFile, failure, log_of
from mediatui.demo.apps.jellyfin.instance import Instance
from mediatui.demo.apps.jellyfin.playback import Theatre
from mediatui.demo.apps.routing import Call
from mediatui.demo.apps.times import MINUTE, fine_stamp, name_time

_FOLDER: Final = "log/"
_MOST: Final = 12
"""Logs of ffmpeg that are kept; the real server keeps those of three days."""


class Logs:
    """The log files of a server.

    Args:
        instance: The server.
        theatre: Who plays what.
    """

    def __init__(self, instance: Instance, theatre: Theatre) -> None:
        self._instance = instance
        self._theatre = theatre
        self._times: dict[str, tuple[float, float]] = {}

    def serve(self, paths: Paths) -> None:
        """Add the paths."""
        paths.key.get("/System/Logs", self._list)
        paths.key.get("/System/Logs/Log", self._read)

    def settle(self) -> None:
        """Write the files as they are now."""
        instance = self._instance
        for file in (*(log_of(instance, play) for play in self._theatre.plays()), self._main()):
            if file is not None:
                self._write(file)
        if instance.running.habits.ffmpeg_error:
            self._write(failure(instance, instance.running.started - MINUTE))
        files = instance.setting.files
        for path in sorted(path for path in files if path.startswith(f"{_FOLDER}FFmpeg."))[:-_MOST]:
            del files[path]

    def _main(self) -> LogFile:
        started, now = self._instance.running.started, self._instance.now
        rows = self._instance.state["activity"]
        lines = [f"[{name_time(row['at'], '%H:%M:%S')}.000 +00:00] [INF] {row['name']}" for row in rows]
        lines.append(f"[{name_time(started, '%H:%M:%S')}.000 +00:00] [INF] Main: Startup complete 0:00:07.3102")
        name = f"log_{name_time(started, '%Y%m%d')}.log"
        return LogFile(name, "".join(f"{line}\n" for line in lines), started, now)

    def _write(self, file: LogFile) -> None:
        self._instance.setting.files[f"{_FOLDER}{file.name}"] = file.text.encode()
        self._times[file.name] = file.created, file.modified

    async def _list(self, call: Call) -> web.Response:
        files, started = self._instance.setting.files, self._instance.running.started
        rows = []
        for path in sorted(path for path in files if path.startswith(_FOLDER)):
            name = path.removeprefix(_FOLDER)
            created, modified = self._times.get(name, (started, started))
            row = {"DateCreated": fine_stamp(created), "DateModified": fine_stamp(modified)}
            rows.append({**row, "Size": len(files[path]), "Name": name})
        return self._instance.reply(sorted(rows, key=lambda row: str(row["DateModified"]), reverse=True))

    async def _read(self, call: Call) -> web.Response:
        data = self._instance.setting.files.get(_FOLDER + call.request.query.get("name", ""))
        if data is None:
            return empty(404)
        return web.Response(body=data, content_type="text/plain", charset="utf-8")
