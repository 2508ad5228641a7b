"""DaemonSets: a pod on every node that suits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from mediatui.demo.controllers.base import NODES, PODS, Hands, controller_key, is_ending, is_owned, is_ready, own
from mediatui.demo.controllers.loop import Keys
from mediatui.demo.objects import Key, Object, dig, key_of
from mediatui.demo.resources import Resource, named
from mediatui.demo.world import World

_DAEMON_SETS: Final = named("daemonsets")


class DaemonSetController:
    """Keeps the pods of DaemonSets.

    Args:
        world: The cluster.
    """

    def __init__(self, world: World) -> None:
        self._hands = Hands(world, "daemonset-controller")

    @property
    def watches(self) -> Mapping[Resource, Keys]:
        """DaemonSets, their pods, and nodes."""
        return {_DAEMON_SETS: own, PODS: controller_key("DaemonSet"), NODES: self._all}

    def reconcile(self, key: Key) -> float | None:
        """Make what is missing and count what is there."""
        one = self._hands.get(_DAEMON_SETS, key)
        if one is None or is_ending(one):
            return None
        pods = [pod for pod in self._hands.all(PODS, key.namespace) if is_owned(pod, one)]
        # Where a scenario has said how many there are, no more nodes are taken up.
        wanted = dig(one, "status.desiredNumberScheduled")
        nodes = [node["metadata"]["name"] for node in self._hands.all(NODES)]
        taken = {_node(pod) for pod in pods}
        free = [node for node in nodes if node not in taken]
        for node in free[: max(0, (len(nodes) if wanted is None else wanted) - len(pods))]:
            pod = self._hands.pod(one, one["spec"]["template"])
            pod["spec"] = {**pod["spec"], "nodeName": node}
            made = self._hands.create(PODS, pod)
            self._hands.tell(one, "SuccessfulCreate", f"Created pod: {made['metadata']['name']}")
        self._count(key, len(nodes) if wanted is None else wanted)
        return None

    def _count(self, key: Key, wanted: int) -> None:
        one = self._hands.get(_DAEMON_SETS, key)
        if one is None:
            return
        pods = [pod for pod in self._hands.all(PODS, key.namespace) if is_owned(pod, one) and not is_ending(pod)]
        ready = sum(1 for pod in pods if is_ready(pod))
        status = {
            **(one.get("status") or {}),
            "currentNumberScheduled": len(pods),
            "desiredNumberScheduled": wanted,
            "numberAvailable": ready,
            "numberReady": ready,
            "numberMisscheduled": 0,
            "observedGeneration": one["metadata"]["generation"],
            "updatedNumberScheduled": len(pods),
        }
        self._hands.set_status(_DAEMON_SETS, one, status)

    def _all(self, _: Object) -> Iterable[Key]:
        return [key_of(one) for one in self._hands.all(_DAEMON_SETS)]


def _node(pod: Object) -> str:
    name: str = pod["spec"].get("nodeName", "")
    return name
