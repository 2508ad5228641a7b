from __future__ import annotations

import random
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mediatui.demo.apps.catalogue import NAMES, populate, start
from mediatui.demo.apps.database import DamagedError
from mediatui.demo.apps.setting import EMPTY, Habits, Library
from tests.demo.apps.asking import API, SERVARR, app_of, clock_of, restarted, running, setting

DATABASES = {
    "sonarr": "sonarr.db",
    "radarr": "radarr.db",
    "prowlarr": "prowlarr.db",
    "jellyfin": "data/jellyfin.db",
    "bazarr": "db/bazarr.db",
}
KEYED = {
    "sonarr": "/api/v3/system/status",
    "radarr": "/api/v3/system/status",
    "prowlarr": "/api/v1/system/status",
    "jellyfin": "/Sessions",
    "bazarr": "/api/system/status",
}
PORTS = {"sonarr": 8989, "radarr": 7878, "prowlarr": 9696, "bazarr": 6767, "jellyfin": 8096}

by_name = pytest.mark.parametrize("name", NAMES)


@by_name
async def test_a_new_installation_has_another_key_and_nothing_else(name: str) -> None:
    chance = random.Random(7)
    async with (
        restarted(name, setting(name, random=chance)) as one,
        restarted(name, setting(name, random=chance)) as two,
    ):
        assert app_of(one).port == PORTS[name]
        assert re.fullmatch(r"[0-9a-f]{32}", app_of(one).key)
        assert app_of(one).key != app_of(two).key
        assert (await one.get(KEYED[name])).status_code == 200
        assert (await two.get(KEYED[name], headers=one.headers)).status_code == 401


@by_name
async def test_the_same_volume_keeps_key_and_library(name: str) -> None:
    where = setting(name)
    populate(name, where)
    keys = []
    for _ in range(3):
        async with restarted(name, where) as client:
            keys.append(app_of(client).key)
            assert (await client.get(KEYED[name])).status_code == 200
    assert len(set(keys)) == 1


@by_name
async def test_the_same_chance_makes_the_same_volume(name: str) -> None:
    one, two = setting(name, seed=3), setting(name, seed=3)
    populate(name, one)
    populate(name, two)
    assert dict(one.files) == dict(two.files)


@by_name
def test_its_database_is_one_to_whoever_opens_it(name: str, tmp_path: Path) -> None:
    where = setting(name)
    populate(name, where)
    data = where.files[DATABASES[name]]
    assert data.startswith(b"SQLite format 3\0")
    assert data[18:20] == b"\x02\x02", "in WAL mode"
    path = tmp_path / "copy.db"
    path.write_bytes(data)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@by_name
async def test_the_database_of_a_new_installation_is_smaller(name: str) -> None:
    new, used = setting(name), setting(name)
    populate(name, used)
    async with restarted(name, new):
        assert len(new.files[DATABASES[name]]) < len(used.files[DATABASES[name]])


@by_name
def test_a_damaged_database_ends_it(name: str) -> None:
    where = setting(name)
    populate(name, where)
    where.files[DATABASES[name]] = bytes(4096)
    with pytest.raises(DamagedError, match="database disk image is malformed"):
        start(name, where)


@pytest.mark.parametrize(
    ("name", "path"),
    [("sonarr", "config.xml"), ("bazarr", "config/config.yaml"), ("jellyfin", "config/network.xml")],
)
def test_a_damaged_configuration_ends_it(name: str, path: str) -> None:
    where = setting(name)
    populate(name, where)
    where.files[path] = b"<Config>\n: ["
    with pytest.raises(DamagedError):
        start(name, where)


@by_name
async def test_a_lost_database_makes_a_new_installation_with_the_old_settings(name: str) -> None:
    where = setting(name)
    populate(name, where)
    del where.files[DATABASES[name]]
    async with running(name) as before, restarted(name, where) as client:
        kept = app_of(client).key == app_of(before).key
        # Jellyfin's keys were in the database.
        assert kept is (name != "jellyfin")


@pytest.mark.parametrize("name", SERVARR)
async def test_the_key_is_in_config_xml_and_the_environment_goes_before_it(name: str) -> None:
    where = setting(name)
    async with restarted(name, where) as client:
        text = where.files["config.xml"].decode()
        assert f"<ApiKey>{app_of(client).key}</ApiKey>" in text
        for field in ("Port", "UrlBase", "Branch", "AuthenticationMethod", "InstanceName"):
            assert f"<{field}>" in text
    given = setting(name, files=where.files, environment={f"{name.upper()}__AUTH__APIKEY": "b" * 32})
    async with restarted(name, given) as client:
        assert app_of(client).key == "b" * 32
        assert (await client.get(KEYED[name])).status_code == 200
    assert where.files["config.xml"].decode() == text


