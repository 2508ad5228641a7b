"""How a level is shown: a glyph and a word, so that colour is never needed."""

from __future__ import annotations

from mediatui.model.finding import Level
from mediatui.model.source import SourceStatus
from mediatui.present.rows import Cell, Role

GLYPHS: dict[Level, str] = {Level.OK: "✔", Level.WARN: "▲", Level.FAIL: "✖", Level.UNKNOWN: "?", Level.NA: "·"}
ROLES: dict[Level, Role] = {
    Level.OK: "ok",
    Level.WARN: "warn",
    Level.FAIL: "fail",
    Level.UNKNOWN: "unknown",
    Level.NA: "muted",
}
ASCII: dict[int, str] = str.maketrans({"✔": "+", "▲": "!", "✖": "x", "·": ".", "…": "~", "→": ">", "—": "-", "–": "-"})
"""For a terminal whose encoding knows no more: a translation for ``str.translate``."""

SOURCE_WORDS: dict[SourceStatus, tuple[str, Role]] = {
    SourceStatus.STARTING: ("reading", "muted"),
    SourceStatus.SYNCED: ("live", "ok"),
    SourceStatus.STALE: ("stale", "warn"),
    SourceStatus.NO_PERMISSION: ("no permission", "warn"),
    SourceStatus.UNREACHABLE: ("unreachable", "fail"),
    SourceStatus.NOT_INSTALLED: ("not installed", "muted"),
    SourceStatus.STOPPED: ("stopped", "muted"),
}


def level_cell(level: Level) -> Cell:
    """Return a level as glyph and word in its role."""
    return Cell(f"{GLYPHS[level]} {level}", ROLES[level])
