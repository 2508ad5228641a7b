from __future__ import annotations

import re
from typing import Any

import pytest

from mediatui.demo.apps.setting import Habits, Library
from tests.demo.apps.asking import Client, app_of, clock_of, running

MINUTE = 60
LIBRARY = Library(playing=3, transcoding=2, idle=1)


async def sessions(client: Client, **query: Any) -> list[Any]:
    rows = await client.json("/Sessions", **query)
    return sorted(rows, key=lambda row: str(row["UserName"]))


def method(session: dict[str, Any]) -> str:
    """Return what is done with a file, as Jellyfin's documentation tells it apart."""
    if "NowPlayingItem" not in session:
        return "idle"
    known = session.get("TranscodingInfo")
    if known is None:
        return "direct play"
    if known["IsVideoDirect"]:
        return "remux" if known["IsAudioDirect"] else "direct stream"
    return "transcode"


async def test_every_method_is_played() -> None:
    async with running("jellyfin", library=LIBRARY) as client:
        methods = [method(row) for row in await sessions(client)]
        assert methods == ["direct play", "remux", "direct stream", "transcode", "transcode", "idle"]


async def test_what_plays_goes_on() -> None:
    async with running("jellyfin", library=LIBRARY) as client:
        before = await sessions(client)
        await clock_of(app_of(client)).turn(30)
        after = await sessions(client)
        for one, other in zip(before[:4], after[:4], strict=True):
            passed = other["PlayState"]["PositionTicks"] - one["PlayState"]["PositionTicks"]
            assert passed / 1e7 == pytest.approx(30, abs=0.1)


async def test_after_an_item_comes_the_next() -> None:
    async with running("jellyfin", library=LIBRARY) as client:
        names = set()
        for _ in range(12):
            names |= {row["NowPlayingItem"]["Name"] for row in await sessions(client) if "NowPlayingItem" in row}
            await clock_of(app_of(client)).turn(20 * MINUTE)
        assert len(names) > 8


async def test_a_transcode_says_nothing_at_first_then_proceeds_then_says_nothing_again() -> None:
    async with running("jellyfin", library=LIBRARY) as client:
        clock, seen = clock_of(app_of(client)), []
        for _ in range(60):
            known = (await sessions(client))[3]["TranscodingInfo"]
            assert ("Framerate" in known) == ("CompletionPercentage" in known)
            seen.append(known.get("CompletionPercentage"))
            await clock.turn(1 if len(seen) < 10 else 60)
        assert seen[0] is None
        told = [value for value in seen if value is not None]
        assert told == sorted(told)
        assert told[-1] > 90
        assert seen[-1] is None, "ffmpeg has ended, the film has not"


async def test_what_is_null_can_be_written() -> None:
    async with running("jellyfin", Habits(written_nulls=True), LIBRARY) as client:
        known = (await sessions(client))[3]["TranscodingInfo"]
        assert (known["Framerate"], known["CompletionPercentage"]) == (None, None)


async def test_the_type_of_acceleration_is_the_configured_one_whatever_is_done() -> None:
    async with running("jellyfin", Habits(software=True), LIBRARY) as client:
        await clock_of(app_of(client)).turn(60)
        for row in (await sessions(client))[3:5]:
            assert row["TranscodingInfo"]["HardwareAccelerationType"] == "qsv"
        lines = await ffmpeg_logs(client)
        assert all("libx264" in text and "h264_qsv" not in text for name, text in lines.items() if "Transcode-" in name)


async def ffmpeg_logs(client: Client) -> dict[str, str]:
    names = [row["Name"] for row in await client.json("/System/Logs")]
    return {
        name: (await client.get("/System/Logs/Log", params={"name": name})).text
        for name in names
        if name.startswith("FFmpeg.")
    }


