"""Prowlarr: indexers, and the apps that it gives them to."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final

from aiohttp import web

from mediatui.demo.apps.answers import no_number, reply
from mediatui.demo.apps.app import App
from mediatui.demo.apps.readings import data, nth
from mediatui.demo.apps.routing import Call, Routes
from mediatui.demo.apps.servarr.filesystem import FileSystem
from mediatui.demo.apps.servarr.health import Finding
from mediatui.demo.apps.servarr.instance import Instance, open_instance
from mediatui.demo.apps.servarr.kind import BACKUP, COMMON_TASKS, Kind
from mediatui.demo.apps.servarr.media import UNREACHABLE_CLIENT, UNREACHABLE_INDEXER, unavailable
from mediatui.demo.apps.servarr.providers import Providers, clients, described, fields
from mediatui.demo.apps.servarr.server import put_together
from mediatui.demo.apps.setting import Setting, run
from mediatui.demo.apps.times import DAY, HOUR
from mediatui.demo.objects import Object, seconds_of, stamp

_TASKS: Final = {name: minutes for name, minutes in COMMON_TASKS.items() if name != "ApplicationUpdateCheck"}

KIND: Final = Kind(
    "prowlarr",
    "Prowlarr",
    9696,
    6969,
    "master",
    5239,
    43,
    {
        **_TASKS,
        **BACKUP,
        "ApplicationCheckUpdate": 6 * 60,
        "ApplicationIndexerSync": 6 * 60,
        "CleanUpHistory": 24 * 60,
        "IndexerDefinitionUpdate": 24 * 60,
    },
    api="/api/v1",
    body={"isTypeExclusive": False},
    tells_result=False,
)
UNREACHABLE_APP: Final = ("BaseUrl", "Unable to complete application test, cannot connect to the application")
"""What an application's failed test says."""
_LONG: Final = 6 * HOUR
"""From when on a failing indexer is a matter for the second health check."""


class Indexers:
    """What Prowlarr alone says of indexers.

    Args:
        instance: The app.
        providers: The indexers.
    """

    def __init__(self, instance: Instance, providers: Providers) -> None:
        self._instance = instance
        self._providers = providers

    def serve(self, routes: Routes) -> None:
        """Add the paths."""
        routes.get(f"{self._instance.kind.api}/indexerstatus", self._status)
        routes.get(f"{self._instance.kind.api}/indexerstats", self._statistics)

    def look(self) -> Iterator[Finding]:
        """Yield the health checks that fail."""
        names, blocked = self._providers.names(), self._providers.back_off.blocked()
        if not names:
            yield Finding("IndexerCheck")
        long = {number for number, row in blocked.items() if row["first"] < self._instance.now - _LONG}
        for source, numbers in (
            ("IndexerStatusCheck", blocked.keys() - long),
            ("IndexerLongTermStatusCheck", long),
        ):
            told = [names[number] for number in sorted(numbers) if number in names]
            if told:
                yield Finding(source, ", ".join(told), "error" if len(told) == len(names) else "warning")

    async def _status(self, call: Call) -> web.Response:
        """List those that are left alone, and only those."""
        return reply(
            [
                {
                    "indexerId": number,
                    "disabledTill": stamp(row["until"]),
                    "mostRecentFailure": stamp(row["latest"]),
                    "initialFailure": stamp(row["first"]),
                    "id": number,
                }
                for number, row in sorted(self._providers.back_off.blocked().items())
            ]
        )

    async def _statistics(self, call: Call) -> web.Response:
        asked = call.request.query.get("startDate", "")
        try:
            since = seconds_of(asked) or self._instance.state["since"]
        except ValueError:
            return no_number("startDate", asked)
        days = max(0.0, self._instance.now - max(since, self._instance.state["since"])) / DAY
        rows = [self._counts(number, name, days) for number, name in self._providers.names().items()]
        asked = sum(row["numberOfQueries"] for row in rows)
        agents = [{"userAgent": "Sonarr/4.0", "numberOfQueries": asked, "numberOfGrabs": 0}] if rows else []
        return reply({"indexers": rows, "userAgents": agents, "hosts": []})

    def _counts(self, number: int, name: str, days: float) -> Object:
        chance = Random(f"{self._instance.state['identity']}/{number}")
        blocked = number in self._providers.back_off.blocked()
        queries = int(days * chance.randint(40, 200))
        return {
            "indexerId": number,
            "indexerName": name,
            "averageResponseTime": 6200 if blocked else chance.randint(180, 900),
            "averageGrabResponseTime": chance.randint(200, 1500),
            "numberOfQueries": queries,
            "numberOfGrabs": queries // 90,
            "numberOfRssQueries": int(days * 96),
            "numberOfAuthQueries": 0,
            "numberOfFailedQueries": queries // (3 if blocked else 60),
            "numberOfFailedGrabs": 0,
            "numberOfFailedRssQueries": int(days * 24) if blocked else 0,
            "numberOfFailedAuthQueries": 0,
        }


