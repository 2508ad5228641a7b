"""``/System/ActivityLog/Entries``: what happened, the newest first."""

from __future__ import annotations

from aiohttp import web

from mediatui.demo.apps.answers import no_number
from mediatui.demo.apps.jellyfin.door import Paths
from mediatui.demo.apps.jellyfin.instance import Instance
from mediatui.demo.apps.routing import Call
from mediatui.demo.apps.times import fine_stamp
from mediatui.demo.objects import Object, seconds_of


class Activity:
    """The activity log of a server.

    Args:
        instance: The server.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def serve(self, paths: Paths) -> None:
        """Add the path."""
        paths.key.get("/System/ActivityLog/Entries", self._list)

    async def _list(self, call: Call) -> web.Response:
        query = call.request.query
        rows: list[Object] = sorted(self._instance.state["activity"], key=lambda row: float(row["at"]), reverse=True)
        try:
            earliest = seconds_of(query.get("minDate"))
        except ValueError:
            return no_number("minDate", query["minDate"])
        rows = [row for row in rows if earliest is None or row["at"] >= earliest]
        # Version 10.11 has no such parameter and ignores it.
        if self._instance.later and "severity" in query:
            rows = [row for row in rows if row["severity"].lower() == query["severity"].lower()]
        first, limit = call.count("startIndex", 0), call.count("limit", len(rows))
        if first is None or limit is None:
            name = "startIndex" if first is None else "limit"
            return no_number(name, query[name])
        shown = [self._row(row) for row in rows[first : first + limit]]
        return self._instance.reply({"Items": shown, "TotalRecordCount": len(rows), "StartIndex": first})

    def _row(self, row: Object) -> Object:
        return {
            "Id": row["id"],
            "Name": row["name"],
            "ShortOverview": "IP address: 192.0.2.85",
            "Type": row["type"],
            "Date": fine_stamp(row["at"]),
            "UserId": self._instance.identify("user", row["name"].partition(" ")[0]),
            "Severity": row["severity"],
        }
