"""Containers that cannot run: one family of kubelet reasons, told in their own words."""

from __future__ import annotations

from collections.abc import Iterator

from mediatui.checks.base import Check, events_of
from mediatui.model.app import AppUnit
from mediatui.model.finding import Finding, Level
from mediatui.model.stack import Stack
from mediatui.model.workload import ContainerStatus, Pod
from mediatui.text import age, plural

# Waiting reasons of pkg/kubelet/container/sync_result.go and pkg/kubelet/images/types.go that mean trouble.
_TROUBLE = {
    "CrashLoopBackOff": "app.crash-loop",
    "ImagePullBackOff": "app.image-pull",
    "ErrImagePull": "app.image-pull",
    "ErrImageNeverPull": "app.image-pull",
    "InvalidImageName": "app.image-pull",
    "ImageInspectError": "app.image-pull",
    "RegistryUnavailable": "app.image-pull",
    "SignatureValidationFailed": "app.image-pull",
    "CreateContainerConfigError": "app.container-config",
    "CreateContainerError": "app.container-config",
    "PreCreateHookError": "app.container-config",
    "PreStartHookError": "app.container-config",
    "PostStartHookError": "app.container-config",
    "RunContainerError": "app.container-config",
}
# The kubelet sets no reason of its own while volumes are not there: it keeps ContainerCreating and sends events.
_MOUNT_EVENTS = ("FailedMount", "FailedAttachVolume", "FailedMapVolume", "FailedCreatePodSandBox")
_STUCK = 60.0


def _run(stack: Stack, unit: AppUnit) -> Iterator[Finding]:
    pod = unit.pod
    if pod is None or pod.deleting_since:
        return
    for status in _own_first(pod, unit.container.name):
        check = _TROUBLE.get(status.reason) if status.state == "waiting" else None
        if check is not None:
            yield Finding(
                id=check,
                level=Level.FAIL,
                subject=unit.key,
                summary=_summary(status, unit.container.name),
                evidence=_evidence(stack, pod, status),
            )
        elif status.state == "terminated" and status.exit_code not in (0, None) and not status.ready:
            yield Finding(
                id="app.crash-loop",
                level=Level.FAIL,
                subject=unit.key,
                summary=f"{_of(status, unit.container.name)}{status.reason or 'ended'}: exit {status.exit_code}, "
                f"{plural(status.restarts, 'restart')}",
                evidence=_evidence(stack, pod, status),
            )
    if pod.node and any(status.reason in ("ContainerCreating", "PodInitializing") for status in pod.statuses):
        recent = [
            event for event in events_of(stack, pod.uid, _MOUNT_EVENTS) if stack.observed_at - event.last_seen < 600
        ]
        if recent and stack.observed_at - pod.created > _STUCK / 4:
            yield Finding(
                id="app.volume-mount",
                level=Level.FAIL,
                subject=unit.key,
                summary=f"{recent[0].reason}: {recent[0].message}",
                evidence=tuple(f"{event.reason} x{event.count}: {event.message}" for event in recent[:3]),
            )


def _own_first(pod: Pod, container: str) -> list[ContainerStatus]:
    return sorted(pod.statuses, key=lambda status: status.name != container)


def _of(status: ContainerStatus, container: str) -> str:
    return "" if status.name == container else f"container {status.name}: "


def _summary(status: ContainerStatus, container: str) -> str:
    who = _of(status, container)
    if status.reason != "CrashLoopBackOff":
        return f"{who}{status.reason}: {status.message}" if status.message else f"{who}{status.reason}"
    ended = status.last_reason or "ended"
    if status.last_exit_code is not None:
        ended = (
            f"{ended}, exit {status.last_exit_code}"
            if ended not in ("Error", "ended")
            else f"exit {status.last_exit_code}"
        )
    return f"{who}CrashLoopBackOff: {ended}, {plural(status.restarts, 'restart')}"


def _evidence(stack: Stack, pod: Pod, status: ContainerStatus) -> tuple[str, ...]:
    lines = [f"container {status.name} of pod {pod.ref} is {status.state}: {status.reason}"]
    if status.message:
        lines.append(status.message)
    if status.last_exit_code is not None:
        ago = f" {age(stack.observed_at - status.last_ended)} ago" if status.last_ended else ""
        lines.append(f"its last run ended{ago}: {status.last_reason or 'no reason'}, exit code {status.last_exit_code}")
    return tuple(lines)


CHECK = Check("app.container-state", "Its containers run", _run)
