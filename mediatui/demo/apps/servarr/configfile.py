"""``config.xml``: what an app must know before it has a database."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Final

from mediatui.demo.apps.database import DamagedError
from mediatui.demo.apps.servarr.kind import Kind
from mediatui.demo.apps.setting import Setting

PATH: Final = "config.xml"
_OPTIONS: Final = {
    "ApiKey": "AUTH__APIKEY",
    "AuthenticationMethod": "AUTH__METHOD",
    "AuthenticationRequired": "AUTH__REQUIRED",
    "Port": "SERVER__PORT",
    "UrlBase": "SERVER__URLBASE",
    "InstanceName": "APP__INSTANCENAME",
    "Branch": "UPDATE__BRANCH",
    "LogDbEnabled": "LOG__DBENABLED",
}
"""The variables, behind the app's name, that go before the file: ``ConfigFileProvider.cs`` of Sonarr 4."""


class ConfigFile:
    """The file and the variables that go before it; a missing file is made, with a new key.

    Args:
        setting: The app's.
        kind: Which app.

    Raises:
        DamagedError: The file is no XML.
    """

    def __init__(self, setting: Setting, kind: Kind) -> None:
        self._setting = setting
        self._kind = kind
        self._variables = {name.lower(): value for name, value in setting.environment.items()}
        text = setting.files.get(PATH)
        try:
            self._root = ElementTree.Element("Config") if text is None else ElementTree.fromstring(text)
        except ElementTree.ParseError:
            raise DamagedError(
                f"{setting.folder}/{PATH} is corrupt. Please delete the config file and restart"
            ) from None
        if text is None:
            self._fill()
        if not self._given("ApiKey") and not self._root.findtext("ApiKey"):
            self.set("ApiKey", setting.new_id())
        if setting.habits.url_base:
            self.set("UrlBase", setting.habits.url_base)
        self.save()

    @property
    def key(self) -> str:
        """The API key."""
        return self.value("ApiKey")

    @property
    def port(self) -> int:
        """What it listens on."""
        return int(self.value("Port") or self._kind.port)

    @property
    def url_base(self) -> str:
        """The path that it serves under, empty or with a slash before it."""
        base = self.value("UrlBase").strip("/")
        return f"/{base}" if base else ""

    @property
    def method(self) -> str:
        """How people log in: ``none``, ``basic``, ``forms`` or ``external``."""
        return self.value("AuthenticationMethod").lower() or "none"

    @property
    def required(self) -> str:
        """From whom it wants a login: ``enabled`` or ``disabledforlocaladdresses``."""
        return self.value("AuthenticationRequired").lower() or "enabled"

    @property
    def logs_to_database(self) -> bool:
        """Whether log lines can be asked for."""
        return self.value("LogDbEnabled").lower() != "false"

    def value(self, name: str) -> str:
        """Return a setting, that of the environment before that of the file."""
        return self._given(name) or (self._root.findtext(name) or "").strip()

    def set(self, name: str, value: str) -> None:
        """Change the file; ``save`` writes it."""
        element = self._root.find(name)
        if element is None:
            element = ElementTree.SubElement(self._root, name)
        element.text = value

    def save(self) -> None:
        """Write the file."""
        ElementTree.indent(self._root)
        text = ElementTree.tostring(self._root, encoding="unicode", short_empty_elements=False)
        self._setting.files[PATH] = f"{text}\n".encode()

    def _given(self, name: str) -> str:
        option = _OPTIONS.get(name)
        return self._variables.get(f"{self._kind.name}__{option}".lower(), "") if option else ""

    def _fill(self) -> None:
        kind = self._kind
        for name, value in {
            "BindAddress": "*",
            "Port": str(kind.port),
            "SslPort": str(kind.ssl_port),
            "EnableSsl": "False",
            "LaunchBrowser": "True",
            "ApiKey": "",
            "AuthenticationMethod": "None",
            "AuthenticationRequired": "Enabled",
            "Branch": kind.branch,
            "LogLevel": "info",
            "SslCertPath": "",
            "SslCertPassword": "",
            "UrlBase": "",
            "InstanceName": kind.title,
            "UpdateMechanism": "Docker",
        }.items():
            self.set(name, value)
