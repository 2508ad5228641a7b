"""Lists in pages: ``PagingResource`` of the Servarr apps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from mediatui.demo.apps.answers import no_number, reply
from mediatui.demo.apps.routing import Call
from mediatui.demo.objects import Object

Order = Callable[[Object], Any]
"""What rows are sorted by."""
_DEFAULT_SIZE: Final = 10


def paged(call: Call, rows: Sequence[Object], orders: Mapping[str, Order], default: str) -> web.Response:
    """Answer with one page.

    Args:
        call: The request; it gets ten rows, and the greatest first, unless it says otherwise.
        rows: All of them.
        orders: By what can be sorted; a key that is not among them is ignored without a word.
        default: The key that counts then.
    """
    query = call.request.query
    page, size = call.count("page", 1), call.count("pageSize", _DEFAULT_SIZE)
    if page is None or size is None:
        name = "page" if page is None else "pageSize"
        return no_number(name, query[name])
    page, size = max(1, page), max(1, size)
    asked = query.get("sortKey", "")
    key = asked if asked in orders else default
    direction = "ascending" if query.get("sortDirection", "").lower() == "ascending" else "descending"
    ordered = sorted(rows, key=orders[key], reverse=direction == "descending")
    shown = ordered[(page - 1) * size : page * size]
    return reply(
        {
            "page": page,
            "pageSize": size,
            "sortKey": key,
            "sortDirection": direction,
            "totalRecords": len(ordered),
            "records": shown,
        }
    )
