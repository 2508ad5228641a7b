"""What the server says about itself: version, health, groups and resources, in the old and the aggregated form."""

from __future__ import annotations

from typing import Any, Final

from mediatui.demo.resources import SERVED, Resource

VERSION: Final = "v1.36.2"
"""What the demo speaks like: the version that its behaviour was compared with."""

_AGGREGATED: Final = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def version() -> dict[str, Any]:
    """Return the body of ``/version``."""
    return {
        "major": "1",
        "minor": "36",
        "gitVersion": VERSION,
        "gitCommit": "0" * 40,
        "gitTreeState": "clean",
        "buildDate": "2026-06-10T00:00:00Z",
        "goVersion": "go1.26",
        "compiler": "gc",
        "platform": "linux/amd64",
    }


def aggregated(accept: str) -> bool:
    """Tell whether a client takes the aggregated form, which saves it a request per group."""
    return any(
        "g=apidiscovery.k8s.io" in part and "v=v2" in part.split(";") and "as=APIGroupDiscoveryList" in part
        for part in accept.replace(" ", "").split(",")
    )


def aggregated_type() -> str:
    """Return the Content-Type of the aggregated form."""
    return _AGGREGATED


def aggregate(*, core: bool) -> dict[str, Any]:
    """Return the APIGroupDiscoveryList of ``/api`` (core) or ``/apis`` (the named groups)."""
    items = [
        {
            "metadata": {"name": group, "creationTimestamp": None},
            "versions": [
                {"version": version, "resources": [_entry(item) for item in resources], "freshness": "Current"}
                for version, resources in versions.items()
            ],
        }
        for group, versions in _groups().items()
        if (group == "") is core
    ]
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}


def core_versions() -> dict[str, Any]:
    """Return the old body of ``/api``."""
    addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1"}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}


def group_list() -> dict[str, Any]:
    """Return the old body of ``/apis``."""
    groups = [_group(name, tuple(versions)) for name, versions in _groups().items() if name]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def group(name: str) -> dict[str, Any] | None:
    """Return the body of ``/apis/GROUP``, None where it is not served."""
    versions = _groups().get(name) if name else None
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name, tuple(versions))} if versions else None


def resource_list(name: str, wanted: str) -> dict[str, Any] | None:
    """Return the APIResourceList of a group and version, None where it is not served."""
    resources = _groups().get(name, {}).get(wanted)
    if resources is None:
        return None
    rows: list[dict[str, Any]] = []
    for item in resources:
        row: dict[str, Any] = {
            "name": item.plural,
            "singularName": item.singular,
            "namespaced": item.namespaced,
            "kind": item.kind,
            "verbs": list(item.verbs),
        }
        if item.short:
            row["shortNames"] = list(item.short)
        if item.categories:
            row["categories"] = list(item.categories)
        rows.append(row)
        rows.extend(
            {
                "name": f"{item.plural}/{sub}",
                "singularName": "",
                "namespaced": item.namespaced,
                "kind": item.kind,
                "verbs": _sub_verbs(sub),
            }
            for sub in item.subresources
        )
    version = f"{name}/{wanted}" if name else wanted
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": rows}


def _groups() -> dict[str, dict[str, list[Resource]]]:
    groups: dict[str, dict[str, list[Resource]]] = {}
    for item in SERVED:
        groups.setdefault(item.group, {}).setdefault(item.version, []).append(item)
    groups.setdefault("authorization.k8s.io", {}).setdefault("v1", [])
    return groups


def _group(name: str, versions: tuple[str, ...]) -> dict[str, Any]:
    rows = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": rows, "preferredVersion": rows[0]}


def _entry(item: Resource) -> dict[str, Any]:
    kind = {"group": item.group, "version": item.version, "kind": item.kind}
    entry: dict[str, Any] = {
        "resource": item.plural,
        "responseKind": kind,
        "scope": "Namespaced" if item.namespaced else "Cluster",
        "singularResource": item.singular,
        "verbs": list(item.verbs),
    }
    if item.short:
        entry["shortNames"] = list(item.short)
    if item.categories:
        entry["categories"] = list(item.categories)
    if item.subresources:
        entry["subresources"] = [
            {"subresource": sub, "responseKind": kind, "verbs": _sub_verbs(sub)} for sub in item.subresources
        ]
    return entry


def _sub_verbs(sub: str) -> list[str]:
    return ["get"] if sub == "log" else ["get", "patch", "update"]
