"""Argo CD's ApplicationSet controller: generates Applications, and takes back what others change in them."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from mediatui.demo.api.ownership import Writer
from mediatui.demo.api.verbs import Options
from mediatui.demo.controllers.base import Hands, controller_key, is_ending, own
from mediatui.demo.controllers.loop import Keys
from mediatui.demo.gitops.applications import APPLICATIONS
from mediatui.demo.gitops.comparison import dropped
from mediatui.demo.objects import Key, Object, dig, key_of
from mediatui.demo.parts.cluster import owner
from mediatui.demo.repositories import UnknownRevisionError
from mediatui.demo.resources import Resource, named
from mediatui.demo.world import World

APPLICATION_SETS: Final = named("applicationsets", "argoproj.io")
_WRITER: Final = Writer("argocd-applicationset-controller")
_PLACEHOLDER: Final = re.compile(r"\{\{\s*\.?([\w.-]+)\s*\}\}")
_KEPT: Final = ("argocd.argoproj.io/refresh", "argocd.argoproj.io/hydrate")
_AGAIN: Final = 180.0


class ApplicationSetController:
    """Follows ApplicationSets and what they generated.

    It knows the list generator and the directories of the Git generator; others generate nothing.

    Args:
        world: The cluster.
    """

    def __init__(self, world: World) -> None:
        self._hands = Hands(world, "applicationset-controller")

    @property
    def watches(self) -> Mapping[Resource, Keys]:
        """ApplicationSets and their Applications."""
        return {APPLICATION_SETS: own, APPLICATIONS: controller_key("ApplicationSet")}

    def reconcile(self, key: Key) -> float | None:
        """Make the Applications of one set as its template says."""
        parent = self._hands.get(APPLICATION_SETS, key)
        if parent is None or is_ending(parent):
            return None
        policy = dig(parent, "spec.syncPolicy.applicationsSync", "sync")
        for wanted in self._generated(parent):
            there = self._hands.get(APPLICATIONS, key_of(wanted))
            if there is None:
                self._hands.api.create(APPLICATIONS, wanted, key.namespace, Options(_WRITER))
            elif policy in ("sync", "create-update") and not is_ending(there):
                self._take_back(parent, wanted, there)
        return _AGAIN

    def _generated(self, parent: Object) -> Iterator[Object]:
        template = parent["spec"]["template"]
        for values in self._values(parent["spec"].get("generators") or []):
            made = _filled({"metadata": template["metadata"], "spec": template["spec"]}, values)
            metadata = {**made["metadata"], "namespace": parent["metadata"]["namespace"]}
            metadata["ownerReferences"] = [owner(parent)]
            metadata.setdefault("finalizers", ["resources-finalizer.argocd.argoproj.io"])
            yield {
                "apiVersion": APPLICATIONS.api_version,
                "kind": "Application",
                "metadata": metadata,
                "spec": made["spec"],
            }

    def _values(self, generators: Iterable[Object]) -> Iterator[Mapping[str, Any]]:
        for generator in generators:
            yield from (generator.get("list") or {}).get("elements", [])
            git = generator.get("git") or {}
            if not git.get("directories"):
                continue
            try:
                commit = self._hands.world.repositories.at(git["repoURL"], git.get("revision", "HEAD"))
            except UnknownRevisionError:
                continue
            patterns = [row["path"] for row in git["directories"] if not row.get("exclude")]
            for folder in sorted(commit.folders):
                if any(fnmatch.fnmatchcase(folder, pattern) for pattern in patterns):
                    base = folder.rpartition("/")[2]
                    # The names of goTemplate, and those of the older templates.
                    path = {"path.path": folder, "path.basename": base, "path.basenameNormalized": base}
                    yield {"path": folder, **path}

    def _take_back(self, parent: Object, wanted: Object, there: Object) -> None:
        spec, live = wanted["spec"], there["spec"]
        for rule in parent["spec"].get("ignoreApplicationDifferences") or []:
            if rule.get("name", there["metadata"]["name"]) != there["metadata"]["name"]:
                continue
            for pointer in rule.get("jsonPointers", []):
                spec = _taken_over(spec, live, pointer.removeprefix("/spec/"))
        notes = there["metadata"].get("annotations") or {}
        kept = {name: value for name, value in notes.items() if name in _KEPT or name.startswith("notified.")}
        annotations = {**(wanted["metadata"].get("annotations") or {}), **kept}
        labels = wanted["metadata"].get("labels") or {}
        tracked = (spec, annotations, labels)
        if tracked == (live, notes, there["metadata"].get("labels") or {}):
            return

        def change(copy: Object) -> None:
            copy["spec"] = spec
            for name, value in (("annotations", annotations), ("labels", labels)):
                copy["metadata"].pop(name, None)
                if value:
                    copy["metadata"][name] = value

        key = key_of(there)
        self._hands.api.edit(APPLICATIONS, key.namespace, key.name, _WRITER, change)


def _taken_over(spec: Object, live: Object, pointer: str) -> Object:
    """Return a spec with what a pointer points at as it is on the live object."""
    value: Any = live
    parts = pointer.split("/")
    for part in parts:
        if not isinstance(value, dict) or part not in value:
            result: Object = dropped(spec, pointer)
            return result
        value = value[part]
    copy: Object = json.loads(json.dumps(spec))
    inner = copy
    for part in parts[:-1]:
        inner = inner.setdefault(part, {})
    inner[parts[-1]] = value
    return copy


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(inner, values) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, values) for inner in value]
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: str(values.get(found[1], found[0])), value)
    return value
