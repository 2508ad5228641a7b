"""How each app talks: lines of the shape that its real container writes, in an order that makes sense.

The films and series are ones that anybody may share.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

_SERIES: Final = ("Pioneer One", "The Beverly Hillbillies", "Sherlock Holmes", "One Step Beyond", "Dragnet")
_FILMS: Final = (
    "Charade (1963)",
    "Night of the Living Dead (1968)",
    "Metropolis (1927)",
    "Sintel (2010)",
    "Tears of Steel (2012)",
    "Big Buck Bunny (2008)",
)
_INDEXERS: Final = ("Internet Archive", "Public Domain Torrents", "Open Culture")
_USERS: Final = ("anna", "ben", "living-room")


class Said(NamedTuple):
    """One line before it has its time: level, logger and text."""

    level: str
    logger: str
    text: str


class Voice(NamedTuple):
    """One program's way of logging."""

    episode: Callable[[random.Random], list[Said]]
    """Makes a few lines that belong together."""
    line: Callable[[Said, float, random.Random], str]
    """Gives a line its shape and, where the program does so, its time."""


def _servarr_line(said: Said, at: float, chance: random.Random) -> str:
    return f"[{said.level}] {said.logger}: {said.text}"


def _jellyfin_line(said: Said, at: float, chance: random.Random) -> str:
    clock = datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S")
    return f"[{clock}] [{said.level}] [{chance.randrange(1, 48)}] {said.logger}: {said.text}"


def bazarr_line(said: Said, at: float, chance: random.Random) -> str:
    """Return a line as Bazarr writes it to the console; one without a level is printed as it is."""
    if not said.level:
        return said.text
    moment = datetime.fromtimestamp(at, UTC)
    clock = f"{moment:%Y-%m-%d %H:%M:%S},{moment.microsecond // 1000:03d}"
    return (
        f"{clock} - {'root':<32} (7f2c5d1b{chance.randrange(16**4):04x}) :  {said.level} ({said.logger}) - {said.text}"
    )


def _logfmt_line(said: Said, at: float, chance: random.Random) -> str:
    clock = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f'time="{clock}" level={said.level} msg="{said.text}" logger={said.logger}'


def _klog_line(said: Said, at: float, chance: random.Random) -> str:
    clock = datetime.fromtimestamp(at, UTC).strftime("%m%d %H:%M:%S.%f")
    return f"{said.level}{clock} {1:>7} {said.logger}] {said.text}"


def _sabnzbd_line(said: Said, at: float, chance: random.Random) -> str:
    moment = datetime.fromtimestamp(at, UTC)
    clock = f"{moment:%Y-%m-%d %H:%M:%S},{moment.microsecond // 1000:03d}"
    return f"{clock}::{said.level}::[{said.logger}] {said.text}"


def _seerr_line(said: Said, at: float, chance: random.Random) -> str:
    clock = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    return f"{clock}Z [{said.level}][{said.logger}]: {said.text}"


def _rss(chance: random.Random) -> list[Said]:
    found = chance.choice((100, 100, 150, 200))
    grabbed = 1 if chance.random() < 0.12 else 0
    return [
        Said("Info", "RssSyncService", "Starting RSS Sync"),
        Said("Info", "DownloadDecisionMaker", f"Processing {found} releases"),
        Said("Info", "RssSyncService", f"RSS Sync Completed. Reports found: {found}, Reports grabbed: {grabbed}"),
    ]


def _slow_indexer(chance: random.Random) -> list[Said]:
    indexer = chance.choice(_INDEXERS)
    text = f"{indexer} (Prowlarr) rss sync didn't cover the period between two runs. Search may be required."
    return [Said("Warn", "Torznab", f"Indexer {text}")]


def _housekeeping(chance: random.Random) -> list[Said]:
    return [
        Said("Info", "HousekeepingService", "Running housecleaning tasks"),
        Said("Info", "Database", "Vacuuming Main database"),
        Said("Info", "Database", "Main database compressed"),
    ]


def _sonarr(chance: random.Random) -> list[Said]:
    title = chance.choice(_SERIES)
    episode = f"S{chance.randrange(1, 4):02d}E{chance.randrange(1, 13):02d}"
    release = f"{title.replace(' ', '.')}.{episode}.1080p.WEB-DL.x264-OPEN"
    path = f"/media/tv/{title}"
    refresh = [
        Said("Info", "RefreshSeriesService", f"Updating {title}"),
        Said(
            "Info", "RefreshEpisodeService", f"Starting episode info refresh for: [{chance.randrange(10**5)}][{title}]"
        ),
        Said("Info", "RefreshEpisodeService", f"Finished episode refresh for series: [{title}]."),
        Said("Info", "DiskScanService", f"Scanning {title}"),
        Said("Info", "DiskScanService", f"Completed scanning disk for {title}"),
    ]
    grab = [
        Said(
            "Info",
            "DownloadService",
            f"Report for {title} - {episode} sent to SABnzbd from indexer Internet Archive. {release}",
        ),
        Said("Info", "DownloadedEpisodesImportService", f"Processing file {release}.mkv"),
        Said("Info", "ImportApprovedEpisodes", f"Importing episode file {path}/{release}.mkv"),
        Said("Info", "EpisodeFileMovingService", f"Hardlinking episode file: /media/downloads/{release}.mkv to {path}"),
    ]
    return _weighted(
        chance, (5, _rss), (3, lambda _: refresh), (1, lambda _: grab), (1, _slow_indexer), (1, _housekeeping)
    )


