"""One run of a Servarr app on its volume."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from mediatui.demo.apps.database import Database
from mediatui.demo.apps.servarr.configfile import ConfigFile
from mediatui.demo.apps.servarr.kind import Kind
from mediatui.demo.apps.setting import EMPTY, Library, Running, Setting
from mediatui.demo.objects import Object

_LOG_LINES: Final = 200
"""That are kept in the database; the real apps keep seven days."""


@dataclass(slots=True)
class Instance:
    """What every part of an app works with.

    Args:
        kind: Which app.
        running: The run.
        config: Its configuration.
        database: What it remembers.
    """

    kind: Kind
    running: Running
    config: ConfigFile
    database: Database

    @property
    def setting(self) -> Setting:
        """What it was started with."""
        return self.running.setting

    @property
    def state(self) -> Object:
        """What the database holds; ``save`` keeps a change."""
        return self.database.state

    @property
    def library(self) -> Library:
        """How much it holds."""
        return Library(**self.state["library"])

    @property
    def version(self) -> str:
        """Its version, in four parts."""
        return self.kind.version(self.setting.version)

    @property
    def now(self) -> float:
        """Seconds since the epoch."""
        return self.running.now

    def save(self) -> None:
        """Keep what has changed."""
        self.database.save()

    def log(self, level: str, logger: str, message: str, at: float | None = None) -> None:
        """Write a log line.

        Args:
            level: As in the log file, for example ``Info``.
            logger: Which part says it.
            message: What it says.
            at: Seconds since the epoch, now unless it is said.
        """
        rows = self.state["log"]
        number = rows[-1]["id"] + 1 if rows else 1
        time = self.now if at is None else at
        rows.append({"id": number, "time": time, "level": level, "logger": logger, "message": message})
        del rows[:-_LOG_LINES]


def new_state(identity: str, library: Library, since: float) -> Object:
    """Return what a database holds at first.

    Args:
        identity: The installation's own id.
        library: How much it holds.
        since: When it was installed, in seconds since the epoch.
    """
    return {
        "identity": identity,
        "since": since,
        "library": asdict(library),
        "removed": [],
        "commands": [],
        "tasks": {},
        "back_off": {},
        "log": [],
    }


def open_instance(kind: Kind, running: Running) -> Instance:
    """Return the app on its volume; what is missing there is made, as at a first start.

    Raises:
        DamagedError: The configuration or the database cannot be read.
    """
    setting = running.setting
    config = ConfigFile(setting, kind)
    database = Database(setting.files, kind.database)
    if not database.open():
        database.create(new_state(setting.new_id(), EMPTY, running.now), 0)
    return Instance(kind, running, config, database)
