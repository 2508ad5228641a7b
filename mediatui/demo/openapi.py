"""``/openapi/v3``, as far as kubectl asks: which writes the server validates by itself, for ``kubectl apply``."""

from __future__ import annotations

from typing import Any

from mediatui.demo.resources import SERVED, Resource

_PARAMETERS = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in ("dryRun", "fieldValidation")]


def index() -> dict[str, Any]:
    """Return the list of documents, one for each group and version."""
    versions = {_root(resource).removeprefix("/") for resource in SERVED}
    return {"paths": {name: {"serverRelativeURL": f"/openapi/v3/{name}?hash=DEMO"} for name in sorted(versions)}}


def document(name: str) -> dict[str, Any] | None:
    """Return the document of ``api/v1`` or ``apis/GROUP/VERSION``, None where that is not served."""
    paths = {}
    for resource in SERVED:
        if _root(resource) == f"/{name}" and not resource.computed:
            where = "/namespaces/{namespace}" if resource.namespaced else ""
            kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
            operation = {"parameters": _PARAMETERS, "x-kubernetes-group-version-kind": kind}
            paths[f"{_root(resource)}{where}/{resource.plural}/{{name}}"] = {"patch": operation}
    if not paths:
        return None
    return {"openapi": "3.0.0", "info": {"title": "mediatui demo", "version": "v1"}, "paths": paths}


def _root(resource: Resource) -> str:
    return f"/apis/{resource.group}/{resource.version}" if resource.group else f"/api/{resource.version}"
