"""The file system of an app's container, as its API lets a client walk through it."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from aiohttp import web

from mediatui.demo.apps.answers import reply
from mediatui.demo.apps.routing import Call, Routes
from mediatui.demo.apps.servarr.instance import Instance
from mediatui.demo.objects import Object, stamp


class FileSystem:
    """What an app's container holds: the volume, and what it is told of beside it.

    Args:
        instance: The app.
        beside: Returns the paths that are not on the volume; folders end with a slash.
    """

    def __init__(self, instance: Instance, beside: Callable[[], list[str]] = list) -> None:
        self._instance = instance
        self._beside = beside

    def serve(self, routes: Routes) -> None:
        """Add the paths."""
        routes.get(f"{self._instance.kind.api}/filesystem", self._contents)
        routes.get(f"{self._instance.kind.api}/filesystem/type", self._type)

    async def _contents(self, call: Call) -> web.Response:
        """List a folder; one that is not there is empty, not an error."""
        await self._instance.running.take(self._instance.running.habits.slow_folders)
        path = call.request.query.get("path") or "/"
        if not call.yes("allowFoldersWithoutTrailingSlashes"):
            # The part behind the last slash is what somebody is about to type.
            path = path[: path.rfind("/") + 1]
        path = path.rstrip("/") or "/"
        children = _children(path, self._tree())
        parent = {} if path == "/" else {"parent": posixpath.dirname(path).rstrip("/") + "/"}
        moment = stamp(self._instance.running.started)
        folders = [
            {"type": "folder", "name": name, "path": f"{posixpath.join(path, name)}/", "lastModified": moment}
            for name, folder in sorted(children.items())
            if folder
        ]
        names = sorted(name for name, folder in children.items() if not folder)
        shown = [self._file(path, name) for name in names] if call.yes("includeFiles") else []
        return reply({**parent, "directories": folders, "files": shown})

    def _file(self, folder: str, name: str) -> Object:
        path = posixpath.join(folder, name)
        inner = path.removeprefix(f"{self._instance.setting.folder}/")
        return {
            "type": "file",
            "name": name,
            "path": path,
            "extension": posixpath.splitext(name)[1],
            "size": len(self._instance.setting.files.get(inner, b"")),
            "lastModified": stamp(self._instance.running.started),
        }

    async def _type(self, call: Call) -> web.Response:
        """Say what a path is; what is not there is a folder, so that nobody learns what is."""
        path = call.request.query.get("path", "")
        return reply({"type": "file" if path in self._tree() and not path.endswith("/") else "folder"})

    def _tree(self) -> list[str]:
        setting = self._instance.setting
        paths = [posixpath.join(setting.folder, path) for path in setting.files]
        paths += ["/etc/os-release", "/tmp/", *self._beside()]
        gone = tuple(f"{path.rstrip('/')}/" for path in self._instance.running.habits.unreachable)
        return [path for path in paths if not path.startswith(gone)] if gone else paths


def _children(folder: str, tree: list[str]) -> dict[str, bool]:
    """Return the names in a folder, and whether each is one itself."""
    prefix = folder.rstrip("/") + "/"
    found: dict[str, bool] = {}
    for path in tree:
        if path.startswith(prefix) and path != prefix:
            name, slash, _ = path.removeprefix(prefix).partition("/")
            found[name] = found.get(name, False) or bool(slash)
    return found
