"""The configuration file: where it lies, what it may say, and one clear line for what it may not.

Everything is optional. Paths follow the XDG base directory specification.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from mediatui.apps import APPS
from mediatui.apps.overrides import AppOverride
from mediatui.errors import ConfigError
from mediatui.model.workload import Resources
from mediatui.text import duration, printable, quantity

_EXPECTED_KEYS: Final = {
    "cpuRequest": "cpu_request",
    "cpuLimit": "cpu_limit",
    "memoryRequest": "memory_request",
    "memoryLimit": "memory_limit",
}


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How the Logs pane reads."""

    lines: int = 1_000_000
    """Lines kept; the oldest go first."""
    tail: int = 200
    """Lines of each container read at the start."""


@dataclass(frozen=True, slots=True)
class Config:
    """What the operator has set, defaults filled in."""

    path: Path
    exists: bool = False
    theme: str = "dark"
    context: str = ""
    namespaces: tuple[str, ...] = ()
    """Where to look when all namespaces at once may not be read."""
    request_timeout: float = 30.0
    """Seconds."""
    apps: tuple[AppOverride, ...] = ()
    logs: LogSettings = LogSettings()


def default_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where the configuration is looked for without ``--config``."""
    home = environment.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(home).expanduser() / "mediatui" / "config.yaml"


def load(path: Path | None = None) -> Config:
    """Read the configuration; a missing file at the default place is an empty one.

    Raises:
        ConfigError: The file named on the command line is not there, or a file says something it may not.
    """
    chosen = path or default_path()
    try:
        text = chosen.read_text("utf-8")
    except FileNotFoundError:
        if path is not None:
            raise ConfigError(f"{chosen}: no such file", "name an existing file after --config") from None
        return Config(chosen)
    except UnicodeDecodeError:
        raise ConfigError(f"{chosen}: is not UTF-8 text") from None
    except OSError as error:
        raise ConfigError(f"{chosen}: cannot be read: {error.strerror}") from None
    return parse(text, chosen)


def parse(text: str, path: Path) -> Config:
    """Return what a configuration file's text says.

    Raises:
        ConfigError: With the file, the line or key, and what would be right.
    """
    import yaml  # costs 20 ms, and --help needs none of it

    try:
        document = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path}:{line}: is not YAML: {printable(str(error.problem))}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: is not YAML: {printable(str(error).splitlines()[0])}") from None
    return _config(_Section(path, "", document if document is not None else {}))


class _Section:
    """A mapping of the file that knows where it stands, so that every complaint can say so."""

    def __init__(self, path: Path, where: str, value: Any) -> None:
        self.path = path
        self.where = where
        if not isinstance(value, dict):
            raise self.wrong(where, value, "a mapping of keys")
        self.values: dict[str, Any] = value

    def wrong(self, key: str, value: Any, right: str) -> ConfigError:
        """Return the complaint about a value."""
        shown = printable(str(value).replace("\n", " "))[:60]
        return ConfigError(f"{self.path}: {key or 'the file'} is '{shown}'", f"it must be {right}")

    def only(self, *known: str) -> None:
        """Refuse keys that are not known."""
        for key in self.values:
            if key not in known:
                close = difflib.get_close_matches(str(key), known, n=1)
                hint = f"did you mean '{close[0]}'?" if close else f"known here: {', '.join(known)}"
                raise ConfigError(f"{self.path}: unknown key '{printable(self.at(str(key)))}'", hint)

    def at(self, key: str) -> str:
        """Return the whole name of a key."""
        return f"{self.where}.{key}" if self.where else key

    def text(self, key: str, default: str = "") -> str:
        """Return a text."""
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self.wrong(self.at(key), value, "a text")
        return value

    def flag(self, key: str) -> bool:
        """Return a truth value."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(self.at(key), value, "true or false")
        return value

    def integer(self, key: str, default: int, least: int, most: int) -> int:
        """Return a whole number within bounds."""
        value = self.values.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.wrong(self.at(key), value, f"a whole number from {least} to {most}")
        return value

    def amount(self, key: str) -> float | None:
        """Return a Kubernetes quantity as a number."""
        value = self.values.get(key)
        if value is None:
            return None
        amount = quantity(str(value)) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None
        if amount is None or amount < 0:
            raise self.wrong(self.at(key), value, "a quantity such as 500m, 2 or 512Mi")
        return amount

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self.values.get(key) or []
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            raise self.wrong(self.at(key), value, "a list of texts")
        return tuple(value)

    def section(self, key: str) -> _Section | None:
        """Return a mapping below."""
        value = self.values.get(key)
        return None if value is None else _Section(self.path, self.at(key), value)

    def sections(self, key: str) -> Sequence[_Section]:
        """Return a list of mappings below."""
        value = self.values.get(key) or []
        if not isinstance(value, list):
            raise self.wrong(self.at(key), value, "a list")
        return [_Section(self.path, f"{self.at(key)}[{index}]", entry) for index, entry in enumerate(value)]


_LOGS: Final = LogSettings()


def _config(top: _Section) -> Config:
    top.only("theme", "context", "namespaces", "requestTimeout", "apps", "logs")
    logs = top.section("logs")
    if logs is not None:
        logs.only("lines", "tail")
    return Config(
        path=top.path,
        exists=True,
        theme=top.text("theme", "dark"),
        context=top.text("context"),
        namespaces=top.texts("namespaces"),
        request_timeout=_timeout(top),
        apps=tuple(_override(entry) for entry in top.sections("apps")),
        logs=LogSettings(
            lines=logs.integer("lines", _LOGS.lines, 1_000, 10_000_000),
            tail=logs.integer("tail", _LOGS.tail, 1, 100_000),
        )
        if logs is not None
        else _LOGS,
    )


def _timeout(top: _Section) -> float:
    value = top.values.get("requestTimeout")
    if value is None:
        return 30.0
    seconds = duration(str(value)) if not isinstance(value, bool) else None
    if seconds is None:
        raise top.wrong("requestTimeout", value, "a duration such as 5s, 1m or 30")
    return seconds


def _override(entry: _Section) -> AppOverride:
    entry.only("app", "namespace", "workload", "container", "ignore", "port", "urlBase", "expected")
    known = [app.id for app in APPS]
    app = entry.text("app")
    if app not in known:
        raise entry.wrong(entry.at("app"), app, f"one of {', '.join(known)}")
    expected = entry.section("expected")
    return AppOverride(
        app=app,
        namespace=entry.text("namespace"),
        workload=entry.text("workload"),
        container=entry.text("container"),
        ignore=entry.flag("ignore"),
        port=entry.integer("port", 0, 1, 65535) if "port" in entry.values else None,
        url_base=entry.text("urlBase") if "urlBase" in entry.values else None,
        expected=_expected(app, expected) if expected is not None else None,
    )


def _expected(app: str, section: _Section) -> Resources:
    section.only(*_EXPECTED_KEYS)
    base = next(one.expected for one in APPS if one.id == app)
    given = {field: section.amount(key) for key, field in _EXPECTED_KEYS.items() if key in section.values}
    kept = {field.name: getattr(base, field.name) for field in fields(base)}
    return Resources(**(kept | given))
