from __future__ import annotations

from typing import Any

import pytest

from mediatui.demo.apps.setting import Habits, Library
from tests.demo.apps.asking import Client, app_of, clock_of, running

by_name = pytest.mark.parametrize(("name", "of"), [("sonarr", "Series"), ("radarr", "Movie")])
HOUR = 3600
FEW = Library(downloads=3, stuck=0, unknown=0)


async def queue(client: Client, **query: Any) -> list[Any]:
    page = await client.json("/api/v3/queue", pageSize=200, sortKey="timeleft", sortDirection="ascending", **query)
    return list(page["records"])


@by_name
async def test_a_page_has_ten_items_and_those_of_nobody_are_hidden(name: str, of: str) -> None:
    async with running(name) as client:
        page = await client.json("/api/v3/queue")
        assert (len(page["records"]), page["pageSize"], page["totalRecords"]) == (10, 10, 14)
        everything = await queue(client, **{f"includeUnknown{of}Items": "true"})
        assert len(everything) == 15
        assert [row for row in everything if f"{of.lower()}Id" not in row]
        assert len((await client.json("/api/v3/queue", page=2))["records"]) == 4


@by_name
async def test_a_download_proceeds_is_imported_and_makes_room_for_the_next(name: str, of: str) -> None:
    async with running(name, library=FEW) as client:
        clock = clock_of(app_of(client))
        first = (await queue(client))[0]
        assert first["status"] == "downloading"
        left, states = first["sizeleft"], {first["trackedDownloadState"]}
        while True:
            await clock.turn(5)
            rows = await queue(client)
            assert len(rows) == 3
            if rows[0]["id"] != first["id"]:
                break
            assert rows[0]["sizeleft"] <= left
            left = rows[0]["sizeleft"]
            states.add(rows[0]["trackedDownloadState"])
        assert left == 0
        assert states == {"downloading", "importing"}
        assert first["id"] not in {row["id"] for row in rows}


async def test_it_goes_on_for_a_year() -> None:
    async with running("sonarr", library=FEW) as client:
        seen = set()
        for _ in range(20):
            await clock_of(app_of(client)).turn(18 * 24 * HOUR)
            seen |= {row["id"] for row in await queue(client)}
        assert len(seen) > 40


async def test_what_waits_for_a_person_says_for_what() -> None:
    async with running("sonarr", library=Library(stuck=4)) as client:
        rows = {row["trackedDownloadState"]: row for row in await queue(client) if "timeleft" not in row}
        assert "No files found are eligible" in rows["importPending"]["statusMessages"][0]["messages"][0]
        assert rows["importBlocked"]["trackedDownloadStatus"] == "warning"
        assert rows["failedPending"]["errorMessage"].startswith("Aborted")
        assert rows["downloading"]["status"] == "downloadClientUnavailable"
        status = await client.json("/api/v3/queue/status")
        assert (status["errors"], status["warnings"], status["unknownErrors"]) == (True, True, False)


@by_name
async def test_the_status_counts_everything(name: str, of: str) -> None:
    async with running(name) as client:
        status = await client.json("/api/v3/queue/status")
        assert (status["totalCount"], status["count"], status["unknownCount"]) == (15, 14, 1)


async def test_a_sort_key_that_is_none_is_ignored() -> None:
    async with running("sonarr") as client:
        page = await client.json("/api/v3/queue", sortKey="colour")
        assert page["sortKey"] == "timeleft"
        assert page["records"] == (await client.json("/api/v3/queue"))["records"]
        titles = [row["title"] for row in (await client.json("/api/v3/queue", sortKey="title"))["records"]]
        assert titles == sorted(titles, reverse=True)


async def test_an_item_can_be_removed() -> None:
    async with running("sonarr") as client:
        rows = await queue(client)
        assert (await client.delete(f"/api/v3/queue/{rows[-1]['id']}")).status_code == 200
        assert rows[-1]["id"] not in {row["id"] for row in await queue(client)}
        assert (await client.delete("/api/v3/queue/1")).status_code == 404


async def test_the_whole_series_and_episode_are_there_when_asked_for() -> None:
    async with running("sonarr") as client:
        row = (await queue(client, includeSeries="true", includeEpisode="true"))[0]
        assert row["series"]["id"] == row["seriesId"]
        assert row["episode"]["id"] == row["episodeId"]
    async with running("radarr") as client:
        row = (await queue(client, includeMovie="true"))[0]
        assert row["movie"]["id"] == row["movieId"]


async def test_a_later_version_has_states_that_nobody_knows() -> None:
    async with running("sonarr", Habits(later_values=True), Library(unknown=0)) as client:
        assert "importQuarantined" in {row["trackedDownloadState"] for row in await queue(client)}


async def test_what_is_wanted_comes_in_pages() -> None:
    async with running("sonarr") as client:
        page = await client.json("/api/v3/wanted/missing", pageSize=1)
        assert (len(page["records"]), page["totalRecords"]) == (1, 14)
        assert page["records"][0]["hasFile"] is False
        assert (await client.json("/api/v3/wanted/cutoff"))["records"][0]["hasFile"] is True
