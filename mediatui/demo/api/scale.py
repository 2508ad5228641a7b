"""``/scale``: how many replicas there are and should be, for every kind that has them."""

from __future__ import annotations

from typing import Any

from mediatui.demo import statuses
from mediatui.demo.api.ownership import Writer
from mediatui.demo.api.patching import (
    JSON,
    BadPatchError,
    PatchFailedError,
    json_patched,
    merge_patched,
)
from mediatui.demo.api.verbs import Api, Options, Written
from mediatui.demo.objects import Object, dig
from mediatui.demo.requestinfo import Target
from mediatui.demo.resources import Resource
from mediatui.demo.store import Item, MissingError


def read(api: Api, resource: Resource, namespace: str, name: str) -> Object:
    """Return the Scale of an object.

    Raises:
        Refusal: It is not there.
    """
    try:
        return _of(api.store.get(resource, name, namespace).data)
    except MissingError:
        raise statuses.not_found(resource, name) from None


def write(api: Api, resource: Resource, target: Target, media: str, body: Any, options: Options) -> Written:
    """Scale an object and return its Scale.

    Raises:
        Refusal: It is not there, or not as the writer believes.
    """
    current = read(api, resource, target.namespace, target.name)
    try:
        if target.verb == "patch":
            wanted = json_patched(current, body) if media == JSON else merge_patched(current, body)
        else:
            wanted = body
    except BadPatchError as error:
        raise statuses.bad_request(str(error)) from None
    except PatchFailedError:
        raise statuses.rejected() from None
    metadata = wanted.get("metadata") or {}
    if metadata.get("uid") not in (None, "", current["metadata"]["uid"]):
        why = f"Precondition failed: UID in precondition: {metadata['uid']}, UID in object meta: "
        raise statuses.conflict(resource, target.name, why + current["metadata"]["uid"])
    patch: Object = {"spec": {"replicas": dig(wanted, "spec.replicas", 0)}}
    if metadata.get("resourceVersion"):
        patch["metadata"] = {"resourceVersion": metadata["resourceVersion"]}
    writer = Writer(options.writer.name, "Update", "scale")
    scaled = Options(writer, dry_run=options.dry_run)
    merge = "application/merge-patch+json"
    written = api.patch(resource, merge, patch, target.namespace, target.name, scaled)
    return Written(Item(_of(written.item.data), written.item.revision))


def _of(obj: Object) -> Object:
    metadata = obj["metadata"]
    names = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    labels = dig(obj, "spec.selector.matchLabels", {})
    status: Object = {"replicas": dig(obj, "status.replicas", 0)}
    status["selector"] = ",".join(f"{name}={value}" for name, value in sorted(labels.items()))
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {name: metadata[name] for name in names if name in metadata},
        "spec": {"replicas": dig(obj, "spec.replicas", 0)},
        "status": status,
    }
