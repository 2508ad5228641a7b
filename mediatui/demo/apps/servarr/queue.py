"""The download queue: one item after the other is downloaded and imported, others wait for a person.

What it holds at a time is computed from how long the app has been installed; nothing runs in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import md5
from random import Random
from typing import Any, Final, NamedTuple

from aiohttp import web

from mediatui.demo.apps.answers import empty, reply
from mediatui.demo.apps.readings import data, nth
from mediatui.demo.apps.routing import Call, Routes
from mediatui.demo.apps.servarr.instance import Instance
from mediatui.demo.apps.servarr.paging import paged
from mediatui.demo.apps.times import HOUR, span
from mediatui.demo.objects import Object, stamp

_RATE: Final = 22e6
"""Bytes a second."""
_IMPORT: Final = 15.0
"""Seconds that an import takes."""
_CYCLE: Final = 10
"""Downloads after which the sizes repeat."""
_STUCK: Final = -1
"""The number of the first item that waits for a person; the next one's is less. Those that move count from 0."""
_UNKNOWN: Final = -1_000
"""The same of those that belong to nothing known."""


class Subject(NamedTuple):
    """What an item is for."""

    release: str
    """The name of the release."""
    fields: Object
    """The ids of the series and episode, or of the film."""
    quality: Object


class Queue:
    """The queue of an app.

    Args:
        instance: The app.
        subject: Returns what the item of a number is for.
        of: What is unknown in unknown items, as the query parameter has it: ``Series`` or ``Movie``.
        whole: Adds the whole series, episode or film where the request asks for it.
        downloads: The folder that downloads come into.
    """

    def __init__(
        self,
        instance: Instance,
        subject: Callable[[int], Subject],
        of: str,
        whole: Callable[[Call, Object], Object],
        downloads: str,
    ) -> None:
        self._instance = instance
        self._subject = subject
        self._of = of
        self._whole = whole
        self._downloads = downloads

    def serve(self, routes: Routes) -> None:
        """Add the paths."""
        api = f"{self._instance.kind.api}/queue"
        routes.get(api, self._list)
        routes.get(f"{api}/status", self._status)
        routes.delete(f"{api}/{{id:int}}", self._delete)

    def rows(self) -> list[Object]:
        """Return every item."""
        removed = set(self._instance.state["removed"])
        rows = [row for row in (*self._moving(), *self._stuck(), *self._unknown()) if row["id"] not in removed]
        if rows and self._instance.running.habits.later_values:
            rows[-1] |= {"status": "verifying", "trackedDownloadState": "importQuarantined"}
        return rows

    def _moving(self) -> Iterator[Object]:
        count = self._instance.library.downloads
        if not count:
            return
        identity = self._instance.state["identity"]
        sizes = [Random(f"{identity}/{number}").randint(700, 6_000) * 1_000_000 for number in range(_CYCLE)]
        lengths = [size / _RATE + _IMPORT for size in sizes]
        cycles, passed = divmod(self._instance.now - self._instance.state["since"], sum(lengths))
        place = 0
        while passed >= lengths[place]:
            passed -= lengths[place]
            place += 1
        first = int(cycles) * _CYCLE + place
        wait = 0.0
        for number in range(first, first + count):
            size = sizes[number % _CYCLE]
            done = min(float(size), passed * _RATE) if number == first else 0.0
            over = done >= size
            wait += (size - done) / _RATE
            state = "importing" if over else "downloading"
            status = "completed" if over else "downloading" if number == first else "queued"
            yield self._row(number, status, "ok", state, size, int(size - done), wait)

    def _stuck(self) -> Iterator[Object]:
        for index in range(self._instance.library.stuck):
            kind = nth(data("providers")["stuck"], index)
            size = (2 + index) * 1_000_000_000
            left = size if kind["state"] == "downloading" else 0
            row = self._row(_STUCK - index, kind["status"], kind["health"], kind["state"], size, left, None)
            texts = [text.format(path=row["outputPath"]) for text in kind.get("messages", [])]
            if texts:
                row["statusMessages"] = [{"title": row["title"], "messages": texts}]
            if "error" in kind:
                row["errorMessage"] = kind["error"]
            yield row

    def _unknown(self) -> Iterator[Object]:
        for index in range(self._instance.library.unknown):
            yield self._row(_UNKNOWN - index, "paused", "ok", "downloading", 900_000_000, 900_000_000, None)

    def _row(
        self, number: int, status: str, health: str, state: str, size: int, left: int, wait: float | None
    ) -> Object:
        known = number > _UNKNOWN
        subject = self._subject(number)
        title = subject.release if known else f"home.video.{_UNKNOWN - number + 1}"
        mark = md5(f"{self._instance.state['identity']}/{number}".encode(), usedforsecurity=False).hexdigest()
        now = self._instance.now
        row: Object = {
            **(subject.fields if known else {}),
            "languages": [{"id": 1, "name": "English"}],
            "quality": subject.quality,
            "customFormats": [],
            "customFormatScore": 0,
            "size": size,
            "title": title,
            "added": stamp(self._instance.state["since"] if wait is None else now - HOUR),
            "status": status,
            "trackedDownloadStatus": health,
            "trackedDownloadState": state,
            "statusMessages": [],
            "downloadId": f"SABnzbd_nzo_{mark[:8]}",
            "protocol": "usenet",
            "downloadClient": "SABnzbd",
            "downloadClientHasPostImportCategory": False,
            "indexer": "Harbour NZB (Prowlarr)",
            "outputPath": f"{self._downloads}/complete/{title}",
            "sizeleft": left,
            "id": int(mark[:8], 16) & 0x7FFF_FFFF,
        }
        if wait is not None:
            row |= {"timeleft": span(int(wait)), "estimatedCompletionTime": stamp(now + wait)}
        return row

    def _known(self, row: Object) -> bool:
        return f"{self._of.lower()}Id" in row

    async def _list(self, call: Call) -> web.Response:
        unknown_too = call.yes(f"includeUnknown{self._of}Items")
        rows = [self._whole(call, row) for row in self.rows() if unknown_too or self._known(row)]
        return paged(call, rows, _ORDERS, "timeleft")

    async def _status(self, call: Call) -> web.Response:
        rows = self.rows()
        known = [row for row in rows if self._known(row)]
        unknown = [row for row in rows if not self._known(row)]
        return reply(
            {
                "totalCount": len(rows),
                "count": len(known),
                "unknownCount": len(unknown),
                "errors": _any(known, "error"),
                "warnings": _any(known, "warning"),
                "unknownErrors": _any(unknown, "error"),
                "unknownWarnings": _any(unknown, "warning"),
            }
        )

    async def _delete(self, call: Call) -> web.Response:
        if not any(row["id"] == call.number("id") for row in self.rows()):
            return reply({"message": "NotFound"}, 404)
        self._instance.state["removed"].append(call.number("id"))
        return empty(200)


def _any(rows: list[Object], health: str) -> bool:
    return any(row["trackedDownloadStatus"] == health for row in rows)


def _when(row: Object) -> str:
    """Return when it will be there; never comes last."""
    return str(row.get("estimatedCompletionTime", "9"))


def _by(name: str) -> Callable[[Object], Any]:
    return lambda row: row[name]


_ORDERS: Final = {
    "timeleft": _when,
    "estimatedCompletionTime": _when,
    "progress": lambda row: 1 - row["sizeleft"] / max(1, row["size"]),
    **{name: _by(name) for name in ("title", "size", "status", "protocol", "indexer", "downloadClient")},
}
