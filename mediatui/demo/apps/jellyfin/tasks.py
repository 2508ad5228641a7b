"""``/ScheduledTasks``: what the server does by itself, or when it is asked to."""

from __future__ import annotations

from typing import Final, NamedTuple

from aiohttp import web

from mediatui.demo.apps.answers import empty, problem
from mediatui.demo.apps.jellyfin.door import Paths
from mediatui.demo.apps.jellyfin.instance import Instance
from mediatui.demo.apps.readings import data
from mediatui.demo.apps.routing import Call
from mediatui.demo.apps.times import HOUR, MINUTE, fine_stamp, ticks
from mediatui.demo.objects import Object

_CANCELLING: Final = 1.0
"""Seconds until a task that is to stop has stopped."""


class _Run(NamedTuple):
    """One run of a task: when it began, and how long it takes unless it is cancelled."""

    began: float
    length: float
    cancelled: bool = False


class Tasks:
    """The scheduled tasks of a server.

    Args:
        instance: The server.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def serve(self, paths: Paths) -> None:
        """Add the paths."""
        paths.key.get("/ScheduledTasks", self._list)
        paths.key.get("/ScheduledTasks/{task}", self._get)
        paths.key.post("/ScheduledTasks/Running/{task}", self._start)
        paths.key.delete("/ScheduledTasks/Running/{task}", self._stop)

    def _find(self, call: Call) -> Object | None:
        asked = call.parts["task"].lower()
        return next((task for task in data("jellyfin")["tasks"] if _id(task) == asked), None)

    def _runs(self, task: Object) -> tuple[_Run | None, _Run | None]:
        """Return the run that is going on and the last one that has ended; a run that was asked for goes first."""
        now, seconds = self._instance.now, float(task["seconds"])
        recorded = self._instance.state["tasks"].get(task["key"])
        if recorded is None:
            return None, None
        interval = task["minutes"] * MINUTE
        times = 0 if self._instance.running.habits.late_tasks else int(max(0.0, now - recorded["began"]) // interval)
        latest = _Run(recorded["began"] + times * interval, seconds)
        if not times and recorded.get("cancelled"):
            latest = _Run(recorded["began"], recorded["cancelled"] - recorded["began"] + _CANCELLING, cancelled=True)
        if now < latest.began + latest.length:
            return latest, _Run(recorded.get("before", latest.began - interval), seconds)
        return None, latest

    def _row(self, task: Object) -> Object:
        running, ended = self._runs(task)
        row: Object = {
            "Name": task["name"],
            "State": "Idle",
            "Id": _id(task),
            "Triggers": [_trigger(task)],
            "Description": task["about"],
            "Category": task["category"],
            "IsHidden": False,
            "Key": task["key"],
        }
        if running is not None:
            passed = (self._instance.now - running.began) / task["seconds"]
            row["State"] = "Cancelling" if running.cancelled else "Running"
            row["CurrentProgressPercentage"] = min(100.0, 100 * passed)
        if ended is not None:
            row["LastExecutionResult"] = self._result(task, ended)
        return row

    def _result(self, task: Object, run: _Run) -> Object:
        failed = task["key"] in self._instance.running.habits.failing_commands
        result: Object = {
            "StartTimeUtc": fine_stamp(run.began),
            "EndTimeUtc": fine_stamp(run.began + run.length),
            "Status": "Cancelled" if run.cancelled else "Failed" if failed else "Completed",
            "Name": task["name"],
            "Key": task["key"],
            "Id": _id(task),
        }
        if failed and not run.cancelled:
            result["ErrorMessage"] = "No space left on device"
        if self._instance.running.habits.later_values:
            result["Status"] = "Postponed"
        return result

    async def _list(self, call: Call) -> web.Response:
        if call.yes("isHidden"):
            return self._instance.reply([])
        rows = [self._row(task) for task in data("jellyfin")["tasks"]]
        return self._instance.reply(sorted(rows, key=lambda row: str(row["Name"])))

    async def _get(self, call: Call) -> web.Response:
        task = self._find(call)
        return problem(404) if task is None else self._instance.reply(self._row(task))

    async def _start(self, call: Call) -> web.Response:
        task = self._find(call)
        if task is None:
            return problem(404)
        running, ended = self._runs(task)
        if running is None:
            before = {"before": ended.began} if ended else {}
            self._instance.state["tasks"][task["key"]] = {"began": self._instance.now, **before}
        return empty(204)

    async def _stop(self, call: Call) -> web.Response:
        task = self._find(call)
        if task is None:
            return problem(404)
        running, ended = self._runs(task)
        if running is not None:
            before = {"before": ended.began} if ended else {}
            now = self._instance.now
            self._instance.state["tasks"][task["key"]] = {"began": running.began, "cancelled": now, **before}
        return empty(204)


def _id(task: Object) -> str:
    """Return a task's id: it is the same on every server, made of its type's name."""
    return str(task["key"]).lower().encode().hex().ljust(32, "0")[:32]


def _trigger(task: Object) -> Object:
    if "daily" in task:
        return {"Type": "DailyTrigger", "TimeOfDayTicks": ticks(task["daily"] * HOUR)}
    return {"Type": "IntervalTrigger", "IntervalTicks": ticks(task["minutes"] * MINUTE)}
