"""``managedFields``: the bookkeeping of server-side apply, half of a real pod's bytes and of no use to an operator."""

from __future__ import annotations

import json
from typing import Any

from mediatui.demo.objects import Object

_UNTRACKED = frozenset({"apiVersion", "kind"})
_NOT_OWNED = frozenset(
    {"name", "namespace", "uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"}
)


def managed_fields(obj: Object, manager: str, at: str, status_manager: str = "", status_at: str = "") -> list[Object]:
    """Return the entries for who wrote an object, and who wrote its status.

    Args:
        obj: The object.
        manager: The field manager of everything but the status.
        at: When it wrote, RFC 3339.
        status_manager: The field manager of the status; no entry without one.
        status_at: When that one wrote.
    """
    operation = "Apply" if manager == "argocd-controller" else "Update"
    body = {name: value for name, value in obj.items() if name not in _UNTRACKED | {"status"}}
    body["metadata"] = {name: value for name, value in obj["metadata"].items() if name not in _NOT_OWNED}
    entries = [_entry(obj, manager, operation, at, _tree(body))]
    if status_manager and "status" in obj:
        entry = _entry(obj, status_manager, "Update", status_at, {"f:status": _tree(obj["status"])})
        entries.append({**entry, "subresource": "status"})
    return entries


def _entry(obj: Object, manager: str, operation: str, at: str, fields: Any) -> Object:
    return {
        "manager": manager,
        "operation": operation,
        "apiVersion": obj["apiVersion"],
        "time": at,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }


def _tree(value: Any) -> Any:
    if isinstance(value, dict):
        return {f"f:{name}": _tree(part) for name, part in value.items()}
    if isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
        keys = {_list_key(part): {".": {}, **_tree(part)} for part in value}
        return {} if "" in keys else keys
    return {}


def _list_key(part: dict[str, Any]) -> str:
    for names in (("containerPort", "protocol"), ("name",), ("mountPath",), ("type",), ("uid",), ("ip",)):
        if all(name in part for name in names):
            return "k:" + json.dumps({name: part[name] for name in names}, separators=(",", ":"))
    return ""
