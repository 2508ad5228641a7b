"""Reads a scenario: the stack that it begins with, a crowd around it, and what was done to it since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from mediatui.demo.api.ownership import Writer
from mediatui.demo.api.patching import MERGE
from mediatui.demo.api.verbs import Options
from mediatui.demo.controllers.standard import standard_loop
from mediatui.demo.objects import Key, Object, dig
from mediatui.demo.parts.cluster import DAY, Cluster
from mediatui.demo.parts.nodes import add_namespace
from mediatui.demo.parts.quantities import amount
from mediatui.demo.parts.unit import Container, Unit
from mediatui.demo.parts.workloads import add_unit
from mediatui.demo.resources import SERVED, Resource, named, of_object
from mediatui.demo.scenarios.stack import Stack, build_stack
from mediatui.demo.world import World

_WRITER: Final = "kubectl-edit"
_SYSTEM: Final = ("default", "kube-system", "kube-public", "kube-node-lease")
_BIRTH: Final = 400 * DAY


def build(world: World, content: Mapping[str, Any]) -> None:
    """Fill an empty world.

    Args:
        world: What is filled.
        content: ``stack`` with the fields of ``Stack``, ``crowd`` with numbers of pods and namespaces, and ``verbs``:
            what was done then, in order, each with one of the names of ``_VERBS``.

    Raises:
        Refusal: A verb does what the API server does not allow.
    """
    cluster = Cluster(world)
    if "stack" in content:
        settings = content["stack"]
        build_stack(cluster, Stack(**{**settings, "broken": tuple(settings.get("broken", ()))}))
    else:
        _ground(cluster)
    if "crowd" in content:
        _crowd(cluster, **content["crowd"])
    if verbs := content.get("verbs"):
        # What is done to a cluster is done to one whose controllers have seen it.
        loop = standard_loop(world)
        loop.look_at_everything()
        loop.work()
        world.store.followers.clear()
        for verb in verbs:
            ((name, given),) = verb.items()
            _VERBS[name](world, given)


def _ground(cluster: Cluster) -> None:
    for name in _SYSTEM:
        add_namespace(cluster, name, _BIRTH)


def _crowd(cluster: Cluster, pods: int, namespaces: int) -> None:
    """Add namespaces full of pods that have nothing to do with media."""
    container = Container(
        "worker", "registry.example.internal/batch/worker:3.1", requests={"cpu": "1m"}, hardened=False
    )
    for number in range(namespaces):
        namespace = f"team-{number:03}"
        add_namespace(cluster, namespace, 90 * DAY)
        share = pods // namespaces + (1 if number < pods % namespaces else 0)
        nodes = tuple(f"kube-{index % 3 + 1}" for index in range(share))
        add_unit(cluster, Unit("worker", "Deployment", (container,), nodes, namespace, age=90 * DAY))


def _patch(world: World, given: Mapping[str, Any]) -> None:
    resource, key = _place(given)
    options = Options(Writer(_WRITER, "Update", given.get("subresource", "")))
    world.api.patch(resource, MERGE, given["merge"], key.namespace, key.name, options)


def _apply(world: World, manifest: Object) -> None:
    world.api.create(
        of_object(manifest), dict(manifest), manifest["metadata"].get("namespace", ""), Options(Writer(_WRITER))
    )


def _delete(world: World, given: Mapping[str, Any]) -> None:
    """Delete an object; ``force`` takes its finalizers away, so that it is gone at once."""
    resource, key = _place(given)
    world.api.delete(resource, key.namespace, key.name, {"gracePeriodSeconds": 0} if given.get("force") else {})
    left = {item.data["metadata"]["name"] for item in world.store.all(resource, key.namespace)}
    if given.get("force") and key.name in left:
        world.api.edit(
            resource, key.namespace, key.name, Writer(_WRITER), lambda copy: copy["metadata"].pop("finalizers", None)
        )


def _lose(world: World, given: Mapping[str, Any]) -> None:
    """Delete the volume of a claim, finalizers and all."""
    claim = world.store.get(named("persistentvolumeclaims"), given["claim"], given.get("namespace", "media")).data
    _delete(world, {"kind": "PersistentVolume", "name": claim["spec"]["volumeName"], "force": True})


def _fill(world: World, given: Mapping[str, Any]) -> None:
    """Fill the volume of a claim to some percent."""
    claim = world.store.get(named("persistentvolumeclaims"), given["claim"], given.get("namespace", "media")).data
    volume = world.store.get(named("persistentvolumes"), claim["spec"]["volumeName"]).data
    size = amount(volume["spec"]["capacity"]["storage"])
    world.disks.make(dig(volume, "spec.csi.volumeHandle")).used = int(size * given["percent"] / 100)


def _storage(world: World, given: Mapping[str, Any]) -> None:
    """Let calls of the storage driver go unanswered."""
    world.disks.dead |= set(given["dead"])


_VERBS: Final[Mapping[str, Callable[[World, Any], None]]] = {
    "apply": _apply,
    "delete": _delete,
    "fill": _fill,
    "lose": _lose,
    "patch": _patch,
    "storage": _storage,
}


def _place(given: Mapping[str, Any]) -> tuple[Resource, Key]:
    candidates: Iterable[Resource] = (one for one in SERVED if one.kind == given["kind"] and not one.computed)
    resource = next(iter(candidates))
    return resource, Key(given.get("namespace", "media") if resource.namespaced else "", given["name"])
