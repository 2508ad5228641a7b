"""What the server holds and where: libraries, counts, and whether a path is there."""

from __future__ import annotations

import posixpath
from typing import Final

from aiohttp import web

from mediatui.demo.apps.answers import empty, no_object, plain, problem
from mediatui.demo.apps.jellyfin.door import Paths
from mediatui.demo.apps.jellyfin.instance import CACHE, Instance
from mediatui.demo.apps.readings import data, nth
from mediatui.demo.apps.routing import Call
from mediatui.demo.objects import Object

_OPTIONS: Final[Object] = {
    "Enabled": True,
    "EnablePhotos": True,
    "EnableRealtimeMonitor": True,
    "EnableChapterImageExtraction": False,
    "SaveLocalMetadata": False,
    "EnableInternetProviders": True,
    "AutomaticRefreshIntervalDays": 0,
    "SeasonZeroDisplayName": "Specials",
}


class Library:
    """The library of a server.

    Args:
        instance: The server.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def serve(self, paths: Paths) -> None:
        """Add the paths."""
        paths.setup.get("/Library/VirtualFolders", self._folders)
        paths.setup.post("/Environment/ValidatePath", self._validate)
        paths.key.get("/Items/Counts", self._counts)

    async def _folders(self, call: Call) -> web.Response:
        media, library = self._instance.setting.media, self._instance.library
        known = (("Movies", "movies", "movies", library.movies), ("Shows", "tvshows", "tv", library.series))
        rows = []
        for name, collection, folder, count in known:
            if not count:
                continue
            path = posixpath.join(media, folder)
            identity = self._instance.identify("library", name)
            row: Object = {"Name": name, "Locations": [path], "CollectionType": collection, "ItemId": identity}
            row["LibraryOptions"] = {**_OPTIONS, "PathInfos": [{"Path": path}]}
            rows.append({**row, "PrimaryImageItemId": identity, "RefreshStatus": "Idle"})
        return self._instance.reply(rows)

    async def _counts(self, call: Call) -> web.Response:
        library = self._instance.library
        episodes = sum(nth(data("titles")["series"], index)["episodes"] for index in range(library.series))
        there = max(0, episodes - library.missing)
        nothing = ("Artist", "Program", "Trailer", "Song", "Album", "MusicVideo", "BoxSet", "Book")
        counts = {f"{name}Count": 0 for name in nothing}
        counts |= {"MovieCount": library.movies, "SeriesCount": library.series, "EpisodeCount": there}
        return self._instance.reply({**counts, "ItemCount": library.movies + library.series + there})

    async def _validate(self, call: Call) -> web.Response:
        """Look for a path; whether it can be written to is tried only where nothing is said of its kind."""
        asked = await call.body()
        if asked is None or asked.get("IsFile") not in (None, True, False):
            return no_object()
        path, of_file = str(asked.get("Path") or ""), asked.get("IsFile")
        habits = self._instance.running.habits
        if not self._is_there(path, of_file):
            return problem(404)
        if of_file is None and asked.get("ValidateWritable") and _under(path, habits.read_only):
            return plain("Error processing request.", 500)
        return empty(204)

    def _is_there(self, path: str, of_file: bool | None) -> bool:
        setting = self._instance.setting
        if _under(path, self._instance.running.habits.unreachable):
            return False
        files = {posixpath.join(setting.folder, name) for name in setting.files}
        known = {posixpath.join(setting.media, name) for name in ("", "movies", "tv", "downloads")}
        known |= {CACHE, f"{CACHE}/", self._instance.transcodes, setting.folder, "/tmp"}
        path = path.rstrip("/") or "/"
        folder = path in {one.rstrip("/") for one in known} or any(name.startswith(f"{path}/") for name in files)
        return {True: path in files, False: folder, None: folder or path in files}[of_file]


def _under(path: str, folders: frozenset[str]) -> bool:
    return any(path.rstrip("/") == folder or path.startswith(f"{folder}/") for folder in folders)
