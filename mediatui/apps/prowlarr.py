"""Prowlarr: indexers for the other apps."""

from __future__ import annotations

from mediatui.apps.base import MediaApp, Mi, servarr_settings
from mediatui.model.workload import Resources

_PORT, _URL_BASE, _DATABASE = servarr_settings("PROWLARR")

APP = MediaApp(
    id="prowlarr",
    title="Prowlarr",
    images=("prowlarr",),
    port=9696,
    api="servarr-v1",
    probe_path="/ping",
    config_path="/config",
    expected=Resources(cpu_request=0.25, cpu_limit=0.5, memory_request=256 * Mi, memory_limit=512 * Mi),
    port_settings=_PORT,
    url_base_settings=_URL_BASE,
    database_setting=_DATABASE,
)
