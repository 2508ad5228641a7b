from __future__ import annotations

import asyncio
import io
import json
import zipfile
from typing import Any

import pytest

from mediatui.demo.apps.setting import Habits, Library
from tests.demo.apps.asking import Client, app_of, clock_of, running, somebody_waits
from tests.support.waiting import until

DAY = 86_400


async def task(client: Client, key: str) -> dict[str, Any]:
    (row,) = [row for row in await client.json("/ScheduledTasks", isHidden="false") if row["Key"] == key]
    return dict(row)


async def test_a_task_runs_when_it_is_asked_to_and_says_how_far_it_is() -> None:
    async with running("jellyfin") as client:
        clock, number = clock_of(app_of(client)), (await task(client, "RefreshLibrary"))["Id"]
        assert (await task(client, "RefreshLibrary"))["State"] == "Idle"
        assert (await client.post(f"/ScheduledTasks/Running/{number}")).status_code == 204
        seen = []
        for _ in range(4):
            seen.append((await task(client, "RefreshLibrary"))["CurrentProgressPercentage"])
            await clock.turn(20)
        assert seen == sorted(seen)
        await clock.turn(20)
        row = await task(client, "RefreshLibrary")
        assert (row["State"], row["LastExecutionResult"]["Status"]) == ("Idle", "Completed")
        assert "CurrentProgressPercentage" not in row


async def test_a_task_can_be_stopped() -> None:
    async with running("jellyfin") as client:
        number = (await task(client, "RefreshLibrary"))["Id"]
        await client.post(f"/ScheduledTasks/Running/{number}")
        await clock_of(app_of(client)).turn(10)
        assert (await client.delete(f"/ScheduledTasks/Running/{number}")).status_code == 204
        assert (await task(client, "RefreshLibrary"))["State"] == "Cancelling"
        await clock_of(app_of(client)).turn(2)
        row = await client.json(f"/ScheduledTasks/{number}")
        assert (row["State"], row["LastExecutionResult"]["Status"]) == ("Idle", "Cancelled")
        assert (await client.post("/ScheduledTasks/Running/nothing")).status_code == 404


async def test_tasks_run_by_themselves_unless_the_scheduler_stands_still() -> None:
    for late in (False, True):
        async with running("jellyfin", Habits(late_tasks=late)) as client:
            before = (await task(client, "RefreshLibrary"))["LastExecutionResult"]["EndTimeUtc"]
            await clock_of(app_of(client)).turn(2 * DAY)
            after = (await task(client, "RefreshLibrary"))["LastExecutionResult"]["EndTimeUtc"]
            assert (after > before) is not late


async def test_a_task_that_fails_says_why() -> None:
    async with running("jellyfin", Habits(failing_commands=frozenset({"OptimizeDatabaseTask"}))) as client:
        result = (await task(client, "OptimizeDatabaseTask"))["LastExecutionResult"]
        assert (result["Status"], result["ErrorMessage"]) == ("Failed", "No space left on device")


async def test_a_backup_takes_its_time_and_is_then_there() -> None:
    async with running("jellyfin", library=Library(backups=1)) as client:
        clock = clock_of(app_of(client))
        asking = asyncio.ensure_future(client.post("/Backup/Create", json={"Database": True}))
        await until(lambda: somebody_waits(client), "the backup is being made")
        await clock.turn(5)
        made = (await asking).json()
        rows = await client.json("/Backup")
        assert len(rows) == 2
        assert made in rows
        data = app_of(client).running.setting.files[made["Path"].removeprefix("/config/")]
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert json.loads(archive.read("manifest.json"))["Options"]["Database"] is True


@pytest.mark.parametrize(("version", "severities"), [("10.11.10", {"Information", "Error"}), ("12.0.0", {"Error"})])
async def test_only_version_12_chooses_by_severity(version: str, severities: set[str]) -> None:
    async with running("jellyfin", version=version) as client:
        found = await client.json("/System/ActivityLog/Entries", limit=50, severity="Error")
        assert {row["Severity"] for row in found["Items"]} == severities
        dates = [row["Date"] for row in found["Items"]]
        assert dates == sorted(dates, reverse=True)
        assert len((await client.json("/System/ActivityLog/Entries", limit=2))["Items"]) == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"Path": "/media/movies", "ValidateWritable": True}, 204),
        ({"Path": "/media/tv", "ValidateWritable": True}, 500),
        ({"Path": "/media/tv", "ValidateWritable": True, "IsFile": False}, 204),
        ({"Path": "/media/tv"}, 204),
        ({"Path": "/cache/transcodes", "ValidateWritable": True}, 204),
        ({"Path": "/config/config/system.xml", "IsFile": True}, 204),
        ({"Path": "/config/config/system.xml", "IsFile": False}, 404),
        ({"Path": "/config/nothing"}, 404),
    ],
)
async def test_a_path_is_tried_only_where_nothing_is_said_of_its_kind(body: dict[str, Any], status: int) -> None:
    async with running("jellyfin", Habits(read_only=frozenset({"/media/tv"}))) as client:
        assert (await client.post("/Environment/ValidatePath", json=body)).status_code == status


async def test_the_configuration_is_that_of_its_files() -> None:
    async with running("jellyfin", transcodes="/transcode") as client:
        encoding = await client.json("/System/Configuration/encoding")
        assert (encoding["HardwareAccelerationType"], encoding["QsvDevice"]) == ("qsv", "")
        assert "av1" in encoding["HardwareDecodingCodecs"]
        assert (await client.json("/System/Info"))["TranscodingTempPath"] == "/transcode"
        text = app_of(client).running.setting.files["config/encoding.xml"].decode()
        assert "<HardwareAccelerationType>qsv</HardwareAccelerationType>" in text
        assert "<string>av1</string>" in text


async def test_libraries_are_where_media_is() -> None:
    async with running("jellyfin", media="/data") as client:
        folders = {row["CollectionType"]: row["Locations"] for row in await client.json("/Library/VirtualFolders")}
        assert folders == {"movies": ["/data/movies"], "tvshows": ["/data/tv"]}
        stored = (await client.json("/System/Info/Storage"))["Libraries"]
        assert {row["Folders"][0]["Path"] for row in stored} == {"/data/movies", "/data/tv"}
