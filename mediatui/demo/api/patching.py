"""The patches of the API: merge (RFC 7386), JSON (RFC 6902) and strategic merge."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import jsonpatch
import jsonpointer

from mediatui.demo.api.schema import ANY, Field
from mediatui.demo.objects import Object, merged

MERGE: Final = "application/merge-patch+json"
JSON: Final = "application/json-patch+json"
STRATEGIC: Final = "application/strategic-merge-patch+json"
APPLY: Final = "application/apply-patch+yaml"

_ORDER: Final = "$setElementOrder/"
_DELETE: Final = "$deleteFromPrimitiveList/"


class BadPatchError(Exception):
    """A patch that cannot be read; the text is the server's."""


class PatchFailedError(Exception):
    """A JSON patch whose test failed, or that points to what is not there."""


def json_patched(base: Object, operations: Any) -> Object:
    """Return a JSON patch applied to a copy.

    Raises:
        BadPatchError: It is no list of operations.
        PatchFailedError: An operation cannot be carried out.
    """
    if not isinstance(operations, list):
        raise BadPatchError("error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    try:
        result: Object = dict(jsonpatch.JsonPatch(operations).apply(json.loads(json.dumps(base))))
    except jsonpatch.InvalidJsonPatch as error:
        raise BadPatchError(f"error decoding patch: {error}") from None
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError) as error:
        raise PatchFailedError(str(error)) from None
    return result


def merge_patched(base: Object, patch: Object) -> Object:
    """Return a merge patch applied."""
    result: Object = merged(base, patch)
    return result


def strategic_patched(base: Any, patch: Any, field: Field) -> Any:
    """Return a strategic merge patch applied: lists with a merge key merge item by item.

    Args:
        base: What is there.
        patch: What is wanted, with the directives ``$patch``, ``$retainKeys``, ``$setElementOrder`` and
            ``$deleteFromPrimitiveList``.
        field: The type.
    """
    if not isinstance(patch, dict):
        return patch
    if patch.get("$patch") == "replace":
        return {name: value for name, value in patch.items() if name != "$patch"}
    result = dict(base) if isinstance(base, dict) else {}
    for name, value in patch.items():
        if name.startswith(_DELETE):
            gone = name.removeprefix(_DELETE)
            result[gone] = [item for item in result.get(gone) or [] if item not in value]
        elif name.startswith("$"):
            continue
        elif value is None:
            result.pop(name, None)
        else:
            result[name] = _merged(result.get(name), value, field.field(name) or ANY)
    for name, order in patch.items():
        if name.startswith(_ORDER):
            listed = name.removeprefix(_ORDER)
            inner = field.field(listed) or ANY
            if listed in result:
                result[listed] = _ordered(result[listed], order, inner.patch_key or "")
    if "$retainKeys" in patch:
        result = {name: value for name, value in result.items() if name in patch["$retainKeys"]}
    return result


def _merged(base: Any, patch: Any, field: Field) -> Any:
    if isinstance(patch, dict):
        return strategic_patched(base, patch, field)
    if isinstance(patch, list) and field.patch_key is not None:
        return _list(base or [], patch, field)
    return patch


def _list(base: Sequence[Any], patch: Sequence[Any], field: Field) -> list[Any]:
    key = field.patch_key
    inner = field.items or ANY
    if not key:
        return [*base, *(item for item in patch if item not in base)]
    if any(item.get("$patch") == "replace" for item in patch):
        return [item for item in patch if "$patch" not in item]
    result = list(base)
    for item in patch:
        place = next((index for index, old in enumerate(result) if old.get(key) == item.get(key)), None)
        if item.get("$patch") == "delete":
            if place is not None:
                del result[place]
        elif place is None:
            result.append(strategic_patched({}, item, inner))
        else:
            result[place] = strategic_patched(result[place], item, inner)
    return result


def _ordered(items: list[Any], order: Sequence[Any], key: str) -> list[Any]:
    """Return a list in the order that a patch gives; what it does not name keeps its place behind its neighbour."""
    wanted = {_name(item, key): index for index, item in enumerate(order)}
    place, keyed = -1.0, []
    for item in items:
        place = float(wanted.get(_name(item, key), place + 0.5)) if _name(item, key) in wanted else place + 0.001
        keyed.append((place, item))
    return [item for _, item in sorted(keyed, key=lambda pair: pair[0])]


def _name(item: Any, key: str) -> Any:
    return item.get(key) if key and isinstance(item, dict) else json.dumps(item)
