"""One run of Jellyfin on its volume."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import md5
from typing import Final

from aiohttp import web

from mediatui.demo.apps.answers import reply, without_nulls
from mediatui.demo.apps.database import Database
from mediatui.demo.apps.jellyfin.configuration import Configuration
from mediatui.demo.apps.setting import EMPTY, Library, Running, Setting
from mediatui.demo.objects import Object

DATABASE: Final = "data/jellyfin.db"
_DEVICE: Final = "data/device.txt"
"""The server's own id: ``DeviceId.cs``."""
CACHE: Final = "/cache"


@dataclass(slots=True)
class Instance:
    """What every part works with.

    Args:
        running: The run.
        configuration: Its settings.
        database: What it remembers.
    """

    running: Running
    configuration: Configuration
    database: Database

    @property
    def setting(self) -> Setting:
        """What it was started with."""
        return self.running.setting

    @property
    def state(self) -> Object:
        """What the database holds."""
        return self.database.state

    @property
    def library(self) -> Library:
        """How much it holds."""
        return Library(**self.state["library"])

    @property
    def now(self) -> float:
        """Seconds since the epoch."""
        return self.running.now

    @property
    def identity(self) -> str:
        """The server's id, in 32 hexadecimal digits."""
        return self.setting.files[_DEVICE].decode()

    @property
    def version(self) -> str:
        """Its version, in three parts."""
        return version_of(self.setting.version)

    @property
    def later(self) -> bool:
        """Whether it is version 12."""
        return is_later(self.setting.version)

    @property
    def set_up(self) -> bool:
        """Whether the wizard of the first start is through."""
        return bool(self.configuration.value("system", "IsStartupWizardCompleted"))

    @property
    def url_base(self) -> str:
        """The path that it serves under, empty or with a slash before it."""
        base = str(self.configuration.value("network", "BaseUrl")).strip("/")
        return f"/{base}" if base else ""

    @property
    def port(self) -> int:
        """What it listens on."""
        return int(self.configuration.value("network", "InternalHttpPort"))

    @property
    def transcodes(self) -> str:
        """Where it transcodes to."""
        return str(self.configuration.value("encoding", "TranscodingTempPath")) or f"{CACHE}/transcodes"

    def identify(self, *names: object) -> str:
        """Return the id of something on this server, in 32 hexadecimal digits."""
        text = "/".join(map(str, (self.identity, *names)))
        return md5(text.encode(), usedforsecurity=False).hexdigest()

    def reply(self, value: object) -> web.Response:
        """Return an answer; what is null is left out, or written where that is a habit."""
        return reply(value if self.running.habits.written_nulls else without_nulls(value))


def version_of(tag: str) -> str:
    """Return the version in three parts that an image's tag stands for."""
    parts = [part for part in tag.removeprefix("v").partition("-")[0].split(".") if part.isdigit()]
    return ".".join([*parts, "0", "0"][:3]) if parts else "10.11.10"


def is_later(tag: str) -> bool:
    """Tell whether an image's tag stands for version 12 or a later one."""
    return int(version_of(tag).partition(".")[0]) >= 12


def new_state(key: str, library: Library, since: float) -> Object:
    """Return what a database holds at first.

    Args:
        key: An API key.
        library: How much it holds.
        since: When it was installed, in seconds since the epoch.
    """
    return {
        "since": since,
        "library": asdict(library),
        "keys": [{"id": 1, "token": key, "app": "demo", "created": since}],
        "tasks": {},
        "activity": [],
    }


def open_instance(running: Running) -> Instance:
    """Return Jellyfin on its volume; what is missing there is made, as at a first start.

    Raises:
        DamagedError: A configuration file or the database cannot be read.
    """
    setting = running.setting
    configuration = Configuration(setting.files, later=is_later(setting.version))
    if setting.habits.url_base:
        configuration.change("network", BaseUrl=setting.habits.url_base)
    if _DEVICE not in setting.files:
        setting.files[_DEVICE] = setting.new_id().encode()
    database = Database(setting.files, DATABASE)
    if not database.open():
        database.create(new_state(setting.new_id(), EMPTY, running.now), 0)
    return Instance(running, configuration, database)
