"""Every answer that the apps give to the operations that mediatui uses is as the official descriptions say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from mediatui.demo.apps.setting import Habits
from tests.demo.apps.asking import API, SERVARR, Client, app_of, restarted, running, setting
from tests.demo.apps.descriptions import Description, description, needs_descriptions
from tests.support.clock import FakeClock

pytestmark = needs_descriptions

FILES = {
    "sonarr": "sonarr.v4main.openapi.json",
    "radarr": "radarr.openapi.json",
    "prowlarr": "prowlarr.openapi.json",
    "jellyfin": "jellyfin-10.11.11.openapi.json",
    "jellyfin 12": "jellyfin-12.0.0.openapi.json",
    "bazarr": "bazarr.swagger.json",
}
MIXED = Habits(
    failing=frozenset({"Film Vault", "SABnzbd", "Radarr"}),
    ailments=("RemotePathMappingCheck", "SystemTimeCheck"),
    failing_commands=frozenset({"RssSync", "RefreshLibrary"}),
    unreachable=frozenset({"/media/tv"}),
)


class HastyClock(FakeClock):
    """Time that passes at once when somebody waits for it."""

    async def sleep(self, seconds: float) -> None:
        self._now += seconds


@dataclass(frozen=True)
class Operation:
    """One operation, and how it is asked."""

    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    status: int = 200
    really: int = 0
    """The status that the apps answer with where the description says another."""
    besides: tuple[str, ...] = ()
    """Fields that the apps write otherwise than the description says."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def get(path: str, /, **query: Any) -> Operation:
    return Operation("get", path, query)


def post(path: str, /, status: int = 200, **body: Any) -> Operation:
    return Operation("post", path, body=body or None, status=status)


def of_servarr(name: str) -> list[Operation]:
    api = API[name]
    # Sonarr's describes the address of a health check as an object; ``STJHttpUriConverter`` writes a text.
    besides = ("wikiUrl",) if name == "sonarr" else ()
    common = [
        Operation("get", f"{api}/health", besides=besides),
        # ``RestPostById`` answers 201 Created.
        Operation("post", f"{api}/command", body={"name": "Backup"}, really=201),
        Operation("post", f"{api}/command", body={"name": "CheckHealth"}, really=201),
        get(f"{api}/command"),
        get(f"{api}/command/{{id}}", id=1),
        get(f"{api}/system/status"),
        get(f"{api}/system/backup"),
        get(f"{api}/system/task"),
        get(f"{api}/log", level="error", pageSize=50, sortKey="time", sortDirection="descending"),
        get(f"{api}/log"),
        get(f"{api}/log/file"),
        get(f"{api}/downloadclient"),
        get(f"{api}/indexer"),
        get(f"{api}/filesystem", path="/media/"),
        get("/ping"),
    ]
    return common + (_of_prowlarr(api) if name == "prowlarr" else _of_media(api, name))


def _of_prowlarr(api: str) -> list[Operation]:
    return [
        get(f"{api}/indexerstatus"),
        get(f"{api}/indexerstats"),
        get(f"{api}/indexerstats", startDate="2027-01-01T00:00:00Z"),
        get(f"{api}/applications"),
        get(f"{api}/indexerproxy"),
    ]


def _of_media(api: str, name: str) -> list[Operation]:
    of, whole = ("Series", ("includeSeries", "includeEpisode")) if name == "sonarr" else ("Movie", ("includeMovie",))
    return [
        get(f"{api}/queue"),
        get(f"{api}/queue", page=1, pageSize=200, **{f"includeUnknown{of}Items": "true"}),
        get(f"{api}/queue", pageSize=200, **dict.fromkeys(whole, "true")),
        get(f"{api}/queue/status"),
        get(f"{api}/diskspace"),
        get(f"{api}/rootfolder"),
        get(f"{api}/remotepathmapping"),
        get(f"{api}/wanted/missing", pageSize=1),
        get(f"{api}/wanted/cutoff", pageSize=1),
        get(f"{api}/{'series' if name == 'sonarr' else 'movie'}"),
    ]


