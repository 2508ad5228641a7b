"""metrics.k8s.io: what containers and nodes use, computed at each request from a level and the time of day."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mediatui.demo.objects import Object, dig, stamp
from mediatui.demo.resources import named
from mediatui.demo.world import World

_MI: Final = 2**20
_PODS: Final = named("pods", "")
_NODES: Final = named("nodes", "")
_POD_METRICS: Final = named("pods", "metrics.k8s.io")
_NODE_METRICS: Final = named("nodes", "metrics.k8s.io")
_WINDOW: Final = 15.0  # metrics-server asks the kubelets that often: in between the figures stand still


@dataclass(frozen=True, slots=True)
class Level:
    """What a container uses on average."""

    millicores: float
    mebibytes: float


def publish(world: World, levels: Mapping[str, Level], other: Level) -> None:
    """Let the world compute usage.

    Args:
        world: The cluster.
        levels: What containers use, by container name.
        other: What any other container uses.
    """

    def containers(pod: Object) -> list[Object]:
        rows = []
        for status in dig(pod, "status.containerStatuses", []):
            if "running" in status["state"]:
                level = levels.get(status["name"], other)
                rows.append({"name": status["name"], "usage": _usage(level, pod["metadata"]["uid"] + status["name"])})
        return rows

    def _usage(level: Level, salt: str) -> Object:
        at = world.clock.now() // _WINDOW * _WINDOW
        phase = sum(salt.encode()) % 97
        wave = 1 + 0.35 * math.sin(at / 173 + phase) + 0.15 * math.sin(at / 31 + phase * 3)
        memory = level.mebibytes * (1 + 0.06 * math.sin(at / 997 + phase))
        return {"cpu": f"{int(level.millicores * wave * 1e6)}n", "memory": f"{int(memory * _MI) // 1024}Ki"}

    def row(kind: str, obj: Object) -> Object:
        at = world.clock.now() // _WINDOW * _WINDOW
        metadata = {name: obj["metadata"][name] for name in ("name", "namespace", "labels") if name in obj["metadata"]}
        metadata["creationTimestamp"] = stamp(world.clock.now())
        head = {"kind": kind, "apiVersion": "metrics.k8s.io/v1beta1", "metadata": metadata}
        return {**head, "timestamp": stamp(at), "window": "15.02s"}

    def pods() -> list[Object]:
        rows = []
        for item in world.store.all(_PODS):
            usages = containers(item.data)
            # A pod with a container that does not run has no figures at all, as with the real metrics-server.
            if usages and len(usages) == len(item.data["spec"]["containers"]):
                rows.append({**row("PodMetrics", item.data), "containers": usages})
        return rows

    def nodes() -> list[Object]:
        base = Level(410, 2900)
        return [
            {**row("NodeMetrics", item.data), "usage": _usage(base, item.data["metadata"]["uid"])}
            for item in world.store.all(_NODES)
        ]

    world.computed[_POD_METRICS] = pods
    world.computed[_NODE_METRICS] = nodes
