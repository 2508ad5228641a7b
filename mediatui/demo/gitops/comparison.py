"""What Git wants against what there is: which objects differ, are missing or too many, and how well they are."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mediatui.demo.objects import Key, Object, dig, key_of
from mediatui.demo.resources import SERVED, Resource, of_object

TRACKING: Final = "argocd.argoproj.io/tracking-id"
_IGNORE_HEALTH: Final = "argocd.argoproj.io/ignore-healthcheck"
_OPTIONS: Final = "argocd.argoproj.io/sync-options"
_HEALTHS: Final = ("Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown")
"""The best first: an Application is as well as the worst of its parts."""

TRACKED: Final = tuple(
    resource
    for resource in SERVED
    if not resource.computed
    and resource.plural
    not in ("pods", "replicasets", "events", "endpointslices", "endpoints", "leases", "nodes", "controllerrevisions")
)
"""Kinds that come from Git; the others are made by controllers."""


@dataclass(frozen=True, slots=True)
class Row:
    """One object that an Application is about."""

    resource: Resource
    key: Key
    desired: Object | None
    """As Git has it; None where Git has it no more."""
    live: Object | None
    differs: bool

    @property
    def must_go(self) -> bool:
        """Whether pruning would delete it."""
        return self.desired is None and self.live is not None

    @property
    def is_kept(self) -> bool:
        """Whether its own annotation forbids pruning."""
        return self.live is not None and "Prune=false" in _options(self.live)

    @property
    def health(self) -> str:
        """Argo CD's word for how well it is, empty for a kind that has no health."""
        return "Missing" if self.live is None else health_of(self.live)

    def described(self) -> Object:
        """Return it as a row of ``status.resources``."""
        row: Object = {
            "group": self.resource.group,
            "version": self.resource.version,
            "kind": self.resource.kind,
            "namespace": self.key.namespace,
            "name": self.key.name,
            "status": "OutOfSync" if self.differs else "Synced",
        }
        if self.must_go:
            row["requiresPruning"] = True
        return {name: value for name, value in row.items() if value != ""}


def tracking_id(application: str, resource: Resource, key: Key) -> str:
    """Return the annotation that says whose an object is."""
    return f"{application}:{resource.group}/{resource.kind}:{key.namespace}/{key.name}"


def application_of(obj: Object) -> str:
    """Return the name of the Application that an object belongs to, empty for none; a copied annotation names none."""
    identity: str = (obj["metadata"].get("annotations") or {}).get(TRACKING, "")
    name = identity.partition(":")[0]
    return name if name and identity == tracking_id(name, of_object(obj), key_of(obj)) else ""


def compared(application: Object, desired: Iterable[Object], live: Mapping[tuple[Resource, Key], Object]) -> list[Row]:
    """Return a row for each object that Git wants or that carries the Application's mark.

    Args:
        application: Whose ``ignoreDifferences`` count.
        desired: The manifests, with namespaces.
        live: What there is of them and what is marked, by kind and key.
    """
    ignored = dig(application, "spec.ignoreDifferences", [])
    rows, wanted = [], {}
    for manifest in desired:
        resource, key = of_object(manifest), key_of(manifest)
        wanted[resource, key] = manifest
        there = live.get((resource, key))
        differs = there is None or _differs(_without(manifest, resource, key, ignored), there)
        rows.append(Row(resource, key, manifest, there, differs))
    rows += [Row(*place, None, there, differs=True) for place, there in live.items() if place not in wanted]
    return rows


def overall(rows: Sequence[Row]) -> str:
    """Return how well the whole is."""
    shown = [
        row.health
        for row in rows
        if row.health
        and (row.live is None or (row.live["metadata"].get("annotations") or {}).get(_IGNORE_HEALTH) != "true")
        and not row.must_go
    ]
    return max(shown, key=_HEALTHS.index, default="Healthy")


def health_of(live: Object) -> str:
    """Return Argo CD's word for how well an object is, after its built-in rules."""
    if "deletionTimestamp" in live["metadata"]:
        return "Progressing"
    status, spec = live.get("status") or {}, live.get("spec") or {}
    match live["kind"]:
        case "Deployment":
            stuck = any(row.get("reason") == "ProgressDeadlineExceeded" for row in status.get("conditions", []))
            if stuck:
                return "Degraded"
            seen = status.get("observedGeneration", 0) >= live["metadata"].get("generation", 0)
            wanted = spec.get("replicas", 1)
            done = status.get("updatedReplicas", 0) >= wanted and status.get("availableReplicas", 0) >= wanted
            return "Healthy" if seen and done else "Progressing"
        case "StatefulSet" | "DaemonSet":
            wanted = spec.get("replicas", status.get("desiredNumberScheduled", 0))
            ready = status.get("readyReplicas", status.get("numberReady", 0))
            return "Healthy" if ready >= wanted else "Progressing"
        case "PersistentVolumeClaim":
            return {"Bound": "Healthy", "Lost": "Degraded"}.get(status.get("phase", ""), "Progressing")
        case "Application":
            return str(dig(live, "status.health.status", "Progressing"))
        case "Service" | "Ingress":
            return "Healthy"
        case _:
            return ""


def _options(live: Object) -> list[str]:
    text: str = (live["metadata"].get("annotations") or {}).get(_OPTIONS, "")
    return [word.strip() for word in text.split(",")]


def _without(manifest: Object, resource: Resource, key: Key, ignored: Sequence[Object]) -> Object:
    """Return a manifest without the fields that are not to be compared."""
    for rule in ignored:
        fits = (
            fnmatch.fnmatchcase(resource.group, rule.get("group", ""))
            and fnmatch.fnmatchcase(resource.kind, rule.get("kind", ""))
            and rule.get("name", key.name) == key.name
            and rule.get("namespace", key.namespace) == key.namespace
        )
        for pointer in rule.get("jsonPointers", []) if fits else []:
            manifest = dropped(manifest, pointer)
    return manifest


def dropped(value: Any, pointer: str) -> Any:
    """Return a value without what a JSON pointer points at."""
    head, _, rest = pointer.lstrip("/").partition("/")
    head = head.replace("~1", "/").replace("~0", "~")
    if isinstance(value, list) and head.isdigit() and int(head) < len(value):
        index = int(head)
        inner = [dropped(value[index], rest)] if rest else []
        return [*value[:index], *inner, *value[index + 1 :]]
    if not isinstance(value, dict) or head not in value:
        return value
    copy = dict(value)
    if rest:
        copy[head] = dropped(value[head], rest)
    else:
        del copy[head]
    return copy


def _differs(wanted: Any, there: Any) -> bool:
    """Tell whether something is not as it is wanted; what is not said is the server's business."""
    if isinstance(wanted, dict):
        if not isinstance(there, dict):
            return bool(wanted) or there is not None
        return any(_differs(value, there.get(name)) for name, value in wanted.items() if name != "status")
    if isinstance(wanted, list):
        if not isinstance(there, list) or len(there) != len(wanted):
            return bool(wanted or there)
        return any(_differs(one, other) for one, other in zip(wanted, there, strict=True))
    return bool(wanted != there)
