"""Scheduled tasks: each runs by itself when its interval is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from aiohttp import web

from mediatui.demo.apps.answers import problem, reply
from mediatui.demo.apps.routing import Call, Routes
from mediatui.demo.apps.servarr.commands import in_words
from mediatui.demo.apps.servarr.instance import Instance
from mediatui.demo.apps.times import MINUTE, span
from mediatui.demo.objects import Object, stamp


class _Last(NamedTuple):
    at: float
    length: float


class Tasks:
    """The scheduled tasks of an app.

    Args:
        instance: The app.
        back_up: Makes a scheduled backup of a time.
    """

    def __init__(self, instance: Instance, back_up: Callable[[float], None]) -> None:
        self._instance = instance
        self._back_up = back_up

    def serve(self, routes: Routes) -> None:
        """Add the paths."""
        api = f"{self._instance.kind.api}/system/task"
        routes.get(api, self._list)
        routes.get(f"{api}/{{id:int}}", self._get)

    def settle(self) -> None:
        """Make the backup that was due."""
        recorded = self._recorded("Backup")
        last = self._last("Backup")
        if last.at > recorded.at:
            self._instance.state["tasks"]["Backup"] = {"last": last.at, "length": last.length}
            self._back_up(last.at)

    def _recorded(self, name: str) -> _Last:
        row = self._instance.state["tasks"].get(name)
        return _Last(row["last"], row["length"]) if row else _Last(self._instance.state["since"], 0.0)

    def _last(self, name: str) -> _Last:
        recorded = self._recorded(name)
        interval = self._instance.kind.tasks[name] * MINUTE
        if self._instance.running.habits.late_tasks:
            return _Last(min(recorded.at, self._instance.now - 4 * interval), recorded.length)
        times = int(max(0.0, self._instance.now - recorded.at) // interval)
        return _Last(recorded.at + times * interval, recorded.length or (1.25 if times else 0.0))

    def _row(self, number: int, name: str) -> Object:
        last = self._last(name)
        minutes = self._instance.kind.tasks[name]
        return {
            "name": in_words(name),
            "taskName": name,
            "interval": minutes,
            "lastExecution": stamp(last.at),
            "lastStartTime": stamp(last.at - last.length),
            "nextExecution": stamp(last.at + minutes * MINUTE),
            "lastDuration": span(last.length),
            "id": number,
        }

    def _rows(self) -> list[Object]:
        return [self._row(number, name) for number, name in enumerate(self._instance.kind.tasks, 1)]

    async def _list(self, call: Call) -> web.Response:
        return reply(sorted(self._rows(), key=lambda row: str(row["name"])))

    async def _get(self, call: Call) -> web.Response:
        row = next((row for row in self._rows() if row["id"] == call.number("id")), None)
        return problem(404) if row is None else reply(row)
