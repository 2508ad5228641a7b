"""The types of the built-in kinds: which fields there are, and how lists and maps of them merge.

``data/schema.json`` is cut from the OpenAPI description of a real kube-apiserver; custom resources have none here and
are merged as plain JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

_FILE: Final = Path(__file__).parents[1] / "data" / "schema.json"
_SCALARS: Final = frozenset({"string", "integer", "number", "boolean", "quantity", "intOrString"})


@dataclass(frozen=True, slots=True)
class Field:
    """What a value may be.

    Args:
        struct: The name of its type, for an object with known fields.
        scalar: ``string``, ``integer``, ``number``, ``boolean``, ``quantity`` or ``intOrString``.
        items: Of each item, for a list.
        values: Of each value, for a map.
        keys: The fields by which the items of a list are known; they merge item by item.
        is_set: The items of a list are known by their value.
        atomic: It has one owner and is replaced as a whole in server-side apply.
        patch_key: By which field strategic merge patch knows items; ``""`` by value, None replaces the list.
        retain_keys: Strategic merge patch may drop the fields that it does not name (unions).
    """

    struct: str = ""
    scalar: str = ""
    items: Field | None = None
    values: Field | None = None
    keys: tuple[str, ...] = ()
    is_set: bool = False
    atomic: bool = False
    patch_key: str | None = None
    retain_keys: bool = False

    def field(self, name: str) -> Field | None:
        """Return the field of a struct or the value of a map; None where it is unknown."""
        if self.values is not None:
            return self.values
        return _fields(self.struct).get(name) if self.struct else ANY

    @property
    def required(self) -> tuple[str, ...]:
        """The fields that a struct cannot be without."""
        return tuple(_data()["types"][self.struct].get("+required", ())) if self.struct else ()

    def missing(self, value: dict[str, Any]) -> Iterator[str]:
        """Yield the required fields that a value lacks."""
        return (name for name in self.required if name not in value)


ANY: Final = Field()
"""Something of which nothing is known."""


def kind(api_version: str, name: str) -> Field:
    """Return the type of a kind, ``ANY`` for a custom resource."""
    found = _data()["kinds"].get(f"{api_version}/{name}")
    return Field(struct=found) if found else ANY


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(_FILE.read_text())
    return data


@cache
def _fields(struct: str) -> dict[str, Field]:
    body = _data()["types"][struct]
    return {name: _field(spec) for name, spec in body.items() if name != "+required"}


def _field(spec: Any) -> Field:
    if isinstance(spec, str):
        if spec in _SCALARS:
            return Field(scalar=spec)
        return Field(struct=spec) if spec in _data()["types"] else ANY
    atomic, retain = spec.get("atomic", False), spec.get("retainKeys", False)
    if "of" in spec:
        inner = _field(spec["of"])
        return Field(struct=inner.struct, scalar=inner.scalar, atomic=atomic, retain_keys=retain)
    if "map" in spec:
        return Field(values=_field(spec["map"]), atomic=atomic)
    keys = tuple(spec.get("keys", ()))
    return Field(
        items=_field(spec["list"]),
        keys=keys,
        is_set=spec.get("type") == "set",
        atomic=not keys and spec.get("type") != "set",
        patch_key=spec.get("patchKey"),
    )
