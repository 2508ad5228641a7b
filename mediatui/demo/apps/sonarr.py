"""Sonarr: series."""

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

KIND: Final = Kind(
    "sonarr",
    "Sonarr",
    8989,
    9898,
    "main",
    2952,
    219,
    {
        **COMMON_TASKS,
        **BACKUP,
        "RefreshMonitoredDownloads": 1,
        "RssSync": 15,
        "ImportListSync": 5,
        "UpdateSceneMapping": 3 * 60,
        "RefreshSeries": 12 * 60,
        "CleanUpRecycleBin": 24 * 60,
    },
    body={"isLongRunning": False},
    tells_sqlite=True,
    media="tv",
)
QUALITY: Final[Object] = {
    "quality": {"id": 3, "name": "WEBDL-1080p", "source": "web", "resolution": 1080},
    "revision": {"version": 1, "real": 0, "isRepack": False},
}
_SEASON: Final = 13
"""Episodes of a season."""
_FIRST_THERE: Final = 5
"""The episodes before it may be missing."""
_EPISODE: Final = 1_400_000_000
"""Bytes of one."""


class Shows:
    """Its series and episodes.

    Args:
        instance: The app.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def serve(self, routes: Routes) -> None:
        """Add the paths."""
        api = self._instance.kind.api
        routes.get(f"{api}/series", self._list)
        routes.get(f"{api}/series/{{id:int}}", self._get)
        routes.get(f"{api}/wanted/missing", self._missing)
        routes.get(f"{api}/wanted/cutoff", self._cutoff)

    def folders(self) -> list[str]:
        """Return the names of the folders that the series are in."""
        return [f"{row['title']} ({row['year']})" for row in map(self._title, range(self._instance.library.series))]

    def subject(self, number: int) -> Subject:
        """Return what the queue item of a number is for."""
        index = number % max(1, self._instance.library.series)
        episode = self.episode(index, number % _SEASON, has_file=False)
        season, place = episode["seasonNumber"], episode["episodeNumber"]
        name = re.sub(r"\W+", ".", self._title(index)["title"]).strip(".")
        ids = {"seriesId": index + 1, "episodeId": episode["id"], "seasonNumber": season, "episodeHasFile": False}
        return Subject(f"{name}.S{season:02d}E{place:02d}.1080p.WEB-DL.x264-OPEN", ids, QUALITY)

    def whole(self, call: Call, row: Object) -> Object:
        """Return a queue item with what the request asks for."""
        index = row.get("seriesId", 0) - 1
        if index >= 0 and call.yes("includeSeries"):
            row["series"] = self.series(index)
        if index >= 0 and call.yes("includeEpisode"):
            row["episode"] = self.episode(index, row["episodeId"] % 1000 - 1, has_file=False)
        return row

    def series(self, index: int) -> Object:
        """Return a series."""
        known = self._title(index)
        library, root = self._instance.library, f"{self._instance.setting.media}/{self._instance.kind.media}"
        count = known["episodes"]
        missing = len(range(index, library.missing, max(1, library.series)))
        there = max(0, count - missing)
        slug = re.sub(r"\W+", "-", known["title"].lower()).strip("-")
        statistics = {
            "episodeFileCount": there,
            "episodeCount": count,
            "totalEpisodeCount": count,
            "sizeOnDisk": there * _EPISODE,
            "releaseGroups": ["OPEN"],
            "percentOfEpisodes": 100.0 * there / count,
        }
        seasons = -(-count // _SEASON)
        return {
            "title": known["title"],
            "alternateTitles": [],
            "sortTitle": known["title"].lower().removeprefix("the "),
            "status": "ended",
            "ended": True,
            "overview": f"{known['title']} was first shown by {known['network']} in {known['year']}.",
            "network": known["network"],
            "images": [{"coverType": "poster", "url": f"/MediaCover/{index + 1}/poster.jpg", "remoteUrl": ""}],
            "originalLanguage": {"id": 1, "name": "English"},
            "seasons": [{"seasonNumber": number, "monitored": True} for number in range(1, seasons + 1)],
            "year": known["year"],
            "path": f"{root}/{known['title']} ({known['year']})",
            "qualityProfileId": 1,
            "seasonFolder": True,
            "monitored": True,
            "monitorNewItems": "all",
            "useSceneNumbering": False,
            "runtime": known["runtime"],
            "tvdbId": 70_000 + index,
            "tvRageId": 0,
            "tvMazeId": 0,
            "tmdbId": 0,
            "seriesType": "standard",
            "cleanTitle": slug.replace("-", ""),
            "titleSlug": slug,
            "rootFolderPath": f"{root}/",
            "genres": ["Drama"],
            "tags": [],
            "added": stamp(self._instance.state["since"] + index * DAY),
            "ratings": {"votes": 100 + index, "value": 7.4},
            "statistics": {"seasonCount": seasons, **statistics},
            "languageProfileId": 1,
            "id": index + 1,
        }

    def episode(self, index: int, place: int, *, has_file: bool) -> Object:
        """Return an episode.

        Args:
            index: Its series.
            place: Which one, from 0.
            has_file: Whether it is there.
        """
        known = self._title(index)
        season, number = divmod(place, _SEASON)
        return {
            "seriesId": index + 1,
            "tvdbId": 900_000 + 1000 * index + place,
            "episodeFileId": 1000 * index + place + 1 if has_file else 0,
            "seasonNumber": season + 1,
            "episodeNumber": number + 1,
            "title": f"Episode {number + 1}",
            "airDate": f"{known['year'] + season}-10-{number + 1:02d}",
            "airDateUtc": f"{known['year'] + season}-10-{number + 1:02d}T19:30:00Z",
            "runtime": known["runtime"],
            "hasFile": has_file,
            "monitored": True,
            "unverifiedSceneNumbering": False,
            "id": 1000 * index + place + 1,
        }

    def _title(self, index: int) -> Object:
        return nth(data("titles")["series"], index)

    def _wanted(self, call: Call, count: int, *, has_file: bool) -> web.Response:
        series = max(1, self._instance.library.series)
        rows = [
            self.episode(at % series, at // series + (5 if has_file else 0), has_file=has_file) for at in range(count)
        ]
        if call.yes("includeSeries"):
            rows = [{**row, "series": self.series(row["seriesId"] - 1)} for row in rows]
        orders = {"episodes.airDateUtc": lambda row: row["airDateUtc"], "episodes.title": lambda row: row["title"]}
        return paged(call, rows, orders, "episodes.airDateUtc")

    async def _missing(self, call: Call) -> web.Response:
        return self._wanted(call, self._instance.library.missing, has_file=False)

    async def _cutoff(self, call: Call) -> web.Response:
        return self._wanted(call, self._instance.library.cutoff, has_file=True)

    async def _list(self, call: Call) -> web.Response:
        return reply([self.series(index) for index in range(self._instance.library.series)])

    async def _get(self, call: Call) -> web.Response:
        number = call.number("id")
        return reply(self.series(number - 1)) if 0 < number <= self._instance.library.series else problem(404)


def start(setting: Setting) -> App:
    """Start Sonarr on a volume.

    Raises:
        DamagedError: What lies there cannot be read.
    """
    instance = open_instance(KIND, run(setting))
    shows = Shows(instance)
    media = MediaParts(instance, shows.folders(), shows.subject, "Series", shows.whole)
    return put_together(instance, (shows, *media.parts), media.look)
