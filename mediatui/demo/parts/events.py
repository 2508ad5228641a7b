"""Events, as their sources write them: new ones are added, repeated ones are counted."""

from __future__ import annotations

from typing import Final

from mediatui.demo.objects import Object, micro_stamp, stamp
from mediatui.demo.resources import named
from mediatui.demo.store import MissingError
from mediatui.demo.world import World

EVENTS: Final = named("events")


def reference(obj: Object, container: str = "") -> Object:
    """Return the involvedObject of an event about an object, or about one of its containers."""
    metadata = obj["metadata"]
    body = {
        "kind": obj["kind"],
        "namespace": metadata.get("namespace", ""),
        "name": metadata["name"],
        "uid": metadata["uid"],
        "apiVersion": obj["apiVersion"],
        "resourceVersion": metadata["resourceVersion"],
    }
    if container:
        body["fieldPath"] = f"spec.containers{{{container}}}"
    return body


def tell(
    world: World,
    about: Object,
    reason: str,
    message: str,
    *,
    kind: str = "Normal",
    source: str = "kubelet",
    container: str = "",
    at: float | None = None,
    count: int = 1,
    first: float | None = None,
) -> None:
    """Store an event, or count it when the same was told before.

    Args:
        world: Where it goes.
        about: The object that it is about.
        reason: The reason, in CamelCase.
        message: The sentence.
        kind: ``Normal`` or ``Warning``.
        source: The component that tells it; of a kubelet the node is added.
        container: The container that it is about.
        at: When it happened last, seconds since the epoch; now by default.
        count: How often it has happened.
        first: When it happened first.
    """
    at = world.clock.now() if at is None else at
    first = at if first is None else first
    metadata = about["metadata"]
    # One event per object, reason and sentence: what client-go's correlator would have counted together.
    name = f"{metadata['name']}.{_mark(metadata['uid'], reason, message, container):016x}"
    namespace = metadata.get("namespace") or "default"
    host = about["spec"]["nodeName"] if source == "kubelet" and about["kind"] == "Pod" else ""
    try:
        known = world.store.get(EVENTS, name, namespace).data
    except MissingError:
        known = None
    if known is not None:
        world.store.update({**known, "count": known["count"] + count, "lastTimestamp": stamp(at)})
        return
    body: Object = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": namespace, "creationTimestamp": stamp(first)},
        "involvedObject": reference(about, container),
        "reason": reason,
        "message": message,
        "type": kind,
        "reportingComponent": source,
        "reportingInstance": host,
    }
    if source == "default-scheduler":  # it writes events.k8s.io, which the core API shows without count and times
        body |= {
            "source": {},
            "firstTimestamp": None,
            "lastTimestamp": None,
            "eventTime": micro_stamp(first),
            "action": "Binding",
            "count": None,
        }
    else:
        body |= {
            "source": {"component": source, **({"host": host} if host else {})},
            "firstTimestamp": stamp(first),
            "lastTimestamp": stamp(at),
            "eventTime": None,
            "count": count,
        }
    world.store.create(body)


def _mark(*words: str) -> int:
    number = 1469598103934665603
    for letter in "/".join(words).encode():
        number = ((number ^ letter) * 1099511628211) & (2**64 - 1)
    return number
