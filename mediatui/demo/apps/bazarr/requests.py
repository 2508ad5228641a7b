"""What a request to Bazarr says: its parameters may stand in the query, in a form or in JSON."""

from __future__ import annotations

import json

from mediatui.demo.apps.routing import Call


async def argument(call: Call, name: str) -> str:
    """Return a parameter, empty where there is none."""
    request = call.request
    if name in request.query:
        return request.query[name]
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text() or "{}")
        except ValueError:
            return ""
        return str(body.get(name, "")) if isinstance(body, dict) else ""
    return str((await request.post()).get(name, ""))
