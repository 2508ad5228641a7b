"""How a log line looks: the level it states, and the words that were searched for."""

from __future__ import annotations

import re
from typing import Final

from mediatui.present.rows import Role

# Serilog and NLog ([ERR], [Error], |Error|), Python and s6 (ERROR), logfmt and JSON (level=error, "level":"error").
_LEVEL: Final = re.compile(
    r"""\[(?P<a>[A-Za-z]{3,11})\]|\|(?P<b>[A-Za-z]{4,11})\s*\||\b(?P<c>ERROR|FATAL|CRITICAL|WARN(?:ING)?|INFO|DEBUG|TRACE)\b"""
    r"""|\blevel"?[=:]\s?"?(?P<d>[A-Za-z]{3,11})""",
)
_ROLES: Final[dict[str, Role]] = {
    "err": "fail",
    "error": "fail",
    "fatal": "fail",
    "ftl": "fail",
    "crit": "fail",
    "critical": "fail",
    "panic": "fail",
    "warn": "warn",
    "warning": "warn",
    "wrn": "warn",
    "debug": "muted",
    "dbg": "muted",
    "trace": "muted",
    "trc": "muted",
    "vrb": "muted",
    "verbose": "muted",
}
_HEAD: Final = 160
"""A level stands near the beginning of its line."""


def level_of(text: str) -> tuple[Role, int, int] | None:
    """Return the role of the level that a line states, and where it stands; None for none worth marking."""
    for match in _LEVEL.finditer(text, 0, _HEAD):
        word = match[match.lastgroup or 0].lower()
        role = _ROLES.get(word)
        if role is not None:
            return role, *match.span(match.lastgroup or 0)
        if word in ("inf", "info", "information"):
            return None
    return None


def pattern_of(text: str) -> re.Pattern[str]:
    """Return what a typed search means: a regular expression, else the text itself; capitals make case matter."""
    flags = re.NOFLAG if text != text.lower() else re.IGNORECASE
    try:
        return re.compile(text, flags)
    except (re.error, OverflowError):
        return re.compile(re.escape(text), flags)
