"""What every cluster does while nobody looks: leases are renewed, nodes report, old events vanish."""

from __future__ import annotations

from functools import partial
from typing import Final

from mediatui.demo.objects import Object, micro_stamp, seconds_of
from mediatui.demo.parts.events import EVENTS
from mediatui.demo.parts.nodes import node_conditions
from mediatui.demo.resources import named
from mediatui.demo.store import MissingError
from mediatui.demo.world import World

_RENEW: Final = 10.0  # a kubelet's nodeLeaseDurationSeconds of 40, a quarter of it
_REPORT: Final = 300.0  # a kubelet's nodeStatusReportFrequency
_EVENT_LIFE: Final = 3600.0  # kube-apiserver's --event-ttl
_LEASES: Final = named("leases")
_NODES: Final = named("nodes", "")


async def heartbeat(world: World) -> None:
    """Renew the nodes' leases every 10 s, their status every 5 minutes, and drop events older than an hour."""
    turn = 0
    while True:
        await world.clock.sleep(_RENEW)
        turn += 1
        now = world.clock.now()
        for item in world.store.all(_NODES):
            name = item.key.name
            try:
                world.store.mutate(_LEASES, name, "kube-node-lease", partial(_renew, now))
            except MissingError:
                continue
            if turn % round(_REPORT / _RENEW) == 0:
                world.store.mutate(_NODES, name, "", partial(_report, now))
        for item in world.store.all(EVENTS):
            told = item.data.get("lastTimestamp") or item.data.get("eventTime")
            if now - (seconds_of(told) or now) > _EVENT_LIFE:
                world.store.delete(EVENTS, item.key.name, item.key.namespace)


def _renew(now: float, lease: Object) -> None:
    lease["spec"]["renewTime"] = micro_stamp(now)


def _report(now: float, node: Object) -> None:
    since = node["status"]["conditions"][0]["lastTransitionTime"]
    node["status"]["conditions"] = node_conditions(now, since)
