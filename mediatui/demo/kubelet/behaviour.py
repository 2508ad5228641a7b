"""How a pod on the playing kubelet behaves: its annotation says it, in the kubelet's own reasons and texts."""

from __future__ import annotations

from typing import Any, Final

ANNOTATION: Final = "demo.mediatui.dev/behaviour"
"""``run`` (the default), ``crashloop``, ``oom``, ``imagepull`` or ``unready``."""

Object = dict[str, Any]


def behaviour_of(pod: Object) -> str:
    """Return how a pod behaves."""
    return str((pod["metadata"].get("annotations") or {}).get(ANNOTATION, "run"))


def status_of(pod: Object, now: str, restarts: int) -> Object:
    """Return a pod's status once its kubelet has taken it up.

    Args:
        pod: The pod.
        now: The time as RFC 3339.
        restarts: How often its containers have restarted.
    """
    behaviour = behaviour_of(pod)
    started = behaviour in ("run", "unready")
    ready = behaviour == "run"
    containers = [_container(spec, behaviour, now, restarts, ready=ready) for spec in pod["spec"]["containers"]]
    why = {} if ready else {"reason": "ContainersNotReady", "message": "containers with unready status"}
    return {
        "phase": "Running" if started or behaviour in ("crashloop", "oom") else "Pending",
        "hostIP": "127.0.0.1",
        "podIP": "10.88.0.7",
        "podIPs": [{"ip": "10.88.0.7"}],
        "startTime": now,
        "containerStatuses": containers,
        "conditions": [
            {"type": "Initialized", "status": "True", "lastTransitionTime": now},
            {"type": "Ready", "status": str(ready), "lastTransitionTime": now, **why},
            {"type": "ContainersReady", "status": str(ready), "lastTransitionTime": now, **why},
            {"type": "PodScheduled", "status": "True", "lastTransitionTime": now},
        ],
    }


def _container(spec: Object, behaviour: str, now: str, restarts: int, *, ready: bool) -> Object:
    state, last = _states(spec, behaviour, now)
    return {
        "name": spec["name"],
        "image": spec["image"],
        "imageID": f"docker-pullable://{spec['image']}" if behaviour != "imagepull" else "",
        "ready": ready,
        "started": behaviour in ("run", "unready"),
        "restartCount": restarts,
        "state": state,
        "lastState": last,
    }


def _states(spec: Object, behaviour: str, now: str) -> tuple[Object, Object]:
    if behaviour == "imagepull":
        message = f'Back-off pulling image "{spec["image"]}"'
        return {"waiting": {"reason": "ImagePullBackOff", "message": message}}, {}
    if behaviour in ("crashloop", "oom"):
        reason, code = ("OOMKilled", 137) if behaviour == "oom" else ("Error", 1)
        message = f"back-off 10s restarting failed container={spec['name']}"
        ended = {"exitCode": code, "reason": reason, "startedAt": now, "finishedAt": now}
        return {"waiting": {"reason": "CrashLoopBackOff", "message": message}}, {"terminated": ended}
    return {"running": {"startedAt": now}}, {}
