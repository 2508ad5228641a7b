"""Create, update, patch, apply and delete, as every client meets them: users, controllers and kubelets alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from mediatui.demo import statuses
from mediatui.demo.api import admission, decoding, defaults, ownership, problems, rules, schema
from mediatui.demo.api.fieldsets import spoken
from mediatui.demo.api.ownership import Writer
from mediatui.demo.api.patching import (
    APPLY,
    JSON,
    MERGE,
    STRATEGIC,
    BadPatchError,
    PatchFailedError,
    json_patched,
    merge_patched,
    strategic_patched,
)
from mediatui.demo.api.removal import Removal
from mediatui.demo.objects import Object, stamp
from mediatui.demo.resources import Resource, named
from mediatui.demo.store import ExistsError, Item, MissingError, StaleError, Store

_NAMESPACES: Final = named("namespaces")
_FIXED: Final = ("uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds")


@dataclass(frozen=True, slots=True)
class Options:
    """How a write is meant.

    Args:
        writer: Who writes.
        dry_run: Do everything but store it.
        strict: Refuse unknown fields (``Strict``); else they are dropped with a warning (``Warn``) or in silence.
        warn: Say which unknown fields were dropped.
        force: Let an apply take fields from their owners.
    """

    writer: Writer
    dry_run: bool = False
    strict: bool = False
    warn: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a write: the object, whether it is new, and what the server wants to be heard."""

    item: Item
    is_new: bool = False
    warnings: tuple[str, ...] = field(default=())


