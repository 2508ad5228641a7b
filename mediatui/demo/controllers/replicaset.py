"""ReplicaSets: as many pods as are wanted."""

from __future__ import annotations

from collections.abc import Mapping

from mediatui.demo.controllers.base import (
    PODS,
    SETS,
    Hands,
    controller_key,
    is_ending,
    is_over,
    is_owned,
    is_ready,
    own,
)
from mediatui.demo.controllers.loop import Keys
from mediatui.demo.objects import Key, Object, dig, stamp
from mediatui.demo.resources import Resource
from mediatui.demo.statuses import Refusal
from mediatui.demo.world import World


class ReplicaSetController:
    """Keeps the pods of ReplicaSets.

    Args:
        world: The cluster.
    """

    def __init__(self, world: World) -> None:
        self._hands = Hands(world, "replicaset-controller")

    @property
    def watches(self) -> Mapping[Resource, Keys]:
        """ReplicaSets and their pods."""
        return {SETS: own, PODS: controller_key("ReplicaSet")}

    def reconcile(self, key: Key) -> float | None:
        """Make or end pods of one ReplicaSet, and count them."""
        one = self._hands.get(SETS, key)
        if one is None:
            return None
        failure, again = "", None
        if not is_ending(one):
            try:
                self._make_or_end(one)
            except Refusal as refusal:
                failure, again = refusal.message, 1.0
                self._hands.tell(one, "FailedCreate", f"Error creating: {failure}", warning=True)
        self._count(one, failure)
        return again

    def _make_or_end(self, one: Object) -> None:
        pods = self._pods(one)
        wanted: int = one["spec"]["replicas"]
        for _ in range(wanted - len(pods)):
            made = self._hands.create(PODS, self._hands.pod(one, one["spec"]["template"]))
            self._hands.tell(one, "SuccessfulCreate", f"Created pod: {made['metadata']['name']}")
        # Those that run nowhere yet go first, then those that are not ready, then the youngest.
        ranked = sorted(
            pods, key=lambda pod: (bool(pod["spec"].get("nodeName")), is_ready(pod), _age(pod)), reverse=False
        )
        for pod in ranked[: max(0, len(pods) - wanted)]:
            self._hands.delete(PODS, pod)
            self._hands.tell(one, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}")

    def _pods(self, one: Object) -> list[Object]:
        pods = self._hands.all(PODS, one["metadata"]["namespace"])
        return [pod for pod in pods if is_owned(pod, one) and not is_ending(pod) and not is_over(pod)]

    def _count(self, one: Object, failure: str) -> None:
        pods = self._pods(one)
        ending = [
            pod for pod in self._hands.all(PODS, one["metadata"]["namespace"]) if is_owned(pod, one) and is_ending(pod)
        ]
        ready = sum(1 for pod in pods if is_ready(pod))
        status: Object = {"replicas": len(pods)}
        counts = {"fullyLabeledReplicas": len(pods), "readyReplicas": ready, "availableReplicas": ready}
        status |= {name: count for name, count in counts.items() if count}
        status |= {"terminatingReplicas": len(ending), "observedGeneration": one["metadata"]["generation"]}
        if failure:
            old = next((row for row in dig(one, "status.conditions", []) if row["type"] == "ReplicaFailure"), None)
            now = stamp(self._hands.world.clock.now())
            fresh = {"type": "ReplicaFailure", "status": "True", "lastTransitionTime": now}
            status["conditions"] = [(old or fresh) | {"reason": "FailedCreate", "message": failure}]
        self._hands.set_status(SETS, one, status)


def _age(pod: Object) -> str:
    # Younger pods first: their time stamps are greater, so the digits are turned round.
    return "".join(chr(255 - ord(letter)) for letter in pod["metadata"]["creationTimestamp"])
