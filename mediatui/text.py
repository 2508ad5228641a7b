"""Text from outside made safe to show, and figures made short: pure, stdlib only."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

# ESC sequences first (CSI, then OSC/DCS/SOS/PM/APC up to their terminator, then two-byte escapes), so that
# what they would have drawn vanishes with them; an unterminated string sequence eats its line, as in a terminal.
_ESCAPES: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c|(?=[\n\x1b])|$)"
    r"|\x1b[ -/]*[0-~]?"
)
# C0 without tab, DEL, C1, bidirectional controls, line and paragraph separators, the BOM, and lone surrogates.
_CONTROLS: Final = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_HOSTILE: Final = re.compile(
    "[\x00-\x09\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)

_UNITS: Final = {
    "": 1.0,
    "m": 1e-3,
    "u": 1e-6,
    "n": 1e-9,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "P": 1e15,
    "E": 1e18,
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "Ti": 2.0**40,
    "Pi": 2.0**50,
    "Ei": 2.0**60,
}
_QUANTITY: Final = re.compile(r"([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([KMGTPE]i|[mukMGTPEn]?)")


def printable(text: str) -> str:
    """Return one line that a terminal shows and does not obey.

    Escape sequences are removed with what they carry, other control and bidirectional characters become ``·``,
    a tab becomes a space. Line ends count as control characters: split first.
    """
    if not _HOSTILE.search(text):
        return text
    return _CONTROLS.sub("·", _ESCAPES.sub("", text)).replace("\t", " ")


_SECRETS: Final = re.compile(
    r"""(?i)((?<![a-z0-9])(?:x-)?(?:api[-_]?key|plex-token|emby-token|access_token|client_secret|passkey|passw(?:or)?d|token)["']?\s*[=:]\s*["']?)"""
    r"""[^\s&"',;<>\[\](){}]{6,}"""
)

_URL_PASSWORD: Final = re.compile(r"(\w://[^/\s:@]*:)[^/\s@]+@")


def redacted(text: str) -> str:
    """Return a text in which what follows ``apikey=``, ``token:`` and their relatives, and a URL's password, is masked.

    The names are those that the media apps put into URLs and headers, and so into their logs.
    """
    return _URL_PASSWORD.sub(r"\1***@", _SECRETS.sub(r"\1***", text))


def is_printable(text: str) -> bool:
    """Tell whether ``printable`` would return the text unchanged, line ends aside."""
    return not _HOSTILE.search(text.replace("\n", ""))


def age(seconds: float) -> str:
    """Return a duration in kubectl's short form with at most two units: ``45s``, ``3m20s``, ``5h``, ``12d``."""
    total = max(0, int(seconds))
    if total < 120:
        return f"{total}s"
    minutes, rest = divmod(total, 60)
    if minutes < 10:
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    hours, rest = divmod(minutes, 60)
    if hours < 8:
        return f"{hours}h{rest}m" if rest else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    days, rest = divmod(hours, 24)
    if days < 8:
        return f"{days}d{rest}h" if rest else f"{days}d"
    return f"{days}d"


def quantity(text: str) -> float | None:
    """Return a Kubernetes quantity (``500m``, ``2Gi``, ``1e3``) as a plain number, or None if it is none.

    The grammar is ``k8s.io/apimachinery/pkg/api/resource``: cores for CPU, bytes for memory and storage.
    """
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        return None
    try:
        return float(match[1]) * _UNITS[match[2]]
    except ValueError:
        return None


def cores(value: float | None) -> str:
    """Return CPU cores as Kubernetes writes them (``250m``, ``2``), ``-`` for none."""
    if value is None:
        return "-"
    milli = round(value * 1000)
    return str(milli // 1000) if milli % 1000 == 0 else f"{milli}m"


def size(value: float | None) -> str:
    """Return bytes in the largest binary unit with at most one decimal (``512Mi``, ``1.5Gi``), ``-`` for none."""
    if value is None:
        return "-"
    amount = float(value)
    for unit in ("", "Ki", "Mi", "Gi", "Ti"):
        if abs(amount) < 1024:
            return f"{amount:.0f}{unit}" if amount == int(amount) or amount >= 100 else f"{amount:.1f}{unit}"
        amount /= 1024
    return f"{amount:.1f}Pi"


def plural(count: int, noun: str) -> str:
    """Return ``1 restart`` or ``3 restarts``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


_DURATIONS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def duration(text: str) -> float | None:
    """Return a duration in seconds as kubectl takes it (``30``, ``5s``, ``2m``, ``1h30m``), None if it is none."""
    rest, total, seen = text.strip(), 0.0, False
    if rest.isdigit():
        return float(rest)
    while rest:
        digits = len(rest) - len(rest.lstrip("0123456789."))
        unit = next((unit for unit in _DURATIONS if rest[digits:].startswith(unit)), None)
        try:
            total += float(rest[:digits]) * _DURATIONS[unit or ""]
        except (ValueError, KeyError):
            return None
        rest, seen = rest[digits + len(unit or "") :], True
    return total if seen else None


_STAMP: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))(?= |$)", re.ASCII
)


def nanoseconds(stamp: str) -> int | None:
    """Return the RFC 3339 time stamp at the start of a text as nanoseconds since the epoch, None without one.

    A kubelet writes nine decimals in its node's own zone; as floats or as texts such stamps do not compare.
    """
    match = _STAMP.match(stamp)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    try:
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None
    total = int(moment.timestamp()) + (second - min(second, 59))
    if match[8]:
        offset = int(match[9]) * 3600 + int(match[10]) * 60
        total -= offset if match[8] == "+" else -offset
    return total * 1_000_000_000 + int((match[7] or "0").ljust(9, "0"))
