"""Bazarr: subtitles."""

from __future__ import annotations

from mediatui.apps.base import MediaApp, Mi
from mediatui.model.workload import Resources

APP = MediaApp(
    id="bazarr",
    title="Bazarr",
    images=("bazarr",),
    port=6767,
    api="bazarr",
    probe_path="/api/system/ping",
    config_path="/config",
    # The stack's resource table does not name Bazarr; this is our choice: light, but a subtitle sync decodes audio.
    expected=Resources(cpu_request=0.1, cpu_limit=0.5, memory_request=256 * Mi, memory_limit=512 * Mi),
    port_settings=("BAZARR__SERVER__PORT", "BAZARR__PORT", "BAZARR_PORT"),
    url_base_settings=("BAZARR__SERVER__URLBASE",),
    database_setting="POSTGRES_HOST",
)
