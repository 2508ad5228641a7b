"""The scheduler: which node a pod gets, or why none, in the sentences of kube-scheduler 1.36."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from mediatui.demo.api.ownership import Writer
from mediatui.demo.controllers.base import CLAIMS, CLASSES, NODES, PODS, VOLUMES, Hands, is_ending, is_over, own
from mediatui.demo.controllers.binder import COMPLETED, NODE
from mediatui.demo.controllers.loop import Keys
from mediatui.demo.controllers.matching import smallest_fit
from mediatui.demo.controllers.protection import claims_of
from mediatui.demo.objects import Key, Object, dig, key_of, stamp
from mediatui.demo.parts.quantities import amount
from mediatui.demo.resources import Resource
from mediatui.demo.world import World

_STATUS: Final = Writer("kube-scheduler", "Update", "status")
_WRITER: Final = Writer("kube-scheduler")
_HELPLESS: Final = "Preemption is not helpful for scheduling"
_NO_VICTIMS: Final = "No preemption victims found for incoming pod"


class Scheduler:
    """Gives pods their nodes.

    Args:
        world: The cluster.
    """

    def __init__(self, world: World) -> None:
        self._hands = Hands(world, "default-scheduler")

    @property
    def watches(self) -> Mapping[Resource, Keys]:
        """Pods; nodes, claims and volumes for those that wait."""
        return {PODS: self._of_pod, NODES: self._waiting, CLAIMS: self._waiting, VOLUMES: self._waiting}

    def reconcile(self, key: Key) -> float | None:
        """Find a node for one pod."""
        pod = self._hands.get(PODS, key)
        if pod is None or not _waits(pod):
            return None
        why = self._claims(pod)
        if why is None:
            return None
        if why:
            self._refuse(pod, f"0/{len(self._hands.all(NODES))} nodes are available: {why}. not found")
            return None
        fitting, reasons = self._nodes(pod)
        if not fitting:
            self._refuse(pod, _words(reasons, len(self._hands.all(NODES))))
            return None
        if not self._choose_volumes(pod, fitting[0]):
            return None
        self._hands.api.bind(key.namespace, key.name, fitting[0])
        bound = self._hands.get(PODS, key)
        if bound is not None:
            self._hands.tell(bound, "Scheduled", f"Successfully assigned {key.namespace}/{key.name} to {fitting[0]}")
        return None

    def _of_pod(self, pod: Object) -> Iterable[Key]:
        # A pod that ends makes room for those that wait.
        return [*own(pod), *(self._waiting(pod) if is_over(pod) or is_ending(pod) else ())]

    def _waiting(self, _: Object) -> Iterable[Key]:
        return [key_of(pod) for pod in self._hands.all(PODS) if _waits(pod)]

    def _claims(self, pod: Object) -> str | None:
        """Return what is wrong with the pod's claims, empty when nothing; None when it is to wait in silence."""
        for key in claims_of(pod):
            claim = self._hands.get(CLAIMS, key)
            if claim is None:
                return f'persistentvolumeclaim "{key.name}" not found'
            if dig(claim, "status.phase") == "Lost":
                return f'persistentvolumeclaim "{key.name}" bound to non-existent persistentvolume ""'
            if is_ending(claim):
                return f'persistentvolumeclaim "{key.name}" is being deleted'
            if COMPLETED in (claim["metadata"].get("annotations") or {}):
                continue
            if not self._waits_for_pod(claim):
                return "pod has unbound immediate PersistentVolumeClaims"
            if NODE in (claim["metadata"].get("annotations") or {}):
                return None
        return ""

    def _waits_for_pod(self, claim: Object) -> bool:
        found = self._hands.get(CLASSES, Key("", claim["spec"].get("storageClassName") or ""))
        return found is not None and found["volumeBindingMode"] == "WaitForFirstConsumer"

    def _nodes(self, pod: Object) -> tuple[list[str], Counter[tuple[str, str]]]:
        """Return the names of the nodes that fit, the emptiest first, and why the others do not."""
        fitting: list[tuple[float, str]] = []
        reasons: Counter[tuple[str, str]] = Counter()
        wanted = _requests(pod)
        for node in self._hands.all(NODES):
            name = node["metadata"]["name"]
            found = self._unfit(pod, node)
            if found:
                reasons[found, _HELPLESS] += 1
                continue
            room, used = dig(node, "status.allocatable", {}), self._used(name)
            short = [what for what, count in wanted.items() if used[what] + count > amount(room.get(what, 0))]
            for what in short:
                reasons[f"Insufficient {what}", _NO_VICTIMS] += 1
            if not short and used["pods"] + 1 > amount(room.get("pods", 110)):
                reasons["Too many pods", _NO_VICTIMS] += 1
            elif not short:
                fitting.append((used["cpu"] / max(1.0, amount(room.get("cpu", 1))), name))
        return [name for _, name in sorted(fitting)], reasons

    def _unfit(self, pod: Object, node: Object) -> str:
        if dig(node, "spec.unschedulable"):
            return "node(s) were unschedulable"
        for taint in dig(node, "spec.taints", []):
            if taint["effect"] != "PreferNoSchedule" and not _tolerates(pod, taint):
                value = f": {taint['value']}" if taint.get("value") else ": "
                return f"node(s) had untolerated taint {{{taint['key']}{value}}}"
        labels = node["metadata"].get("labels") or {}
        if not dict(dig(pod, "spec.nodeSelector", {})).items() <= labels.items() or not _affine(pod, labels):
            return "node(s) didn't match Pod's node affinity/selector"
        for key in claims_of(pod):
            claim = self._hands.get(CLAIMS, key)
            if claim is None or COMPLETED in (claim["metadata"].get("annotations") or {}):
                continue
            found = self._hands.get(CLASSES, Key("", claim["spec"].get("storageClassName") or ""))
            manual = found is not None and found["provisioner"] == "kubernetes.io/no-provisioner"
            if manual and smallest_fit(claim, self._hands.all(VOLUMES), self._hands.world.random) is None:
                return "node(s) didn't find available persistent volumes to bind"
        return ""

    def _used(self, node: str) -> Counter[str]:
        used: Counter[str] = Counter()
        for pod in self._hands.all(PODS):
            if pod["spec"].get("nodeName") == node and not is_over(pod):
                used["pods"] += 1
                for what, count in _requests(pod).items():
                    used[what] += count  # type: ignore[assignment]
        return used

    def _choose_volumes(self, pod: Object, node: str) -> bool:
        """Name the node to the claims that wait for a pod; tell whether the pod can be bound at once."""
        ready = True
        for key in claims_of(pod):
            claim = self._hands.get(CLAIMS, key)
            if claim is None or COMPLETED in (claim["metadata"].get("annotations") or {}):
                continue
            ready = False

            def choose(copy: Object) -> None:
                copy["metadata"]["annotations"] = {**(copy["metadata"].get("annotations") or {}), NODE: node}

            self._hands.api.edit(CLAIMS, key.namespace, key.name, _WRITER, choose)
        return ready

    def _refuse(self, pod: Object, message: str) -> None:
        key = key_of(pod)
        rows = dig(pod, "status.conditions", [])
        old = next((row for row in rows if row["type"] == "PodScheduled"), None)
        if old is not None and old.get("message") == message:
            return
        now = stamp(self._hands.world.clock.now())
        row = {
            "type": "PodScheduled",
            "status": "False",
            "lastProbeTime": None,
            "lastTransitionTime": old["lastTransitionTime"] if old else now,
            "reason": "Unschedulable",
            "message": message,
        }

        def change(copy: Object) -> None:
            others = [one for one in copy["status"].get("conditions", []) if one["type"] != "PodScheduled"]
            copy["status"]["conditions"] = [*others, row]

        self._hands.api.edit(PODS, key.namespace, key.name, _STATUS, change)
        self._hands.tell(pod, "FailedScheduling", message, warning=True)


