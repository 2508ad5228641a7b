"""What every API object has in common: identity, time stamps, and the small reads that many modules need."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

Object = dict[str, Any]
"""An API object as decoded JSON; what lies in the store is never changed in place."""


class Key(NamedTuple):
    """The identity of an object within its resource, ordered as etcd orders it."""

    namespace: str
    name: str


def key_of(obj: Mapping[str, Any]) -> Key:
    """Return the key of an object; the namespace is empty for cluster-scoped ones."""
    metadata = obj["metadata"]
    return Key(metadata.get("namespace", ""), metadata["name"])


def stamp(seconds: float) -> str:
    """Return seconds since the epoch as metav1.Time: RFC 3339 in UTC, whole seconds."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def micro_stamp(seconds: float) -> str:
    """Return seconds since the epoch as metav1.MicroTime, for leases and series of events."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def seconds_of(text: str | None) -> float | None:
    """Return an RFC 3339 time stamp as seconds since the epoch, None for none."""
    if not text:
        return None
    whole, _, fraction = text.rstrip("Z").partition(".")
    if "+" in fraction or "+" in whole or whole.count("-") > 2:
        return datetime.fromisoformat(text).timestamp()
    base = datetime.fromisoformat(whole).replace(tzinfo=UTC).timestamp()
    return base + (float(f"0.{fraction}") if fraction else 0.0)


def dig(obj: Any, path: str, default: Any = None) -> Any:
    """Return what lies under a dotted path, for example ``status.phase``, or the default where a part is missing."""
    for part in path.split("."):
        if not isinstance(obj, Mapping) or part not in obj:
            return default
        obj = obj[part]
    return obj


def merged(base: Any, patch: Any) -> Any:
    """Return the RFC 7386 merge of a patch into a value; neither is changed."""
    if not isinstance(patch, dict):
        return patch
    result = dict(base) if isinstance(base, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result
