"""What Bazarr says of itself: versions, health, badges, tasks, log."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from mediatui.demo.apps.answers import empty, reply
from mediatui.demo.apps.bazarr.configfile import ConfigFile
from mediatui.demo.apps.bazarr.requests import argument
from mediatui.demo.apps.database import Database
from mediatui.demo.apps.readings import data, nth
from mediatui.demo.apps.routing import Call, Routes
from mediatui.demo.apps.setting import Library, Running
from mediatui.demo.apps.times import DAY, HOUR, MINUTE, name_time
from mediatui.demo.objects import Object

_RUN: Final = 4.0
"""Seconds that a task runs."""
_GONE: Final = (
    "This {app} root directory does not seem to be accessible by Bazarr. "
    "Please check path mapping or if directory/drive is online."
)
_NO_PROFILE: Final = "You must create at least one languages profile and assign it to your content."


class System:
    """The paths below ``/api/system``, the badges and the providers.

    Args:
        running: The run.
        config: Its configuration.
        database: What it remembers.
    """

    def __init__(self, running: Running, config: ConfigFile, database: Database) -> None:
        self._running = running
        self._config = config
        self._database = database

    @property
    def _library(self) -> Library:
        return Library(**self._database.state["library"])

    def serve(self, routes: Routes) -> None:
        """Add the paths."""
        routes.get("/api/system/ping", self._ping)
        routes.get("/api/system/status", self._status)
        routes.get("/api/system/health", self._health)
        routes.get("/api/system/tasks", self._tasks)
        routes.post("/api/system/tasks", self._run)
        routes.get("/api/system/logs", self._log)
        routes.delete("/api/system/logs", self._clear)
        routes.get("/api/badges", self._badges)
        routes.get("/api/providers", self._providers)
        routes.post("/api/providers", self._reset)

    def settle(self) -> None:
        """Write the log file."""
        lines = [f"{row['timestamp']}|{row['type']:<8}|root|{row['message']}|\n" for row in self._database.state["log"]]
        self._running.setting.files["log/bazarr.log"] = "".join(lines).encode()

    def log(self, kind: str, message: str) -> None:
        """Write a log line."""
        when = name_time(self._running.now, "%Y-%m-%d %H:%M:%S")
        self._database.state["log"].append({"timestamp": when, "type": kind, "message": message})

    async def _ping(self, call: Call) -> web.Response:
        return reply({"status": "OK"})

    async def _status(self, call: Call) -> web.Response:
        setting = self._running.setting
        return reply(
            {
                "data": {
                    "bazarr_version": setting.version.removeprefix("v"),
                    "package_version": "",
                    "sonarr_version": "4.0.17.2952" if self._live("Sonarr") else "",
                    "radarr_version": "6.2.0.10390" if self._live("Radarr") else "",
                    "operating_system": "Linux-6.12.44-x86_64-with",
                    "python_version": "3.12.11",
                    "database_engine": "Sqlite 3.49.2",
                    "database_migration": "8ad5d1a4dc44",
                    "bazarr_directory": "/app",
                    "bazarr_config_directory": setting.folder,
                    "start_time": self._running.started,
                    "timezone": setting.environment.get("TZ", "Etc/UTC"),
                    "cpu_cores": 4,
                }
            }
        )

    def _live(self, app: str) -> bool:
        """Tell whether Bazarr hears what happens in another app."""
        return not self._library.fresh and app not in self._running.habits.failing

    def _issues(self) -> list[Object]:
        if self._library.fresh:
            return [{"object": "Missing languages profile", "issue": _NO_PROFILE}]
        media, gone = self._running.setting.media, self._running.habits.unreachable
        folders = ((f"{media}/tv", "Sonarr"), (f"{media}/movies", "Radarr"))
        return [{"object": path, "issue": _GONE.format(app=app)} for path, app in folders if path in gone]

    async def _health(self, call: Call) -> web.Response:
        return reply({"data": self._issues()})

    async def _badges(self, call: Call) -> web.Response:
        library = self._library
        return reply(
            {
                "episodes": library.missing,
                "movies": library.cutoff,
                "providers": len(self._throttled()),
                "status": len(self._issues()),
                "sonarr_signalr": "LIVE" if self._live("Sonarr") else "",
                "radarr_signalr": "LIVE" if self._live("Radarr") else "",
                "announcements": 0,
            }
        )

    def _throttled(self) -> dict[str, float]:
        """Return until when providers are left alone, in seconds since the epoch."""
        rows: dict[str, float] = self._database.state["throttled"]
        return {name: until for name, until in rows.items() if until > self._running.now}

    async def _providers(self, call: Call) -> web.Response:
        known = [nth(data("bazarr")["providers"], index) for index in range(self._library.providers)]
        throttled = self._throttled()
        rows = [
            {"name": row["name"], "status": row["trouble"], "retry": _until(throttled[row["name"]] - self._running.now)}
            if row["name"] in throttled
            else {"name": row["name"], "status": "Good", "retry": "-"}
            for row in known
        ]
        return reply({"data": rows})

    async def _reset(self, call: Call) -> web.Response:
        if await argument(call, "action") != "reset":
            return reply("Unknown action", 400)
        self._database.state["throttled"] = {}
        return empty(204)

    def _last(self, job: str, length: float) -> float:
        """Return when a task ran last, in seconds since the epoch."""
        begun: float = self._database.state["tasks"].get(job, self._database.state["since"])
        return begun + max(0.0, self._running.now - begun) // length * length

    async def _tasks(self, call: Call) -> web.Response:
        now, rows = self._running.now, []
        for known in data("bazarr")["tasks"]:
            length = known["minutes"] * MINUTE
            last = self._last(known["job_id"], length)
            late = length * 3 if self._running.habits.late_tasks else 0.0
            rows.append(
                {
                    "name": known["name"],
                    "interval": known["interval"],
                    "next_run_in": _until(last + length - late - now),
                    "next_run_time": name_time(last + length - late, "%Y-%m-%d %H:%M:%S"),
                    "job_id": known["job_id"],
                    "job_running": now < last + _RUN,
                }
            )
        return reply({"data": rows})

    async def _run(self, call: Call) -> web.Response:
        job = await argument(call, "taskid")
        if job not in {known["job_id"] for known in data("bazarr")["tasks"]}:
            return reply({"message": "Internal Server Error"}, 500)
        self._database.state["tasks"][job] = self._running.now
        return empty(204)

    async def _log(self, call: Call) -> web.Response:
        return reply({"data": self._database.state["log"][::-1]})

    async def _clear(self, call: Call) -> web.Response:
        self._database.state["log"].clear()
        return empty(204)


def _until(seconds: float) -> str:
    """Return a time to come in words."""
    if seconds < 0:
        return "now"
    for unit, length in (("day", DAY), ("hour", HOUR), ("minute", MINUTE)):
        count = int(seconds // length)
        if count:
            return f"in {count} {unit}{'s' if count > 1 else ''}"
    return f"in {int(seconds)} seconds"
