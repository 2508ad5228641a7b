"""Indexers, download clients and applications: what an app asks, and what it says when their test fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from aiohttp import web

from mediatui.demo.apps.answers import problem, reply
from mediatui.demo.apps.readings import data, nth
from mediatui.demo.apps.routing import Call, Routes
from mediatui.demo.apps.servarr.backoff import BackOff
from mediatui.demo.apps.servarr.instance import Instance
from mediatui.demo.objects import Object

_WIKI: Final = "https://wiki.servarr.com"


class Providers:
    """The providers of one sort.

    Args:
        instance: The app.
        sort: As the path calls them.
        rows: All of them as the API shows them.
        failure: The field that is blamed when a test fails, and in which words.
    """

    def __init__(
        self, instance: Instance, sort: str, rows: Callable[[], list[Object]], failure: tuple[str, str]
    ) -> None:
        self._instance = instance
        self._sort = sort
        self._rows = rows
        self._failure = failure
        self.back_off = BackOff(instance, sort)

    def serve(self, routes: Routes) -> None:
        """Add the paths."""
        api = f"{self._instance.kind.api}/{self._sort}"
        routes.get(api, self._list)
        routes.get(f"{api}/{{id:int}}", self._get)
        routes.post(f"{api}/testall", self._test_all)

    def failing(self) -> list[str]:
        """Return the names of those that do not work now."""
        bad = self._instance.running.habits.failing
        return [row["name"] for row in self._rows() if row["name"].removesuffix(" (Prowlarr)") in bad]

    def names(self) -> dict[int, str]:
        """Return all names by id."""
        return {row["id"]: row["name"] for row in self._rows()}

    def _shown(self) -> list[Object]:
        rows = sorted(self._rows(), key=lambda row: str(row["name"]))
        if rows and self._instance.running.habits.later_values and "protocol" in rows[-1]:
            rows[-1]["protocol"] = "ipfs"
        return rows

    async def _list(self, call: Call) -> web.Response:
        return reply(self._shown())

    async def _get(self, call: Call) -> web.Response:
        row = next((row for row in self._shown() if row["id"] == call.number("id")), None)
        return problem(404) if row is None else reply(row)

    async def _test_all(self, call: Call) -> web.Response:
        """Test one after the other; the outcome is remembered, and a single failure makes the whole answer a 400."""
        failing = set(self.failing())
        results = []
        for row in self._rows():
            if not row.get("enable", row.get("enableRss", True)):
                continue
            field, text = self._failure
            failures = [{"propertyName": field, "errorMessage": text, "severity": "error"}]
            bad = row["name"] in failing
            (self.back_off.failed if bad else self.back_off.succeeded)(row["id"])
            results.append({"id": row["id"], "isValid": not bad, "validationFailures": failures if bad else []})
        self._instance.save()
        await self._instance.running.take(self._instance.running.habits.slow_tests * len(results))
        return reply(results, 400 if any(not row["isValid"] for row in results) else 200)


def fields(rows: list[Object], **values: str) -> list[Object]:
    """Return settings as the API shows them.

    Args:
        rows: Name, label, value and type of each.
        values: What stands for ``{name}`` in a value.
    """
    shown = []
    for order, row in enumerate(rows):
        value = row["value"].format(**values) if isinstance(row["value"], str) else row["value"]
        shown.append({"order": order, "advanced": False, "privacy": "normal", "isFloat": False, **row, "value": value})
    return shown


def described(number: int, name: str, implementation: str, app: str, settings: list[Object]) -> Object:
    """Return what every provider has.

    Args:
        number: Its id.
        name: As the operator named it.
        implementation: Of what sort it is.
        app: Whose wiki explains it.
        settings: Its fields.
    """
    return {
        "name": name,
        "fields": settings,
        "implementationName": implementation,
        "implementation": implementation,
        "configContract": f"{implementation}Settings",
        "infoLink": f"{_WIKI}/{app}/supported#{implementation.lower()}",
        "tags": [],
        "id": number,
    }


def clients(instance: Instance) -> list[Object]:
    """Return the download clients."""
    rows = []
    for index in range(instance.library.clients):
        client = nth(data("providers")["clients"], index)
        settings = fields(client["fields"], media=instance.kind.media or "prowlarr")
        row = described(index + 1, client["name"], client["implementation"], instance.kind.name, settings)
        row |= {"enable": True, "protocol": client["protocol"], "priority": 1}
        if instance.kind.media:
            row |= {"removeCompletedDownloads": True, "removeFailedDownloads": True}
        else:
            row |= {"categories": [], "supportsCategories": True}
        rows.append(row)
    return rows


def synced_indexers(instance: Instance) -> list[Object]:
    """Return the indexers that Prowlarr has put into another app."""
    rows = []
    for index in range(instance.library.indexers):
        indexer = nth(data("providers")["indexers"], index)
        implementation = "Newznab" if indexer["protocol"] == "usenet" else "Torznab"
        settings = fields(
            [
                {"name": "baseUrl", "label": "URL", "value": f"http://prowlarr:9696/{index + 1}/", "type": "textbox"},
                {"name": "apiPath", "label": "API Path", "value": "/api", "type": "textbox"},
                {"name": "apiKey", "label": "API Key", "value": "0" * 32, "type": "textbox", "privacy": "apiKey"},
            ]
        )
        row = described(index + 1, f"{indexer['name']} (Prowlarr)", implementation, instance.kind.name, settings)
        row |= {
            "enableRss": True,
            "enableAutomaticSearch": True,
            "enableInteractiveSearch": True,
            "supportsRss": True,
            "supportsSearch": True,
            "protocol": indexer["protocol"],
            "priority": 25,
            "downloadClientId": 0,
        }
        rows.append(row)
    return rows
