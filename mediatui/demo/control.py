"""``/demo/...``: the same knobs over HTTP, for a test whose demo runs in another process; the token guards it too."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from mediatui.demo.faults import Fault
from mediatui.demo.statuses import bad_request, method_not_allowed, path_not_found

if TYPE_CHECKING:
    from mediatui.demo.server import DemoServer


async def control(server: DemoServer, request: web.Request) -> web.Response:
    """Answer a request below ``/demo/``.

    ``GET requests`` is the request log, ``DELETE requests`` empties it; ``POST faults`` switches one on (the fields
    of ``Fault``), ``DELETE faults`` switches all off; ``POST watches/close``, ``history/expire``, ``watches/freeze``
    and ``watches/thaw`` do what they say.

    Raises:
        Refusal: The body cannot be read, or the method does not fit.
    """
    path = request.path.removeprefix("/demo/")
    if path == "requests":
        if request.method == "DELETE":
            server.requests.clear()
            return _json({})
        return _json({"requests": [_row(record) for record in server.requests]})
    if path == "faults":
        if request.method == "DELETE":
            server.faults.clear()
            return _json({})
        try:
            server.faults.add(Fault(**json.loads(await request.read())))
        except (TypeError, ValueError) as error:
            raise bad_request(f"not a fault: {error}") from None
        return _json({})
    actions: dict[str, Callable[[], Any]] = {
        "watches/close": lambda: server.close_watches(request.query.get("resource", "*")),
        "watches/freeze": server.faults.freeze,
        "watches/thaw": server.faults.thaw,
        "history/expire": server.world.store.expire,
    }
    if path not in actions:
        return path_not_found()
    if request.method != "POST":
        raise method_not_allowed()
    return _json({"result": actions[path]()})


def _row(record: Any) -> dict[str, Any]:
    return {
        "at": record.at,
        "method": record.method,
        "path": record.path,
        "query": dict(record.query),
        "verb": record.verb,
        "resource": record.resource,
        "namespace": record.target.namespace,
        "subresource": record.target.subresource,
        "agent": record.agent,
        "status": record.status,
        "sent": record.sent,
    }


def _json(body: dict[str, Any]) -> web.Response:
    return web.Response(body=json.dumps(body).encode(), content_type="application/json")
