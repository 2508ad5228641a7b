from __future__ import annotations

import asyncio

import pytest

from mediatui.demo.apps.setting import Habits, Library
from mediatui.demo.objects import seconds_of
from tests.demo.apps.asking import API, SERVARR, app_of, clock_of, running, somebody_waits
from tests.support.waiting import until

HOUR = 3600.0


@pytest.mark.parametrize("name", SERVARR)
async def test_one_failure_makes_the_answer_a_400_with_the_whole_list(name: str) -> None:
    async with running(name, Habits(failing=frozenset({"Film Vault", "qBittorrent"}))) as client:
        for path, count, field in (("indexer", 5, ""), ("downloadclient", 2, "Host")):
            answer = await client.post(f"{API[name]}/{path}/testall")
            assert answer.status_code == 400
            rows = answer.json()
            assert len(rows) == count
            (bad,) = [row for row in rows if not row["isValid"]]
            assert bad["validationFailures"][0]["propertyName"] == field
            assert bad["validationFailures"][0]["severity"] == "error"


async def test_tests_are_made_one_after_the_other() -> None:
    async with running("prowlarr", Habits(slow_tests=30)) as client:
        asking = asyncio.ensure_future(client.post("/api/v1/indexer/testall"))
        clock = clock_of(app_of(client))
        await until(lambda: somebody_waits(client), "the tests have begun")
        await clock.turn(149)
        assert not asking.done()
        await clock.turn(2)
        assert (await asking).status_code == 200


async def test_prowlarr_lists_the_indexers_that_it_leaves_alone_and_no_others() -> None:
    async with running("prowlarr", library=Library(blocked=2)) as client:
        rows = await client.json("/api/v1/indexerstatus")
        assert [row["indexerId"] for row in rows] == [4, 5]
        names = {row["id"]: row["name"] for row in await client.json("/api/v1/indexer")}
        health = {row["source"]: row["message"] for row in await client.json("/api/v1/health")}
        assert names[5] in health["IndexerLongTermStatusCheck"]
        assert names[4] in health["IndexerStatusCheck"]
        await clock_of(app_of(client)).turn(6 * HOUR)
        assert await client.json("/api/v1/indexerstatus") == []


async def test_a_test_that_succeeds_ends_the_waiting() -> None:
    async with running("prowlarr") as client:
        assert len(await client.json("/api/v1/indexerstatus")) == 1
        assert (await client.post("/api/v1/indexer/testall")).status_code == 200
        assert await client.json("/api/v1/indexerstatus") == []


async def test_each_failure_makes_the_waiting_longer_but_not_soon_after_a_start() -> None:
    habits = Habits(failing=frozenset({"Open Movies"}))
    async with running("prowlarr", habits, Library(blocked=0)) as client:
        clock = clock_of(app_of(client))
        waits = []
        for _ in range(4):
            await client.post("/api/v1/indexer/testall")
            (row,) = await client.json("/api/v1/indexerstatus")
            waits.append((seconds_of(row["disabledTill"]) or 0) - clock.now())
        assert waits == [60, 60, 60, 60]
        await clock.turn(HOUR)
        waits = []
        for _ in range(3):
            await client.post("/api/v1/indexer/testall")
            (row,) = await client.json("/api/v1/indexerstatus")
            waits.append((seconds_of(row["disabledTill"]) or 0) - clock.now())
        assert waits == [300, 900, 1800]


async def test_statistics_are_of_a_time_or_of_all_times() -> None:
    async with running("prowlarr") as client:
        whole = (await client.json("/api/v1/indexerstats"))["indexers"]
        day = (await client.json("/api/v1/indexerstats", startDate="2027-01-14T08:00:00Z"))["indexers"]
        assert sum(row["numberOfQueries"] for row in day) < sum(row["numberOfQueries"] for row in whole)
        slow = max(day, key=lambda row: int(row["averageResponseTime"]))
        assert slow["indexerId"] == 5, "the one that is left alone"