JELLYFIN = [
    get("/System/Info/Public"),
    get("/System/Ping"),
    get("/System/Info"),
    get("/System/Info/Storage"),
    get("/Sessions"),
    get("/Sessions", activeWithinSeconds=90),
    get("/ScheduledTasks", isHidden="false"),
    Operation("post", "/ScheduledTasks/Running/{taskId}", {"taskId": "726566726573686c6962726172790000"}, status=204),
    get("/ScheduledTasks"),
    Operation("delete", "/ScheduledTasks/Running/{taskId}", {"taskId": "726566726573686c6962726172790000"}, status=204),
    get("/ScheduledTasks/{taskId}", taskId="726566726573686c6962726172790000"),
    get("/System/ActivityLog/Entries", limit=50, severity="Error"),
    get("/System/Logs"),
    get("/Library/VirtualFolders"),
    post("/Environment/ValidatePath", 204, Path="/media/movies", ValidateWritable=True),
    post("/Environment/ValidatePath", 404, Path="/nowhere", ValidateWritable=True),
    get("/Backup"),
    post("/Backup/Create", Metadata=False, Trickplay=False, Subtitles=False, Database=True),
    get("/Items/Counts"),
    get("/Auth/Keys"),
    Operation("post", "/Auth/Keys", {"app": "mediatui"}, status=204),
]
BAZARR = [
    get("/system/ping"),
    get("/system/status"),
    get("/system/health"),
    # Its description, made of declarations in the code, says nothing of what these two answer.
    Operation("get", "/badges", status=401, really=200),
    Operation("get", "/system/backups", status=204, really=200),
    get("/providers"),
    get("/system/tasks"),
    get("/system/logs"),
    Operation("post", "/providers", {"action": "reset"}, status=204),
    Operation("post", "/system/backups", status=204),
    Operation("post", "/system/tasks", {"taskid": "check_health"}, status=204),
]


async def check(client: Client, known: Description, operation: Operation) -> list[str]:
    """Ask once, and return in what the answer is not as the description says."""
    asked = known.operation(operation.method, operation.path)
    inside = [one["name"] for one in asked.get("parameters", []) if one["in"] == "path"]
    path = known.base + operation.path.format(**{name: operation.query[name] for name in inside})
    query = {name: value for name, value in operation.query.items() if name not in inside}
    answer = await client.request(operation.method.upper(), path, params=query, json=operation.body)
    expected = operation.really or operation.status
    if answer.status_code != expected:
        return [f"{operation}: {answer.status_code} instead of {expected}: {answer.text[:200]}"]
    if str(operation.status) not in asked["responses"]:
        return [f"{operation}: the description knows no {operation.status}"]
    if expected == 204:
        return [] if not answer.content else [f"{operation}: 204 with a body"]
    if answer.headers["content-type"].partition(";")[0] not in ("application/json", "application/problem+json"):
        return [f"{operation}: {answer.headers['content-type']}"]
    value, schema = answer.json(), known.schema_of(operation.method, operation.path, operation.status)
    faults = known.faults(value, schema) if schema else iter(())
    return [
        f"{operation}: {fault}" for fault in faults if not fault.partition(" ")[0].endswith(operation.besides or "?")
    ]


@pytest.mark.parametrize("habits", [Habits(), MIXED, Habits(written_nulls=True)], ids=["well", "ill", "nulls"])
@pytest.mark.parametrize("name", SERVARR)
async def test_a_servarr_app_answers_as_described(name: str, habits: Habits) -> None:
    async with running(name, habits, clock=HastyClock()) as client:
        for seconds in (0, 1, 5, 4000):
            await FakeClock.turn(_clock(client), seconds)
            for operation in of_servarr(name):
                assert await check(client, description(FILES[name]), operation) == []


