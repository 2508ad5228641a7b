"""Reading a body as its kind: unknown fields and wrong types, in the API server's own words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from mediatui.demo.api.schema import Field
from mediatui.demo.objects import Object

_GO: Final = {"string": "string", "integer": "int32", "boolean": "bool", "number": "float64"}
_JSON: Final = {str: "string", bool: "bool", int: "number", float: "number", list: "array", dict: "object"}
_WANTED: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "number": (int, float),
    "quantity": (str, int, float),
    "intOrString": (str, int),
}


class WrongTypeError(Exception):
    """A value that cannot be read as what its field holds; the text is the API server's."""


def unknown_fields(value: Any, field: Field, path: str = "") -> Iterator[str]:
    """Yield the dotted paths of fields that a kind does not have.

    Raises:
        WrongTypeError: A value is of the wrong type.
    """
    if value is None:
        return
    if field.scalar:
        _check(value, field, path)
    elif isinstance(value, dict):
        for name, part in value.items():
            here = f"{path}.{name}" if path else name
            inner = field.field(name)
            if inner is None:
                yield here
            else:
                yield from unknown_fields(part, inner, here)
    elif isinstance(value, list) and field.items is not None:
        for index, part in enumerate(value):
            yield from unknown_fields(part, field.items, f"{path}[{index}]")
    elif field.struct or field.values is not None or field.items is not None:
        wanted = "slice" if field.items is not None else "struct"
        raise WrongTypeError(_words(value, path, f"a {wanted}"))


def sentence(kind: str, version: str, why: str) -> str:
    """Return the sentence with which a body is refused."""
    return f'{kind} in version "{version}" cannot be handled as a {kind}: {why}'


def without(obj: Object, paths: list[str]) -> None:
    """Drop unknown fields from a private copy, as the real types do by not having them."""
    for path in paths:
        parts = path.replace("[", ".[").split(".")
        node: Any = obj
        for part in parts[:-1]:
            node = node[int(part[1:-1])] if part.startswith("[") else node[part]
        node.pop(parts[-1], None)


def _check(value: Any, field: Field, path: str) -> None:
    wanted = _WANTED[field.scalar]
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        raise WrongTypeError(_words(value, path, f"type {_GO.get(field.scalar, field.scalar)}"))


def _words(value: Any, path: str, wanted: str) -> str:
    given = _JSON.get(type(value), "value")
    return f"json: cannot unmarshal {given} into Go struct field {path} of {wanted}"
