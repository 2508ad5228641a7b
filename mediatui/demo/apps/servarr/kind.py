"""In what the Servarr apps differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the apps.

    Args:
        name: As files and variables are named after it.
        title: As it calls itself.
        port: What it listens on unless it is told otherwise.
        ssl_port: The same for HTTPS.
        branch: That it is released from.
        build: The last part of its version, which images leave out.
        migration: The newest of its database.
        tasks: What it does by itself, with the minutes between.
        api: Where its API is.
        body: What only its commands tell.
        tells_result: Whether its commands have a result beside a status.
        tells_sqlite: Whether its status names SQLite's version.
        media: The name of the folder that its files are in.
    """

    name: str
    title: str
    port: int
    ssl_port: int
    branch: str
    build: int
    migration: int
    tasks: Mapping[str, int]
    api: str = "/api/v3"
    body: Mapping[str, bool] = field(default_factory=dict)
    tells_result: bool = True
    tells_sqlite: bool = False
    media: str = ""

    @property
    def database(self) -> str:
        """Where its database lies."""
        return f"{self.name}.db"

    def version(self, tag: str) -> str:
        """Return the version in four parts that an image's tag stands for."""
        parts = [part for part in tag.removeprefix("v").partition("-")[0].split(".") if part.isdigit()]
        known = parts if len(parts) > 1 else ["1", "0", "0"]
        return ".".join([*known, *["0"] * (3 - len(known)), str(self.build)][: max(4, len(known))])


COMMON_TASKS = {"MessagingCleanup": 5, "ApplicationUpdateCheck": 6 * 60, "CheckHealth": 6 * 60, "Housekeeping": _DAY}
"""What every one of them does."""
BACKUP = {"Backup": 7 * _DAY}
"""The backup that nobody has to ask for."""
COMMANDS = frozenset({"RefreshMonitoredDownloads", "ProcessMonitoredDownloads", "ClearLog", "ClearBlocklist"})
"""What can be asked for beside the tasks."""
