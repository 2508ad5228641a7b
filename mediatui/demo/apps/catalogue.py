"""The apps by name: how to start one, and how to fill a volume as one leaves it that is in use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, NamedTuple

from mediatui.demo.apps import prowlarr, radarr, sonarr
from mediatui.demo.apps.app import App
from mediatui.demo.apps.bazarr import server as bazarr
from mediatui.demo.apps.jellyfin import server as jellyfin
from mediatui.demo.apps.servarr import populating
from mediatui.demo.apps.setting import Setting


class _Entry(NamedTuple):
    start: Callable[[Setting], App]
    populate: Callable[[Setting], None]


_ENTRIES: Final[Mapping[str, _Entry]] = {
    "jellyfin": _Entry(jellyfin.start, jellyfin.populate),
    "sonarr": _Entry(sonarr.start, partial(populating.populate, sonarr.KIND)),
    "radarr": _Entry(radarr.start, partial(populating.populate, radarr.KIND)),
    "prowlarr": _Entry(prowlarr.start, partial(populating.populate, prowlarr.KIND)),
    "bazarr": _Entry(bazarr.start, bazarr.populate),
}
NAMES: Final = tuple(_ENTRIES)
"""The apps that there are."""


def start(name: str, setting: Setting) -> App:
    """Start an app on its volume: an empty one makes it a new installation, with a key and id of its own.

    Args:
        name: One of ``NAMES``.
        setting: Where and how it runs.

    Raises:
        DamagedError: What lies on the volume cannot be read: the app ends with that message.
    """
    return _ENTRIES[name].start(setting)


def populate(name: str, setting: Setting) -> None:
    """Fill an empty volume as an app leaves it that has been in use for months, with what ``setting.library`` says."""
    _ENTRIES[name].populate(setting)
