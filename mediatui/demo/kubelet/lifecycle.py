"""The life of a pod on its node: created, run, ready, restarted, ended, as a kubelet reports it.

Pure but for its memory. The same code serves the demo's own nodes and the node that it plays for a real control plane.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from mediatui.demo.kubelet.behaviour import Behaviour, behaviour_of
from mediatui.demo.objects import Object, dig, stamp

_LONGEST: Final = 300.0  # the kubelet's MaxContainerBackOff
_SEEN: Final = 1.0  # until the kubelet's next sync tells that a container has died
_READINESS: Final = ("Ready", "ContainersReady")


class Told(NamedTuple):
    """An event about a pod or one of its containers."""

    reason: str
    message: str
    warning: bool = False
    container: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done now for a pod.

    Args:
        status: Its new status, None when it stays.
        told: Events, in their order.
        started: Containers that begin a new run.
        ended: Containers whose run has ended.
        gone: Nothing of it is left on the node: it can be deleted.
        wake: Seconds until it wants to be looked at again, None when only a change can move it.
    """

    status: Object | None = None
    told: Sequence[Told] = ()
    started: Sequence[str] = ()
    ended: Sequence[str] = ()
    gone: bool = False
    wake: float | None = None


def back_off(deaths: int) -> float:
    """Return how many seconds the kubelet waits after so many deaths: none, then 10, 20, 40 ... up to 300."""
    return 0.0 if deaths <= 1 else min(_LONGEST, 10.0 * 2.0 ** (deaths - 2))


