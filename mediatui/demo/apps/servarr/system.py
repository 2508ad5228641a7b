"""What an app says of itself."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from mediatui.demo.apps.answers import reply
from mediatui.demo.apps.routing import Call, Routes
from mediatui.demo.apps.servarr.instance import Instance
from mediatui.demo.objects import Object, stamp

_SQLITE: Final = "3.49.2"
_RUNTIME: Final = "6.0.36"


class System:
    """The paths on which an app says what it is.

    Args:
        instance: The app.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def serve(self, routes: Routes) -> None:
        """Add the paths."""
        routes.get("/ping", self._ping)
        routes.get("/api", self._api)
        routes.get("/initialize.json", self._initialize)
        routes.get(f"{self._instance.kind.api}/system/status", self._status)

    async def _ping(self, call: Call) -> web.Response:
        if self._instance.running.habits.broken_database:
            return reply({"status": "Error"}, 500)
        return reply({"status": "OK"})

    async def _api(self, call: Call) -> web.Response:
        return reply({"current": self._instance.kind.api.rpartition("/")[2], "deprecated": []})

    async def _initialize(self, call: Call) -> web.Response:
        instance = self._instance
        return reply(
            {
                "apiRoot": f"{instance.config.url_base}{instance.kind.api}",
                "apiKey": instance.config.key,
                "release": f"{instance.version}-{instance.config.value('Branch')}",
                "version": instance.version,
                "instanceName": instance.config.value("InstanceName"),
                "theme": "auto",
                "branch": instance.config.value("Branch").lower(),
                "analytics": False,
                "userHash": instance.state["identity"][:8],
                "urlBase": instance.config.url_base,
                "isProduction": True,
            }
        )

    async def _status(self, call: Call) -> web.Response:
        instance = self._instance
        kind, config = instance.kind, instance.config
        row: Object = {
            "appName": kind.title,
            "instanceName": config.value("InstanceName") or kind.title,
            "version": instance.version,
            "buildTime": "2026-09-14T19:11:41Z",
            "isDebug": False,
            "isProduction": True,
            "isAdmin": False,
            "isUserInteractive": False,
            "startupPath": f"/app/{kind.name}/bin",
            "appData": instance.setting.folder,
            "osName": "alpine",
            "osVersion": "3.22.1",
            "isNetCore": True,
            "isLinux": True,
            "isOsx": False,
            "isWindows": False,
            "isDocker": True,
            "mode": "console",
            "branch": config.value("Branch").lower(),
            "authentication": config.method,
            "migrationVersion": kind.migration,
            "urlBase": config.url_base,
            "runtimeVersion": _RUNTIME,
            "runtimeName": ".NET",
            "startTime": stamp(instance.running.started),
            "packageUpdateMechanism": "docker",
            "databaseVersion": _SQLITE,
            "databaseType": "sqLite",
        }
        if kind.tells_sqlite:
            row["sqliteVersion"] = _SQLITE
        if instance.running.habits.later_values:
            row["packageUpdateMechanism"] = "flatpak"
        return reply(row)
