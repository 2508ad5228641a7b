"""What becomes of a pod that is deleted: it ends, and its controller makes another.

The controllers proper come later; this is the little that a deleted pod needs so that it does not stay away for ever.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from mediatui.demo.objects import Object, dig, stamp
from mediatui.demo.parts.cluster import Cluster, owner
from mediatui.demo.parts.events import tell
from mediatui.demo.parts.network import endpoint
from mediatui.demo.parts.pods import pod_of, running_status
from mediatui.demo.parts.unit import Unit
from mediatui.demo.parts.workloads import available
from mediatui.demo.resources import Resource, named, of_object
from mediatui.demo.store import Entry, ExpiredError, MissingError
from mediatui.demo.world import World

_PODS: Final = named("pods", "")
_SLICES: Final = named("endpointslices")
_SETS: Final = named("replicasets")
_OWNERS: Final = {"ReplicaSet": _SETS, "StatefulSet": named("statefulsets"), "DaemonSet": named("daemonsets")}
_ENDING: Final = 2.0
_READY: Final = ("Ready", "ContainersReady")
_OMITTED: Final = ("readyReplicas", "availableReplicas", "unavailableReplicas")


class Successors:
    """Ends deleted pods and starts their successors.

    Args:
        cluster: Where it happens, and where names come from.
        units: The workloads, by namespace and name.
        never_ready: The names of those whose pods run and do not become ready.
    """

    def __init__(self, cluster: Cluster, units: dict[tuple[str, str], Unit], never_ready: frozenset[str]) -> None:
        self._cluster = cluster
        self._world: World = cluster.world
        self._units = units
        self._never_ready = never_ready
        self._ending: set[str] = set()

    async def run(self) -> None:
        """Follow the pods until cancelled."""
        store, revision = self._world.store, self._world.store.revision
        async with asyncio.TaskGroup() as group:
            while True:
                await store.changed(_PODS, revision, 3600.0)
                try:
                    entries = store.since(_PODS, revision, live=True)
                except ExpiredError:
                    entries = []
                revision = store.revision
                for entry in entries:
                    self._take(entry, group)

    def settle(self, pod: Object) -> None:
        """Bring what counts a pod up to date, before the story begins."""
        self._count(pod)

    def _take(self, entry: Entry, group: asyncio.TaskGroup) -> None:
        pod = entry.item.data
        metadata = pod["metadata"]
        if entry.type == "DELETED":
            self._world.logs.forget(metadata["namespace"], metadata["name"])
            self._endpoints(pod)
            self._count(pod)
            group.create_task(self._succeed(pod))
        elif "deletionTimestamp" in metadata and metadata["uid"] not in self._ending:
            self._ending.add(metadata["uid"])
            group.create_task(self._end(pod))
        elif entry.type == "MODIFIED":
            self._endpoints(pod)
            self._count(pod)

    async def _end(self, pod: Object) -> None:
        metadata = pod["metadata"]
        for item in pod["spec"]["containers"]:
            tell(self._world, pod, "Killing", f"Stopping container {item['name']}", container=item["name"])
        self._endpoints(pod)
        await self._world.clock.sleep(min(_ENDING, float(metadata["deletionGracePeriodSeconds"])))
        try:
            if self._world.store.get(_PODS, *self._where(pod)).data["metadata"]["uid"] == metadata["uid"]:
                self._world.store.delete(_PODS, *self._where(pod))
        except MissingError:
            return
        finally:
            self._ending.discard(metadata["uid"])

    async def _succeed(self, old: Object) -> None:
        parent, unit = self._parent(old)
        if parent is None or unit is None:
            return
        old_name = old["metadata"]["name"]
        by_name = parent["kind"] == "StatefulSet"
        name = old_name if by_name else f"{parent['metadata']['name']}-{self._cluster.suffix()}"
        fresh = replace(unit, pod_age=0.0, restarts=0)
        template = {"metadata": {"labels": old["metadata"]["labels"]}, "spec": parent["spec"]["template"]["spec"]}
        pod = pod_of(self._cluster, fresh, template, name, old["spec"]["nodeName"], owner(parent))
        running = pod["status"]
        pod["status"] = _creating(running)
        made = self._world.store.create(pod)
        controller = {"ReplicaSet": "replicaset", "StatefulSet": "statefulset", "DaemonSet": "daemonset"}[
            parent["kind"]
        ]
        text = f"create Pod {name} in StatefulSet {unit.name} successful" if by_name else f"Created pod: {name}"
        tell(self._world, parent, "SuccessfulCreate", text, source=f"{controller}-controller")
        node = made["spec"]["nodeName"]
        text = f"Successfully assigned {unit.namespace}/{name} to {node}"
        tell(self._world, made, "Scheduled", text, source="default-scheduler")
        await self._world.clock.sleep(2.0)
        for item in unit.containers:
            known = f'Container image "{item.image}" already present on machine'
            tell(self._world, made, "Pulled", known, container=item.name)
            tell(self._world, made, "Created", f"Container created: {item.name}", container=item.name)
            tell(self._world, made, "Started", f"Container started: {item.name}", container=item.name)
        scheduled = pod["status"]["startTime"]
        kept = {name: running[name] for name in ("hostIP", "hostIPs", "podIP", "podIPs", "qosClass")}
        status = running_status(self._cluster, fresh, name) | kept | {"startTime": scheduled}
        if self._set(made, _unready(status, " ".join(item.name for item in unit.containers))):
            await self._world.clock.sleep(5.0)
            if unit.name not in self._never_ready:
                status["conditions"] = [
                    {**row, "lastTransitionTime": stamp(self._world.clock.now())} if row["type"] in _READY else row
                    for row in status["conditions"]
                ]
                self._set(made, status)

    def _set(self, pod: Object, status: Object) -> bool:
        """Give a pod its status, and tell whether it is still there."""
        try:
            current = self._world.store.get(_PODS, *self._where(pod)).data
        except MissingError:
            return False
        if current["metadata"]["uid"] != pod["metadata"]["uid"] or "deletionTimestamp" in current["metadata"]:
            return False
        self._world.store.update({**current, "status": status})
        return True

    def _parent(self, pod: Object) -> tuple[Object | None, Unit | None]:
        reference = next(iter(pod["metadata"].get("ownerReferences", [])), None)
        if reference is None or reference["kind"] not in _OWNERS:
            return None, None
        namespace = pod["metadata"]["namespace"]
        try:
            parent = self._world.store.get(_OWNERS[reference["kind"]], reference["name"], namespace).data
        except MissingError:
            return None, None
        name = parent["metadata"]["name"]
        if reference["kind"] == "ReplicaSet":
            name = parent["metadata"]["ownerReferences"][0]["name"]
        return parent, self._units.get((namespace, name))

    def _endpoints(self, pod: Object) -> None:
        """Bring the EndpointSlices that name a pod, or its predecessor, up to date."""
        labels, namespace = pod["metadata"]["labels"], pod["metadata"]["namespace"]
        for item in self._world.store.all(_SLICES, namespace):
            service = item.data["metadata"]["labels"].get("kubernetes.io/service-name", "")
            unit = self._units.get((namespace, service.removesuffix("-headless")))
            if unit is None or labels.get(unit.label) != unit.name:
                continue
            pods = [
                other.data
                for other in self._world.store.all(_PODS, namespace)
                if other.data["metadata"]["labels"].get(unit.label) == unit.name and "podIP" in other.data["status"]
            ]
            self._world.store.update({**item.data, "endpoints": [endpoint(other) for other in pods]})

    def _count(self, pod: Object) -> None:
        """Bring the replica counts of a pod's controllers up to date."""
        parent, _ = self._parent(pod)
        while parent is not None:
            resource = of_object(parent)
            self._recount(resource, parent)
            above = next(iter(parent["metadata"].get("ownerReferences", [])), None)
            if above is None:
                return
            namespace = parent["metadata"]["namespace"]
            parent = self._world.store.get(named("deployments"), above["name"], namespace).data

    def _recount(self, resource: Resource, parent: Object) -> None:
        selector = parent["spec"]["selector"]["matchLabels"]
        namespace, wanted = parent["metadata"]["namespace"], parent["spec"].get("replicas")
        pods = [
            item.data
            for item in self._world.store.all(_PODS, namespace)
            if selector.items() <= item.data["metadata"]["labels"].items()
            and "deletionTimestamp" not in item.data["metadata"]
        ]
        ready = sum(1 for pod in pods if endpoint_ready(pod))
        status = dict(parent["status"])
        if parent["kind"] == "DaemonSet":
            status |= {"numberReady": ready, "numberAvailable": ready}
        else:
            status |= {"replicas": len(pods), "readyReplicas": ready, "availableReplicas": ready}
        if parent["kind"] == "Deployment":
            status["unavailableReplicas"] = (wanted or 0) - ready
            rows = status["conditions"]
            good = ready >= (wanted or 0)
            if any(row["type"] == "Available" and (row["status"] == "True") is not good for row in rows):
                now = stamp(self._world.clock.now())
                status["conditions"] = [row for row in rows if row["type"] != "Available"] + [available(now, good)]
        # A count of zero is left out, as the omitempty of the real types does.
        status = {name: value for name, value in status.items() if value != 0 or name not in _OMITTED}
        self._world.store.update({**parent, "status": status})

    @staticmethod
    def _where(pod: Object) -> tuple[str, str]:
        return pod["metadata"]["name"], pod["metadata"]["namespace"]


def endpoint_ready(pod: Object) -> bool:
    """Tell whether a pod is ready."""
    return any(row["type"] == "Ready" and row["status"] == "True" for row in dig(pod, "status.conditions", []))


def _creating(running: Object) -> Object:
    """Return the status of a pod whose containers are being made."""
    rows = [
        {
            **{name: row[name] for name in ("name", "image")},
            "state": {"waiting": {"reason": "ContainerCreating"}},
            "lastState": {},
            "ready": False,
            "restartCount": 0,
            "imageID": "",
            "started": False,
        }
        for row in running["containerStatuses"]
    ]
    status = _unready(running, " ".join(row["name"] for row in rows))
    kept = {name: status[name] for name in ("observedGeneration", "conditions", "startTime", "hostIP", "qosClass")}
    return {**kept, "phase": "Pending", "containerStatuses": rows}


def _unready(status: Object, names: str) -> Object:
    words = {"status": "False", "reason": "ContainersNotReady", "message": f"containers with unready status: [{names}]"}
    rows = [{**row, **words} if row["type"] in _READY else row for row in status["conditions"]]
    containers = [{**row, "ready": False} for row in status["containerStatuses"]]
    return {**status, "conditions": rows, "containerStatuses": containers}
