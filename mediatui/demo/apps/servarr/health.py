"""Health checks: what follows from the rest of the app, and what it was told to suffer from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from aiohttp import web

from mediatui.demo.apps.answers import reply
from mediatui.demo.apps.readings import data
from mediatui.demo.apps.routing import Call, Routes
from mediatui.demo.apps.servarr.instance import Instance
from mediatui.demo.objects import Object

_WIKI: Final = "https://wiki.servarr.com/{app}/system#{fragment}"


class Finding(NamedTuple):
    """A check that failed."""

    source: str
    names: str = ""
    level: str = ""
    """Where it differs from what the check usually says."""


class Health:
    """The health checks of an app.

    Args:
        instance: The app.
        look: Yields what follows from the rest.
    """

    def __init__(self, instance: Instance, look: Callable[[], Iterator[Finding]]) -> None:
        self._instance = instance
        self._look = look

    def serve(self, routes: Routes) -> None:
        """Add the path."""
        routes.get(f"{self._instance.kind.api}/health", self._list)

    async def _list(self, call: Call) -> web.Response:
        told = [Finding(source) for source in self._instance.running.habits.ailments]
        return reply([self._row(finding) for finding in (*self._look(), *told)])

    def _row(self, finding: Finding) -> Object:
        known, kind = data("health")[finding.source], self._instance.kind
        return {
            "source": finding.source,
            "type": finding.level or known["type"],
            "message": known["message"].format(names=finding.names, title=kind.title),
            "wikiUrl": _WIKI.format(app=kind.name, fragment=known["fragment"]),
        }