async def test_prowlarr_gives_its_indexers_to_apps() -> None:
    async with running("prowlarr", Habits(failing=frozenset({"Radarr"}))) as client:
        apps = {row["name"]: row for row in await client.json("/api/v1/applications")}
        fields = {field["name"]: field["value"] for field in apps["Sonarr"]["fields"]}
        assert (fields["baseUrl"], fields["prowlarrUrl"]) == ("http://sonarr:8989", "http://prowlarr:9696")
        answer = await client.post("/api/v1/applications/testall")
        assert [row["isValid"] for row in answer.json()] == [True, False]
        assert (await client.post("/api/v1/indexerproxy/testall")).json() == []
        health = [row for row in await client.json("/api/v1/health") if row["source"] == "ApplicationStatusCheck"]
        assert health[0]["message"].endswith("Radarr")


async def test_indexers_of_prowlarr_are_named_after_it() -> None:
    async with running("sonarr") as client:
        assert all(row["name"].endswith(" (Prowlarr)") for row in await client.json("/api/v3/indexer"))


async def test_health_says_what_it_was_told_to_suffer_from_and_what_follows() -> None:
    habits = Habits(
        ailments=("RemotePathMappingCheck", "LaterCheck"),
        failing=frozenset({"SABnzbd", "qBittorrent"}),
        unreachable=frozenset({"/media/tv"}),
    )
    async with running("sonarr", habits) as client:
        rows = {row["source"]: row for row in await client.json("/api/v3/health")}
        assert rows["RootFolderCheck"]["type"] == "error"
        assert rows["DownloadClientStatusCheck"]["type"] == "error", "all of them"
        assert rows["RemotePathMappingCheck"]["wikiUrl"] == (
            "https://wiki.servarr.com/sonarr/system#docker-bad-remote-path-mapping"
        )
        assert rows["LaterCheck"]["type"] == "critical"
        assert len(await client.json("/api/v3/remotepathmapping")) == 1
    async with running("sonarr") as client:
        assert await client.json("/api/v3/health") == []


async def test_a_root_folder_that_is_not_there_is_inaccessible_and_no_disk() -> None:
    async with running("radarr", Habits(unreachable=frozenset({"/media/movies"}))) as client:
        (row,) = await client.json("/api/v3/rootfolder")
        assert row["accessible"] is False
        assert "freeSpace" not in row
        assert "/media/movies" not in {disk["path"] for disk in await client.json("/api/v3/diskspace")}
    async with running("radarr") as client:
        (row,) = await client.json("/api/v3/rootfolder")
        assert row["accessible"] is True
        disks = {disk["path"]: disk for disk in await client.json("/api/v3/diskspace")}
        assert disks["/media/movies"]["freeSpace"] == row["freeSpace"] < disks["/media/movies"]["totalSpace"]


async def test_a_share_with_nothing_on_it_is_no_disk() -> None:
    async with running("sonarr", library=Library(series=0)) as client:
        assert {disk["path"] for disk in await client.json("/api/v3/diskspace")} == {"/", "/config"}


async def test_folders_can_take_their_time() -> None:
    async with running("sonarr", Habits(slow_folders=45)) as client:
        clock = clock_of(app_of(client))
        asking = asyncio.ensure_future(client.get("/api/v3/rootfolder"))
        await until(lambda: somebody_waits(client), "it lists the folder")
        assert (await client.get("/ping")).status_code == 200
        await clock.turn(45)
        assert (await asking).status_code == 200


async def test_the_file_system_can_be_walked_through() -> None:
    async with running("sonarr", library=Library(series=2)) as client:
        path = "/api/v3/filesystem"
        folder = await client.json(path, path="/media/tv/")
        assert [row["name"] for row in folder["directories"]] == ["Fireball XL5 (1962)", "One Step Beyond (1959)"]
        assert folder["parent"] == "/media/"
        assert await client.json(path, path="/data/") == {"parent": "/", "directories": [], "files": []}
        # What follows the last slash is still being typed.
        assert (await client.json(path, path="/media/tv"))["parent"] == "/"
        files = await client.json(path, path="/config/", includeFiles="true")
        assert {"config.xml", "sonarr.db"} <= {row["name"] for row in files["files"]}
        assert {"Backups", "logs"} <= {row["name"] for row in files["directories"]}
        assert await client.json(f"{path}/type", path="/config/config.xml") == {"type": "file"}
        assert await client.json(f"{path}/type", path="/not/there") == {"type": "folder"}


async def test_a_folder_that_is_not_there_is_empty() -> None:
    async with running("sonarr", Habits(unreachable=frozenset({"/media/tv"}))) as client:
        assert (await client.json("/api/v3/filesystem", path="/media/tv/"))["directories"] == []