@pytest.mark.parametrize("habits", [Habits(), MIXED, Habits(written_nulls=True)], ids=["well", "ill", "nulls"])
@pytest.mark.parametrize("version", ["10.11.10", "12.0.0"])
async def test_jellyfin_answers_as_described(version: str, habits: Habits) -> None:
    known = description(FILES["jellyfin 12" if version.startswith("12") else "jellyfin"])
    async with running("jellyfin", habits, version=version, clock=HastyClock()) as client:
        for seconds in (0, 1, 5, 900, 20_000):
            await FakeClock.turn(_clock(client), seconds)
            for operation in JELLYFIN:
                assert await check(client, known, operation) == []
            for key, schema in (
                ("encoding", "EncodingOptions"),
                ("network", "NetworkConfiguration"),
                ("database", "DatabaseConfigurationOptions"),
            ):
                # The description says of a configuration only that it is bytes; its schema has a name all the same.
                value = await client.json(f"/System/Configuration/{key}")
                assert list(known.faults(value, known.schema(schema), key)) == []


async def test_jellyfin_10_describes_how_an_encoding_is_ended() -> None:
    async with running("jellyfin") as client:
        query = {"deviceId": "a", "playSessionId": "b"}
        operation = Operation("delete", "/Videos/ActiveEncodings", query, status=204)
        assert await check(client, description(FILES["jellyfin"]), operation) == []


async def test_a_session_is_stopped_as_described() -> None:
    async with running("jellyfin") as client:
        session = (await client.json("/Sessions"))[0]["Id"]
        path = "/Sessions/{sessionId}/Playing/{command}"
        operation = Operation("post", path, {"sessionId": session, "command": "Stop"}, status=204)
        for file in (FILES["jellyfin"], FILES["jellyfin 12"]):
            assert await check(client, description(file), operation) == []


@pytest.mark.parametrize("habits", [Habits(), MIXED], ids=["well", "ill"])
async def test_bazarr_answers_as_declared(habits: Habits) -> None:
    async with running("bazarr", habits) as client:
        for operation in BAZARR:
            assert await check(client, description(FILES["bazarr"]), operation) == []


@pytest.mark.parametrize("name", [*SERVARR, "jellyfin", "bazarr"])
async def test_a_fresh_installation_answers_as_described(name: str) -> None:
    operations = {"jellyfin": JELLYFIN, "bazarr": BAZARR}.get(name) or of_servarr(name)
    elsewhere = ("/Environment/ValidatePath",)
    async with restarted(name, setting(name, clock=HastyClock())) as client:
        for operation in operations:
            if operation.path not in elsewhere:
                assert await check(client, description(FILES[name]), operation) == []


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("sonarr", ["indexer", "downloadclient"]),
        ("radarr", ["indexer", "downloadclient"]),
        ("prowlarr", ["indexer", "downloadclient", "applications", "indexerproxy"]),
    ],
)
async def test_a_test_of_all_is_described_without_a_body(name: str, paths: list[str]) -> None:
    async with running(name) as client:
        for path in paths:
            known = description(FILES[name]).operation("post", f"{API[name]}/{path}/testall")
            assert "content" not in known["responses"]["200"]
            answer = await client.post(f"{API[name]}/{path}/testall")
            assert answer.status_code == 200
            assert all(set(row) == {"id", "isValid", "validationFailures"} for row in answer.json())


async def test_values_that_nobody_knows_yet_are_what_the_descriptions_do_not_know() -> None:
    for name, path in (
        ("sonarr", "/api/v3/queue"),
        ("radarr", "/api/v3/indexer"),
        ("prowlarr", "/api/v1/applications"),
        ("jellyfin", "/Sessions"),
    ):
        async with running(name, Habits(later_values=True)) as client:
            query = {"pageSize": 200, "includeUnknownSeriesItems": "true"} if name == "sonarr" else {}
            faults = await check(client, description(FILES[name]), get(path, **query))
            assert faults
            assert all("none of" in fault for fault in faults)


def _clock(client: Client) -> FakeClock:
    clock = app_of(client).running.setting.clock
    assert isinstance(clock, FakeClock)
    return clock
