"""Jellyfin: the media server that people watch."""

from __future__ import annotations

from mediatui.apps.base import Gi, MediaApp
from mediatui.model.workload import Resources

APP = MediaApp(
    id="jellyfin",
    title="Jellyfin",
    images=("jellyfin",),
    port=8096,
    api="jellyfin",
    probe_path="/health",
    config_path="/config",
    expected=Resources(cpu_request=2.0, cpu_limit=4.0, memory_request=2 * Gi, memory_limit=5 * Gi),
)
