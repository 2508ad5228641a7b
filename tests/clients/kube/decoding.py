"""One object read as from a list and as from a watch."""

from __future__ import annotations

import json
from typing import Any

from mediatui.clients.kube.decode import Decoder
from mediatui.clients.kube.resources import RESOURCES
from mediatui.clients.kube.sharing import Sharing
from mediatui.model.source import Kind

STAMP = "2026-11-23T06:22:19Z"
MOMENT = 1795414939.0
META = {"name": "it", "namespace": "media", "uid": "u", "resourceVersion": "7", "creationTimestamp": STAMP}


def read(kind: Kind, thing: dict[str, Any]) -> Any:
    """Return the row of one object; it must be the same from a list and from a watch."""
    decoder = Decoder(RESOURCES[kind].shape, Sharing())
    thing = {"metadata": META, **thing}
    page = decoder.page(json.dumps({"kind": "List", "metadata": {}, "items": [thing]}).encode())
    assert page.skipped == []
    change = decoder.change(json.dumps({"type": "ADDED", "object": thing}).encode())
    assert page.rows == [(change.ref, change.row)]
    return change.row
