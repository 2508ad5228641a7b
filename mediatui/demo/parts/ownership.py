"""``managedFields`` of what a scenario makes: half of a real pod's bytes and of no use to an operator."""

from __future__ import annotations

from mediatui.demo.api import schema
from mediatui.demo.api.fieldsets import encoded, leaves
from mediatui.demo.objects import Object


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
    kind = schema.kind(obj["apiVersion"], obj["kind"])
    rest = {name: value for name, value in obj.items() if name != "status"}
    entries = [_entry(obj, manager, operation, at, encoded(leaves(rest, kind)))]
    if status_manager and "status" in obj:
        fields = encoded(leaves({"status": obj["status"]}, kind))
        entries.append({**_entry(obj, status_manager, "Update", status_at, fields), "subresource": "status"})
    return entries


def _entry(obj: Object, manager: str, operation: str, at: str, fields: Object) -> Object:
    return {
        "manager": manager,
        "operation": operation,
        "apiVersion": obj["apiVersion"],
        "time": at,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
