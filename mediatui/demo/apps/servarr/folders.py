"""Where an app keeps media: root folders, disks and remote path mappings."""

from __future__ import annotations

import posixpath
from typing import Final

from aiohttp import web

from mediatui.demo.apps.answers import reply
from mediatui.demo.apps.routing import Call, Routes
from mediatui.demo.apps.servarr.instance import Instance
from mediatui.demo.objects import Object

_TOTAL: Final = 2 << 40
"""Bytes of the media share."""
_ITEM: Final = 4 << 30
"""Bytes that a series or film takes on it."""


class Folders:
    """The folders of an app that keeps media.

    Args:
        instance: The app.
        items: The names of the folders that its root folder holds.
    """

    def __init__(self, instance: Instance, items: list[str]) -> None:
        self._instance = instance
        self._items = items
        self.root = posixpath.join(instance.setting.media, instance.kind.media)
        """Where it puts what it has downloaded."""

    @property
    def reachable(self) -> bool:
        """Whether the root folder is there."""
        return self.root not in self._instance.running.habits.unreachable

    @property
    def downloads(self) -> str:
        """Where the download clients put theirs."""
        return posixpath.join(self._instance.setting.media, "downloads", self._instance.kind.media)

    def serve(self, routes: Routes) -> None:
        """Add the paths."""
        api = self._instance.kind.api
        routes.get(f"{api}/rootfolder", self._roots)
        routes.get(f"{api}/diskspace", self._disks)
        routes.get(f"{api}/remotepathmapping", self._mappings)

    def _free(self) -> int:
        return _TOTAL - len(self._items) * _ITEM

    async def _slowly(self) -> None:
        await self._instance.running.take(self._instance.running.habits.slow_folders)

    async def _roots(self, call: Call) -> web.Response:
        await self._slowly()
        if self._instance.library.fresh:
            return reply([])
        row: Object = {"path": self.root, "accessible": self.reachable, "unmappedFolders": [], "id": 1}
        if self.reachable:
            row["freeSpace"] = self._free()
        return reply([row])

    async def _disks(self, call: Call) -> web.Response:
        await self._slowly()
        rows = [_disk("/", 120 << 30, 89 << 30), _disk(self._instance.setting.folder, 10 << 30, 9 << 30)]
        # A share shows only once a series or film lies on it: its drive type is not that of a fixed disk.
        if self._items and self.reachable:
            rows.append(_disk(self.root, _TOTAL, self._free()))
        return reply(rows)

    async def _mappings(self, call: Call) -> web.Response:
        if "RemotePathMappingCheck" not in self._instance.running.habits.ailments:
            return reply([])
        row = {"host": "sabnzbd", "remotePath": "/downloads/complete/", "localPath": f"{self.downloads}/", "id": 1}
        return reply([row])

    def paths(self) -> list[str]:
        """Return the paths of the media share; folders end with a slash."""
        if self._instance.library.fresh:
            return []
        return [f"{self.downloads}/complete/", f"{self.root}/", *(f"{self.root}/{name}/" for name in self._items)]


def _disk(path: str, total: int, free: int) -> Object:
    return {"path": path, "label": "", "freeSpace": free, "totalSpace": total}
