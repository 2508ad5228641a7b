"""The official descriptions of the apps' APIs, and whether an answer is as they say.

They are not part of the project: the environment variable ``MEDIATUI_SPECS`` names the folder that they lie in.
"""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest

Schema = dict[str, Any]

FOLDER: Final = os.environ.get("MEDIATUI_SPECS", "")
needs_descriptions: Final = pytest.mark.skipif(
    not FOLDER, reason="MEDIATUI_SPECS names no folder with the official API descriptions"
)
_RANGES: Final = {"int32": 2**31, "int64": 2**63}
_FORMATS: Final = {
    "uuid": re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "date-span": re.compile(r"(\d+\.)?\d\d:\d\d:\d\d(\.\d{7})?"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{7})?Z"),
}


class Description:
    """One official description.

    Args:
        name: Its file.
    """

    def __init__(self, name: str) -> None:
        self._document: Schema = json.loads((Path(FOLDER) / name).read_text("utf-8"))
        self.base = str(self._document.get("basePath", ""))

    def operation(self, method: str, path: str) -> Schema:
        """Return an operation."""
        found = self._document["paths"].get(path, {}).get(method)
        assert found is not None, f"the description knows no {method} {path}"
        return dict(found)

    def schema(self, name: str) -> Schema:
        """Return a schema by its name."""
        return dict(self._document["components"]["schemas"][name])

    def schema_of(self, method: str, path: str, status: int) -> Schema | None:
        """Return what the body of an answer has to be; None where nothing is said of it."""
        response = self.operation(method, path)["responses"][str(status)]
        bodies = [body for kind, body in response.get("content", {}).items() if kind == "application/json"]
        return dict(bodies[0]["schema"]) if bodies else None

    def faults(self, value: Any, schema: Schema, place: str = "$") -> Iterator[str]:
        """Yield in what a value is not as a schema says."""
        if value is None:
            if not schema.get("nullable") and schema:
                yield f"{place} is null"
            return
        if "$ref" in schema:
            schema = self.schema(schema["$ref"].rpartition("/")[2])
        for part in schema.get("allOf", []):
            yield from self.faults(value, part, place)
        # Of a list of flags some descriptions name the values at the list itself.
        for one in (value if isinstance(value, list) else [value]) if "enum" in schema else []:
            if one not in schema["enum"]:
                yield f"{place} is {one!r}, none of {schema['enum']}"
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            yield from self._of_object(value, schema, place)
        elif kind == "array":
            if not isinstance(value, list):
                yield f"{place} is no list"
                return
            for index, one in enumerate(value):
                yield from self.faults(one, schema["items"], f"{place}[{index}]")
        elif kind is not None:
            yield from _of_plain(value, schema, place)

    def _of_object(self, value: Any, schema: Schema, place: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{place} is no object"
            return
        known, more = schema.get("properties", {}), schema.get("additionalProperties", True)
        for name in schema.get("required", []):
            if name not in value:
                yield f"{place}.{name} is missing"
        for name, one in value.items():
            if name in known:
                yield from self.faults(one, known[name], f"{place}.{name}")
            elif more is False:
                yield f"{place}.{name} is not in the description"
            elif isinstance(more, dict):
                yield from self.faults(one, more, f"{place}.{name}")


def _of_plain(value: Any, schema: Schema, place: str) -> Iterator[str]:
    kind, form = schema["type"], schema.get("format", "")
    right = {
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
    }[kind]
    if not right:
        yield f"{place} is {value!r}, no {kind}"
    elif kind == "integer" and form in _RANGES and not -_RANGES[form] <= value < _RANGES[form]:
        yield f"{place} is {value}, too large for {form}"
    elif kind == "string" and form in _FORMATS:
        if not _FORMATS[form].fullmatch(value):
            yield f"{place} is {value!r}, no {form}"
        elif form == "date-time":
            datetime.fromisoformat(value.partition(".")[0].removesuffix("Z"))


@functools.cache
def description(name: str) -> Description:
    """Return the description in a file."""
    return Description(name)
