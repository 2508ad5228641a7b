"""Themes: read from files, checked before Textual sees them, so that a bad one is told and never ends the app."""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from mediatui.text import printable

COLORS: Final = (
    "primary",
    "secondary",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "success",
    "warning",
    "error",
)
ROLES: Final = ("role-ok", "role-warn", "role-fail", "role-unknown", "role-muted", "role-accent", "role-header")
APP_COLORS: Final = ("app-1", "app-2", "app-3", "app-4", "app-5", "app-6")


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """A theme as its file says it."""

    name: str
    title: str
    path: Path
    dark: bool
    ansi: bool
    colors: Mapping[str, str]
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Themes:
    """What was found: themes that can be used, and a line for each that cannot."""

    loaded: tuple[ThemeFile, ...] = ()
    failed: tuple[str, ...] = field(default=())


def theme_folders() -> Iterator[Path]:
    """Yield where themes lie: in the installed package, else beside it in a checkout."""
    packaged = Path(str(importlib.resources.files("mediatui"))) / "_data" / "themes"
    checkout = Path(str(importlib.resources.files("mediatui"))).parent / "themes"
    yield packaged if packaged.is_dir() else checkout


def load_themes(folders: Iterator[Path] | None = None, only: str = "*") -> Themes:
    """Read every theme, or the only one of a file name; one that is wrong is left out and told."""
    loaded: list[ThemeFile] = []
    failed: list[str] = []
    for folder in folders or theme_folders():
        for path in sorted(folder.glob("*.yaml")):
            if only not in ("*", path.stem):
                continue
            try:
                loaded.append(_read(path))
            except ValueError as error:
                failed.append(f"{path}: {error}")
    return Themes(tuple(loaded), tuple(failed))


def _read(path: Path) -> ThemeFile:
    import yaml
    from textual.color import Color, ColorParseError

    try:
        # The parser in C takes a tenth of the time, and one theme is read before the first frame.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        document: Any = yaml.load(path.read_text("utf-8"), loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(printable(str(error).replace("\n", " "))) from None
    if not isinstance(document, dict):
        raise ValueError("must be a mapping")
    known = {"name", "title", "dark", "ansi", "colors", "variables"}
    if unknown := sorted(set(document) - known):
        raise ValueError(f"unknown key '{unknown[0]}'; known are {', '.join(sorted(known))}")
    parts: dict[str, dict[str, str]] = {}
    for part, needed in (("colors", COLORS), ("variables", (*ROLES, *APP_COLORS))):
        given = document.get(part)
        if not isinstance(given, dict):
            raise ValueError(f"{part} must be a mapping")
        for key in needed:
            value = given.get(key)
            if not isinstance(value, str):
                raise ValueError(f"{part}.{key} is missing")
            try:
                Color.parse(value)
            except ColorParseError:
                raise ValueError(f"{part}.{key}: '{printable(value)}' is not a colour") from None
        parts[part] = {str(key): str(value) for key, value in given.items()}
    return ThemeFile(
        name=str(document.get("name") or path.stem),
        title=str(document.get("title") or path.stem),
        path=path,
        dark=bool(document.get("dark", True)),
        ansi=bool(document.get("ansi", False)),
        colors=parts["colors"],
        variables=parts["variables"],
    )