@dataclass(slots=True)
class PodLife:
    """One pod on one node, and where it is.

    Args:
        address: Its IP address.
        host: Its node's.
    """

    address: str
    host: str
    phase: str = "new"
    since: float = 0.0
    restarts: int = 0
    last: Object = field(default_factory=dict)
    blocked: str = ""
    ending_since: float = 0.0

    @classmethod
    def adopted(cls, pod: Object, now: float) -> PodLife:
        """Return the life of a pod that runs already."""
        rows = dig(pod, "status.containerStatuses", [])
        ready = any(row["type"] == "Ready" and row["status"] == "True" for row in dig(pod, "status.conditions", []))
        restarts = max((row.get("restartCount", 0) for row in rows), default=0)
        life = cls(dig(pod, "status.podIP", ""), dig(pod, "status.hostIP", ""))
        life.phase, life.since, life.restarts = "ready" if ready else "running", now, restarts
        return life

    def restart(self) -> None:
        """Let its containers begin a new run at the next step."""
        self.phase, self.since, self.restarts = "creating", 0.0, self.restarts + 1

    def advance(self, pod: Object, now: float, blocked: str = "") -> Step:
        """Return what is to be done for the pod.

        Args:
            pod: The pod as the API server has it.
            now: Seconds since the epoch.
            blocked: Why its containers cannot be created yet; empty when they can.
        """
        behaviour = behaviour_of(pod)
        if "deletionTimestamp" in pod["metadata"]:
            return self._end(pod, behaviour, now)
        match self.phase:
            case "new":
                self.phase, self.since, self.blocked = "blocked" if blocked else "creating", now, blocked
                wake = None if blocked else behaviour.start
                return Step(self._status(pod, now, "Pending", _waiting("ContainerCreating")), wake=wake)
            case "blocked":
                if blocked:
                    return Step()
                self.phase, self.since = "creating", now
                return Step(wake=behaviour.start)
            case "creating":
                return self._after(behaviour.start, now) or self._create(pod, behaviour, now)
            case "pulling":
                return self._after(_SEEN, now) or self._pull_backs_off(pod, now)
            case "running":
                return self._running(pod, behaviour, now)
            case "dead":
                return self._after(_SEEN, now) or self._wait(pod, now)
            case "waiting":
                return self._after(back_off(self.restarts + 1), now) or self._start(pod, behaviour, now, again=True)
            case _:
                return Step()

    def _after(self, seconds: float, now: float) -> Step | None:
        left = self.since + seconds - now
        return Step(wake=left) if left > 0 else None

    def _create(self, pod: Object, behaviour: Behaviour, now: float) -> Step:
        if behaviour.fate == "imagepull":
            self.phase, self.since = "pulling", now
            image = pod["spec"]["containers"][0]["image"]
            name = pod["spec"]["containers"][0]["name"]
            why = f'failed to pull and unpack image "{image}": not found'
            told = (
                Told("Pulling", f'Pulling image "{image}"', container=name),
                Told("Failed", f'Failed to pull image "{image}": {why}', warning=True, container=name),
                Told("Failed", "Error: ErrImagePull", warning=True, container=name),
            )
            return Step(self._status(pod, now, "Pending", _waiting("ErrImagePull", why)), told, wake=_SEEN)
        return self._start(pod, behaviour, now)

    def _pull_backs_off(self, pod: Object, now: float) -> Step:
        self.phase = "stuck"
        container = pod["spec"]["containers"][0]
        text = f'Back-off pulling image "{container["image"]}"'
        told = (
            Told("BackOff", text, container=container["name"]),
            Told("Failed", "Error: ImagePullBackOff", warning=True, container=container["name"]),
        )
        return Step(self._status(pod, now, "Pending", _waiting("ImagePullBackOff", text)), told)

    def _start(self, pod: Object, behaviour: Behaviour, now: float, *, again: bool = False) -> Step:
        self.phase, self.since = "running", now
        self.restarts += 1 if again else 0
        names = [one["name"] for one in pod["spec"]["containers"]]
        told = [
            said
            for one in pod["spec"]["containers"]
            for said in (
                Told("Pulled", f'Container image "{one["image"]}" already present on machine', container=one["name"]),
                Told("Created", f"Container created: {one['name']}", container=one["name"]),
                Told("Started", f"Container started: {one['name']}", container=one["name"]),
            )
        ]
        status = self._status(pod, now, "Running", {"running": {"startedAt": stamp(now)}})
        wake = {"run": behaviour.ready, "unready": None, "story": None}.get(behaviour.fate, behaviour.life)
        return Step(status, told, started=names, wake=wake)

    def _running(self, pod: Object, behaviour: Behaviour, now: float) -> Step:
        if behaviour.fate == "run":
            left = self._after(behaviour.ready, now)
            if left:
                return left
            self.phase = "ready"
            running = {"running": {"startedAt": stamp(self.since)}}
            return Step(self._status(pod, now, "Running", running, ready=True))
        if behaviour.fate not in ("crashloop", "oom"):
            return Step()
        left = self._after(behaviour.life, now)
        if left:
            return left
        reason, code = ("OOMKilled", 137) if behaviour.fate == "oom" else ("Error", 1)
        ended = {
            "exitCode": code,
            "reason": reason,
            "startedAt": stamp(self.since),
            "finishedAt": stamp(now),
        }
        self.last = {"terminated": ended}
        names = [one["name"] for one in pod["spec"]["containers"]]
        if back_off(self.restarts + 1) == 0:
            step = self._start(pod, behaviour, now, again=True)
            return Step(step.status, step.told, started=step.started, ended=names, wake=step.wake)
        self.phase, self.since = "dead", now
        return Step(self._status(pod, now, "Running", self.last), ended=names, wake=_SEEN)

    def _wait(self, pod: Object, now: float) -> Step:
        self.phase, self.since = "waiting", now
        seconds = back_off(self.restarts + 1)
        metadata = pod["metadata"]
        name = pod["spec"]["containers"][0]["name"]
        full = f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"
        minutes, rest = divmod(int(seconds), 60)
        length = (f"{minutes}m" if minutes else "") + f"{rest}s"
        message = f"back-off {length} restarting failed container={name} pod={full}"
        told = (
            Told(
                "BackOff",
                f"Back-off restarting failed container {name} in pod {full}",
                warning=True,
                container=name,
            ),
        )
        return Step(self._status(pod, now, "Running", _waiting("CrashLoopBackOff", message)), told, wake=seconds)

    def _end(self, pod: Object, behaviour: Behaviour, now: float) -> Step:
        names = [one["name"] for one in pod["spec"]["containers"]]
        ran = self.phase in ("running", "ready", "dead", "waiting")
        grace = float(pod["metadata"].get("deletionGracePeriodSeconds") or 0)
        if self.phase == "gone":
            return Step()
        if self.phase != "ending":
            was, self.phase, self.ending_since = self.phase, "ending", now
            if was in ("running", "ready") and grace:
                told = [Told("Killing", f"Stopping container {name}", container=name) for name in names]
                return Step(told=told, wake=min(behaviour.stop, grace))
            self.phase = "gone"
            return Step(gone=True, ended=names if ran else ())
        left = self.ending_since + min(behaviour.stop, grace) - now
        if left > 0:
            return Step(wake=left)
        self.phase = "gone"
        ended = {"exitCode": 0, "reason": "Completed", "startedAt": stamp(self.since), "finishedAt": stamp(now)}
        return Step(self._status(pod, now, "Succeeded", {"terminated": ended}), ended=names, gone=True)

    def _status(self, pod: Object, now: float, phase: str, state: Object, *, ready: bool = False) -> Object:
        old = pod.get("status") or {}
        runs = "running" in state
        rows = []
        for one in pod["spec"]["containers"]:
            row: Object = {
                "name": one["name"],
                "image": one["image"],
                "imageID": "" if phase == "Pending" else f"{one['image'].rpartition(':')[0]}@sha256:{'0' * 64}",
                "ready": ready,
                "started": runs,
                "restartCount": self.restarts,
                "state": state,
                "lastState": self.last,
            }
            if phase != "Pending":
                row["containerID"] = f"containerd://{pod['metadata']['uid'].replace('-', '')}{self.restarts:032x}"
            rows.append(row)
        status: Object = {
            "phase": phase,
            "hostIP": self.host,
            "hostIPs": [{"ip": self.host}],
            "startTime": old.get("startTime") or stamp(now),
            "qosClass": old.get("qosClass", "BestEffort"),
            "observedGeneration": pod["metadata"].get("generation", 1),
            "containerStatuses": sorted(rows, key=lambda row: str(row["name"])),
            "conditions": self._conditions(pod, now, phase, ready=ready),
        }
        if phase != "Pending":
            status |= {"podIP": self.address, "podIPs": [{"ip": self.address}]}
        return status

    @staticmethod
    def _conditions(pod: Object, now: float, phase: str, *, ready: bool) -> list[Object]:
        names = " ".join(sorted(one["name"] for one in pod["spec"]["containers"]))
        old = {row["type"]: row for row in dig(pod, "status.conditions", [])}
        rows = []
        for kind in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"):
            value = "True"
            row: Object = {"type": kind, "lastProbeTime": None}
            if kind in _READINESS and not ready:
                value = "False"
                over = {"reason": "PodCompleted"}
                row |= over if phase == "Succeeded" else _unready(names)
            elif kind == "PodReadyToStartContainers" and phase != "Running":
                value = "False"
            same = kind in old and old[kind]["status"] == value
            row |= {"status": value, "lastTransitionTime": old[kind]["lastTransitionTime"] if same else stamp(now)}
            rows.append(row)
        return rows


def _unready(names: str) -> Object:
    return {"reason": "ContainersNotReady", "message": f"containers with unready status: [{names}]"}


def _waiting(reason: str, message: str = "") -> Object:
    return {"waiting": {"reason": reason, **({"message": message} if message else {})}}
