"""What is known about each media app, and how it is found on a cluster.

Another app is one file like ``sonarr.py`` and one line in ``APPS``; the order is the order on the screen.
"""

from __future__ import annotations

from mediatui.apps import bazarr, jellyfin, prowlarr, radarr, sonarr
from mediatui.apps.base import MediaApp

APPS: tuple[MediaApp, ...] = (
    jellyfin.APP,
    sonarr.APP,
    radarr.APP,
    prowlarr.APP,
    bazarr.APP,
)

SETTINGS: frozenset[str] = frozenset(
    name for app in APPS for name in (*app.port_settings, *app.url_base_settings, app.database_setting) if name
)
"""The environment variables that discovery reads; none of them is a secret, and no other is kept."""

__all__ = ["APPS", "SETTINGS", "MediaApp"]
