"""The picture in a line: how many apps are how, and how far the sources can be believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mediatui.model.finding import Level
from mediatui.model.source import SourceId, SourceStatus
from mediatui.model.stack import Stack
from mediatui.present.glyphs import GLYPHS, ROLES, SOURCE_WORDS
from mediatui.present.rows import Cell
from mediatui.present.status import AppStatus
from mediatui.text import age, plural

_ORDER = (Level.FAIL, Level.UNKNOWN, Level.WARN, Level.OK)
_WORDS = {Level.FAIL: "failing", Level.UNKNOWN: "unknown", Level.WARN: "with a warning", Level.OK: "fine"}
_QUIET = (SourceStatus.SYNCED, SourceStatus.NOT_INSTALLED, SourceStatus.STOPPED, SourceStatus.STARTING)


def headline(stack: Stack, apps: Sequence[AppStatus]) -> tuple[Cell, ...]:
    """Return how many apps there are and how they are, the worst first."""
    if not apps:
        return (Cell(f"no media app was found in {stack.cluster.scope}", "muted"),)
    counts = Counter(status.health.level for status in apps)
    cells = [Cell(f"{plural(len(apps), 'app')}: ")]
    for level in _ORDER:
        if counts[level]:
            cells.append(Cell(f"{GLYPHS[level]} {counts[level]} {_WORDS[level]}  ", ROLES[level]))
    return tuple(cells)


def source_troubles(stack: Stack) -> list[str]:
    """Return a line for each thing that is the matter with sources: which they are, and the server's words for one."""
    troubled: dict[str, dict[str, str]] = {}
    for source, state in sorted(stack.sources.items()):
        if state.status is SourceStatus.SYNCED and state.message:
            troubled.setdefault("not all could be read", {})[str(source.kind)] = state.message
        elif state.status not in _QUIET and not _read_elsewhere(stack, source):
            word = SOURCE_WORDS[state.status][0]
            troubled.setdefault(word, {}).setdefault(str(source.kind), state.message)
    return [
        f"{word}: {', '.join(kinds)}{f' ({message})' if (message := next(iter(kinds.values()))) else ''}"
        for word, kinds in troubled.items()
    ]


def _read_elsewhere(stack: Stack, source: SourceId) -> bool:
    """Tell whether a kind that may not be read everywhere at once is read namespace by namespace."""
    return source.namespace == "" and stack.source(source.kind).has_data


def freshness(stack: Stack) -> Cell:
    """Return in a word or two whether the picture is live, and since when it is not."""
    states = [state for state in stack.sources.values() if state.status is not SourceStatus.STOPPED]
    if not states:
        return Cell("connecting", "muted")
    broken = [state for state in states if state.status in (SourceStatus.STALE, SourceStatus.UNREACHABLE)]
    if broken:
        since = min((state.since for state in broken if state.since), default=stack.observed_at)
        word = "stale" if any(state.has_data for state in states) else "unreachable"
        return Cell(f"{word} for {age(stack.observed_at - since)}", "fail")
    if any(state.status is SourceStatus.STARTING for state in states):
        return Cell("reading", "muted")
    denied = {
        source.kind
        for source, state in stack.sources.items()
        if state.status is SourceStatus.NO_PERMISSION and not _read_elsewhere(stack, source)
    }
    if denied:
        return Cell(f"live, {len(denied)} not permitted", "warn")
    return Cell("live", "ok")
