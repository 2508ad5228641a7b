from __future__ import annotations

import io
import zipfile

import pytest

from mediatui.demo.apps.catalogue import populate
from mediatui.demo.apps.setting import Habits, Library
from mediatui.demo.objects import stamp
from tests.demo.apps.asking import API, SERVARR, app_of, clock_of, restarted, running, setting

by_name = pytest.mark.parametrize("name", SERVARR)
DAY = 86_400


@by_name
async def test_a_backup_is_queued_started_completed_and_then_there(name: str) -> None:
    async with running(name, library=Library(backups=0)) as client:
        api, clock = API[name], clock_of(app_of(client))
        answer = await client.post(f"{api}/command", json={"name": "Backup"})
        assert answer.status_code == 201
        path = f"{api}/command/{answer.json()['id']}"
        assert answer.headers["Location"].endswith(path)
        seen = [answer.json()["status"]]
        while seen[-1] not in ("completed", "failed"):
            assert await client.json(f"{api}/system/backup") == []
            await clock.turn(0.25)
            state = await client.json(path)
            seen.append(state["status"])
        assert list(dict.fromkeys(seen)) == ["queued", "started", "completed"]
        assert state.get("result") == (None if name == "prowlarr" else "successful")
        assert (state["duration"], state["message"]) == ("00:00:02", "Completed")
        row = (await client.json(f"{api}/system/backup"))[0]
        assert row["type"] == "manual"
        assert row["name"].startswith(f"{name}_backup_v")
        data = app_of(client).running.setting.files[f"Backups/manual/{row['name']}"]
        assert len(data) == row["size"]
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert {"config.xml", f"{name}.db"} <= set(archive.namelist())


async def test_a_backup_is_there_though_nobody_asked_meanwhile() -> None:
    async with running("sonarr", library=Library(backups=0)) as client:
        app = app_of(client)
        await client.post("/api/v3/command", json={"name": "backup"})
        await clock_of(app).turn(3600)
        app.catch_up()
        (path,) = [path for path in app.running.setting.files if path.startswith("Backups/")]
        times = [row["time"] for row in await client.json("/api/v3/system/backup")]
        assert times == ["2027-01-15T08:00:02Z"]
        assert path.endswith("_2027.01.15_08.00.02.zip")


async def test_a_command_that_is_on_its_way_is_not_begun_twice() -> None:
    async with running("sonarr") as client:
        first = (await client.post("/api/v3/command", json={"name": "RefreshSeries"})).json()["id"]
        assert (await client.post("/api/v3/command", json={"name": "RefreshSeries"})).json()["id"] == first
        await clock_of(app_of(client)).turn(60)
        assert (await client.post("/api/v3/command", json={"name": "RefreshSeries"})).json()["id"] != first


async def test_a_command_that_fails_says_why_and_leaves_nothing() -> None:
    habits = Habits(failing_commands=frozenset({"Backup"}))
    async with running("radarr", habits, Library(backups=0)) as client:
        number = (await client.post("/api/v3/command", json={"name": "Backup"})).json()["id"]
        await clock_of(app_of(client)).turn(60)
        state = await client.json(f"/api/v3/command/{number}")
        assert (state["status"], state["result"]) == ("failed", "unsuccessful")
        assert "No space left on device" in state["exception"]
        assert await client.json("/api/v3/system/backup") == []


async def test_commands_that_are_none_are_refused() -> None:
    async with running("sonarr") as client:
        assert (await client.post("/api/v3/command", json={"name": "Explode"})).status_code == 500
        answer = await client.post("/api/v3/command", json={})
        assert (answer.status_code, answer.json()[0]["propertyName"]) == (400, "Name")
        assert (await client.get("/api/v3/command/99")).status_code == 404


async def test_a_queued_command_can_be_cancelled_and_a_started_one_cannot() -> None:
    async with running("sonarr") as client:
        one = (await client.post("/api/v3/command", json={"name": "RssSync"})).json()["id"]
        assert (await client.delete(f"/api/v3/command/{one}")).status_code == 200
        assert (await client.json(f"/api/v3/command/{one}"))["status"] == "cancelled"
        two = (await client.post("/api/v3/command", json={"name": "RssSync"})).json()["id"]
        await clock_of(app_of(client)).turn(1)
        assert (await client.delete(f"/api/v3/command/{two}")).status_code == 409


async def test_a_backup_can_be_fetched_deleted_and_restored() -> None:
    where = setting("sonarr", environment={"SONARR__AUTH__METHOD": "External"})
    populate("sonarr", where)
    async with restarted("sonarr", where) as client:
        rows = await client.json("/api/v3/system/backup")
        assert [row["type"] for row in rows] == ["scheduled"] * 3
        assert rows == sorted(rows, key=lambda row: str(row["time"]), reverse=True)
        assert (await client.get(rows[0]["path"])).content.startswith(b"PK")
        assert (await client.delete(f"/api/v3/system/backup/{rows[2]['id']}")).status_code == 200
        assert (await client.post("/api/v3/system/backup/restore/1")).status_code == 404
        await client.post("/api/v3/command", json={"name": "RssSync"})
        answer = await client.post(f"/api/v3/system/backup/restore/{rows[0]['id']}")
        assert answer.json() == {"restartRequired": True}
    async with restarted("sonarr", where) as client:
        assert (await client.post("/api/v3/command", json={"name": "RssSync"})).json()["id"] == 1, "as in the backup"
        assert len(await client.json("/api/v3/system/backup")) == 2


@by_name
async def test_tasks_run_by_themselves(name: str) -> None:
    async with running(name) as client:
        for _ in range(3):
            now = clock_of(app_of(client)).now()
            for row in await client.json(f"{API[name]}/system/task"):
                assert row["lastExecution"] <= stamp(now) <= row["nextExecution"]
            await clock_of(app_of(client)).turn(5 * DAY)


@by_name
async def test_a_week_makes_a_scheduled_backup(name: str) -> None:
    async with running(name) as client:
        before = await client.json(f"{API[name]}/system/backup")
        await clock_of(app_of(client)).turn(7 * DAY)
        rows = await client.json(f"{API[name]}/system/backup")
        assert len(rows) == len(before) + 1
        assert rows[0]["type"] == "scheduled"


async def test_a_scheduler_that_stands_still_shows() -> None:
    async with running("sonarr", Habits(late_tasks=True)) as client:
        now = stamp(clock_of(app_of(client)).now())
        assert all(row["nextExecution"] < now for row in await client.json("/api/v3/system/task"))


async def test_the_log_is_asked_by_level_and_in_pages() -> None:
    async with running("sonarr") as client:
        page = await client.json("/api/v3/log")
        assert len(page["records"]) == page["pageSize"] == 10
        assert page["totalRecords"] > 10
        times = [row["time"] for row in page["records"]]
        assert times == sorted(times, reverse=True)
        errors = await client.json(
            "/api/v3/log", level="error", pageSize=50, sortKey="time", sortDirection="descending"
        )
        assert {row["level"] for row in errors["records"]} == {"error"}
        name = (await client.json("/api/v3/log/file"))[0]["filename"]
        assert "Starting Sonarr" in (await client.get(f"/api/v3/log/file/{name}")).text
        assert (await client.get("/api/v3/log", params={"pageSize": "many"})).status_code == 400


async def test_the_log_is_not_in_a_database_that_is_switched_off() -> None:
    async with running("sonarr", environment={"SONARR__LOG__DBENABLED": "false"}) as client:
        assert (await client.json("/api/v3/log"))["totalRecords"] == 0
        assert len(await client.json("/api/v3/log/file")) == 1
