"""Commands: asked for, queued, started, ended; what they do happens when somebody looks after their end."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import web

from mediatui.demo.apps.answers import no_object, problem, reply, without_nulls
from mediatui.demo.apps.routing import Call, Routes
from mediatui.demo.apps.servarr.instance import Instance
from mediatui.demo.apps.servarr.kind import COMMANDS
from mediatui.demo.apps.times import DAY, span
from mediatui.demo.objects import Object, stamp

_WAIT: Final = 0.5
"""Seconds in the queue."""
_LENGTHS: Final = {"Backup": 2.0, "CheckHealth": 1.5, "RssSync": 4.0, "Housekeeping": 6.0, "MessagingCleanup": 0.1}
_LENGTH: Final = 3.0
"""Seconds that a command takes."""
_FAILURE: Final = "System.IO.IOException: No space left on device : '/config/Backups/manual'"
_WORD: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")

Effect = Callable[[float], None]
"""What a command does at its end, given in seconds since the epoch."""


def in_words(name: str) -> str:
    """Return a command's name as the apps show it: ``RssSync`` is ``Rss Sync``."""
    return _WORD.sub(" ", name)


class Commands:
    """The commands of an app.

    Args:
        instance: The app.
        effects: What some of them do.
    """

    def __init__(self, instance: Instance, effects: Mapping[str, Effect]) -> None:
        self._instance = instance
        self._effects = effects
        self._names = {name.lower(): name for name in (*instance.kind.tasks, *COMMANDS)}
        for row in self._rows:
            if not row["over"]:
                # Nobody will end what the run before had begun: ``CommandQueueManager.OrphanStarted``.
                row.update(over=True, orphaned=True)

    @property
    def _rows(self) -> list[Object]:
        rows: list[Object] = self._instance.state["commands"]
        return rows

    def serve(self, routes: Routes) -> None:
        """Add the paths."""
        api = f"{self._instance.kind.api}/command"
        routes.post(api, self._post)
        routes.get(api, self._list)
        routes.get(f"{api}/{{id:int}}", self._get)
        routes.delete(f"{api}/{{id:int}}", self._cancel)

    def settle(self) -> None:
        """Let happen what commands that have ended do."""
        for row in self._rows:
            if not row["over"] and self._status(row) in ("completed", "failed"):
                ended = row["queued"] + _WAIT + row["length"]
                row["over"] = True
                if not row["fails"]:
                    self._instance.state["tasks"][row["name"]] = {"last": ended, "length": row["length"]}
                    if row["name"] in self._effects:
                        self._effects[row["name"]](ended)
                else:
                    self._instance.log("Error", "CommandExecutor", f"Error occurred while executing task {row['name']}")
        self._rows[:] = [row for row in self._rows if row["queued"] > self._instance.now - DAY]

    def _status(self, row: Object) -> str:
        if row.get("orphaned"):
            return "orphaned"
        if row.get("cancelled"):
            return "cancelled"
        passed = self._instance.now - row["queued"]
        if passed < _WAIT:
            return "queued"
        if passed < _WAIT + row["length"]:
            return "started"
        return "failed" if row["fails"] else "completed"

    def _find(self, call: Call) -> Object | None:
        return next((row for row in self._rows if row["id"] == call.number("id")), None)

    async def _post(self, call: Call) -> web.Response:
        asked = await call.body()
        if asked is None:
            return no_object()
        name = asked.get("name") or ""
        if not name:
            return reply(
                [{"propertyName": "Name", "errorMessage": "'Name' must not be empty.", "severity": "error"}], 400
            )
        known = self._names.get(str(name).lower())
        if known is None:
            return reply({"message": "Sequence contains no matching element", "description": ""}, 500)
        running = (row for row in self._rows if row["name"] == known and self._status(row) in ("queued", "started"))
        row = next(running, None) or self._add(known)
        where = f"{call.request.scheme}://{call.request.host}{call.request.path}/{row['id']}"
        return reply(self._shown(row), 201, Location=where)

    def _add(self, name: str) -> Object:
        state = self._instance.state
        number = state["commandId"] = state.get("commandId", 0) + 1
        row = {
            "id": number,
            "name": name,
            "queued": self._instance.now,
            "length": _LENGTHS.get(name, _LENGTH),
            "fails": name in self._instance.running.habits.failing_commands,
            "over": False,
        }
        self._rows.append(row)
        return row

    async def _list(self, call: Call) -> web.Response:
        # What a run before this one did is in the database, not in the queue.
        return reply([self._shown(row) for row in self._rows if row["queued"] >= self._instance.running.started])

    async def _get(self, call: Call) -> web.Response:
        row = self._find(call)
        return problem(404) if row is None else reply(self._shown(row))

    async def _cancel(self, call: Call) -> web.Response:
        row = self._find(call)
        if row is None or self._status(row) != "queued":
            return reply({"message": "Unable to cancel task"}, 409)
        row.update(over=True, cancelled=True)
        return reply({})

    def _shown(self, row: Object) -> Object:
        kind, status = self._instance.kind, self._status(row)
        started = None if status in ("queued", "cancelled") else row["queued"] + _WAIT
        ended = row["queued"] + _WAIT + row["length"] if status in ("completed", "failed") else None
        results = {"completed": "successful", "failed": "unsuccessful"}
        body = {
            "sendUpdatesToClient": True,
            "updateScheduledTask": True,
            "completionMessage": "Completed",
            "requiresDiskAccess": row["name"].startswith(("Refresh", "Rescan")),
            "isExclusive": False,
            **kind.body,
            "name": row["name"],
            "trigger": "manual",
            "suppressMessages": True,
        }
        shown: Object = without_nulls(
            {
                "name": row["name"],
                "commandName": in_words(row["name"]),
                "message": {"completed": "Completed", "failed": "Failed"}.get(status),
                "body": body,
                "priority": "normal",
                "status": status,
                "result": results.get(status, "unknown") if kind.tells_result else None,
                "queued": stamp(row["queued"]),
                "started": started and stamp(started),
                "ended": ended and stamp(ended),
                "duration": ended and span(row["length"]),
                "exception": _FAILURE if status == "failed" else None,
                "trigger": "manual",
                "stateChangeTime": started and stamp(started),
                "sendUpdatesToClient": True,
                "updateScheduledTask": True,
                "id": row["id"],
            }
        )
        if self._instance.running.habits.later_values:
            shown["priority"] = "urgent"
        return shown
