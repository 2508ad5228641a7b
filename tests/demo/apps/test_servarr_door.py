from __future__ import annotations

from typing import Any

import pytest

from mediatui.demo.apps.setting import Habits
from tests.demo.apps.asking import API, SERVARR, Client, app_of, clock_of, running

by_name = pytest.mark.parametrize("name", SERVARR)
NOBODY = {"X-Api-Key": ""}


@by_name
@pytest.mark.parametrize("key", ["", "f" * 32])
async def test_who_does_not_know_the_key_gets_401_without_a_word(name: str, key: str) -> None:
    async with running(name) as client:
        answer = await client.get(f"{API[name]}/health", headers={"X-Api-Key": key})
        assert (answer.status_code, answer.content) == (401, b"")
        assert "WWW-Authenticate" not in answer.headers


@by_name
async def test_the_key_is_taken_from_three_places(name: str) -> None:
    async with running(name) as client:
        key, path = app_of(client).key, f"{API[name]}/health"
        async with Client(app_of(client)) as other:
            assert (await other.get(path)).status_code == 401
            assert (await other.get(path, headers={"x-api-key": key})).status_code == 200
            assert (await other.get(path, params={"apikey": key})).status_code == 200
            assert (await other.get(path, headers={"Authorization": f"Bearer {key}"})).status_code == 200


@by_name
async def test_ping_needs_no_key(name: str) -> None:
    async with running(name) as client:
        assert await client.json("/ping") == {"status": "OK"}
        assert (await client.head("/ping")).status_code == 200
        assert (await client.get("/ping", headers=NOBODY)).status_code == 200


@by_name
async def test_elsewhere_than_under_its_base_it_redirects(name: str) -> None:
    async with running(name, Habits(url_base=f"/{name}")) as client:
        answer = await client.get(f"{API[name]}/health", params={"a": "b"})
        assert (answer.status_code, answer.headers["Location"]) == (307, f"/{name}{API[name]}/health?a=b")
        assert (await client.get("/ping")).status_code == 307
        assert (await client.get(f"/{name}/ping")).json() == {"status": "OK"}
        assert (await client.json(f"/{name}{API[name]}/system/status"))["urlBase"] == f"/{name}"
        # Authorization comes before the redirect.
        assert (await client.get(f"{API[name]}/health", headers=NOBODY)).status_code == 401


async def test_a_base_that_only_begins_alike_is_another_one() -> None:
    external = {"SONARR__AUTH__METHOD": "External"}
    async with running("sonarr", Habits(url_base="/sonarr"), environment=external) as client:
        assert (await client.get("/sonarr4k/ping")).status_code == 307


@by_name
async def test_an_unknown_path_is_the_page_of_the_ui(name: str) -> None:
    async with running(name, environment={f"{name.upper()}__AUTH__METHOD": "External"}) as client:
        for path in ("/", "/system/status", f"/other{API[name]}/system/status"):
            answer = await client.get(path)
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/html")
            assert answer.text.startswith("<!doctype html>")


@by_name
async def test_an_unknown_path_of_the_api_is_not_there(name: str) -> None:
    async with running(name) as client:
        answer = await client.get(f"{API[name]}/nothing")
        assert (answer.status_code, answer.content) == (404, b"")
        assert (await client.put(f"{API[name]}/health")).status_code == 405


async def test_prowlarr_keeps_no_media() -> None:
    async with running("prowlarr") as client:
        for path in ("queue", "diskspace", "rootfolder", "wanted/missing"):
            assert (await client.get(f"/api/v1/{path}")).status_code == 404


@by_name
async def test_a_login_page_is_where_an_ui_with_one_sends_to(name: str) -> None:
    async with running(name) as client:
        answer = await client.get("/initialize.json")
        assert answer.status_code == 302
        assert (
            answer.headers["Location"] == f"http://localhost:{app_of(client).port}/login?returnUrl=%2Finitialize.json"
        )
        assert (await client.get("/login")).headers["content-type"].startswith("text/html")


@by_name
@pytest.mark.parametrize("option", [("METHOD", "External"), ("REQUIRED", "DisabledForLocalAddresses")])
async def test_without_a_login_everybody_can_read_the_key(name: str, option: tuple[str, str]) -> None:
    variable = {f"{name.upper()}__AUTH__{option[0]}": option[1]}
    async with running(name, environment=variable) as client:
        answer = await client.get("/initialize.json", headers=NOBODY)
        assert answer.json()["apiKey"] == app_of(client).key


async def test_basic_authentication_asks_for_a_password() -> None:
    async with running("sonarr", environment={"SONARR__AUTH__METHOD": "Basic"}) as client:
        answer = await client.get("/")
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="Sonarr"')


@by_name
async def test_while_it_starts_it_says_so_in_json_and_in_text(name: str) -> None:
    async with running(name, Habits(starting_for=20)) as client:
        said = f"{name.capitalize()} is starting up, please try again later"
        answer = await client.get(f"{API[name]}/system/status")
        assert (answer.status_code, answer.json()) == (503, {"errorMessage": said})
        answer = await client.get("/ping")
        assert (answer.status_code, answer.text) == (503, said)
        assert (await client.get(f"{API[name]}/system/status", headers=NOBODY)).status_code == 401
        await clock_of(app_of(client)).turn(20)
        assert (await client.get("/ping")).status_code == 200


@by_name
async def test_a_broken_database_shows_in_ping(name: str) -> None:
    async with running(name, Habits(broken_database=True)) as client:
        answer = await client.get("/ping")
        assert (answer.status_code, answer.json()) == (500, {"status": "Error"})


async def test_paths_are_read_in_any_case() -> None:
    async with running("sonarr") as client:
        assert (await client.get("/API/V3/System/Status")).status_code == 200


@pytest.mark.parametrize(
    ("name", "method", "path", "values"),
    [
        ("sonarr", "GET", "/api/v3/queue", {"params": {"page": "one"}}),
        ("sonarr", "POST", "/api/v3/command", {"content": b"{"}),
        ("sonarr", "POST", "/api/v3/command", {"json": ["Backup"]}),
        ("prowlarr", "GET", "/api/v1/indexerstats", {"params": {"startDate": "yesterday"}}),
        ("jellyfin", "GET", "/System/ActivityLog/Entries", {"params": {"limit": "few"}}),
        ("jellyfin", "GET", "/System/ActivityLog/Entries", {"params": {"minDate": "yesterday"}}),
        ("jellyfin", "POST", "/Environment/ValidatePath", {"json": []}),
        ("jellyfin", "POST", "/Environment/ValidatePath", {"json": {"Path": "/", "IsFile": "no"}}),
        ("jellyfin", "POST", "/Backup/Create", {"content": b"no"}),
    ],
)
async def test_what_cannot_be_understood_is_refused(name: str, method: str, path: str, values: dict[str, Any]) -> None:
    async with running(name) as client:
        answer = await client.request(method, path, **values)
        assert answer.status_code == 400
        assert answer.json()["status"] == 400
