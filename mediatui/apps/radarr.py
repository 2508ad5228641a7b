"""Radarr: films."""

from __future__ import annotations

from mediatui.apps.base import Gi, MediaApp, Mi, servarr_settings
from mediatui.model.workload import Resources

_PORT, _URL_BASE, _DATABASE = servarr_settings("RADARR")

APP = MediaApp(
    id="radarr",
    title="Radarr",
    images=("radarr",),
    port=7878,
    api="servarr-v3",
    probe_path="/ping",
    config_path="/config",
    expected=Resources(cpu_request=0.5, cpu_limit=1.0, memory_request=512 * Mi, memory_limit=Gi),
    port_settings=_PORT,
    url_base_settings=_URL_BASE,
    database_setting=_DATABASE,
)
