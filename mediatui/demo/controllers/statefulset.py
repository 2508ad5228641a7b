"""StatefulSets: pods with names and claims of their own, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mediatui.demo.controllers.base import (
    CLAIMS,
    MANAGER,
    PODS,
    STATEFUL_SETS,
    Hands,
    controller_key,
    controller_of,
    is_ending,
    is_over,
    is_owned,
    is_ready,
    own,
    selects,
)
from mediatui.demo.controllers.loop import Keys
from mediatui.demo.objects import Key, Object, dig, key_of
from mediatui.demo.parts.cluster import owner, template_hash
from mediatui.demo.resources import Resource, named
from mediatui.demo.statuses import Refusal
from mediatui.demo.world import World

_REVISION: Final = "controller-revision-hash"
_INDEX: Final = "apps.kubernetes.io/pod-index"
_NAME: Final = "statefulset.kubernetes.io/pod-name"
_REVISIONS: Final = named("controllerrevisions")


class StatefulSetController:
    """Keeps the pods and claims of StatefulSets.

    Args:
        world: The cluster.
    """

    def __init__(self, world: World) -> None:
        self._hands = Hands(world, "statefulset-controller")

    @property
    def watches(self) -> Mapping[Resource, Keys]:
        """StatefulSets, their pods, and orphans that they would adopt."""
        return {STATEFUL_SETS: own, PODS: self._of_pod}

    def reconcile(self, key: Key) -> float | None:
        """Bring the pods, claims and status of one StatefulSet up to date."""
        whole = self._hands.get(STATEFUL_SETS, key)
        if whole is None or is_ending(whole):
            return None
        self._adopt(whole)
        revision = self._revision(whole)
        try:
            self._pods_in_order(whole, revision)
            return None
        finally:
            self._claims_of_ended(whole)
            self._count(key, revision)

    def _of_pod(self, pod: Object) -> list[Key]:
        if controller_of(pod) is not None:
            return list(controller_key("StatefulSet")(pod))
        namespace = pod["metadata"]["namespace"]
        return [key_of(one) for one in self._hands.all(STATEFUL_SETS, namespace) if selects(one, pod)]

    def _adopt(self, whole: Object) -> None:
        name = whole["metadata"]["name"]
        for pod in self._hands.all(PODS, whole["metadata"]["namespace"]):
            if controller_of(pod) is None and selects(whole, pod) and not is_ending(pod) and _ordinal(name, pod) >= 0:
                key = key_of(pod)
                reference = owner(whole)

                def change(copy: Object, reference: Object = reference) -> None:
                    references = copy["metadata"].setdefault("ownerReferences", [])
                    references.append(reference)

                self._hands.api.edit(PODS, key.namespace, key.name, MANAGER, change)

    def _revision(self, whole: Object) -> str:
        """Return the name of the revision that the template stands for, made when it is new."""
        metadata = whole["metadata"]
        name = f"{metadata['name']}-{template_hash(whole['spec']['template'])}"
        key = Key(metadata["namespace"], name)
        if self._hands.get(_REVISIONS, key) is None:
            known = [one for one in self._hands.all(_REVISIONS, key.namespace) if is_owned(one, whole)]
            self._hands.create(
                _REVISIONS,
                {
                    "apiVersion": "apps/v1",
                    "kind": "ControllerRevision",
                    "metadata": {
                        "name": name,
                        "namespace": key.namespace,
                        "labels": whole["spec"]["template"]["metadata"].get("labels") or {},
                        "ownerReferences": [owner(whole)],
                    },
                    "data": {"spec": {"template": {**whole["spec"]["template"], "$patch": "replace"}}},
                    "revision": 1 + max((one["revision"] for one in known), default=0),
                },
            )
        return name

    def _pods_in_order(self, whole: Object, revision: str) -> None:
        """Make, replace or end one pod, where it is that pod's turn."""
        namespace = whole["metadata"]["namespace"]
        first, wanted = dig(whole, "spec.ordinals.start", 0), whole["spec"]["replicas"]
        parallel = whole["spec"]["podManagementPolicy"] == "Parallel"
        current = dig(whole, "status.currentRevision") or revision
        pods = {pod["metadata"]["name"]: pod for pod in self._hands.all(PODS, namespace) if is_owned(pod, whole)}
        for ordinal in range(first, first + wanted):
            name = f"{whole['metadata']['name']}-{ordinal}"
            pod = pods.get(name)
            if pod is not None and is_over(pod) and not is_ending(pod):
                self._hands.delete(PODS, pod)
                return
            if pod is None:
                self._make(whole, ordinal, revision)
                if not parallel:
                    return
            elif (is_ending(pod) or not is_ready(pod)) and not parallel:
                return  # the rule that keeps a set stuck: nothing moves until this one is ready
        extra = [pod for pod in pods.values() if not first <= _ordinal(whole["metadata"]["name"], pod) < first + wanted]
        for pod in sorted(extra, key=lambda one: -_ordinal(whole["metadata"]["name"], one)):
            if is_ending(pod):
                if not parallel:
                    return
                continue
            self._end(whole, pod)
            if not parallel:
                return
        if whole["spec"]["updateStrategy"]["type"] == "OnDelete" or current == revision:
            return
        partition = dig(whole, "spec.updateStrategy.rollingUpdate.partition", 0)
        for ordinal in range(first + wanted - 1, first + max(0, partition - first) - 1, -1):
            pod = pods.get(f"{whole['metadata']['name']}-{ordinal}")
            if pod is None or is_ending(pod):
                return
            if pod["metadata"]["labels"].get(_REVISION) != revision:
                self._end(whole, pod)
                return
            if not is_ready(pod):
                return

    def _make(self, whole: Object, ordinal: int, revision: str) -> None:
        metadata = whole["metadata"]
        name = f"{metadata['name']}-{ordinal}"
        labels = {_INDEX: str(ordinal), _REVISION: revision, _NAME: name}
        pod = self._hands.pod(whole, whole["spec"]["template"], name=name, labels=labels)
        volumes = list(pod["spec"].get("volumes") or [])
        for template in whole["spec"].get("volumeClaimTemplates") or []:
            claim = f"{template['metadata']['name']}-{name}"
            if not self._claim(whole, template, claim):
                return
            volumes = [one for one in volumes if one["name"] != template["metadata"]["name"]]
            volumes.append({"name": template["metadata"]["name"], "persistentVolumeClaim": {"claimName": claim}})
        pod["spec"] = {**pod["spec"], "volumes": volumes, "hostname": name}
        if whole["spec"].get("serviceName"):
            pod["spec"]["subdomain"] = whole["spec"]["serviceName"]
        try:
            self._hands.create(PODS, pod)
        except Refusal as refusal:
            text = f"Create Pod {name} in StatefulSet {metadata['name']} failed error: {refusal.message}"
            self._hands.tell(whole, "FailedCreate", text, warning=True)
            raise
        text = f"Create Pod {name} in StatefulSet {metadata['name']} successful"
        self._hands.tell(whole, "SuccessfulCreate", text)

    def _claim(self, whole: Object, template: Object, name: str) -> bool:
        """Make a claim unless it is there, and tell whether its pod can be made."""
        metadata = whole["metadata"]
        known = self._hands.get(CLAIMS, Key(metadata["namespace"], name))
        if known is not None:
            if is_ending(known):
                pod = name.removeprefix(f"{template['metadata']['name']}-")
                text = f"Create Pod {pod} in StatefulSet {metadata['name']} failed error: pvc {name} is being deleted"
                self._hands.tell(whole, "FailedCreate", text, warning=True)
            return not is_ending(known)
        labels = {**(template["metadata"].get("labels") or {}), **dig(whole, "spec.selector.matchLabels", {})}
        body = {**template["metadata"], "name": name, "namespace": metadata["namespace"], "labels": labels}
        self._hands.create(
            CLAIMS,
            {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": body, "spec": template["spec"]},
        )
        pod = name.removeprefix(f"{template['metadata']['name']}-")
        text = f"Create Claim {name} Pod {pod} in StatefulSet {metadata['name']} success"
        self._hands.tell(whole, "SuccessfulCreate", text)
        return True

    def _end(self, whole: Object, pod: Object) -> None:
        self._hands.delete(PODS, pod)
        name = whole["metadata"]["name"]
        text = f"Delete Pod {pod['metadata']['name']} in StatefulSet {name} successful"
        self._hands.tell(whole, "SuccessfulDelete", text)

    def _claims_of_ended(self, whole: Object) -> None:
        """Delete the claims of pods that are wanted no more, where the set's policy says so."""
        if dig(whole, "spec.persistentVolumeClaimRetentionPolicy.whenScaled") != "Delete":
            return
        metadata = whole["metadata"]
        first, wanted = dig(whole, "spec.ordinals.start", 0), whole["spec"]["replicas"]
        names = {pod["metadata"]["name"] for pod in self._hands.all(PODS, metadata["namespace"])}
        for template in whole["spec"].get("volumeClaimTemplates") or []:
            prefix = f"{template['metadata']['name']}-{metadata['name']}-"
            for claim in self._hands.all(CLAIMS, metadata["namespace"]):
                name = claim["metadata"]["name"]
                number = name.removeprefix(prefix)
                if not name.startswith(prefix) or not number.isdigit() or is_ending(claim):
                    continue
                if not first <= int(number) < first + wanted and f"{metadata['name']}-{number}" not in names:
                    self._hands.delete(CLAIMS, claim)

    def _count(self, key: Key, revision: str) -> None:
        whole = self._hands.get(STATEFUL_SETS, key)
        if whole is None:
            return
        pods = [pod for pod in self._hands.all(PODS, key.namespace) if is_owned(pod, whole)]
        live = [pod for pod in pods if not is_over(pod)]
        ready = [pod for pod in live if is_ready(pod) and not is_ending(pod)]
        fresh = [pod for pod in live if pod["metadata"]["labels"].get(_REVISION) == revision]
        current = dig(whole, "status.currentRevision") or revision
        if len(fresh) == len(live) == whole["spec"]["replicas"] and len(ready) == len(live):
            current = revision
        now = [pod for pod in live if pod["metadata"]["labels"].get(_REVISION) == current]
        status: Object = {"observedGeneration": whole["metadata"]["generation"], "replicas": len(live)}
        counts = {"readyReplicas": len(ready), "currentReplicas": len(now), "updatedReplicas": len(fresh)}
        status |= {name: count for name, count in counts.items() if count}
        status |= {
            "currentRevision": current,
            "updateRevision": revision,
            "collisionCount": 0,
            "availableReplicas": len(ready),
        }
        self._hands.set_status(STATEFUL_SETS, whole, status)


def _ordinal(name: str, pod: Object) -> int:
    number = pod["metadata"]["name"].removeprefix(f"{name}-")
    return int(number) if number.isdigit() else -1
