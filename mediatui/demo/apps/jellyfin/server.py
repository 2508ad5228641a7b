"""Jellyfin as a whole."""

from __future__ import annotations

from typing import Final, Protocol

from aiohttp import web

from mediatui.demo.apps.app import App
from mediatui.demo.apps.jellyfin.activity import Activity
from mediatui.demo.apps.jellyfin.backups import Backups
from mediatui.demo.apps.jellyfin.door import Door, Paths
from mediatui.demo.apps.jellyfin.instance import new_state, open_instance
from mediatui.demo.apps.jellyfin.keys import Keys
from mediatui.demo.apps.jellyfin.library import Library
from mediatui.demo.apps.jellyfin.logs import Logs
from mediatui.demo.apps.jellyfin.playback import Theatre
from mediatui.demo.apps.jellyfin.sessions import Sessions
from mediatui.demo.apps.jellyfin.system import System
from mediatui.demo.apps.jellyfin.tasks import Tasks
from mediatui.demo.apps.readings import data
from mediatui.demo.apps.setting import Setting, run
from mediatui.demo.apps.times import DAY, HOUR, MINUTE

_AGE: Final = 160 * DAY


class _Part(Protocol):
    """Something that serves paths."""

    def serve(self, paths: Paths) -> None: ...


def start(setting: Setting) -> App:
    """Start Jellyfin on a volume.

    Raises:
        DamagedError: What lies there cannot be read.
    """
    instance = open_instance(run(setting))
    theatre = Theatre(instance)
    logs = Logs(instance, theatre)
    parts: list[_Part] = [System(instance, theatre), Sessions(instance, theatre), Tasks(instance), logs]
    parts += [Library(instance), Activity(instance), Backups(instance), Keys(instance)]
    paths = Paths()
    for part in parts:
        part.serve(paths)
    door = Door(instance, paths)

    def catch_up() -> None:
        logs.settle()
        instance.database.save()

    async def handle(request: web.Request) -> web.StreamResponse:
        logs.settle()
        try:
            return await door.handle(request)
        finally:
            instance.database.save()

    catch_up()
    return App(instance.running, instance.port, instance.state["keys"][0]["token"], handle, catch_up)


def populate(setting: Setting) -> None:
    """Fill an empty volume with what ``setting.library`` says."""
    instance = open_instance(run(setting))
    library, now = setting.library, instance.now
    for key, values in data("jellyfin")["in_use"].items():
        instance.configuration.change(key, **values)
    if setting.transcodes:
        instance.configuration.change("encoding", TranscodingTempPath=setting.transcodes)
    state = new_state(instance.state["keys"][0]["token"], library, now - _AGE)
    for task in data("jellyfin")["tasks"]:
        passed = setting.random.uniform(0.2, 0.9) * task["minutes"] * MINUTE
        state["tasks"][task["key"]] = {"began": now - passed}
    for number, known in enumerate(data("jellyfin")["activity"] * 2):
        state["activity"].append({**known, "id": number + 1, "at": now - DAY + number * HOUR})
    instance.database.create(state, library.items)
    backups = Backups(instance)
    for number in range(library.backups):
        backups.make(now - (2.4 + 7 * number) * DAY, {})
