"""GET of an object and of a list, stored or computed, in the face that the client asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mediatui.demo import statuses
from mediatui.demo.requestinfo import Target
from mediatui.demo.resources import Resource
from mediatui.demo.selectors import BadSelectorError, Matcher, both, field_matcher, label_matcher
from mediatui.demo.store import AheadError, ExpiredError, Item, MissingError, Page
from mediatui.demo.tables import Face, Include, content_type, listing, partial, table
from mediatui.demo.world import World

Answer = tuple[bytes, str]
"""A body and its Content-Type."""


def read_object(world: World, target: Target, face: Face, query: Mapping[str, str]) -> Answer:
    """Return one object.

    Raises:
        Refusal: It is not there.
    """
    resource = target.resource
    assert resource is not None
    try:
        if resource.computed:
            item = _computed(world, resource, target.namespace, None, target.name)[0]
        else:
            item = world.store.get(resource, target.name, target.namespace)
    except (MissingError, IndexError):
        raise statuses.not_found(resource, target.name) from None
    return face_bytes(world, resource, item, face, query), content_type(face, many=False)


def face_bytes(world: World, resource: Resource, item: Item, face: Face, query: Mapping[str, str]) -> bytes:
    """Return one object, encoded with the face that was asked for."""
    if face == "table":
        meta = {"resourceVersion": item.data["metadata"].get("resourceVersion", "")}
        return table(resource, [item], meta, world.clock.now(), include=include_of(query))
    if face == "metadata":
        return Item(partial(item.data), item.revision).encoded
    return item.encoded + b"\n"


def read_list(world: World, target: Target, face: Face, query: Mapping[str, str]) -> Answer:
    """Return a list, or a page of one.

    Raises:
        Refusal: A selector, token, limit or resource version that cannot be used.
    """
    resource = target.resource
    assert resource is not None
    matcher = matcher_of(resource, query)
    if resource.computed:
        page = Page(_computed(world, resource, target.namespace, matcher), 0)
        meta: dict[str, Any] = {}
    else:
        page = _page(world, target, resource, matcher, query)
        meta = {"resourceVersion": str(page.revision)}
    if page.next:
        meta["continue"] = page.next
    if page.remaining is not None:
        meta["remainingItemCount"] = page.remaining
    if face == "table":
        body = table(resource, page.items, meta, world.clock.now(), include=include_of(query))
    else:
        body = listing(face, resource, page.items, meta)
    return body, content_type(face, many=True)


def _page(world: World, target: Target, resource: Resource, matcher: Matcher | None, query: Mapping[str, str]) -> Page:
    token, wanted = query.get("continue", ""), query.get("resourceVersion", "")
    if token and wanted not in ("", "0"):
        raise statuses.bad_request("specifying resource version is not allowed when using continue")
    limit = number(query, "limit")
    if wanted == "0":
        limit = 0  # the watch cache answers, and it does not page
    try:
        if wanted and int(wanted) > world.store.revision:
            raise AheadError
        return world.store.page(resource, target.namespace, matcher, limit=limit, token=token)
    except AheadError:
        raise statuses.ahead(wanted, world.store.revision) from None
    except ExpiredError as error:
        raise statuses.expired_continue(str(error)) from None
    except ValueError as error:
        raise statuses.bad_request(str(error)) from None


def _computed(world: World, resource: Resource, namespace: str, matcher: Matcher | None, name: str = "") -> list[Item]:
    objects = world.compute(resource)
    return [
        Item(obj, 0)
        for obj in objects
        if (not namespace or obj["metadata"].get("namespace") == namespace)
        and (not name or obj["metadata"]["name"] == name)
        and (matcher is None or matcher(obj))
    ]


def matcher_of(resource: Resource, query: Mapping[str, str]) -> Matcher | None:
    """Return the test for the selectors of a request.

    Raises:
        Refusal: 400, a selector cannot be used.
    """
    try:
        labels = label_matcher(query.get("labelSelector", ""))
        return both(labels, field_matcher(resource, query.get("fieldSelector", "")))
    except BadSelectorError as error:
        raise statuses.bad_request(str(error)) from None


def include_of(query: Mapping[str, str]) -> Include:
    """Return what the rows of a Table carry of their objects.

    Raises:
        Refusal: 400, an unknown policy.
    """
    match query.get("includeObject", "Metadata"):
        case "None":
            return "None"
        case "Object":
            return "Object"
        case "Metadata" | "":
            return "Metadata"
        case other:
            raise statuses.bad_request(f'unrecognized includeObject value: "{other}"')


def number(query: Mapping[str, str], name: str) -> int:
    """Return a whole-number parameter, 0 where it is not given.

    Raises:
        Refusal: 400, it is no number.
    """
    text = query.get(name, "")
    try:
        return max(0, int(text)) if text else 0
    except ValueError:
        raise statuses.bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None
