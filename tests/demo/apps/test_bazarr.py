from __future__ import annotations

import pytest

from mediatui.demo.apps.catalogue import populate
from mediatui.demo.apps.setting import Habits, Library
from tests.demo.apps.asking import Client, app_of, clock_of, restarted, running, setting

NOBODY = {"X-Api-Key": ""}


async def test_who_does_not_know_the_key_is_told_at_length() -> None:
    async with running("bazarr") as client:
        for key in ("", "f" * 32):
            answer = await client.get("/api/system/status", headers={"X-Api-Key": key})
            assert answer.status_code == 401
            assert answer.json()["message"].startswith("The server could not verify that you are authorized")
        assert (await client.get("/api/system/ping", headers=NOBODY)).json() == {"status": "OK"}


async def test_the_key_is_taken_from_header_and_query() -> None:
    async with running("bazarr") as client, Client(app_of(client)) as other:
        key = app_of(client).key
        assert (await other.get("/api/badges", headers={"X-API-KEY": key})).status_code == 200
        assert (await other.get("/api/badges", params={"apikey": key})).status_code == 200


async def test_an_unknown_path_is_the_page_of_the_ui_below_the_api_too() -> None:
    async with running("bazarr") as client:
        for path in ("/", "/series", "/api/nothing"):
            answer = await client.get(path, headers=NOBODY)
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/html")
            assert app_of(client).key not in answer.text
        assert (await client.post("/api/nothing")).status_code == 405


async def test_without_a_login_the_page_tells_the_key() -> None:
    where = setting("bazarr")
    populate("bazarr", where)
    where.files["config/config.yaml"] = where.files["config/config.yaml"].replace(b"type: form", b"type: null")
    async with restarted("bazarr", where) as client:
        assert app_of(client).key in (await client.get("/", headers=NOBODY)).text


async def test_elsewhere_than_under_its_base_it_redirects_to_it() -> None:
    async with running("bazarr", Habits(url_base="/bazarr")) as client:
        answer = await client.get("/api/system/status")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/bazarr")
        assert (await client.json("/bazarr/api/system/status"))["data"]["bazarr_version"] == "1.5.5"


async def test_most_answers_are_wrapped_and_the_badges_are_not() -> None:
    async with running("bazarr") as client:
        for path in ("system/status", "system/health", "providers", "system/tasks", "system/backups", "system/logs"):
            assert list(await client.json(f"/api/{path}")) == ["data"]
        badges = await client.json("/api/badges")
        assert badges == {
            "episodes": 14,
            "movies": 5,
            "providers": 1,
            "status": 0,
            "sonarr_signalr": "LIVE",
            "radarr_signalr": "LIVE",
            "announcements": 0,
        }


async def test_an_app_that_is_not_heard_has_no_signal() -> None:
    async with running("bazarr", Habits(failing=frozenset({"Sonarr"}))) as client:
        badges = await client.json("/api/badges")
        assert (badges["sonarr_signalr"], badges["radarr_signalr"]) == ("", "LIVE")


async def test_a_provider_that_is_left_alone_comes_back_by_itself() -> None:
    async with running("bazarr") as client:
        rows = (await client.json("/api/providers"))["data"]
        assert [row["status"] for row in rows] == ["TooManyRequests", "Good", "Good", "Good"]
        assert [row["retry"] for row in rows[:2]] == ["in 42 minutes", "-"]
        await clock_of(app_of(client)).turn(43 * 60)
        assert {row["status"] for row in (await client.json("/api/providers"))["data"]} == {"Good"}


@pytest.mark.parametrize("place", ["params", "data", "json"])
async def test_providers_can_be_reset(place: str) -> None:
    async with running("bazarr") as client:
        answer = await client.request("POST", "/api/providers", **{place: {"action": "reset"}})  # type: ignore[arg-type]
        assert answer.status_code == 204
        assert {row["status"] for row in (await client.json("/api/providers"))["data"]} == {"Good"}
        assert (await client.post("/api/providers", params={"action": "dance"})).status_code == 400


async def test_a_folder_that_is_not_there_is_a_matter_of_health() -> None:
    async with running("bazarr", Habits(unreachable=frozenset({"/media/tv"}))) as client:
        (row,) = (await client.json("/api/system/health"))["data"]
        assert row["object"] == "/media/tv"
        assert "Sonarr root directory" in row["issue"]
        assert (await client.json("/api/badges"))["status"] == 1


async def test_a_task_runs_for_a_while() -> None:
    async with running("bazarr") as client:
        assert (await client.post("/api/system/tasks", params={"taskid": "check_health"})).status_code == 204
        assert await running_tasks(client) == {"check_health"}
        await clock_of(app_of(client)).turn(10)
        assert await running_tasks(client) == set()
        assert (await client.post("/api/system/tasks", params={"taskid": "nothing"})).status_code == 500


async def running_tasks(client: Client) -> set[str]:
    return {row["job_id"] for row in (await client.json("/api/system/tasks"))["data"] if row["job_running"]}


async def test_a_backup_is_there_at_once() -> None:
    async with running("bazarr", library=Library(backups=1)) as client:
        assert (await client.post("/api/system/backups")).status_code == 204
        rows = (await client.json("/api/system/backups"))["data"]
        assert [row["date"] for row in rows] == ["Jan 12 2027", "Jan 15 2027"]
        name = rows[1]["filename"]
        assert name == "bazarr_backup_v1.5.5_2027.01.15_08.00.00.zip"
        assert app_of(client).running.setting.files[f"backup/{name}"].startswith(b"PK")
        assert (await client.delete("/api/system/backups", params={"filename": name})).status_code == 204
        assert (await client.delete("/api/system/backups", params={"filename": name})).status_code == 400
        assert len((await client.json("/api/system/backups"))["data"]) == 1


async def test_a_backup_brings_back_what_was() -> None:
    async with running("bazarr") as client:
        files = app_of(client).running.setting.files
        before = files["config/config.yaml"]
        name = (await client.json("/api/system/backups"))["data"][0]["filename"]
        files["config/config.yaml"] = b"---\n"
        assert (await client.patch("/api/system/backups", params={"filename": name})).status_code == 204
        assert files["config/config.yaml"] == before


async def test_the_log_begins_with_its_last_line_and_can_be_emptied() -> None:
    async with running("bazarr") as client:
        rows = (await client.json("/api/system/logs"))["data"]
        assert rows[0]["type"] == "INFO"
        assert "log/bazarr.log" in app_of(client).running.setting.files
        assert (await client.delete("/api/system/logs")).status_code == 204
        assert (await client.json("/api/system/logs"))["data"] == []
