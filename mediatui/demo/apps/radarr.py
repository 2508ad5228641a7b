"""Radarr: films."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from mediatui.demo.apps.answers import problem, reply
from mediatui.demo.apps.app import App
from mediatui.demo.apps.readings import data, nth
from mediatui.demo.apps.routing import Call, Routes
from mediatui.demo.apps.servarr.instance import Instance, open_instance
from mediatui.demo.apps.servarr.kind import BACKUP, COMMON_TASKS, Kind
from mediatui.demo.apps.servarr.media import MediaParts
from mediatui.demo.apps.servarr.paging import paged
from mediatui.demo.apps.servarr.queue import Subject
from mediatui.demo.apps.servarr.server import put_together
from mediatui.demo.apps.setting import Setting, run
from mediatui.demo.apps.times import DAY
from mediatui.demo.objects import Object, stamp

_TASKS: Final = {name: minutes for name, minutes in COMMON_TASKS.items() if name != "ApplicationUpdateCheck"}

KIND: Final = Kind(
    "radarr",
    "Radarr",
    7878,
    9898,
    "master",
    10_390,
    242,
    {
        **_TASKS,
        **BACKUP,
        "ApplicationCheckUpdate": 6 * 60,
        "RefreshMonitoredDownloads": 1,
        "RssSync": 30,
        "ImportListSync": 24 * 60,
        "RefreshMovie": 24 * 60,
        "RefreshCollections": 24 * 60,
        "CleanUpRecycleBin": 24 * 60,
    },
    body={"isTypeExclusive": False, "isLongRunning": False},
    media="movies",
)
QUALITY: Final[Object] = {
    "quality": {"id": 3, "name": "WEBDL-1080p", "source": "webdl", "resolution": 1080, "modifier": "none"},
    "revision": {"version": 1, "real": 0, "isRepack": False},
}
_FILM: Final = 6_200_000_000
"""Bytes of one."""


class Films:
    """Its films; the last of them are those that are not there.

    Args:
        instance: The app.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def serve(self, routes: Routes) -> None:
        """Add the paths."""
        api = self._instance.kind.api
        routes.get(f"{api}/movie", self._list)
        routes.get(f"{api}/movie/{{id:int}}", self._get)
        routes.get(f"{api}/wanted/missing", self._missing)
        routes.get(f"{api}/wanted/cutoff", self._cutoff)

    def folders(self) -> list[str]:
        """Return the names of the folders that the films are in."""
        return [f"{row['title']} ({row['year']})" for row in map(self._title, range(self._instance.library.movies))]

    def subject(self, number: int) -> Subject:
        """Return what the queue item of a number is for."""
        index = number % max(1, self._instance.library.movies)
        known = self._title(index)
        name = re.sub(r"\W+", ".", known["title"]).strip(".")
        return Subject(f"{name}.{known['year']}.1080p.WEB-DL.x264-OPEN", {"movieId": index + 1}, QUALITY)

    def whole(self, call: Call, row: Object) -> Object:
        """Return a queue item with what the request asks for."""
        if "movieId" in row and call.yes("includeMovie"):
            row["movie"] = self.film(row["movieId"] - 1)
        return row

    def film(self, index: int) -> Object:
        """Return a film."""
        known, library = self._title(index), self._instance.library
        has_file = index < library.movies - library.missing
        size = _FILM if has_file else 0
        root = f"{self._instance.setting.media}/{self._instance.kind.media}"
        folder = f"{root}/{known['title']} ({known['year']})"
        return {
            "title": known["title"],
            "originalTitle": known["title"],
            "originalLanguage": {"id": 1, "name": "English"},
            "alternateTitles": [],
            "secondaryYearSourceId": 0,
            "sortTitle": known["title"].lower().removeprefix("the "),
            "sizeOnDisk": size,
            "status": "released",
            "overview": f"A film of {known['studio']}.",
            "inCinemas": f"{known['year']}-03-01T00:00:00Z",
            "images": [{"coverType": "poster", "url": f"/MediaCover/{index + 1}/poster.jpg", "remoteUrl": ""}],
            "website": "",
            "year": known["year"],
            "youTubeTrailerId": "",
            "studio": known["studio"],
            "path": folder,
            "qualityProfileId": 1,
            "hasFile": has_file,
            "movieFileId": index + 1 if has_file else 0,
            "monitored": True,
            "minimumAvailability": "released",
            "isAvailable": True,
            "folderName": folder,
            "runtime": known["runtime"],
            "cleanTitle": re.sub(r"\W+", "", known["title"].lower()),
            "tmdbId": 50_000 + index,
            "titleSlug": str(50_000 + index),
            "rootFolderPath": f"{root}/",
            "genres": ["Drama"],
            "tags": [],
            "added": stamp(self._instance.state["since"] + index * DAY),
            "ratings": {"tmdb": {"votes": 500 + index, "value": 7.1, "type": "user"}},
            "popularity": 4.2,
            "statistics": {"movieFileCount": int(has_file), "sizeOnDisk": size, "releaseGroups": []},
            "id": index + 1,
        }

    def _title(self, index: int) -> Object:
        return nth(data("titles")["films"], index)

    def _wanted(self, call: Call, indexes: range) -> web.Response:
        rows = [self.film(index) for index in indexes]
        orders = {"movieMetadata.sortTitle": lambda row: row["sortTitle"], "year": lambda row: row["year"]}
        return paged(call, rows, orders, "movieMetadata.sortTitle")

    async def _missing(self, call: Call) -> web.Response:
        library = self._instance.library
        return self._wanted(call, range(max(0, library.movies - library.missing), library.movies))

    async def _cutoff(self, call: Call) -> web.Response:
        return self._wanted(call, range(min(self._instance.library.cutoff, self._instance.library.movies)))

    async def _list(self, call: Call) -> web.Response:
        return reply([self.film(index) for index in range(self._instance.library.movies)])

    async def _get(self, call: Call) -> web.Response:
        number = call.number("id")
        return reply(self.film(number - 1)) if 0 < number <= self._instance.library.movies else problem(404)


def start(setting: Setting) -> App:
    """Start Radarr on a volume.

    Raises:
        DamagedError: What lies there cannot be read.
    """
    instance = open_instance(KIND, run(setting))
    films = Films(instance)
    media = MediaParts(instance, films.folders(), films.subject, "Movie", films.whole)
    return put_together(instance, (films, *media.parts), media.look)
