"""Sets of fields: which leaf of an object is which, and the ``fieldsV1`` form in which owners are written down."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from mediatui.demo.api.schema import ANY, Field

Path = tuple[str, ...]
"""Steps as in fieldsV1: ``f:name`` into an object, ``k:{...}`` to an item by its keys, ``v:...`` by its value."""

ITEM: Final = object()
"""Stands for the being there of a list's item."""
_DEFAULTS: Final = {"protocol": "TCP"}  # the only key of a list that may be left out in what is written
_NOT_OWNED: Final = frozenset({"apiVersion", "kind"})
_UNOWNED_METADATA: Final = frozenset(
    {
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "creationTimestamp",
        "generation",
        "managedFields",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "selfLink",
    }
)


def leaves(obj: Mapping[str, Any], field: Field) -> dict[Path, Any]:
    """Return every leaf of an object that can have an owner, with its value."""
    found: dict[Path, Any] = {}
    for name, value in obj.items():
        if name in _NOT_OWNED:
            continue
        if name == "metadata":
            value = {key: part for key, part in value.items() if key not in _UNOWNED_METADATA}
            if not value:
                continue
        _walk(value, field.field(name) or ANY, (f"f:{name}",), found)
    return found


def _walk(value: Any, field: Field, path: Path, found: dict[Path, Any]) -> None:
    if isinstance(value, dict) and value and not field.atomic:
        for name, part in value.items():
            _walk(part, field.field(name) or ANY, (*path, f"f:{name}"), found)
    elif isinstance(value, list) and value and field.keys:
        for item in value:
            step = (*path, item_step(item, field))
            found[step] = ITEM
            _walk(item, field.items or ANY, step, found)
    elif isinstance(value, list) and value and field.is_set:
        for item in value:
            found[(*path, f"v:{_json(item)}")] = ITEM
    else:
        found[path] = value


def item_step(item: Mapping[str, Any], field: Field) -> str:
    """Return the step to an item of a list that has keys."""
    return "k:" + _json({key: item.get(key, _DEFAULTS.get(key)) for key in sorted(field.keys) if _has(item, key)})


def _has(item: Mapping[str, Any], key: str) -> bool:
    return key in item or key in _DEFAULTS


def encoded(paths: Iterable[Path]) -> dict[str, Any]:
    """Return paths as fieldsV1."""
    tree: dict[str, Any] = {}
    for path in sorted(paths):
        node = tree
        for step in path:
            node = node.setdefault(step, {})
        if path[-1].startswith("k:"):
            node["."] = {}
    return tree


def decoded(tree: Mapping[str, Any], prefix: Path = ()) -> set[Path]:
    """Return the paths of a fieldsV1."""
    found: set[Path] = set()
    for step, part in tree.items():
        if step == ".":
            found.add(prefix)
        elif part:
            found |= decoded(part, (*prefix, step))
        else:
            found.add((*prefix, step))
    return found


def spoken(path: Path) -> str:
    """Return a path as the API server writes it in a conflict: ``.spec.containers[name="app"].image``."""
    words = []
    for step in path:
        kind, _, rest = step.partition(":")
        if kind == "f":
            words.append(f".{rest}")
        elif kind == "k":
            words.append("[" + ",".join(f"{key}={_json(value)}" for key, value in json.loads(rest).items()) + "]")
        else:
            words.append(f"[={rest}]")
    return "".join(words)


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
