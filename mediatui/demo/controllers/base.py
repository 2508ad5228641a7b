"""What several controllers ask of the cluster: owners, selectors, templates, and how events are told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from mediatui.demo.api.admission import suffix
from mediatui.demo.api.ownership import Writer
from mediatui.demo.api.verbs import Options
from mediatui.demo.objects import Key, Object, dig, key_of
from mediatui.demo.parts.cluster import owner
from mediatui.demo.parts.events import tell
from mediatui.demo.resources import Resource, named
from mediatui.demo.statuses import Refusal
from mediatui.demo.store import MissingError
from mediatui.demo.world import World

PODS: Final = named("pods", "")
CLAIMS: Final = named("persistentvolumeclaims")
VOLUMES: Final = named("persistentvolumes")
CLASSES: Final = named("storageclasses")
SETS: Final = named("replicasets")
DEPLOYMENTS: Final = named("deployments")
STATEFUL_SETS: Final = named("statefulsets")
NODES: Final = named("nodes", "")
ATTACHMENTS: Final = named("volumeattachments")
NAMESPACES: Final = named("namespaces")

MANAGER: Final = Writer("kube-controller-manager")
STATUS: Final = Writer("kube-controller-manager", "Update", "status")


def own(obj: Object) -> Iterable[Key]:
    """Return an object's own key."""
    return (key_of(obj),)


def controller_key(kind: str) -> Any:
    """Return a function that gives the key of an object's controller when that is of a kind."""

    def keys(obj: Object) -> Iterable[Key]:
        reference = controller_of(obj)
        if reference is None or reference["kind"] != kind:
            return ()
        return (Key(obj["metadata"].get("namespace", ""), reference["name"]),)

    return keys


def controller_of(obj: Object) -> Object | None:
    """Return the reference to an object's controller."""
    references: list[Object] = obj["metadata"].get("ownerReferences") or []
    return next((one for one in references if one.get("controller")), None)


def is_owned(obj: Object, parent: Object) -> bool:
    """Tell whether an object is controlled by another."""
    reference = controller_of(obj)
    return reference is not None and reference["uid"] == parent["metadata"]["uid"]


def selects(parent: Object, obj: Object) -> bool:
    """Tell whether the selector of a workload matches an object's labels."""
    wanted: Object = dig(parent, "spec.selector.matchLabels", {})
    labels: Object = obj["metadata"].get("labels") or {}
    return bool(wanted) and wanted.items() <= labels.items()


def is_ending(obj: Object) -> bool:
    """Tell whether an object is being deleted."""
    return "deletionTimestamp" in obj["metadata"]


def is_ready(pod: Object) -> bool:
    """Tell whether a pod is ready."""
    return any(row["type"] == "Ready" and row["status"] == "True" for row in dig(pod, "status.conditions", []))


def is_over(pod: Object) -> bool:
    """Tell whether a pod has ended for good."""
    return dig(pod, "status.phase") in ("Succeeded", "Failed")


class Hands:
    """What a controller reads and writes with.

    Args:
        world: The cluster.
        source: The name under which its events appear.
    """

    def __init__(self, world: World, source: str) -> None:
        self.world = world
        self.store = world.store
        self.api = world.api
        self._source = source

    def get(self, resource: Resource, key: Key) -> Object | None:
        """Return an object, None where there is none."""
        try:
            return self.store.get(resource, key.name, key.namespace).data
        except MissingError:
            return None

    def all(self, resource: Resource, namespace: str = "") -> list[Object]:
        """Return the objects of a resource."""
        return [item.data for item in self.store.all(resource, namespace)]

    def create(self, resource: Resource, obj: Object) -> Object:
        """Create an object.

        Raises:
            Refusal: It cannot be created.
        """
        namespace = obj["metadata"].get("namespace", "")
        return self.api.create(resource, obj, namespace, Options(MANAGER)).item.data

    def set_status(self, resource: Resource, obj: Object, status: Object) -> None:
        """Give an object its status, unless it has it."""
        if obj.get("status") != status:
            key = key_of(obj)
            self.api.edit(resource, key.namespace, key.name, STATUS, lambda copy: copy.update(status=status))

    def delete(self, resource: Resource, obj: Object) -> None:
        """Delete an object, if it is still the same."""
        key = key_of(obj)
        conditions = {"preconditions": {"uid": obj["metadata"]["uid"]}}
        try:
            self.api.delete(resource, key.namespace, key.name, conditions)
        except Refusal as refusal:
            if refusal.code not in (404, 409):
                raise

    def tell(self, about: Object, reason: str, message: str, *, warning: bool = False) -> None:
        """Tell an event."""
        kind = "Warning" if warning else "Normal"
        tell(self.world, about, reason, message, kind=kind, source=self._source)

    def pod(self, parent: Object, template: Object, *, name: str = "", labels: Object | None = None) -> Object:
        """Return a pod of a template, not yet created."""
        metadata = dict(template.get("metadata") or {})
        metadata["labels"] = {**(metadata.get("labels") or {}), **(labels or {})}
        metadata |= {"namespace": parent["metadata"]["namespace"], "ownerReferences": [owner(parent)]}
        metadata["generateName"] = f"{parent['metadata']['name']}-"
        metadata["name"] = name or metadata["generateName"] + suffix(self.store)
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
