"""What a simulated app is started with: its volume, its time, how much it holds and which bad habits it shows."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, fields
from random import Random

from mediatui.demo.clock import Clock


@dataclass(frozen=True, slots=True)
class Library:
    """How much an app in use holds; an app takes what concerns it."""

    series: int = 24
    movies: int = 60
    missing: int = 14
    """Episodes or films that are wanted and not there."""
    cutoff: int = 5
    """Those that are there and not good enough."""
    downloads: int = 12
    """Queue items that move: more than the ten of a page."""
    stuck: int = 2
    """Queue items that wait for a person."""
    unknown: int = 1
    """Queue items that belong to no known series or film."""
    indexers: int = 5
    blocked: int = 1
    """Indexers that Prowlarr does not ask for a while."""
    clients: int = 2
    """Download clients."""
    applications: int = 2
    """Apps that Prowlarr gives its indexers to."""
    providers: int = 4
    """Where Bazarr takes subtitles from."""
    throttled: int = 1
    """Those that it does not ask for a while."""
    playing: int = 2
    """Jellyfin sessions that play a file as it is."""
    transcoding: int = 2
    """Those that need ffmpeg; the first in hardware."""
    idle: int = 1
    """Those that play nothing."""
    backups: int = 3

    @property
    def fresh(self) -> bool:
        """Whether nobody has put anything in yet."""
        return self == EMPTY

    @property
    def items(self) -> int:
        """How much that is to a database."""
        return 4 * self.series + self.movies + self.indexers


EMPTY = Library(**{one.name: 0 for one in fields(Library)})
"""What a new installation holds."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What apps do that a client has to bear; all are off until asked for."""

    url_base: str = ""
    """The path that it serves under, for example ``/sonarr``; elsewhere it redirects."""
    starting_for: float = 0.0
    """Seconds after the start in which it answers as a starting app does."""
    slow_folders: float = 0.0
    """Seconds that it takes to list a folder."""
    slow_tests: float = 0.0
    """Seconds that the test of one indexer or client takes."""
    failing: frozenset[str] = frozenset()
    """Names of the indexers, clients and applications whose test fails."""
    failing_commands: frozenset[str] = frozenset()
    """Names of the commands and tasks that fail."""
    unreachable: frozenset[str] = frozenset()
    """Folders that are not there."""
    read_only: frozenset[str] = frozenset()
    """Folders that cannot be written to."""
    ailments: tuple[str, ...] = ()
    """Health checks that fail beside those that follow from the rest, by their source: ``data/health.yaml``."""
    broken_database: bool = False
    """``/ping`` and ``/health`` say that the database does not answer."""
    late_tasks: bool = False
    """The scheduler stands still: tasks are overdue."""
    later_values: bool = False
    """Enumerations have values that no description knows yet."""
    written_nulls: bool = False
    """What is null is written; otherwise it is left out, as the apps do. The descriptions allow both."""
    software: bool = False
    """Jellyfin transcodes in software, whatever its configuration says."""
    ffmpeg_error: str = ""
    """The last words of a transcode that failed."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and how an app runs.

    Args:
        files: Its volume, by path relative to the root; the app keeps its state there.
        clock: The time.
        random: Chance: keys and ids are made of it.
        version: That of the image.
        library: What ``populate`` puts into the volume; starting reads it from there.
        habits: What it does badly from the start.
        environment: The container's variables; some settings are taken from them before the files are asked.
        folder: Where the volume is mounted.
        media: Where films and series lie.
        transcodes: Where Jellyfin is told to transcode to by ``populate``; its cache when empty.
    """

    files: MutableMapping[str, bytes]
    clock: Clock
    random: Random
    version: str
    library: Library = field(default_factory=Library)
    habits: Habits = field(default_factory=Habits)
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: str = "/config"
    media: str = "/media"
    transcodes: str = ""

    def new_id(self) -> str:
        """Return 128 bits of chance as 32 hexadecimal digits, the form of every key and id."""
        return f"{self.random.getrandbits(128):032x}"


@dataclass(slots=True)
class Running:
    """One run of an app.

    Args:
        setting: What it was started with.
        started: Seconds since the epoch.
        habits: What it does badly now: it can be changed while it runs.
    """

    setting: Setting
    started: float
    habits: Habits

    @property
    def now(self) -> float:
        """Seconds since the epoch."""
        return self.setting.clock.now()

    @property
    def starting(self) -> bool:
        """Whether it is not ready yet."""
        return self.now < self.started + self.habits.starting_for

    async def take(self, seconds: float) -> None:
        """Let something take so long."""
        if seconds > 0:
            await self.setting.clock.sleep(seconds)


def run(setting: Setting) -> Running:
    """Return a run that begins now."""
    return Running(setting, setting.clock.now(), setting.habits)
