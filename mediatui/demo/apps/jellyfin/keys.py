"""``/Auth/Keys``: the API keys, which lie in the database and in no file."""

from __future__ import annotations

from aiohttp import web

from mediatui.demo.apps.answers import empty, problem
from mediatui.demo.apps.jellyfin.door import Paths
from mediatui.demo.apps.jellyfin.instance import Instance
from mediatui.demo.apps.routing import Call
from mediatui.demo.apps.times import fine_stamp


class Keys:
    """The API keys of a server.

    Args:
        instance: The server.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def serve(self, paths: Paths) -> None:
        """Add the paths."""
        paths.key.get("/Auth/Keys", self._list)
        paths.key.post("/Auth/Keys", self._create)
        paths.key.delete("/Auth/Keys/{key}", self._delete)

    async def _list(self, call: Call) -> web.Response:
        keys = self._instance.state["keys"]
        rows = [
            {
                "Id": row["id"],
                "AccessToken": row["token"],
                "AppName": row["app"],
                "UserId": "0" * 32,
                "IsActive": True,
                "DateCreated": fine_stamp(row["created"]),
                "DateLastActivity": fine_stamp(self._instance.now),
            }
            for row in keys
        ]
        return self._instance.reply({"Items": rows, "TotalRecordCount": len(rows), "StartIndex": 0})

    async def _create(self, call: Call) -> web.Response:
        app = call.request.query.get("app", "")
        if not app:
            return problem(400, app="The app field is required.")
        keys = self._instance.state["keys"]
        number = max((row["id"] for row in keys), default=0) + 1
        token = self._instance.setting.new_id()
        keys.append({"id": number, "token": token, "app": app, "created": self._instance.now})
        return empty(204)

    async def _delete(self, call: Call) -> web.Response:
        keys = self._instance.state["keys"]
        keys[:] = [row for row in keys if row["token"] != call.parts["key"]]
        return empty(204)