class Api:
    """The writes of the API server.

    Args:
        store: Where objects are kept.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._removal = Removal(store)

    def create(self, resource: Resource, body: Object, namespace: str, options: Options) -> Written:
        """Create an object.

        Raises:
            Refusal: It cannot be created.
        """
        obj, warnings = _read(resource, body, options)
        metadata = obj.setdefault("metadata", {})
        if resource.namespaced and metadata.setdefault("namespace", namespace) != namespace:
            raise statuses.bad_request(
                "the namespace of the provided object does not match the namespace sent on the request"
            )
        if metadata.get("resourceVersion"):
            raise statuses.bad_request("resourceVersion should not be set on objects to be created")
        for name in (*_FIXED, "resourceVersion"):
            metadata.pop(name, None)
        if not metadata.get("name") and metadata.get("generateName"):
            metadata["name"] = metadata["generateName"] + admission.suffix(self.store)
        self._check_namespace(resource, metadata)
        if "status" in resource.subresources:
            obj.pop("status", None)
        metadata.pop("managedFields", None)
        defaults.complete(obj)
        wrong = rules.problems(obj, None)
        if wrong:
            raise problems.refusal(resource, metadata.get("name", ""), wrong)
        admission.admit(self.store, obj)
        warnings += admission.warnings(self.store, obj)
        kind = schema.kind(resource.api_version, resource.kind)
        tracked = {name: value for name, value in obj.items() if name != "status"}
        tracked = ownership.updated(None, tracked, options.writer, kind, self._now())
        obj["metadata"] = tracked["metadata"]
        try:
            if options.dry_run:
                return Written(self._imagined(resource, obj), True, warnings)
            made = self.store.create(obj)
        except ExistsError as error:
            raise statuses.already_exists(resource, str(error)) from None
        metadata = made["metadata"]
        return Written(self.store.get(resource, metadata["name"], metadata.get("namespace", "")), True, warnings)

    def replace(self, resource: Resource, body: Object, namespace: str, name: str, options: Options) -> Written:
        """Replace an object, or its status when the writer writes that.

        Raises:
            Refusal: It cannot be replaced.
        """
        wanted, warnings = _read(resource, body, options)
        item = self._get(resource, name, namespace)
        return self._store(resource, item, wanted, options, warnings)

    def patch(self, resource: Resource, media: str, body: Any, namespace: str, name: str, options: Options) -> Written:
        """Change an object, or its status when the writer writes that.

        Args:
            resource: What it is.
            media: The media type of the patch.
            body: The patch.
            namespace: Where it is.
            name: Its name.
            options: How it is meant.

        Raises:
            Refusal: It cannot be changed so.
        """
        if media == APPLY:
            return self._apply(resource, body, namespace, name, options)
        item = self._get(resource, name, namespace)
        kind = schema.kind(resource.api_version, resource.kind)
        try:
            if media == JSON:
                patched = json_patched(item.data, body)
            elif media == MERGE:
                patched = merge_patched(item.data, body)
            elif media == STRATEGIC and kind is not schema.ANY:
                patched = strategic_patched(item.data, body, kind)
            else:
                raise statuses.unsupported_media_type(f"{JSON}, {MERGE}, {APPLY}")
        except BadPatchError as error:
            raise statuses.bad_request(str(error)) from None
        except PatchFailedError:
            raise statuses.rejected() from None
        wanted, warnings = _read(resource, patched, options)
        return self._store(resource, item, wanted, options, warnings)

    def edit(
        self, resource: Resource, namespace: str, name: str, writer: Writer, change: Callable[[Object], None]
    ) -> Object:
        """Change a private copy of an object and store it; for callers in this process.

        Raises:
            Refusal: It is not there, or cannot be changed so.
        """
        item = self._get(resource, name, namespace)
        copy: Object = json.loads(item.encoded)
        change(copy)
        return self._store(resource, item, copy, Options(writer), ()).item.data

    def delete(
        self, resource: Resource, namespace: str, name: str, delete_options: Mapping[str, Any], *, dry_run: bool = False
    ) -> tuple[Item, bool]:
        """Delete an object, and tell whether it is gone already.

        Raises:
            Refusal: It is not there, or not as the preconditions say.
        """
        return self._removal.delete(resource, self._get(resource, name, namespace), delete_options, dry_run=dry_run)

    def bind(self, namespace: str, name: str, node: str) -> None:
        """Give a pod its node, as the scheduler does.

        Raises:
            Refusal: The pod is not there, or has a node.
        """
        pods = named("pods", "")
        item = self._get(pods, name, namespace)
        if item.data["spec"].get("nodeName"):
            why = f'pod {name} is already assigned to node "{item.data["spec"]["nodeName"]}"'
            raise statuses.conflict(pods, name, why)
        copy: Object = json.loads(item.encoded)
        copy["spec"]["nodeName"] = node
        since = {"lastProbeTime": None, "lastTransitionTime": self._now()}
        scheduled = {"type": "PodScheduled", "status": "True", **since}
        rows = [row for row in copy["status"].get("conditions", []) if row["type"] != "PodScheduled"]
        copy["status"]["conditions"] = [*rows, scheduled]
        self.store.update(copy, counted=False)

    def _apply(self, resource: Resource, body: Object, namespace: str, name: str, options: Options) -> Written:
        if not isinstance(body, dict) or not body.get("kind") or not body.get("apiVersion"):
            raise statuses.bad_request("error decoding YAML: apiVersion and kind must be set")
        metadata = body.setdefault("metadata", {})
        if metadata.get("managedFields"):
            raise statuses.bad_request("metadata.managedFields must be nil")
        metadata.setdefault("name", name)
        if resource.namespaced:
            metadata.setdefault("namespace", namespace)
        wanted, warnings = _read(resource, body, options)
        try:
            item = self.store.get(resource, name, namespace)
        except MissingError:
            if metadata.get("uid"):
                raise statuses.conflict(resource, name, "uid mismatch: the object is gone") from None
            return self.create(resource, body, namespace, options)
        if metadata.get("resourceVersion") not in (None, "", str(item.revision)):
            raise statuses.conflict(resource, name)
        kind = schema.kind(resource.api_version, resource.kind)
        try:
            merged = ownership.applied(item.data, wanted, options.writer, kind, self._now(), force=options.force)
        except ownership.ConflictsError as error:
            raise _conflicts(error.conflicts) from None
        return self._store(resource, item, merged, options, warnings, tracked=True)

    def _store(
        self,
        resource: Resource,
        item: Item,
        wanted: Object,
        options: Options,
        warnings: tuple[str, ...],
        *,
        tracked: bool = False,
    ) -> Written:
        before = item.data
        metadata = dict(wanted.get("metadata") or {})
        if metadata.get("resourceVersion") not in (None, "", str(item.revision)):
            raise statuses.conflict(resource, item.key.name)
        uid = metadata.get("uid")
        for name in (*_FIXED, "name", "namespace"):
            metadata.pop(name, None)
            if name in before["metadata"]:
                metadata[name] = before["metadata"][name]
        metadata["resourceVersion"] = str(item.revision)
        if not tracked:
            metadata.pop("managedFields", None)
            if "managedFields" in before["metadata"]:
                metadata["managedFields"] = before["metadata"]["managedFields"]
        if "status" in resource.subresources:
            is_status = options.writer.subresource == "status"
            # A write to /status changes the status alone, any other write everything but the status.
            kept = {name: value for name, value in before.items() if (name != "status") is is_status}
            taken = {name: value for name, value in wanted.items() if (name == "status") is is_status}
            wanted = {**kept, **taken}
            if is_status:
                metadata = {**before["metadata"], **({"managedFields": metadata["managedFields"]} if tracked else {})}
        fixed = {"apiVersion": resource.api_version, "kind": resource.kind}
        after: Object = {**json.loads(json.dumps(wanted)), **fixed, "metadata": metadata}
        if options.writer.subresource != "status":
            defaults.complete(after)
            judged = {**after, "metadata": {**metadata, **({"uid": uid} if uid else {})}}
            wrong = rules.problems(judged, before)
            if wrong:
                raise problems.refusal(resource, item.key.name, wrong)
        if not tracked:
            kind = schema.kind(resource.api_version, resource.kind)
            after = ownership.updated(before, after, options.writer, kind, self._now())
        if options.dry_run:
            return Written(Item(after, item.revision), False, warnings)
        if self._removal.is_over(after):
            self.store.delete(resource, item.key.name, item.key.namespace)
            return Written(Item(after, self.store.revision), False, warnings)
        try:
            self.store.update(after)
        except StaleError:
            raise statuses.conflict(resource, item.key.name) from None
        return Written(self.store.get(resource, item.key.name, item.key.namespace), False, warnings)

    def _get(self, resource: Resource, name: str, namespace: str) -> Item:
        try:
            return self.store.get(resource, name, namespace)
        except MissingError:
            raise statuses.not_found(resource, name) from None

    def _check_namespace(self, resource: Resource, metadata: Mapping[str, Any]) -> None:
        if not resource.namespaced:
            return
        namespace = metadata["namespace"]
        try:
            found = self.store.get(_NAMESPACES, namespace).data
        except MissingError:
            raise statuses.not_found(_NAMESPACES, namespace) from None
        if "deletionTimestamp" in found["metadata"] and resource.plural != "events":
            raise statuses.terminating(resource, metadata.get("name", ""), namespace)

    def _imagined(self, resource: Resource, obj: Object) -> Item:
        metadata = obj["metadata"]
        try:
            self.store.get(resource, metadata["name"], metadata.get("namespace", ""))
        except MissingError:
            metadata |= {"uid": self.store.new_uid(), "creationTimestamp": self._now()}
            return Item(obj, self.store.revision)
        raise ExistsError(metadata["name"])

    def _now(self) -> str:
        return stamp(self.store.clock.now())


def _read(resource: Resource, body: Object, options: Options) -> tuple[Object, tuple[str, ...]]:
    """Return a private copy of a body, without the fields that its kind does not have."""
    given = body.get("kind") or resource.kind
    if given != resource.kind or (body.get("apiVersion") or resource.api_version) != resource.api_version:
        why = f"converting (v1.{given}) to ({resource.group or 'core'}.{resource.kind}): unknown conversion"
        version = str(body.get("apiVersion") or resource.version).rpartition("/")[2]
        raise statuses.bad_request(f'{given} in version "{version}" cannot be handled as a {resource.kind}: {why}')
    copy: Object = json.loads(json.dumps(body))
    copy |= {"apiVersion": resource.api_version, "kind": resource.kind}
    try:
        unknown = list(decoding.unknown_fields(copy, schema.kind(resource.api_version, resource.kind)))
    except decoding.WrongTypeError as error:
        raise statuses.bad_request(decoding.sentence(resource.kind, resource.version, str(error))) from None
    said = tuple(f'unknown field "{path}"' for path in unknown)
    if said and options.strict:
        why = f"strict decoding error: {', '.join(said)}"
        raise statuses.bad_request(decoding.sentence(resource.kind, resource.version, why))
    decoding.without(copy, unknown)
    return _trimmed(copy), said if options.warn else ()


def _trimmed(obj: Object) -> Object:
    """Return an object without nulls, which the real types do not keep."""

    def trim(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: trim(part) for name, part in value.items() if part is not None}
        return [trim(part) for part in value] if isinstance(value, list) else value

    trimmed: Object = trim(obj)
    return trimmed


def _conflicts(found: Sequence[ownership.Conflict]) -> statuses.Refusal:
    by_owner: dict[str, list[str]] = {}
    causes = []
    for one in found:
        with_part = f' with subresource "{one.owner.subresource}"' if one.owner.subresource else ""
        owner = f'"{one.owner.name}"{with_part} using {one.api_version}'
        by_owner.setdefault(owner, []).append(spoken(one.path))
        message = f"conflict with {owner}"
        causes.append({"reason": "FieldManagerConflict", "message": message, "field": spoken(one.path)})
    if len(found) == 1:
        text = f"Apply failed with 1 conflict: conflict with {next(iter(by_owner))}: {causes[0]['field']}"
    else:
        parts = ["\n- ".join([f"conflicts with {owner}:", *paths]) for owner, paths in by_owner.items()]
        text = f"Apply failed with {len(found)} conflicts: " + "\n".join(parts)
    return statuses.Refusal(409, "Conflict", text, {"causes": causes})