async def test_ffmpeg_writes_a_log_of_each_job_with_its_arguments_and_speed() -> None:
    async with running("jellyfin", library=LIBRARY) as client:
        await clock_of(app_of(client)).turn(60)
        logs = await ffmpeg_logs(client)
        kinds = sorted(name.partition("-")[0] for name in logs)
        assert kinds == ["FFmpeg.DirectStream", "FFmpeg.Remux", "FFmpeg.Transcode", "FFmpeg.Transcode"]
        sources = {row["PlayState"].get("MediaSourceId") for row in await sessions(client)}
        speeds = {}
        for name, text in logs.items():
            found = re.fullmatch(r"FFmpeg\.\w+-\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_([0-9a-f]{32})_[0-9a-f]{8}\.log", name)
            assert found is not None
            assert found[1] in sources
            speeds["h264_qsv" if "h264_qsv" in text else "copy" if "copy" in text else "libx264"] = float(
                re.findall(r"speed=([\d.]+)x", text)[-1]
            )
        assert speeds["h264_qsv"] > 2
        assert speeds["libx264"] < 1
        # The files themselves are there too, for who looks at them in the container.
        app_of(client).catch_up()
        assert set(logs) < {path.removeprefix("log/") for path in app_of(client).running.setting.files}


async def test_a_failed_transcode_leaves_its_last_words() -> None:
    words = "No VA display found for device /dev/dri/renderD128.\nDevice creation failed: -22."
    async with running("jellyfin", Habits(ffmpeg_error=words)) as client:
        assert any(words in text for text in (await ffmpeg_logs(client)).values())


async def test_those_who_do_nothing_are_left_out_when_only_the_active_are_asked_for() -> None:
    async with running("jellyfin", library=LIBRARY) as client:
        assert len(await sessions(client, activeWithinSeconds=90)) == 5
        device = (await sessions(client))[2]["DeviceId"]
        assert [row["DeviceId"] for row in await sessions(client, deviceId=device)] == [device]


async def test_a_session_can_be_stopped() -> None:
    async with running("jellyfin", library=LIBRARY) as client:
        session = (await sessions(client))[4]
        assert method(session) == "transcode"
        assert (await client.post(f"/Sessions/{session['Id']}/Playing/Stop")).status_code == 204
        assert method((await sessions(client))[4]) == "idle"
        assert (await client.post("/Sessions/nobody/Playing/Stop")).status_code == 404
        assert (await client.post(f"/Sessions/{session['Id']}/Playing/Explode")).status_code == 400


async def test_an_encoding_is_ended_by_the_id_that_only_its_player_knows() -> None:
    async with running("jellyfin", library=LIBRARY) as client:
        app = app_of(client)
        await clock_of(app).turn(30)
        device = (await sessions(client))[3]["DeviceId"]
        assert (await client.delete("/Videos/ActiveEncodings", params={"deviceId": device})).status_code == 400
        query = {"deviceId": device, "playSessionId": "unknown"}
        assert (await client.delete("/Videos/ActiveEncodings", params=query)).status_code == 204
        assert "Framerate" in (await sessions(client))[3]["TranscodingInfo"]


async def test_version_12_answers_what_its_description_hides() -> None:
    async with running("jellyfin", version="12.0.0") as client:
        query = {"deviceId": "a", "playSessionId": "b"}
        assert (await client.delete("/Videos/ActiveEncodings", params=query)).status_code == 204


async def test_reasons_that_nobody_knows_yet() -> None:
    async with running("jellyfin", Habits(later_values=True), LIBRARY) as client:
        assert "VideoHologramNotSupported" in (await sessions(client))[3]["TranscodingInfo"]["TranscodeReasons"]


async def test_transcodes_fill_the_folder_that_they_go_to() -> None:
    async with running("jellyfin", library=LIBRARY, transcodes="/transcode") as client:
        used = []
        for _ in range(3):
            folder = (await client.json("/System/Info/Storage"))["TranscodingTempFolder"]
            used.append(folder["UsedSpace"])
            await clock_of(app_of(client)).turn(60)
        assert folder["Path"] == "/transcode"
        assert used == sorted(set(used))
