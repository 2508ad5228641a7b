"""Deployments: a ReplicaSet for each template, and the way from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mediatui.demo.controllers.base import (
    DEPLOYMENTS,
    MANAGER,
    PODS,
    SETS,
    Hands,
    controller_key,
    is_ending,
    is_owned,
    own,
)
from mediatui.demo.controllers.loop import Keys
from mediatui.demo.objects import Key, Object, dig, key_of, seconds_of, stamp
from mediatui.demo.parts.cluster import owner, template_hash
from mediatui.demo.resources import Resource
from mediatui.demo.world import World

_REVISION: Final = "deployment.kubernetes.io/revision"
_HASH: Final = "pod-template-hash"
_COPIED_NOT: Final = frozenset({"kubectl.kubernetes.io/last-applied-configuration", _REVISION})


class DeploymentController:
    """Keeps the ReplicaSets of Deployments.

    Args:
        world: The cluster.
    """

    def __init__(self, world: World) -> None:
        self._hands = Hands(world, "deployment-controller")

    @property
    def watches(self) -> Mapping[Resource, Keys]:
        """Deployments and their ReplicaSets; pods for their endings."""
        return {DEPLOYMENTS: own, SETS: controller_key("Deployment"), PODS: self._of_pod}

    def reconcile(self, key: Key) -> float | None:
        """Bring the ReplicaSets and the status of one Deployment up to date."""
        deployment = self._hands.get(DEPLOYMENTS, key)
        if deployment is None or is_ending(deployment):
            return None
        sets = [one for one in self._hands.all(SETS, key.namespace) if is_owned(one, deployment)]
        current = self._current(deployment, sets)
        if current is None:
            current = self._create(deployment, sets)
            sets = [*sets, current]
        self._roll(deployment, current, [one for one in sets if one is not current])
        return self._status(key, key_of(current))

    def _of_pod(self, pod: Object) -> list[Key]:
        found: list[Key] = []
        for key in controller_key("ReplicaSet")(pod):
            parent = self._hands.get(SETS, key)
            found += controller_key("Deployment")(parent) if parent else []
        return found

    def _current(self, deployment: Object, sets: list[Object]) -> Object | None:
        wanted = deployment["spec"]["template"]
        return next((one for one in sets if _bare(one["spec"]["template"]) == _bare(wanted)), None)

    def _create(self, deployment: Object, sets: list[Object]) -> Object:
        template = deployment["spec"]["template"]
        mark = template_hash(template, len(sets))
        labels = {**(template["metadata"].get("labels") or {}), _HASH: mark}
        revision = 1 + max(map(_revision, sets), default=0)
        metadata = deployment["metadata"]
        annotations = {
            name: value for name, value in (metadata.get("annotations") or {}).items() if name not in _COPIED_NOT
        }
        old = sum(dig(one, "spec.replicas", 0) for one in sets)
        replicas = deployment["spec"]["replicas"] if not old else self._first(deployment, old)
        made = self._hands.create(
            SETS,
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {
                    "name": f"{metadata['name']}-{mark}",
                    "namespace": metadata["namespace"],
                    "labels": labels,
                    "annotations": {**annotations, **self._sizes(deployment), _REVISION: str(revision)},
                    "ownerReferences": [owner(deployment)],
                },
                "spec": {
                    "replicas": replicas,
                    "selector": {"matchLabels": {**deployment["spec"]["selector"]["matchLabels"], _HASH: mark}},
                    "template": {**template, "metadata": {**template["metadata"], "labels": labels}},
                },
            },
        )
        if replicas:
            self._told(deployment, made, "up", 0, replicas)
        self._annotate(deployment, str(revision))
        return made

    def _first(self, deployment: Object, old: int) -> int:
        """Return how many pods a new ReplicaSet may have beside those of the old ones."""
        if dig(deployment, "spec.strategy.type") == "Recreate":
            return 0
        wanted: int = deployment["spec"]["replicas"]
        return max(0, min(wanted, wanted + _share(deployment, "maxSurge", wanted, up=True) - old))

    def _roll(self, deployment: Object, current: Object, old: list[Object]) -> None:
        wanted: int = deployment["spec"]["replicas"]
        previous = [one for one in old if one["spec"]["replicas"] > 0]
        if dig(deployment, "spec.strategy.type") == "Recreate":
            for one in previous:
                self._scale(deployment, one, 0)
            pods = self._hands.all(PODS, deployment["metadata"]["namespace"])
            if not any(is_owned(pod, one) for pod in pods for one in old):
                self._scale(deployment, current, wanted)
            return
        surge = _share(deployment, "maxSurge", wanted, up=True)
        away = _share(deployment, "maxUnavailable", wanted, up=False)
        if not surge and not away:
            away = 1
        total = sum(one["spec"]["replicas"] for one in (*previous, current))
        room = wanted + surge - total
        if current["spec"]["replicas"] > wanted or not previous:
            self._scale(deployment, current, wanted)
        elif room > 0:
            self._scale(deployment, current, min(wanted, current["spec"]["replicas"] + room))
        ready = sum(dig(one, "status.availableReplicas", 0) for one in (*previous, current))
        spare = ready - (wanted - away)
        # What is not ready can go at once: nobody would miss it.
        for one in previous:
            broken = one["spec"]["replicas"] - dig(one, "status.availableReplicas", 0)
            down = min(one["spec"]["replicas"], broken + max(0, spare)) if current["spec"]["replicas"] else 0
            if down > 0:
                spare -= max(0, down - broken)
                self._scale(deployment, one, one["spec"]["replicas"] - down)

    def _scale(self, deployment: Object, one: Object, replicas: int) -> None:
        key = key_of(one)
        fresh = self._hands.get(SETS, key)
        if fresh is None:
            return
        sizes, before = self._sizes(deployment), fresh["spec"]["replicas"]

        def change(copy: Object) -> None:
            copy["spec"]["replicas"] = replicas
            copy["metadata"]["annotations"] = {**(copy["metadata"].get("annotations") or {}), **sizes}

        if before != replicas:
            self._hands.api.edit(SETS, key.namespace, key.name, MANAGER, change)
            self._told(deployment, one, "up" if replicas > before else "down", before, replicas)

    def _told(self, deployment: Object, one: Object, way: str, before: int, after: int) -> None:
        text = f"Scaled {way} replica set {one['metadata']['name']} from {before} to {after}"
        self._hands.tell(deployment, "ScalingReplicaSet", text)

    def _sizes(self, deployment: Object) -> dict[str, str]:
        wanted: int = deployment["spec"]["replicas"]
        recreate = dig(deployment, "spec.strategy.type") == "Recreate"
        most = wanted if recreate else wanted + _share(deployment, "maxSurge", wanted, up=True)
        return {
            "deployment.kubernetes.io/desired-replicas": str(wanted),
            "deployment.kubernetes.io/max-replicas": str(most),
        }

    def _annotate(self, deployment: Object, revision: str) -> None:
        key = key_of(deployment)

        def change(copy: Object) -> None:
            copy["metadata"]["annotations"] = {**(copy["metadata"].get("annotations") or {}), _REVISION: revision}

        self._hands.api.edit(DEPLOYMENTS, key.namespace, key.name, MANAGER, change)

    def _status(self, key: Key, current: Key) -> float | None:
        deployment, newest = self._hands.get(DEPLOYMENTS, key), self._hands.get(SETS, current)
        if deployment is None or newest is None:
            return None
        sets = [one for one in self._hands.all(SETS, key.namespace) if is_owned(one, deployment)]
        pods = [pod for pod in self._hands.all(PODS, key.namespace) if any(is_owned(pod, one) for one in sets)]
        counts = {
            name: sum(dig(one, f"status.{name}", 0) for one in sets)
            for name in ("replicas", "readyReplicas", "availableReplicas")
        }
        wanted: int = deployment["spec"]["replicas"]
        missing = max(0, wanted - counts["availableReplicas"])
        updated = dig(newest, "status.replicas", 0)
        status: Object = {"observedGeneration": deployment["metadata"]["generation"]}
        status |= {"replicas": counts["replicas"], "updatedReplicas": updated}
        status |= {name: counts[name] for name in ("readyReplicas", "availableReplicas")}
        status["unavailableReplicas"] = missing
        status = {name: value for name, value in status.items() if value or name == "observedGeneration"}
        status["terminatingReplicas"] = sum(1 for pod in pods if is_ending(pod))
        available, total = counts["availableReplicas"], counts["replicas"]
        status["conditions"], again = self._conditions(deployment, newest, available, updated, total)
        self._hands.set_status(DEPLOYMENTS, deployment, status)
        return again

    def _conditions(
        self, deployment: Object, newest: Object, available: int, updated: int, total: int
    ) -> tuple[list[Object], float | None]:
        wanted: int = deployment["spec"]["replicas"]
        name = newest["metadata"]["name"]
        enough = available >= wanted - _share(deployment, "maxUnavailable", wanted, up=False)
        words = (
            ("MinimumReplicasAvailable", "Deployment has minimum availability.")
            if enough
            else ("MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
        )
        rows = {row["type"]: row for row in dig(deployment, "status.conditions", [])}
        now, again = self._hands.world.clock.now(), None
        progress = ("True", "ReplicaSetUpdated", f'ReplicaSet "{name}" is progressing.')
        if updated >= wanted and available >= wanted and total == updated:
            progress = ("True", "NewReplicaSetAvailable", f'ReplicaSet "{name}" has successfully progressed.')
        else:
            old = rows.get("Progressing", {})
            counts = {"updatedReplicas": updated, "availableReplicas": available}
            moved = any(count > dig(deployment, f"status.{name}", 0) for name, count in counts.items())
            deadline = float(deployment["spec"].get("progressDeadlineSeconds", 600))
            fresh = moved or old.get("reason") not in ("ReplicaSetUpdated", "ProgressDeadlineExceeded")
            left = deadline if fresh else (seconds_of(old["lastUpdateTime"]) or now) + deadline - now
            if not fresh and (left <= 0 or old["reason"] == "ProgressDeadlineExceeded"):
                text = f'ReplicaSet "{name}" has timed out progressing.'
                progress = ("False", "ProgressDeadlineExceeded", text)
            else:
                again = left
                if moved:
                    rows.pop("Progressing", None)
        failure = self._failure(newest)
        found = [self._row(rows, "Available", str(enough), *words), self._row(rows, "Progressing", *progress)]
        if failure:
            found.append(self._row(rows, "ReplicaFailure", "True", "FailedCreate", failure))
        places = {kind: index for index, kind in enumerate(rows)}
        return sorted(found, key=lambda row: places.get(row["type"], len(places))), again

    @staticmethod
    def _failure(newest: Object) -> str:
        rows = dig(newest, "status.conditions", [])
        return next((row["message"] for row in rows if row["type"] == "ReplicaFailure"), "")

    def _row(self, rows: dict[str, Object], kind: str, status: str, reason: str, message: str) -> Object:
        old, now = rows.get(kind), stamp(self._hands.world.clock.now())
        if old and (old["status"], old["reason"], old["message"]) == (status, reason, message):
            return old
        since = old["lastTransitionTime"] if old and old["status"] == status else now
        return {
            "type": kind,
            "status": status,
            "lastUpdateTime": now,
            "lastTransitionTime": since,
            "reason": reason,
            "message": message,
        }


def _bare(template: Object) -> Object:
    labels = {name: value for name, value in (template["metadata"].get("labels") or {}).items() if name != _HASH}
    return {**template, "metadata": {**template["metadata"], "labels": labels}}


def _revision(one: Object) -> int:
    return int((one["metadata"].get("annotations") or {}).get(_REVISION, "0"))


def _share(deployment: Object, name: str, wanted: int, *, up: bool) -> int:
    """Return ``maxSurge`` or ``maxUnavailable`` as a number of pods: shares of surge are rounded up, others down."""
    value = dig(deployment, f"spec.strategy.rollingUpdate.{name}", 0)
    if isinstance(value, int):
        return value
    part = wanted * int(str(value).rstrip("%"))
    return -(-part // 100) if up else part // 100
