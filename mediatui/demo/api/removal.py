"""DELETE: preconditions, graces, finalizers, and when an object is really gone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from mediatui.demo import statuses
from mediatui.demo.objects import Object, dig, stamp
from mediatui.demo.resources import Resource
from mediatui.demo.store import Item, Store

_FINALIZERS: Final = {"Orphan": "orphan", "Foreground": "foregroundDeletion"}


class Removal:
    """Ends objects.

    Args:
        store: Where they are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def delete(self, resource: Resource, item: Item, options: Mapping[str, Any], *, dry_run: bool) -> tuple[Item, bool]:
        """Delete an object or begin to; return it as it is then, and whether it is gone.

        Args:
            resource: What it is.
            item: The object.
            options: ``DeleteOptions``.
            dry_run: Only say what would be.

        Raises:
            Refusal: It is not as the preconditions say.
        """
        _check_preconditions(resource, item, options.get("preconditions") or {})
        copy: Object = json.loads(item.encoded)
        metadata = copy["metadata"]
        finalizer = _FINALIZERS.get(options.get("propagationPolicy") or "")
        if finalizer and finalizer not in metadata.setdefault("finalizers", []):
            metadata["finalizers"].append(finalizer)
        if not metadata.get("finalizers"):
            metadata.pop("finalizers", None)
        grace = _grace(copy, options) if resource.plural == "pods" else 0
        if "deletionTimestamp" not in metadata or grace < metadata.get("deletionGracePeriodSeconds", 0):
            metadata["deletionTimestamp"] = stamp(self._store.clock.now() + grace)
            metadata["deletionGracePeriodSeconds"] = grace
        if resource.plural == "namespaces":
            copy["status"]["phase"] = "Terminating"
            metadata.pop("deletionGracePeriodSeconds")
        if dry_run:
            return item, self.is_over(copy)
        if self.is_over(copy):
            self._store.delete(resource, item.key.name, item.key.namespace)
            return Item(copy, self._store.revision), True
        self._store.update(copy)
        return self._store.get(resource, item.key.name, item.key.namespace), False

    @staticmethod
    def is_over(obj: Object) -> bool:
        """Tell whether nothing keeps an object that is to be deleted."""
        metadata = obj["metadata"]
        if "deletionTimestamp" not in metadata or metadata.get("finalizers"):
            return False
        if obj["kind"] == "Namespace":
            return not dig(obj, "spec.finalizers", [])
        return not metadata.get("deletionGracePeriodSeconds")


def _check_preconditions(resource: Resource, item: Item, wanted: Mapping[str, Any]) -> None:
    metadata = item.data["metadata"]
    for name, what, since in (
        ("uid", "UID", "deleted and then recreated"),
        ("resourceVersion", "ResourceVersion", "modified"),
    ):
        given = wanted.get(name)
        if given not in (None, metadata[name]):
            why = (
                f"the {what} in the precondition ({given}) does not match the {what} in record ({metadata[name]}). "
                f"The object might have been {since}"
            )
            raise statuses.precondition_failed(resource, item.key.name, why)


def _grace(pod: Object, options: Mapping[str, Any]) -> int:
    wanted = options.get("gracePeriodSeconds")
    if not pod["spec"].get("nodeName") or dig(pod, "status.phase") in ("Succeeded", "Failed"):
        return 0
    if wanted is None:
        wanted = pod["spec"].get("terminationGracePeriodSeconds", 30)
    return max(0, int(wanted))
