from __future__ import annotations

import asyncio

import pytest

from mediatui.demo.apps.catalogue import populate
from mediatui.demo.apps.setting import Habits
from tests.demo.apps.asking import Client, app_of, clock_of, restarted, running, setting, somebody_waits
from tests.support.waiting import until

WORKS = [
    ({"Authorization": 'MediaBrowser Token="{key}"'}, {}),
    ({"Authorization": 'MediaBrowser Client="mediatui", Token="{key}"'}, {}),
    ({"Authorization": "mediabrowser Token={key}"}, {}),
    ({}, {"ApiKey": "{key}"}),
]
LEGACY = [
    ({"X-Emby-Token": "{key}"}, {}),
    ({"X-MediaBrowser-Token": "{key}"}, {}),
    ({"X-Emby-Authorization": 'MediaBrowser Token="{key}"'}, {}),
    ({"Authorization": 'Emby Token="{key}"'}, {}),
    ({}, {"api_key": "{key}"}),
]


async def status(client: Client, headers: dict[str, str], query: dict[str, str]) -> int:
    key = app_of(client).key
    async with Client(app_of(client)) as other:
        answer = await other.get(
            "/Sessions",
            headers={name: value.format(key=key) for name, value in headers.items()},
            params={name: value.format(key=key) for name, value in query.items()},
        )
        assert answer.content or answer.status_code != 200
        return answer.status_code


@pytest.mark.parametrize("version", ["10.11.10", "12.0.0", "12.1"])
@pytest.mark.parametrize(("headers", "query"), WORKS)
async def test_two_ways_to_show_a_key_work_everywhere(
    version: str, headers: dict[str, str], query: dict[str, str]
) -> None:
    async with running("jellyfin", version=version) as client:
        assert await status(client, headers, query) == 200


@pytest.mark.parametrize(("headers", "query"), LEGACY)
async def test_the_old_ways_are_refused_by_version_12(headers: dict[str, str], query: dict[str, str]) -> None:
    async with running("jellyfin", version="10.11.10") as client:
        assert await status(client, headers, query) == 200
    async with running("jellyfin", version="12.0.0") as client:
        assert await status(client, headers, query) == 401


async def test_a_wrong_key_is_refused_without_a_word() -> None:
    async with running("jellyfin") as client:
        answer = await client.get("/Sessions", headers={"Authorization": 'MediaBrowser Token="nope"'})
        assert (answer.status_code, answer.content) == (401, b"")
        # Once it is set up, nobody may look any more.
        assert (await client.get("/System/Info", headers={"Authorization": ""})).status_code == 401


async def test_some_paths_need_no_key() -> None:
    async with running("jellyfin") as client, Client(app_of(client)) as other:
        assert (await other.get("/health")).text == "Healthy"
        assert (await other.get("/System/Ping")).json() == "Jellyfin Server"
        public = (await other.get("/System/Info/Public")).json()
        assert (public["Version"], public["StartupWizardCompleted"]) == ("10.11.10", True)


async def test_every_answer_tells_how_long_it_took() -> None:
    async with running("jellyfin") as client:
        for path in ("/health", "/Sessions", "/nothing"):
            assert float((await client.get(path)).headers["X-Response-Time-ms"]) > 0


async def test_what_is_slow_says_so() -> None:
    async with running("jellyfin", Habits(slow_folders=3)) as client:
        asking = asyncio.ensure_future(client.get("/System/Info/Storage"))
        await until(lambda: somebody_waits(client), "it looks at its disks")
        await clock_of(app_of(client)).turn(3)
        assert float((await asking).headers["X-Response-Time-ms"]) > 3000


async def test_while_it_starts_it_answers_with_a_page_and_is_degraded() -> None:
    async with running("jellyfin", Habits(starting_for=60)) as client:
        answer = await client.get("/Sessions")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "005")
        assert answer.headers["content-type"].startswith("text/html")
        answer = await client.get("/health")
        assert (answer.status_code, answer.text) == (200, "Degraded")
        assert (await client.get("/System/Info/Public")).status_code == 503
        await clock_of(app_of(client)).turn(40)
        early = (await client.get("/System/Info/Public")).json()
        assert (early["startupWizardCompleted"], early["version"]) == (False, "10.11.10")
        await clock_of(app_of(client)).turn(21)
        late = (await client.get("/System/Info/Public")).json()
        assert (late["StartupWizardCompleted"], late["Id"]) == (True, early["id"])


async def test_a_broken_database_shows_in_health() -> None:
    async with running("jellyfin", Habits(broken_database=True)) as client:
        answer = await client.get("/health")
        assert (answer.status_code, answer.text) == (503, "Unhealthy")


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/System/Info", "../jellyfin/web/"),
        ("/Sessions", "jellyfin/web/"),
        ("/", "jellyfin/web/"),
        ("/health", "/jellyfin/health"),
    ],
)
async def test_elsewhere_than_under_its_base_it_redirects_to_its_page(path: str, target: str) -> None:
    async with running("jellyfin", Habits(url_base="/jellyfin")) as client:
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, target)
        followed = await client.get(path, follow_redirects=True)
        assert followed.status_code == 200
        assert followed.headers["content-type"].startswith("text/html") is (path != "/health")
        assert len(await client.json("/jellyfin/Sessions")) == 5


async def test_what_is_not_there_is_not_there() -> None:
    async with running("jellyfin") as client:
        assert (await client.get("/Nothing")).status_code == 404
        assert (await client.get("/metrics")).status_code == 404
        assert (await client.get("/System/Configuration/nothing")).status_code == 404
        assert (await client.get("/System/Logs/Log", params={"name": "no.log"})).status_code == 404
        assert (await client.get("/")).headers["Location"] == "web/"


async def test_metrics_are_there_once_they_are_switched_on_and_it_was_restarted() -> None:
    where = setting("jellyfin")
    populate("jellyfin", where)
    off, on = b"<EnableMetrics>false", b"<EnableMetrics>true"
    async with restarted("jellyfin", where) as client:
        where.files["config/system.xml"] = where.files["config/system.xml"].replace(off, on)
        assert (await client.get("/metrics")).status_code == 404
    async with restarted("jellyfin", where) as client:
        answer = await client.get("/metrics", headers={"Authorization": ""})
        assert "http_request_duration_seconds" in answer.text


async def test_a_key_can_be_made_and_taken_back() -> None:
    async with running("jellyfin") as client:
        assert (await client.post("/Auth/Keys", params={"app": "mediatui"})).status_code == 204
        (key,) = [
            row["AccessToken"] for row in (await client.json("/Auth/Keys"))["Items"] if row["AppName"] == "mediatui"
        ]
        header = {"Authorization": f'MediaBrowser Token="{key}"'}
        assert (await client.get("/Sessions", headers=header)).status_code == 200
        assert (await client.delete(f"/Auth/Keys/{key}")).status_code == 204
        assert (await client.get("/Sessions", headers=header)).status_code == 401
        assert (await client.post("/Auth/Keys")).status_code == 400
