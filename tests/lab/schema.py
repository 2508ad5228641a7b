"""The types of the built-in resources as a real API server describes them, cut down to what the demo cluster needs.

``python -m tests.lab schema`` writes them; a test compares the file with the laboratory's control plane.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import httpx

from mediatui.demo.resources import SERVED

FILE: Final = Path(__file__).parents[2] / "mediatui" / "demo" / "data" / "schema.json"
_FOREIGN: Final = frozenset({"argoproj.io", "gateway.networking.k8s.io", "keda.sh", "longhorn.io", "metrics.k8s.io"})
_SCALARS: Final = {"string": "string", "integer": "integer", "number": "number", "boolean": "boolean"}


def read(client: httpx.Client) -> dict[str, Any]:
    """Return the kinds and types of the demo's built-in resources, by the names that the API server gives them.

    The shapes are those that ``mediatui.demo.schema`` reads.
    """
    schemas: dict[str, Any] = {}
    kinds: dict[str, str] = {}
    groups = {(one.group, one.version) for one in SERVED if one.group not in _FOREIGN}
    for group, version in sorted(groups):
        path = f"/openapi/v3/apis/{group}/{version}" if group else f"/openapi/v3/api/{version}"
        schemas |= client.get(path).raise_for_status().json()["components"]["schemas"]
    for name, schema in schemas.items():
        for known in schema.get("x-kubernetes-group-version-kind") or []:
            if any((one.group, one.version, one.kind) == tuple(known[part] for part in _GVK) for one in SERVED):
                prefix = f"{known['group']}/" if known["group"] else ""
                kinds[f"{prefix}{known['version']}/{known['kind']}"] = _short(name)
    types: dict[str, Any] = {}
    waiting = sorted(set(kinds.values()))
    by_short = {_short(name): schema for name, schema in schemas.items()}
    while waiting:
        name = waiting.pop()
        if name in types or "properties" not in by_short[name]:
            continue
        schema = by_short[name]
        types[name] = {field: _field(body, by_short) for field, body in sorted(schema["properties"].items())}
        if schema.get("required"):
            types[name]["+required"] = sorted(schema["required"])
        waiting += [found for field in types[name].values() for found in _references(field) if found in by_short]
    return {"kinds": dict(sorted(kinds.items())), "types": dict(sorted(types.items()))}


def write(client: httpx.Client) -> None:
    """Write the file anew."""
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text(read(client)))


def text(found: dict[str, Any]) -> str:
    """Return the file's text: one type a line, so that a change can be read."""
    lines = [f"{_compact(name)}:{_compact(body)}" for name, body in found["types"].items()]
    return '{"kinds":' + _compact(found["kinds"]) + ',\n"types":{\n' + ",\n".join(lines) + "\n}}\n"


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


_GVK: Final = ("group", "version", "kind")


def _short(name: str) -> str:
    return name.removeprefix("io.k8s.api.").removeprefix("io.k8s.apimachinery.pkg.apis.")


def _field(body: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Return a field: a type's name, or a list or map of one with how it merges."""
    reference = body.get("$ref") or next((one["$ref"] for one in body.get("allOf", []) if "$ref" in one), "")
    if reference:
        name = _short(reference.rpartition("/")[2])
        schema = schemas.get(name, {})
        if "properties" not in schema:
            return _scalar(schema, name)
        atomic = body.get("x-kubernetes-map-type") or schema.get("x-kubernetes-map-type")
        retain = "retainKeys" in body.get("x-kubernetes-patch-strategy", "")
        how = {name_: True for name_, is_so in (("atomic", atomic == "atomic"), ("retainKeys", retain)) if is_so}
        return {"of": name, **how} if how else name
    if body.get("type") == "array":
        return {"list": _field(body["items"], schemas), **_merging(body)}
    if "additionalProperties" in body:
        atomic = {"atomic": True} if body.get("x-kubernetes-map-type") == "atomic" else {}
        return {"map": _field(body["additionalProperties"], schemas), **atomic}
    return _scalar(body, "any")


def _merging(body: dict[str, Any]) -> dict[str, Any]:
    how: dict[str, Any] = {}
    if body.get("x-kubernetes-list-type") in ("map", "set"):
        how["type"] = body["x-kubernetes-list-type"]
    if body.get("x-kubernetes-list-map-keys"):
        how["keys"] = body["x-kubernetes-list-map-keys"]
    if "merge" in body.get("x-kubernetes-patch-strategy", "").split(","):
        how["patchKey"] = body.get("x-kubernetes-patch-merge-key", "")
    return how


def _scalar(schema: dict[str, Any], otherwise: str) -> str:
    if "oneOf" in schema:  # quantities, and ports that are numbers or names
        return "quantity" if otherwise.endswith("Quantity") else "intOrString"
    return _SCALARS.get(schema.get("type", ""), "any")


def _references(field: Any) -> list[str]:
    if isinstance(field, str):
        return [field]
    if isinstance(field, dict):
        return [name for part in ("of", "list", "map") if part in field for name in _references(field[part])]
    return []
