"""A Servarr app as a whole: its parts behind its door."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Protocol

from aiohttp import web

from mediatui.demo.apps.app import App
from mediatui.demo.apps.routing import Routes
from mediatui.demo.apps.servarr.backups import Backups
from mediatui.demo.apps.servarr.commands import Commands
from mediatui.demo.apps.servarr.door import Door
from mediatui.demo.apps.servarr.health import Finding, Health
from mediatui.demo.apps.servarr.instance import Instance
from mediatui.demo.apps.servarr.logs import Logs
from mediatui.demo.apps.servarr.system import System
from mediatui.demo.apps.servarr.tasks import Tasks


class Part(Protocol):
    """Something that serves paths."""

    def serve(self, routes: Routes) -> None:
        """Add the paths."""
        ...


def put_together(instance: Instance, parts: Iterable[Part], look: Callable[[], Iterator[Finding]]) -> App:
    """Return the running app.

    Args:
        instance: The app on its volume.
        parts: What only this app has.
        look: Yields the health checks that fail.
    """
    backups = Backups(instance)
    commands = Commands(instance, {"Backup": backups.make})
    tasks = Tasks(instance, partial(backups.make, kind="scheduled"))
    logs = Logs(instance)
    routes = Routes()
    everything: list[Part] = [System(instance), Health(instance, look), commands, tasks, backups, logs, *parts]
    for part in everything:
        part.serve(routes)
    door = Door(instance, routes)

    def catch_up() -> None:
        commands.settle()
        tasks.settle()
        logs.settle()
        instance.save()

    async def handle(request: web.Request) -> web.StreamResponse:
        catch_up()
        try:
            return await door.handle(request)
        finally:
            instance.save()

    where = f"/app/{instance.kind.name}/bin/{instance.kind.title} - Version {instance.version}"
    instance.log("Info", "Bootstrap", f"Starting {instance.kind.title} - {where}")
    catch_up()
    return App(instance.running, instance.config.port, instance.config.key, handle, catch_up)
