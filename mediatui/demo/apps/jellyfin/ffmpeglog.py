"""What ffmpeg writes while it works: one file a job, from which its speed and its arguments are read."""

from __future__ import annotations

import json
from typing import Final, NamedTuple

from mediatui.demo.apps.jellyfin.instance import Instance
from mediatui.demo.apps.jellyfin.items import Item
from mediatui.demo.apps.jellyfin.playback import DIRECT_STREAM, HARDWARE, REMUX, Job, Play
from mediatui.demo.apps.times import name_time

_NAMES: Final = {REMUX: "Remux", DIRECT_STREAM: "DirectStream"}
_EVERY: Final = 5.0
"""Seconds between two lines on progress; ffmpeg writes ten times as many."""
_MOST: Final = 60
"""Lines that are kept of them."""
_VERSION: Final = "ffmpeg version 7.1.3-Jellyfin Copyright (c) 2000-2025 the FFmpeg developers"
_DECODE: Final = (
    "-init_hw_device vaapi=va:/dev/dri/renderD128,driver=iHD -init_hw_device qsv=qs@va -filter_hw_device qs "
    "-hwaccel qsv -hwaccel_output_format qsv"
)


class LogFile(NamedTuple):
    """A log and when it was begun and last written to, in seconds since the epoch."""

    name: str
    text: str
    created: float
    modified: float


def log_of(instance: Instance, play: Play) -> LogFile | None:
    """Return the log of a session's job, None where it has none yet."""
    if play.item is None or play.job is None or play.job.began > instance.now:
        return None
    item, job = play.item, play.job
    mark = instance.identify("log", play.slot, job.began)[:8]
    when = name_time(job.began, "%Y-%m-%d_%H-%M-%S")
    name = f"FFmpeg.{_NAMES.get(play.kind, 'Transcode')}-{when}_{item.id}_{mark}.log"
    source = {"Protocol": 0, "Id": item.id, "Path": item.path, "Container": "mkv", "Bitrate": item.bitrate}
    text = f"{json.dumps(source)}\n\n{arguments(instance, play, item)}\n\n\n{_VERSION}\n"
    text += "".join(f"{line}\n" for line in _mapping(play, item))
    ended = min(instance.now, job.began + max(0.0, job.done - job.start) / job.speed)
    text += "".join(f"{line}\n" for line in _progress(job, item, ended))
    return LogFile(name, text, job.began, ended)


def failure(instance: Instance, at: float) -> LogFile:
    """Return the log of a transcode that failed with the words that are a habit."""
    mark = instance.identify("failure")
    when = name_time(at, "%Y-%m-%d_%H-%M-%S")
    text = f"{_VERSION}\n{instance.running.habits.ffmpeg_error}\n"
    return LogFile(f"FFmpeg.Transcode-{when}_{mark}_{mark[:8]}.log", text, at, at + 1)


def arguments(instance: Instance, play: Play, item: Item) -> str:
    """Return ffmpeg's command line: only it tells what is done in hardware."""
    encoder = str(instance.configuration.value("encoding", "EncoderAppPathDisplay"))
    high = item.range != "SDR"
    if play.copied:
        before, video, filters = "", "copy", ""
    elif play.kind == HARDWARE:
        tone = ":tonemap=1" if high else ""
        before, video, filters = _DECODE, "h264_qsv -low_power 1", f' -vf "vpp_qsv=w=1920:h=-1{tone}:format=nv12"'
    else:
        tone = "tonemapx=tonemap=bt2390:p=bt709," if high else ""
        before, video, filters = "", "libx264 -preset veryfast -crf 23", f' -vf "{tone}scale=1920:-2,format=yuv420p"'
    audio = "copy" if play.kind == REMUX else "libfdk_aac -ac 2 -ab 256000"
    words = [
        encoder,
        "-analyzeduration 200M -probesize 1G",
        f"-ss {play.job.start if play.job else 0:.3f}",
        before,
        f'-i file:"{item.path}"',
        f"-map_metadata -1 -map 0:0 -map 0:1 -codec:v:0 {video}{filters} -codec:a:0 {audio}",
        f'-f hls -hls_time 3 -y "{instance.transcodes}/{item.id}.m3u8"',
    ]
    return " ".join(word for word in words if word)


def _mapping(play: Play, item: Item) -> list[str]:
    if play.copied:
        return ["Stream mapping:", "  Stream #0:0 -> #0:0 (copy)"]
    encoder = "h264_qsv" if play.kind == HARDWARE else "libx264"
    return ["Stream mapping:", f"  Stream #0:0 -> #0:0 ({item.codec} (native) -> h264 ({encoder}))"]


def _progress(job: Job, item: Item, ended: float) -> list[str]:
    lines = []
    count = int((ended - job.began) // _EVERY)
    for number in range(max(1, count - _MOST + 1), count + 1):
        passed = number * _EVERY
        made = passed * job.speed
        minutes, seconds = divmod(made, 60)
        hours, minutes = divmod(minutes, 60)
        frames = int(made * item.frame_rate)
        lines.append(
            f"frame={frames:5d} fps={frames / passed:3.0f} q=-1.0 size=N/A "
            f"time={int(hours):02d}:{int(minutes):02d}:{seconds:05.2f} bitrate=N/A speed={job.speed:.3g}x"
        )
    return lines