async def test_a_key_that_the_environment_gives_is_written_nowhere() -> None:
    where = setting("sonarr", environment={"SONARR__AUTH__APIKEY": "c" * 32, "SONARR__SERVER__PORT": "80"})
    async with restarted("sonarr", where) as client:
        assert app_of(client).port == 80
        assert b"c" * 32 not in where.files["config.xml"]


async def test_bazarr_keeps_its_key_in_yaml() -> None:
    where = setting("bazarr")
    async with restarted("bazarr", where) as client:
        assert f"apikey: {app_of(client).key}" in where.files["config/config.yaml"].decode()


async def test_a_new_servarr_app_is_empty_and_says_what_it_lacks() -> None:
    async with restarted("sonarr", setting("sonarr")) as client:
        assert await client.json("/api/v3/series") == []
        assert (await client.json("/api/v3/queue"))["totalRecords"] == 0
        assert await client.json("/api/v3/system/backup") == []
        assert await client.json("/api/v3/rootfolder") == []
        sources = {row["source"] for row in await client.json("/api/v3/health")}
        assert sources == {"IndexerRssCheck", "IndexerSearchCheck", "DownloadClientCheck"}


async def test_a_new_jellyfin_has_its_wizard_before_it_and_lets_everybody_look() -> None:
    async with restarted("jellyfin", setting("jellyfin")) as client:
        assert (await client.json("/System/Info/Public"))["StartupWizardCompleted"] is False
        assert (await client.get("/System/Info", headers={"Authorization": ""})).status_code == 200
        assert (await client.get("/Sessions", headers={"Authorization": ""})).status_code == 401
        assert await client.json("/Sessions") == []
        assert set((await client.json("/Items/Counts")).values()) == {0}


async def test_a_volume_tells_which_jellyfin_it_is() -> None:
    chance = random.Random(5)
    where = setting("jellyfin", random=chance)
    populate("jellyfin", where)
    ids = []
    for volume in (where, where, setting("jellyfin", random=chance)):
        async with restarted("jellyfin", volume) as client:
            ids.append((await client.json("/System/Info/Public"))["Id"])
    assert ids[0] == ids[1] != ids[2]
    assert where.files["data/device.txt"].decode() == ids[0]


async def test_an_app_holds_as_much_as_it_was_filled_with() -> None:
    library = Library(series=3, movies=7, missing=2)
    async with running("sonarr", library=library) as client:
        assert len(await client.json("/api/v3/series")) == 3
        assert (await client.json("/api/v3/wanted/missing", pageSize=1))["totalRecords"] == 2
    async with running("radarr", library=library) as client:
        films = await client.json("/api/v3/movie")
        assert [film["hasFile"] for film in films].count(False) == 2
    async with running("jellyfin", library=library) as client:
        counts = await client.json("/Items/Counts")
        assert (counts["MovieCount"], counts["SeriesCount"]) == (7, 3)


def test_a_fresh_library_is_an_empty_one() -> None:
    assert EMPTY.fresh
    assert not Library().fresh
    assert not Library(**{**dict.fromkeys(Library.__slots__, 0), "movies": 1}).fresh


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("4.0.17", "4.0.17.2952"),
        ("v4.0.17-ls302", "4.0.17.2952"),
        ("4.0.16.2944", "4.0.16.2944"),
        ("latest", "1.0.0.2952"),
    ],
)
async def test_the_version_is_that_of_the_image(tag: str, version: str) -> None:
    async with running("sonarr", version=tag) as client:
        answer = await client.get("/api/v3/system/status")
        assert answer.json()["version"] == answer.headers["X-Application-Version"] == version


@pytest.mark.parametrize("name", SERVARR)
async def test_it_says_when_it_was_started(name: str) -> None:
    where = setting(name)
    populate(name, where)
    times = []
    for _ in range(2):
        async with restarted(name, where) as client:
            times.append((await client.json(f"{API[name]}/system/status"))["startTime"])
            await clock_of(app_of(client)).turn(90)
    assert times[0] < times[1]


async def test_what_was_under_way_at_a_restart_is_orphaned() -> None:
    where = setting("sonarr", habits=Habits())
    populate("sonarr", where)
    async with restarted("sonarr", where) as client:
        number = (await client.post("/api/v3/command", json={"name": "Housekeeping"})).json()["id"]
        await clock_of(app_of(client)).turn(1)
        assert (await client.json(f"/api/v3/command/{number}"))["status"] == "started"
    await clock_of(app_of(client)).turn(60)
    async with restarted("sonarr", where) as client:
        assert (await client.json(f"/api/v3/command/{number}"))["status"] == "orphaned"
        assert await client.json("/api/v3/command") == []
        assert (await client.post("/api/v3/command", json={"name": "Backup"})).json()["id"] == number + 1
