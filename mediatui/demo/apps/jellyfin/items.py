"""Films and episodes as Jellyfin shows them."""

from __future__ import annotations

from typing import Final, NamedTuple

from mediatui.demo.apps.jellyfin.instance import Instance
from mediatui.demo.apps.readings import data, nth
from mediatui.demo.apps.times import MINUTE, ticks
from mediatui.demo.objects import Object

_RATE: Final = 23.976
"""Frames a second."""
_BITRATES: Final = {True: 38_000_000, False: 9_500_000}
"""Bits a second of what is 4K, and of what is not."""


class Item(NamedTuple):
    """A film or an episode."""

    id: str
    name: str
    length: float
    """Seconds."""
    path: str
    range: str
    """``VideoRangeType``."""
    width: int
    height: int
    series: str = ""
    season: int = 0
    episode: int = 0
    year: int = 0

    @property
    def frame_rate(self) -> float:
        """Frames a second."""
        return _RATE

    @property
    def bitrate(self) -> int:
        """Bits a second."""
        return _BITRATES[self.width > 1920]

    @property
    def codec(self) -> str:
        """Of its video."""
        return "hevc" if self.width > 1920 else "h264"


def film(instance: Instance, index: int) -> Item:
    """Return a film."""
    known = nth(data("titles")["films"], index)
    name = f"{known['title']} ({known['year']})"
    return Item(
        instance.identify("film", index),
        known["title"],
        known["runtime"] * MINUTE,
        f"{instance.setting.media}/movies/{name}/{name}.mkv",
        known["range"],
        known["width"],
        known["height"],
        year=known["year"],
    )


def episode(instance: Instance, index: int, number: int) -> Item:
    """Return an episode of a series, counted from 0."""
    known = nth(data("titles")["series"], index)
    place = f"S01E{number + 1:02d}"
    folder = f"{instance.setting.media}/tv/{known['title']} ({known['year']})/Season 01"
    return Item(
        instance.identify("episode", index, number),
        f"Episode {number + 1}",
        known["runtime"] * MINUTE,
        f"{folder}/{known['title']} - {place}.mkv",
        "SDR",
        1440,
        1080,
        known["title"],
        1,
        number + 1,
        known["year"],
    )


def streams(item: Item) -> list[Object]:
    """Return its ``MediaStreams``: video, audio, subtitles."""
    high = item.range != "SDR"
    video: Object = {
        "Codec": item.codec,
        "TimeBase": "1/1000",
        "VideoRange": "HDR" if high else "SDR",
        "VideoRangeType": item.range,
        "AudioSpatialFormat": "None",
        "DisplayTitle": f"{'4K' if item.width > 1920 else '1080p'} {item.codec.upper()} {item.range}",
        "IsInterlaced": False,
        "IsAVC": item.codec == "h264",
        "BitRate": item.bitrate,
        "BitDepth": 10 if high else 8,
        "RefFrames": 1,
        "IsDefault": True,
        "IsForced": False,
        "IsHearingImpaired": False,
        "Height": item.height,
        "Width": item.width,
        "AverageFrameRate": item.frame_rate,
        "RealFrameRate": item.frame_rate,
        "ReferenceFrameRate": item.frame_rate,
        "Profile": "Main 10" if high else "High",
        "Type": "Video",
        "AspectRatio": "16:9",
        "Index": 0,
        "IsExternal": False,
        "IsTextSubtitleStream": False,
        "SupportsExternalStream": False,
        "PixelFormat": "yuv420p10le" if high else "yuv420p",
        "Level": 150.0 if high else 41.0,
        "IsAnamorphic": False,
    }
    same: Object = {"IsInterlaced": False, "IsForced": False, "IsHearingImpaired": False, "IsExternal": False}
    same |= {"VideoRange": "Unknown", "VideoRangeType": "Unknown", "AudioSpatialFormat": "None", "Level": 0.0}
    audio: Object = {
        **same,
        "Codec": "dts" if high else "ac3",
        "Language": "eng",
        "DisplayTitle": "English - 5.1",
        "ChannelLayout": "5.1",
        "BitRate": 640_000,
        "Channels": 6,
        "SampleRate": 48_000,
        "IsDefault": True,
        "Type": "Audio",
        "Index": 1,
        "IsTextSubtitleStream": False,
        "SupportsExternalStream": False,
    }
    subtitles: Object = {
        **same,
        "Codec": "subrip",
        "Language": "eng",
        "DisplayTitle": "English - SUBRIP",
        "IsDefault": False,
        "Type": "Subtitle",
        "Index": 2,
        "IsTextSubtitleStream": True,
        "SupportsExternalStream": True,
    }
    return [video, audio, subtitles]


def shown(instance: Instance, item: Item) -> Object:
    """Return an item as ``NowPlayingItem``."""
    row: Object = {
        "Name": item.name,
        "ServerId": instance.identity,
        "Id": item.id,
        "Container": "mkv",
        "Path": item.path,
        "ChannelId": None,
        "RunTimeTicks": ticks(item.length),
        "ProductionYear": item.year,
        "ProviderIds": {},
        "IsFolder": False,
        "Type": "Episode" if item.series else "Movie",
        "MediaStreams": streams(item),
        "ImageTags": {},
        "BackdropImageTags": [],
        "LocationType": "FileSystem",
        "MediaType": "Video",
        "Width": item.width,
        "Height": item.height,
    }
    if item.series:
        row |= {"SeriesName": item.series, "ParentIndexNumber": item.season, "IndexNumber": item.episode}
    return row
