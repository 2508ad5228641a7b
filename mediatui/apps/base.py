"""What is known about a media app before it is looked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mediatui.model.workload import Resources

ApiKind = Literal["servarr-v3", "servarr-v1", "bazarr", "jellyfin"]

Gi = 2.0**30
Mi = 2.0**20


@dataclass(frozen=True, slots=True)
class MediaApp:
    """One app that mediatui knows: adding another is one file with this in it, and one line in ``APPS``."""

    id: str
    title: str
    images: tuple[str, ...]
    """Repository basenames that are this app."""
    port: int
    """What it listens on when nothing says otherwise."""
    api: ApiKind
    probe_path: str
    """Answers without a key."""
    config_path: str
    """Where its database lies inside the container."""
    expected: Resources
    """What the table of expected resources asks for; the configuration can override it."""
    port_settings: tuple[str, ...] = ()
    """Environment variables that set the port, strongest first."""
    url_base_settings: tuple[str, ...] = ()
    database_setting: str = ""
    """The environment variable whose presence means PostgreSQL instead of SQLite."""


def servarr_settings(prefix: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Return port, URL base and database variables of a Servarr app: ``SONARR__SERVER__PORT`` and its relatives.

    The double underscore is the .NET configuration separator; ``SONARR__PORT`` is what older images read.
    """
    return (
        (f"{prefix}__SERVER__PORT", f"{prefix}__PORT"),
        (f"{prefix}__SERVER__URLBASE", f"{prefix}__URLBASE"),
        f"{prefix}__POSTGRES__HOST",
    )
