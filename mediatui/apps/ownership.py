"""Which pods belong to which workload, also where parts of the chain may not be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mediatui.apps.image import app_of_image
from mediatui.model.source import Kind, Ref
from mediatui.model.stack import Stack
from mediatui.model.workload import Pod, Workload


class Ownership:
    """The chain from a pod to its Deployment or StatefulSet, computed once for a stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._workloads = {
            workload.uid: workload for workload in (*stack.deployments.values(), *stack.statefulsets.values())
        }
        self._pods: dict[str, list[Pod]] = defaultdict(list)
        self._alone: list[Workload] = []
        deployment_of = {replicaset.uid: replicaset.owner_uid for replicaset in stack.replicasets.values()}
        for pod in stack.pods.values():
            owner = deployment_of.get(pod.owner_uid) or pod.owner_uid
            if owner not in self._workloads:
                owner = self._by_name(pod)
            if owner:
                self._pods[owner].append(pod)
            elif _may_stand_alone(pod):
                self._alone.append(_workload_of(pod))
                self._pods[pod.uid].append(pod)

    def workloads(self) -> Iterator[Workload]:
        """Yield every workload: Deployments, StatefulSets, and pods that none of them owns."""
        yield from self._workloads.values()
        yield from self._alone

    def pods_of(self, workload: Workload) -> tuple[Pod, ...]:
        """Return a workload's pods, living before terminating, newest first."""
        pods = self._pods.get(workload.uid, [])
        return tuple(sorted(pods, key=lambda pod: (bool(pod.deleting_since), -pod.created, pod.ref)))

    def _by_name(self, pod: Pod) -> str:
        """Follow the chain by names where ReplicaSets may not be read: ``sonarr-6d4cf56db6`` is sonarr's."""
        if pod.owner_kind == "ReplicaSet" and not self._stack.source(Kind.REPLICASETS, pod.ref.namespace).has_data:
            deployment = self._stack.deployments.get(Ref(pod.ref.namespace, pod.owner_name.rpartition("-")[0]))
            return deployment.uid if deployment else ""
        return ""


def _may_stand_alone(pod: Pod) -> bool:
    return pod.owner_kind != "Job" and any(app_of_image(container.image) for container in pod.containers)


def _workload_of(pod: Pod) -> Workload:
    return Workload(
        kind="Pod",
        ref=pod.ref,
        uid=pod.uid,
        created=pod.created,
        desired=1,
        ready=int(pod.ready),
        updated=1,
        replicas=1,
        containers=pod.containers,
        volumes=pod.volumes,
        labels=pod.labels,
        template_labels=pod.labels,
        annotations=pod.annotations,
    )
