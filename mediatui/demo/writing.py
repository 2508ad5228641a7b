"""Writes over HTTP: what a request asks of the API, and how its answer is put."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import yaml
from aiohttp import web

from mediatui.demo import statuses
from mediatui.demo.api import scale
from mediatui.demo.api.ownership import Writer
from mediatui.demo.api.patching import APPLY, JSON, MERGE, STRATEGIC
from mediatui.demo.api.verbs import Api, Options, Written
from mediatui.demo.objects import Object
from mediatui.demo.requestinfo import Target
from mediatui.demo.resources import Resource
from mediatui.demo.selectors import Matcher
from mediatui.demo.store import Item
from mediatui.demo.world import World

_JSON: Final = "application/json"
_PATCHES: Final = (JSON, MERGE, STRATEGIC, APPLY)


async def write(world: World, target: Target, request: web.Request, matcher: Matcher | None) -> Written | Object:
    """Carry out a write and return what became of the object, or a Status when it is gone.

    Args:
        world: Where it happens.
        target: What the path names.
        request: The request.
        matcher: What a deletion of many selects.

    Raises:
        Refusal: It is not possible, not understood, or based on a state that has moved on.
    """
    resource, verb = target.resource, target.verb
    assert resource is not None
    if resource.computed:
        raise statuses.method_not_allowed()
    if target.subresource == "binding" and verb == "create":
        return await _bind(world.api, target, request)
    if target.subresource not in ("", *(set(resource.subresources) & {"status", "scale"})):
        raise statuses.not_built(f"{verb} {resource.qualified}/{target.subresource}")
    if verb == "patch":
        body = await _read(request, _PATCHES)
    else:
        body = await read_body(request)
    options = _options(target, request, body)
    if target.subresource == "scale":
        return scale.write(world.api, resource, target, request.content_type, body, options)
    if verb == "create":
        return world.api.create(resource, body, target.namespace, options)
    if verb == "update":
        return world.api.replace(resource, body, target.namespace, target.name, options)
    if verb == "patch":
        return world.api.patch(resource, request.content_type, body, target.namespace, target.name, options)
    wanted = {**_query_options(request.query), **body}
    if verb == "deletecollection":
        return _delete_many(world, resource, target.namespace, matcher, wanted, dry_run=options.dry_run)
    item, gone = world.api.delete(resource, target.namespace, target.name, wanted, dry_run=options.dry_run)
    return _deleted(resource, item) if gone and resource.plural != "pods" else Written(item)


async def read_body(request: web.Request) -> Object:
    """Return the JSON body of a request as an object, empty where there is none.

    Raises:
        Refusal: 415 or 400, it cannot be read.
    """
    body = await _read(request, (_JSON,))
    if not isinstance(body, dict):
        raise statuses.bad_request("the body is not an object")
    return body


async def _read(request: web.Request, media: tuple[str, ...]) -> Any:
    raw = await request.read()
    if not raw:
        return {}
    if "Content-Type" in request.headers and request.content_type not in media:
        raise statuses.unsupported_media_type(", ".join(media))
    try:
        # Of the two forms of an apply patch JSON is by far the quicker to read, and YAML contains it.
        body = json.loads(raw) if request.content_type != APPLY or raw[:1] == b"{" else yaml.safe_load(raw)
    except (ValueError, yaml.YAMLError) as error:
        raise statuses.bad_request(f"error decoding the body: {error}") from None
    if not isinstance(body, dict) and request.content_type != JSON:
        raise statuses.bad_request("the body is not an object")
    return body


def _options(target: Target, request: web.Request, body: Any) -> Options:
    query, applies = request.query, request.content_type == APPLY and target.verb == "patch"
    manager = query.get("fieldManager", "")
    if applies and not manager:
        raise statuses.no_field_manager()
    dry_run = query.get("dryRun") or (body.get("dryRun") if isinstance(body, dict) else None)
    if isinstance(dry_run, list):
        dry_run = ",".join(dry_run)
    validation = query.get("fieldValidation", "Warn")
    return Options(
        Writer(manager or _agent(request), "Apply" if applies else "Update", target.subresource),
        dry_run=dry_run == "All",
        strict=validation == "Strict",
        warn=validation == "Warn",
        force=query.get("force") in ("true", "1"),
    )


def _agent(request: web.Request) -> str:
    return request.headers.get("User-Agent", "").partition("/")[0] or "unknown"


def _query_options(query: Mapping[str, str]) -> Object:
    found: Object = {}
    if query.get("gracePeriodSeconds", "").isdigit():
        found["gracePeriodSeconds"] = int(query["gracePeriodSeconds"])
    if query.get("propagationPolicy"):
        found["propagationPolicy"] = query["propagationPolicy"]
    return found


async def _bind(api: Api, target: Target, request: web.Request) -> Object:
    body = await read_body(request)
    api.bind(target.namespace, target.name, body["target"]["name"])
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}


def _delete_many(
    world: World, resource: Resource, namespace: str, matcher: Matcher | None, wanted: Object, *, dry_run: bool
) -> Object:
    items = world.store.all(resource, namespace, matcher)
    deleted = [
        world.api.delete(resource, item.key.namespace, item.key.name, wanted, dry_run=dry_run)[0] for item in items
    ]
    return {
        "kind": f"{resource.kind}List",
        "apiVersion": resource.api_version,
        "metadata": {"resourceVersion": str(world.store.revision)},
        "items": [item.data for item in deleted],
    }


def _deleted(resource: Resource, item: Item) -> Object:
    details = {"name": item.key.name, **({"group": resource.group} if resource.group else {})}
    details |= {"kind": resource.plural, "uid": item.data["metadata"]["uid"]}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