def _waits(pod: Object) -> bool:
    return not pod["spec"].get("nodeName") and not is_ending(pod) and not is_over(pod)


def _requests(pod: Object) -> dict[str, float]:
    found: dict[str, float] = {}
    for container in pod["spec"]["containers"]:
        for what, quantity in dig(container, "resources.requests", {}).items():
            found[what] = found.get(what, 0.0) + amount(quantity)
    return found


def _tolerates(pod: Object, taint: Object) -> bool:
    for one in pod["spec"].get("tolerations") or []:
        if one.get("effect") not in (None, "", taint["effect"]):
            continue
        if one.get("key") in (None, "") and one.get("operator") == "Exists":
            return True
        if one.get("key") == taint["key"] and (
            one.get("operator") == "Exists" or one.get("value", "") == taint.get("value", "")
        ):
            return True
    return False


def _affine(pod: Object, labels: Mapping[str, str]) -> bool:
    path = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
    terms: list[Object] = dig(pod, path, [])
    return not terms or any(all(_meets(one, labels) for one in term.get("matchExpressions") or []) for term in terms)


def _meets(expression: Object, labels: Mapping[str, str]) -> bool:
    value, values = labels.get(expression["key"]), expression.get("values") or []
    match expression["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case _:
            return value is None


def _words(reasons: Counter[tuple[str, str]], nodes: int) -> str:
    if not nodes:
        return "no nodes available to schedule pods"
    why: Counter[str] = Counter()
    help_: Counter[str] = Counter()
    for (reason, preemption), count in reasons.items():
        why[reason] += count
        help_[preemption] += count
    first = ", ".join(sorted(f"{count} {reason}" for reason, count in why.items()))
    second = ", ".join(sorted(f"{count} {reason}" for reason, count in help_.items()))
    return (
        f"0/{nodes} nodes are available: {first}. no new claims to deallocate, "
        f"preemption: 0/{nodes} nodes are available: {second}."
    )