def _indexers(instance: Instance) -> list[Object]:
    rows = []
    for index in range(instance.library.indexers):
        known = nth(data("providers")["indexers"], index)
        implementation = "Newznab" if known["protocol"] == "usenet" else "Cardigann"
        address = known["address"].rpartition("/")[0]
        settings = fields(
            [
                {"name": "baseUrl", "label": "Base Url", "value": address, "type": "select"},
                {"name": "apiKey", "label": "API Key", "value": "0" * 32, "type": "textbox", "privacy": "apiKey"},
            ]
        )
        row = described(index + 1, known["name"], implementation, instance.kind.name, settings)
        row |= {
            "indexerUrls": [f"{address}/"],
            "legacyUrls": [],
            "definitionName": implementation,
            "description": "An example",
            "language": "en-US",
            "enable": True,
            "redirect": False,
            "supportsRss": True,
            "supportsSearch": True,
            "supportsRedirect": False,
            "supportsPagination": False,
            "appProfileId": 1,
            "protocol": known["protocol"],
            "privacy": known["privacy"],
            "priority": 25,
            "downloadClientId": 0,
            "added": stamp(instance.state["since"]),
            "sortName": known["name"].lower(),
        }
        rows.append(row)
    return rows


def _applications(instance: Instance) -> list[Object]:
    rows = []
    for index in range(instance.library.applications):
        known = nth(data("providers")["applications"], index)
        host = known["name"].lower()
        settings = fields(
            [
                {"name": "prowlarrUrl", "label": "Prowlarr", "value": "http://prowlarr:9696", "type": "textbox"},
                {"name": "baseUrl", "label": "Server", "value": f"http://{host}:{known['port']}", "type": "textbox"},
                {"name": "apiKey", "label": "API Key", "value": "0" * 32, "type": "textbox", "privacy": "apiKey"},
            ]
        )
        row = described(index + 1, known["name"], known["name"].partition(" ")[0], instance.kind.name, settings)
        row |= {"syncLevel": "mirror" if instance.running.habits.later_values else "fullSync"}
        rows.append(row)
    return rows


def start(setting: Setting) -> App:
    """Start Prowlarr on a volume.

    Raises:
        DamagedError: What lies there cannot be read.
    """
    instance = open_instance(KIND, run(setting))
    indexers = Providers(instance, "indexer", lambda: _indexers(instance), UNREACHABLE_INDEXER)
    applications = Providers(instance, "applications", lambda: _applications(instance), UNREACHABLE_APP)
    downloads = Providers(instance, "downloadclient", lambda: clients(instance), UNREACHABLE_CLIENT)
    proxies = Providers(instance, "indexerproxy", list, ("Host", "Unable to connect to the proxy"))
    own = Indexers(instance, indexers)

    def look() -> Iterator[Finding]:
        yield from own.look()
        yield from unavailable("ApplicationStatusCheck", applications)

    return put_together(instance, (own, indexers, applications, downloads, proxies, FileSystem(instance)), look)
