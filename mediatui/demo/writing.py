"""The few writes that the demo honours: a pod's deletion, and what a kubelet reports. Every other is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from mediatui.demo import statuses
from mediatui.demo.objects import Object, merged, stamp
from mediatui.demo.requestinfo import Target
from mediatui.demo.resources import Resource
from mediatui.demo.store import ExistsError, Item, MissingError, StaleError
from mediatui.demo.world import World

_JSON: Final = "application/json"
_MERGE: Final = "application/merge-patch+json"
_STRATEGIC: Final = "application/strategic-merge-patch+json"


async def write(world: World, target: Target, request: web.Request) -> tuple[Item, int]:
    """Carry out a write and return the object and the HTTP status.

    Raises:
        Refusal: It is not honoured, not possible, or based on a state that has moved on.
    """
    resource = target.resource
    assert resource is not None
    verb = target.verb
    if target.subresource:
        if target.subresource != "status" or "status" not in resource.subresources or verb not in ("update", "patch"):
            raise statuses.not_built(f"{verb} {resource.qualified}/{target.subresource}")
    elif verb not in resource.writes:
        raise statuses.not_built(f"{verb} {resource.qualified}")
    body = await read_body(request, (_MERGE, _STRATEGIC) if verb == "patch" else (_JSON,))
    dry = request.query.get("dryRun") == "All"
    try:
        if verb == "create":
            return _create(world, resource, target, body, dry=dry), 201
        if verb == "delete":
            return _delete(world, resource, target, body, request.query, dry=dry), 200
        strategic = request.content_type == _STRATEGIC
        return _replace(world, resource, target, body, dry=dry, strategic=strategic), 200
    except MissingError:
        raise statuses.not_found(resource, target.name) from None
    except ExistsError as error:
        raise statuses.already_exists(resource, str(error)) from None
    except StaleError:
        raise statuses.conflict(resource, target.name) from None


async def read_body(request: web.Request, media: tuple[str, ...] = (_JSON,)) -> Object:
    """Return the body of a request as an object, empty where there is none.

    Raises:
        Refusal: 415 or 400, it cannot be read.
    """
    raw = await request.read()
    if not raw:
        return {}
    if request.content_type not in media:
        raise statuses.unsupported_media_type(", ".join(media))
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise statuses.bad_request(f"error decoding the body: {error}") from None
    if not isinstance(body, dict):
        raise statuses.bad_request("the body is not an object")
    return body


def _create(world: World, resource: Resource, target: Target, body: Object, *, dry: bool) -> Item:
    metadata = dict(body.get("metadata") or {})
    if resource.namespaced and metadata.setdefault("namespace", target.namespace) != target.namespace:
        raise statuses.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    if not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = metadata["generateName"] + world.store.new_uid()[:5]
    if not metadata.get("name"):
        raise statuses.invalid(f'{resource.kind} "" is invalid: metadata.name: Required value: name is required')
    metadata.pop("resourceVersion", None)
    metadata.pop("uid", None)
    obj = {**body, "apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata}
    if dry:
        return Item(obj, world.store.revision)
    world.store.create(obj)
    return world.store.get(resource, metadata["name"], metadata.get("namespace", ""))


def _replace(world: World, resource: Resource, target: Target, body: Object, *, dry: bool, strategic: bool) -> Item:
    item = world.store.get(resource, target.name, target.namespace)
    wanted = _patched(item.data, body, strategic=strategic) if target.verb == "patch" else body
    metadata = wanted.get("metadata") or {}
    if metadata.get("resourceVersion") not in (None, "", str(item.revision)):
        raise StaleError(target.name)
    if metadata.get("uid") not in (None, "", item.data["metadata"]["uid"]):
        raise statuses.conflict(resource, target.name, _uid_differs(metadata["uid"], item))
    if "status" in resource.subresources:
        part = "status" if target.subresource else None
        # A write to /status changes the status alone, any other write everything but the status.
        kept = {name: value for name, value in item.data.items() if (name != "status") is (part == "status")}
        taken = {name: value for name, value in wanted.items() if (name == "status") is (part == "status")}
        wanted = {**kept, **taken}
    named = {"name": target.name, "resourceVersion": str(item.revision)}
    if resource.namespaced:
        named["namespace"] = target.namespace
    fixed = {"apiVersion": resource.api_version, "kind": resource.kind}
    wanted = {**wanted, **fixed, "metadata": {**wanted.get("metadata", {}), **named}}
    if dry:
        return Item(wanted, item.revision)
    world.store.update(wanted)
    return world.store.get(resource, target.name, target.namespace)


def _patched(base: Object, patch: Object, *, strategic: bool) -> Object:
    """Return a patch applied; a strategic one merges conditions and container statuses by their key."""
    result: Object = merged(base, patch)
    status = patch.get("status")
    if strategic and isinstance(status, dict):
        for name, key in (("conditions", "type"), ("containerStatuses", "name")):
            if isinstance(status.get(name), list):
                rows = {row[key]: row for row in (base.get("status") or {}).get(name) or []}
                for row in status[name]:
                    rows[row[key]] = merged(rows.get(row[key], {}), row)
                result["status"] = {**result["status"], name: list(rows.values())}
    return result


def _delete(
    world: World, resource: Resource, target: Target, options: Object, query: Mapping[str, str], *, dry: bool
) -> Item:
    item = world.store.get(resource, target.name, target.namespace)
    metadata = item.data["metadata"]
    conditions = options.get("preconditions") or {}
    if conditions.get("uid") not in (None, metadata["uid"]):
        raise statuses.conflict(resource, target.name, _uid_differs(conditions["uid"], item))
    if conditions.get("resourceVersion") not in (None, metadata["resourceVersion"]):
        raise statuses.conflict(
            resource,
            target.name,
            f"the ResourceVersion in the precondition ({conditions['resourceVersion']}) does not match the "
            f"ResourceVersion in record ({metadata['resourceVersion']}). The object might have been modified",
        )
    if dry:
        return item
    grace = _grace(item.data, options, query) if resource.plural == "pods" else 0
    if grace == 0:
        world.store.delete(resource, target.name, target.namespace)
        return item
    if "deletionTimestamp" not in metadata:

        def end(obj: Object) -> None:
            obj["metadata"]["deletionTimestamp"] = stamp(world.clock.now() + grace)
            obj["metadata"]["deletionGracePeriodSeconds"] = grace

        world.store.mutate(resource, target.name, target.namespace, end)
    return world.store.get(resource, target.name, target.namespace)


def _grace(pod: Object, options: Object, query: Mapping[str, str]) -> int:
    wanted: Any = options.get("gracePeriodSeconds", query.get("gracePeriodSeconds"))
    if not pod["spec"].get("nodeName"):
        return 0
    if wanted is None:
        wanted = pod["spec"].get("terminationGracePeriodSeconds", 30)
    return max(0, int(wanted))


def _uid_differs(wanted: str, item: Item) -> str:
    return f"Precondition failed: UID in precondition: {wanted}, UID in object meta: {item.data['metadata']['uid']}"
