"""What a check found out: a level, in one sentence, with the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mediatui.model.source import Unknown


class Level(StrEnum):
    """How something is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NA = "na"


SEVERITY: dict[Level, int] = {Level.FAIL: 4, Level.UNKNOWN: 3, Level.WARN: 2, Level.OK: 1, Level.NA: 0}
"""How much a level asks for attention, the most urgent highest."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What can be done: an action with parameters, or advice alone when the action is empty."""

    advice: str
    action: str = ""
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement about one subject."""

    id: str
    """The check's id, for example ``app.crash-loop``."""
    level: Level
    subject: str
    """What it is about, ``namespace/name`` or an app's key."""
    summary: str
    evidence: tuple[str, ...] = ()
    remedy: Remedy | None = None
    reason: Unknown | None = None
    """Why it is unknown; set if and only if the level is."""
    explained_by: str = ""
    """The id of the finding that is the cause of this one."""
