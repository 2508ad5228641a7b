"""What the server says of itself: versions, settings, disks, health, metrics."""

from __future__ import annotations

import posixpath
from typing import Final

from aiohttp import web

from mediatui.demo.apps.answers import empty, plain, reply
from mediatui.demo.apps.jellyfin.door import Paths
from mediatui.demo.apps.jellyfin.instance import CACHE, Instance
from mediatui.demo.apps.jellyfin.playback import Theatre
from mediatui.demo.apps.routing import Call
from mediatui.demo.objects import Object

_NAME: Final = "Jellyfin Server"
_WEB: Final = "/jellyfin/jellyfin-web"
_TEMPORARY: Final = 20 << 30
"""Bytes that fit where it transcodes to."""
_METRICS: Final = """# HELP http_request_duration_seconds The duration of HTTP requests.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_sum{code="200",method="GET",controller="Session",action="GetSessions"} 1.27
http_request_duration_seconds_count{code="200",method="GET",controller="Session",action="GetSessions"} 412
"""


class System:
    """The paths below ``/System``, and ``/health``.

    Args:
        instance: The server.
        theatre: Who plays what: it fills the folder that is transcoded to.
    """

    def __init__(self, instance: Instance, theatre: Theatre) -> None:
        self._instance = instance
        self._theatre = theatre

    def serve(self, paths: Paths) -> None:
        """Add the paths."""
        paths.anyone.get("/health", self._health)
        paths.anyone.get("/metrics", self._metrics)
        paths.anyone.get("/System/Info/Public", self._public)
        paths.anyone.get("/System/Ping", self._ping)
        paths.anyone.post("/System/Ping", self._ping)
        paths.setup.get("/System/Info", self._info)
        paths.key.get("/System/Info/Storage", self._storage)
        paths.key.get("/System/Configuration/{key}", self._configuration)

    async def _health(self, call: Call) -> web.Response:
        return plain("Unhealthy", 503) if self._instance.running.habits.broken_database else plain("Healthy")

    async def _metrics(self, call: Call) -> web.Response:
        on = self._instance.configuration.value("system", "EnableMetrics")
        return plain(_METRICS) if on else empty(404)

    async def _ping(self, call: Call) -> web.Response:
        return reply(_NAME)

    def _described(self, call: Call) -> Object:
        instance = self._instance
        return {
            "LocalAddress": f"http://{call.request.host}{instance.url_base}",
            "ServerName": instance.configuration.value("system", "ServerName") or "jellyfin",
            "Version": instance.version,
            "ProductName": _NAME,
            "OperatingSystem": "",
            "Id": instance.identity,
            "StartupWizardCompleted": instance.set_up,
        }

    async def _public(self, call: Call) -> web.Response:
        return self._instance.reply(self._described(call))

    async def _info(self, call: Call) -> web.Response:
        instance, folder = self._instance, self._instance.setting.folder
        return instance.reply(
            {
                **self._described(call),
                "OperatingSystemDisplayName": "",
                "HasPendingRestart": False,
                "IsShuttingDown": False,
                "SupportsLibraryMonitor": True,
                "WebSocketPortNumber": instance.port,
                "CompletedInstallations": [],
                "CanSelfRestart": True,
                "CanLaunchWebBrowser": False,
                "ProgramDataPath": folder,
                "WebPath": _WEB,
                "ItemsByNamePath": f"{folder}/metadata",
                "CachePath": CACHE,
                "LogPath": f"{folder}/log",
                "InternalMetadataPath": f"{folder}/metadata",
                "TranscodingTempPath": instance.transcodes,
                "CastReceiverApplications": [{"Id": "F007D354", "Name": "Stable"}],
                "HasUpdateAvailable": False,
                "EncoderLocation": "System",
                "SystemArchitecture": "X64",
            }
        )

    async def _storage(self, call: Call) -> web.Response:
        await self._instance.running.take(self._instance.running.habits.slow_folders)
        setting, library = self._instance.setting, self._instance.library
        made = sum(play.written for play in self._theatre.plays())
        own: Object = _folder(setting.folder, 10 << 30, 2 << 30, "/dev/longhorn/config")
        count = library.movies + library.series * 20
        media = (("Movies", "movies", library.movies), ("Shows", "tv", library.series))
        rows: Object = {
            "ProgramDataFolder": own,
            "WebFolder": _folder(_WEB, 120 << 30, 31 << 30, "overlay"),
            "ImageCacheFolder": _folder(f"{CACHE}/images", 10 << 30, 1 << 30, "/dev/longhorn/cache"),
            "CacheFolder": _folder(CACHE, 10 << 30, 1 << 30, "/dev/longhorn/cache"),
            "LogFolder": {**own, "Path": f"{setting.folder}/log"},
            "InternalMetadataFolder": {**own, "Path": f"{setting.folder}/metadata"},
            "TranscodingTempFolder": _folder(self._instance.transcodes, _TEMPORARY, min(_TEMPORARY, made), "/dev/vda1"),
            "Libraries": [
                {
                    "Id": self._instance.identify("library", name),
                    "Name": name,
                    "Folders": [
                        _folder(posixpath.join(setting.media, place), 2 << 40, count * (4 << 30), "nfs:/media")
                    ],
                }
                for name, place, held in media
                if held
            ],
        }
        return self._instance.reply(rows)

    async def _configuration(self, call: Call) -> web.Response:
        values = (
            None if call.parts["key"].lower() == "system" else self._instance.configuration.values(call.parts["key"])
        )
        return plain("Error processing request.", 404) if values is None else self._instance.reply(values)


def _folder(path: str, total: int, used: int, device: str) -> Object:
    return {
        "Path": path,
        "FreeSpace": total - used,
        "UsedSpace": used,
        "StorageType": "Network" if device.startswith("nfs") else "Fixed",
        "DeviceId": device,
    }
