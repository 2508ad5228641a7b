"""``config/config.yaml``: Bazarr's settings, its API key among them."""

from __future__ import annotations

from typing import Any, Final

import yaml

from mediatui.demo.apps.database import DamagedError
from mediatui.demo.apps.setting import Setting
from mediatui.demo.objects import Object

PATH: Final = "config/config.yaml"
_PORT: Final = 6767
_PORT_VARIABLES: Final = ("BAZARR__PORT", "BAZARR_PORT")
"""What images hand over as ``--port``."""


class ConfigFile:
    """The file; a missing one is made, with a new key.

    Args:
        setting: The app's.

    Raises:
        DamagedError: The file is no YAML.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        text = setting.files.get(PATH)
        try:
            found: Any = yaml.safe_load(text) if text else None
        except yaml.YAMLError:
            raise DamagedError(f"{setting.folder}/{PATH} is no YAML") from None
        self.values = self._first()
        """The settings by section."""
        for section, values in (found if isinstance(found, dict) else {}).items():
            if isinstance(values, dict):
                self.values[section] = {**self.values.get(section, {}), **values}
        if not self.values["auth"]["apikey"]:
            self.values["auth"]["apikey"] = setting.new_id()
        if setting.habits.url_base:
            self.values["general"]["base_url"] = setting.habits.url_base
        self.save()

    @property
    def key(self) -> str:
        """The API key."""
        return str(self.values["auth"]["apikey"])

    @property
    def port(self) -> int:
        """What it listens on."""
        given = next(
            (self._setting.environment[name] for name in _PORT_VARIABLES if name in self._setting.environment), ""
        )
        return int(given or self.values["general"]["port"])

    @property
    def url_base(self) -> str:
        """The path that it serves under, empty or with a slash before it."""
        base = str(self.values["general"]["base_url"]).strip("/")
        return f"/{base}" if base else ""

    @property
    def open(self) -> bool:
        """Whether people need no login."""
        return not self.values["auth"]["type"]

    def save(self) -> None:
        """Write the file."""
        text = yaml.safe_dump(self.values, explicit_start=True, sort_keys=True, default_flow_style=False)
        self._setting.files[PATH] = text.encode()

    def _first(self) -> dict[str, Object]:
        return {
            "auth": {"apikey": "", "password": "", "type": None, "username": ""},
            "backup": {
                "day": 6,
                "folder": f"{self._setting.folder}/backup",
                "frequency": "Weekly",
                "hour": 3,
                "retention": 31,
            },
            "general": {
                "auto_update": False,
                "base_url": "",
                "branch": "master",
                "enabled_providers": [],
                "ip": "*",
                "port": _PORT,
                "use_radarr": False,
                "use_sonarr": False,
            },
            "radarr": {"apikey": "", "base_url": "", "ip": "127.0.0.1", "port": 7878, "ssl": False},
            "sonarr": {"apikey": "", "base_url": "", "ip": "127.0.0.1", "port": 8989, "ssl": False},
        }
