"""Who owns which field: ``managedFields`` kept by every write, and server-side apply, which is decided by it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from mediatui.demo.api.fieldsets import ITEM, Path, decoded, encoded, item_step, leaves
from mediatui.demo.api.schema import ANY, Field
from mediatui.demo.objects import Object


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, and how.

    Args:
        name: The field manager.
        operation: ``Update`` or ``Apply``.
        subresource: ``status`` or ``scale``; empty for the object itself.
    """

    name: str
    operation: str = "Update"
    subresource: str = ""


class Conflict(NamedTuple):
    """A field that an apply would take from its owner."""

    owner: Writer
    api_version: str
    path: Path


class ConflictsError(Exception):
    """An apply without force that meets other owners.

    Args:
        conflicts: All of them.
    """

    def __init__(self, conflicts: list[Conflict]) -> None:
        super().__init__(f"{len(conflicts)} conflicts")
        self.conflicts = conflicts


_Owned = dict[Writer, tuple[set[Path], str, str]]
"""By writer: its paths, the API version and the time of its last write."""
_MISSING: Final = object()


def updated(before: Object | None, after: Object, writer: Writer, field: Field, at: str) -> Object:
    """Return an object with its owners brought up to date after a write that is no apply.

    Args:
        before: As it was; None for a new one.
        after: As it is now, its ``managedFields`` still those of before.
        writer: Who wrote it.
        field: Its type.
        at: Now, RFC 3339.
    """
    old = leaves(before, field) if before is not None else {}
    new = leaves(after, field)
    changed = {path for path, value in new.items() if old.get(path, _MISSING) != value}
    gone = old.keys() - new.keys()
    owned = _owned(after if before is None else before)
    if not changed and not gone:
        return _noted(after, owned)
    for other, (paths, _, _) in owned.items():
        paths -= gone
        if other != writer:
            paths -= {path for path in changed if path in old}
    mine = owned.get(writer, (set(), "", ""))[0] | changed
    owned[writer] = (mine, after["apiVersion"], at)
    return _noted(after, owned)


def applied(before: Object, patch: Object, writer: Writer, field: Field, at: str, *, force: bool) -> Object:
    """Return an object with a server-side apply carried out.

    Args:
        before: As it is.
        patch: All that the writer wants to own.
        writer: Who applies; its operation is ``Apply``.
        field: The type.
        at: Now, RFC 3339.
        force: Take fields from their owners.

    Raises:
        ConflictsError: Others own fields that would change, and it is not forced.
    """
    live, wanted, owned = leaves(before, field), leaves(patch, field), _owned(before)
    changing = {path for path, value in wanted.items() if value is not ITEM and live.get(path, _MISSING) != value}
    conflicts = [
        Conflict(other, version, path)
        for other, (paths, version, _) in owned.items()
        if other != writer
        for path in sorted(paths & changing)
    ]
    if conflicts and not force:
        raise ConflictsError(conflicts)
    for other, (paths, _, _) in owned.items():
        if other != writer:
            paths -= changing
    result = _merged(before, {name: value for name, value in patch.items() if name != "managedFields"}, field)
    mine, _, since = owned.get(writer, (set(), "", at))
    kept = set().union(*(paths for other, (paths, _, _) in owned.items() if other != writer))
    for path in sorted(mine - wanted.keys() - kept, reverse=True):
        result = _without(result, path, field, kept | wanted.keys())
    same = mine == wanted.keys() and result == before
    owned[writer] = (set(wanted), patch["apiVersion"], since if same else at)
    return _noted(result, owned)


def _merged(base: Any, patch: Any, field: Field) -> Any:
    if isinstance(patch, dict) and not field.atomic:
        result = dict(base) if isinstance(base, dict) else {}
        for name, value in patch.items():
            result[name] = _merged(result.get(name), value, field.field(name) or ANY)
        return result
    if isinstance(patch, list) and field.keys:
        items = {item_step(item, field): item for item in base or []}
        for item in patch:
            step = item_step(item, field)
            items[step] = _merged(items.get(step), item, field.items or ANY)
        return list(items.values())
    if isinstance(patch, list) and field.is_set:
        return [*(base or []), *(item for item in patch if item not in (base or []))]
    return patch


def _without(value: Any, path: Path, field: Field, kept: Iterable[Path], prefix: Path = ()) -> Any:
    """Return a value without what lies at a path; an item or object that somebody still needs stays."""
    step, rest = path[0], path[1:]
    here = (*prefix, step)
    kind, _, name = step.partition(":")
    if kind == "f" and isinstance(value, dict) and name in value:
        if rest:
            inner = _without(value[name], rest, field.field(name) or ANY, kept, here)
            if inner in ({}, []) and not any(one[: len(here)] == here for one in kept):
                return {key: part for key, part in value.items() if key != name}
            return {**value, name: inner}
        return {key: part for key, part in value.items() if key != name}
    if kind == "v" and isinstance(value, list):
        return [item for item in value if item != json.loads(name)]
    if kind == "k" and isinstance(value, list):
        if not rest:
            needed = any(one[: len(here)] == here for one in kept)
            return value if needed else [item for item in value if item_step(item, field) != step]
        return [
            _without(item, rest, field.items or ANY, kept, here) if item_step(item, field) == step else item
            for item in value
        ]
    return value


def _owned(obj: Object) -> _Owned:
    found: _Owned = {}
    for entry in obj["metadata"].get("managedFields") or []:
        writer = Writer(entry.get("manager", ""), entry["operation"], entry.get("subresource", ""))
        found[writer] = (decoded(entry.get("fieldsV1") or {}), entry.get("apiVersion", ""), entry.get("time", ""))
    return found


def _noted(obj: Object, owned: _Owned) -> Object:
    entries = [
        {
            "manager": writer.name,
            "operation": writer.operation,
            "apiVersion": version,
            "time": at,
            "fieldsType": "FieldsV1",
            "fieldsV1": encoded(paths),
            **({"subresource": writer.subresource} if writer.subresource else {}),
        }
        for writer, (paths, version, at) in owned.items()
        if paths
    ]
    metadata: Mapping[str, Any] = {name: value for name, value in obj["metadata"].items() if name != "managedFields"}
    return {**obj, "metadata": {**metadata, **({"managedFields": entries} if entries else {})}}
