"""Jellyfin's configuration: XML files in ``config/``."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import MutableMapping
from typing import Any

from mediatui.demo.apps.database import DamagedError
from mediatui.demo.apps.readings import data
from mediatui.demo.objects import Object


class Configuration:
    """Every file; what is missing in one has its default, and a missing file is made.

    Args:
        files: The volume.
        later: Whether it is version 12, which knows more settings.

    Raises:
        DamagedError: A file is no XML.
    """

    def __init__(self, files: MutableMapping[str, bytes], *, later: bool) -> None:
        self._files = files
        self._defaults: dict[str, Object] = {
            key: {**known["values"], **(known.get("later", {}) if later else {})}
            for key, known in data("jellyfin")["configuration"].items()
        }
        self._values = {key: self._read(key, defaults) for key, defaults in self._defaults.items()}

    def values(self, key: str) -> Object | None:
        """Return the settings of a file, None where there is none of that name."""
        return self._values.get(key.lower())

    def value(self, key: str, name: str) -> Any:
        """Return one setting of a file."""
        return self._values[key][name]

    def change(self, key: str, **values: Any) -> None:
        """Change settings and write their file."""
        self._values[key] |= values
        self._write(key, self._values[key])

    def _path(self, key: str) -> str:
        return f"config/{key}.xml"

    def _read(self, key: str, defaults: Object) -> Object:
        text = self._files.get(self._path(key))
        if text is None:
            self._write(key, defaults)
            return dict(defaults)
        try:
            root = ElementTree.fromstring(text)
        except ElementTree.ParseError:
            raise DamagedError(f"Error loading configuration file: {self._path(key)}") from None
        return {name: _value(root.find(name), default) for name, default in defaults.items()}

    def _write(self, key: str, values: Object) -> None:
        root = ElementTree.Element(data("jellyfin")["configuration"][key]["root"])
        for name, value in values.items():
            element = ElementTree.SubElement(root, name)
            if isinstance(value, list):
                for one in value:
                    ElementTree.SubElement(element, "string").text = one
            else:
                element.text = str(value).lower() if isinstance(value, bool) else str(value)
        ElementTree.indent(root)
        self._files[self._path(key)] = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _value(element: ElementTree.Element | None, default: Any) -> Any:
    """Return what an element says, of the type of its default."""
    if element is None:
        return default
    if isinstance(default, list):
        return [child.text or "" for child in element]
    text = (element.text or "").strip()
    if isinstance(default, bool):
        return text.lower() == "true"
    return type(default)(text) if text or isinstance(default, str) else default
