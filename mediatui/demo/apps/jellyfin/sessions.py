"""``/Sessions``: who is connected, what they play, and what ffmpeg does for them."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from mediatui.demo.apps.answers import empty, plain, problem
from mediatui.demo.apps.jellyfin.door import Paths
from mediatui.demo.apps.jellyfin.instance import Instance
from mediatui.demo.apps.jellyfin.items import Item, shown
from mediatui.demo.apps.jellyfin.playback import DIRECT, DIRECT_STREAM, IDLE, REMUX, Play, Theatre
from mediatui.demo.apps.readings import data, nth
from mediatui.demo.apps.routing import Call
from mediatui.demo.apps.times import MINUTE, fine_stamp, ticks
from mediatui.demo.objects import Object

_CHECK_IN: Final = 10.0
"""Seconds between a player's reports."""
_IDLE_FOR: Final = 20 * MINUTE
_COMMANDS: Final = (
    "stop",
    "pause",
    "unpause",
    "nexttrack",
    "previoustrack",
    "seek",
    "rewind",
    "fastforward",
    "playpause",
)


class Sessions:
    """The sessions of a server.

    Args:
        instance: The server.
        theatre: Who plays what.
    """

    def __init__(self, instance: Instance, theatre: Theatre) -> None:
        self._instance = instance
        self._theatre = theatre

    def serve(self, paths: Paths) -> None:
        """Add the paths."""
        paths.key.get("/Sessions", self._list)
        paths.key.post("/Sessions/{session}/Playing/{command}", self._command)
        paths.key.delete("/Videos/ActiveEncodings", self._end_encoding)

    async def _list(self, call: Call) -> web.Response:
        query = call.request.query
        rows = [self._row(play) for play in self._theatre.plays()]
        if "deviceId" in query:
            rows = [row for row in rows if row["DeviceId"] == query["deviceId"]]
        if query.get("activeWithinSeconds", "").isdigit():
            earliest = fine_stamp(self._instance.now - int(query["activeWithinSeconds"]))
            rows = [row for row in rows if row["LastActivityDate"] >= earliest]
        return self._instance.reply(sorted(rows, key=lambda row: str(row["LastActivityDate"]), reverse=True))

    async def _command(self, call: Call) -> web.Response:
        slots = {self._theatre.session(play.slot): play.slot for play in self._theatre.plays()}
        if call.parts["command"].lower() not in _COMMANDS:
            return problem(400, command=f"The value '{call.parts['command']}' is not valid.")
        if call.parts["session"] not in slots:
            return plain("Error processing request.", 404)
        if call.parts["command"].lower() == "stop":
            self._theatre.stop(slots[call.parts["session"]])
        return empty(204)

    async def _end_encoding(self, call: Call) -> web.Response:
        query = call.request.query
        missing = [name for name in ("deviceId", "playSessionId") if not query.get(name)]
        if missing:
            return problem(400, **{name: f"The {name} field is required." for name in missing})
        for play in self._theatre.plays():
            if play.job is not None and query["playSessionId"] == self._theatre.play_session(play.slot):
                self._theatre.kill(play.slot)
        return empty(204)

    def _row(self, play: Play) -> Object:
        instance, now = self._instance, self._instance.now
        person = nth(data("jellyfin")["people"], play.slot)
        active = play.kind != IDLE
        seen = now - now % _CHECK_IN if active else max(play.began, instance.running.started - _IDLE_FOR)
        name = person["name"]
        row: Object = {
            "PlayState": self._play_state(play),
            "AdditionalUsers": [],
            "Capabilities": {
                "PlayableMediaTypes": ["Audio", "Video"],
                "SupportedCommands": ["DisplayMessage", "SetVolume"],
                "SupportsMediaControl": True,
                "SupportsPersistentIdentifier": True,
            },
            "RemoteEndPoint": person["address"],
            "PlayableMediaTypes": ["Audio", "Video"],
            "Id": self._theatre.session(play.slot),
            "UserId": instance.identify("user", name),
            "UserName": name,
            "Client": person["client"],
            "LastActivityDate": fine_stamp(seen),
            "LastPlaybackCheckIn": fine_stamp(seen) if active else "0001-01-01T00:00:00.0000000Z",
            "DeviceName": person["device"],
            "DeviceId": self._theatre.device(play.slot),
            "ApplicationVersion": person["version"],
            "IsActive": active,
            "SupportsMediaControl": True,
            "SupportsRemoteControl": True,
            "NowPlayingQueue": [],
            "HasCustomDeviceName": False,
            "ServerId": instance.identity,
            "SupportedCommands": ["DisplayMessage", "SetVolume"],
        }
        if not instance.later:
            row["NowPlayingQueueFullItems"] = []
        if play.item is not None:
            row["NowPlayingItem"] = shown(instance, play.item)
            row["TranscodingInfo"] = self._transcoding(play, play.item)
        return row

    def _play_state(self, play: Play) -> Object:
        same: Object = {"IsMuted": False, "RepeatMode": "RepeatNone", "PlaybackOrder": "Default"}
        if play.item is None:
            return {"CanSeek": False, "IsPaused": False, **same}
        methods = {DIRECT: "DirectPlay", REMUX: "DirectStream"}
        return {
            "PositionTicks": ticks(play.position),
            "CanSeek": True,
            "IsPaused": False,
            "VolumeLevel": 100,
            "AudioStreamIndex": 1,
            "SubtitleStreamIndex": -1,
            "MediaSourceId": play.item.id,
            "PlayMethod": methods.get(play.kind, "Transcode"),
            **same,
        }

    def _transcoding(self, play: Play, item: Item) -> Object | None:
        if play.job is None:
            return None
        instance = self._instance
        video, audio = play.copied, play.kind == REMUX
        telling = play.job.telling(instance.now, item.length)
        small = item.width <= 1920
        reasons = {REMUX: ["ContainerNotSupported"], DIRECT_STREAM: ["AudioCodecNotSupported"]}.get(
            play.kind, ["VideoCodecNotSupported", "ContainerBitrateExceedsLimit"]
        )
        if item.range != "SDR" and not video:
            reasons = ["VideoRangeTypeNotSupported", *reasons]
        if instance.running.habits.later_values:
            reasons = [*reasons, "VideoHologramNotSupported"]
        return {
            "AudioCodec": "ac3" if audio else "aac",
            "VideoCodec": item.codec if video else "h264",
            "Container": "mp4" if video else "ts",
            "IsVideoDirect": video,
            "IsAudioDirect": audio,
            "Bitrate": play.bitrate,
            # An average since the start; nothing at all while ffmpeg says nothing.
            "Framerate": round(play.job.speed * item.frame_rate, 2) if telling else None,
            "CompletionPercentage": 100 * play.job.done / item.length if telling else None,
            "Width": item.width if video or small else 1920,
            "Height": item.height if video or small else item.height // 2,
            "AudioChannels": 6 if audio else 2,
            # What is configured, whatever ffmpeg really uses: ``ReportTranscodingProgress``.
            "HardwareAccelerationType": instance.configuration.value("encoding", "HardwareAccelerationType"),
            "TranscodeReasons": reasons,
        }
