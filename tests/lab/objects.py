"""Creating the objects that a laboratory starts with."""

from __future__ import annotations

from typing import Any

import httpx

Object = dict[str, Any]


def create(client: httpx.Client, path: str, body: Object) -> None:
    """Create an object unless it is there.

    Raises:
        RuntimeError: The API server refuses it.
    """
    answer = client.post(path, json=body)
    if answer.status_code not in (201, 409):
        raise RuntimeError(f"POST {path}: {answer.status_code} {answer.text}")


def is_ready(body: Object) -> bool:
    """Tell whether a Node or a Pod says that it is ready."""
    conditions = body.get("status", {}).get("conditions") or []
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