def _radarr(chance: random.Random) -> list[Said]:
    title = chance.choice(_FILMS)
    release = title.replace(" ", ".").replace("(", "").replace(")", "") + ".1080p.BluRay.x265-OPEN"
    refresh = [
        Said("Info", "RefreshMovieService", f"Updating info for {title}"),
        Said("Info", "DiskScanService", f"Scanning disk for {title}"),
        Said("Info", "DiskScanService", f"Completed scanning disk for {title}"),
    ]
    grab = [
        Said("Info", "DownloadService", f"Report for {title} sent to SABnzbd from indexer Internet Archive. {release}"),
        Said("Info", "ImportApprovedMovie", f"Importing movie file /media/movies/{title}/{release}.mkv"),
    ]
    lists = [
        Said("Info", "ImportListSyncService", "Starting Import List Sync"),
        Said("Info", "ImportListSyncService", "Import List Sync Completed"),
    ]
    return _weighted(
        chance, (5, _rss), (3, lambda _: refresh), (1, lambda _: grab), (1, lambda _: lists), (1, _housekeeping)
    )


def _prowlarr(chance: random.Random) -> list[Said]:
    indexer = chance.choice(_INDEXERS)
    categories = chance.choice(("5030, 5040", "2000, 2040", "5040"))
    search = f"Searching indexer(s): [{indexer}] for Term: [], Offset: 0, Limit: 100, Categories: [{categories}]"
    results = f"Found {chance.randrange(20, 101)} releases for [{indexer}]"
    sync = [
        Said("Info", "ApplicationService", "Syncing indexers to Sonarr"),
        Said("Info", "ApplicationService", "Syncing indexers to Radarr"),
    ]
    slow = [Said("Warn", "IndexerStatusService", f"Indexer {indexer} answered slowly: 8123ms")]
    return _weighted(
        chance,
        (6, lambda _: [Said("Info", "ReleaseSearchService", search), Said("Info", "ReleaseSearchService", results)]),
        (2, lambda _: sync),
        (1, lambda _: slow),
        (1, _housekeeping),
    )


def _jellyfin(chance: random.Random) -> list[Said]:
    film, user = chance.choice(_FILMS).rsplit(" ", 1)[0], chance.choice(_USERS)
    session = "Emby.Server.Implementations.Session"
    tasks = "Emby.Server.Implementations.ScheduledTasks.TaskManager"
    transcode = "MediaBrowser.MediaEncoding.Transcoding.TranscodeManager"
    command = (
        "/usr/lib/jellyfin-ffmpeg/ffmpeg -analyzeduration 200M -init_hw_device vaapi=va:,vendor_id=0x8086,driver=iHD "
        f'-init_hw_device qsv=qs@va -hwaccel vaapi -i file:"/media/movies/{film}/{film}.mkv" -codec:v:0 h264_qsv '
        "-b:v 8000000 -f hls /cache/transcodes/stream.m3u8"
    )
    policy = f'User policy for "{user}". EnablePlaybackRemuxing: True EnableVideoPlaybackTranscoding: True'
    stopped = f'"{film}". Stopped at "{chance.randrange(60_000, 6_000_000)}" ms'
    play = [
        Said("INF", "Jellyfin.Api.Helpers.MediaInfoHelper", policy),
        Said("INF", transcode, command),
        Said("INF", f"{session}.SessionManager", f'Playback stopped reported by app "Jellyfin Web" playing {stopped}'),
        Said("INF", transcode, "FFmpeg exited with code 0"),
    ]
    sockets = [
        Said("INF", f"{session}.SessionWebSocketListener", "Sending ForceKeepAlive message to 1 inactive WebSockets."),
        Said("INF", f"{session}.SessionWebSocketListener", "Lost 1 WebSockets."),
    ]
    spent = f"Completed after {chance.randrange(0, 3)} minute(s) and {chance.randrange(60)} seconds"
    scan = [Said("INF", tasks, f"Scan Media Library {spent}"), Said("INF", tasks, "Optimize database Completed")]
    slow = [
        Said("WRN", "Jellyfin.Api.Middleware.ResponseTimeMiddleware", "Slow HTTP Response from /Items in 0:00:00.7")
    ]
    return _weighted(chance, (3, lambda _: play), (4, lambda _: sockets), (2, lambda _: scan), (1, lambda _: slow))


def _exportarr(chance: random.Random) -> list[Said]:
    return [Said("info", "exportarr", f"Scraped http://localhost:8989 in {chance.randrange(40, 400)}ms")]


def _sabnzbd(chance: random.Random) -> list[Said]:
    return [
        Said("INFO", "rss:351", "Running scheduled RSS read-out"),
        Said("INFO", "notifier:123", "Sending notification: Queue is empty"),
    ]


def _jellyseerr(chance: random.Random) -> list[Said]:
    return [Said("debug", "Jobs", "Starting scheduled job: Download Sync")]


def _plumbing(chance: random.Random) -> list[Said]:
    return [
        Said("I", "controller.go:182", f"reconciled {chance.randrange(1, 40)} objects in {chance.randrange(2, 90)}ms")
    ]


def _weighted(chance: random.Random, *choices: tuple[int, Callable[[random.Random], list[Said]]]) -> list[Said]:
    makers = [maker for _, maker in choices]
    return chance.choices(makers, [weight for weight, _ in choices])[0](chance)


VOICES: Final[Mapping[str, Voice]] = {
    "sonarr": Voice(_sonarr, _servarr_line),
    "radarr": Voice(_radarr, _servarr_line),
    "prowlarr": Voice(_prowlarr, _servarr_line),
    "jellyfin": Voice(_jellyfin, _jellyfin_line),
    "exportarr": Voice(_exportarr, _logfmt_line),
    "jellyseerr": Voice(_jellyseerr, _seerr_line),
    "sabnzbd": Voice(_sabnzbd, _sabnzbd_line),
    "": Voice(_plumbing, _klog_line),
}
"""Voices by container name; the empty name speaks for all that have none of their own."""
