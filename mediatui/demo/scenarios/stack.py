"""A media stack at home as many run it: three nodes, five apps and what is around them."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import Final

from mediatui.demo.objects import Object
from mediatui.demo.parts.autoscale import add_scaled_object
from mediatui.demo.parts.cluster import DAY, Cluster, digest
from mediatui.demo.parts.events import tell
from mediatui.demo.parts.gitops import add_application
from mediatui.demo.parts.network import add_gateway, add_gateway_class, add_route, add_service
from mediatui.demo.parts.nodes import add_namespace, add_node
from mediatui.demo.parts.storage import add_claim, add_driver, add_storage_class
from mediatui.demo.parts.unit import Unit
from mediatui.demo.parts.workloads import add_unit
from mediatui.demo.resources import named
from mediatui.demo.scenarios.installed import install
from mediatui.demo.scenarios.units import (
    APPLICATION,
    AROUND,
    BAZARR,
    BIRTH,
    JELLYFIN,
    JELLYSEERR,
    PROWLARR,
    RADARR,
    SABNZBD,
    SONARR,
)
from mediatui.demo.stories.chatter import Chatter, Speaker
from mediatui.demo.stories.crashloop import CrashLoop
from mediatui.demo.stories.heartbeat import heartbeat
from mediatui.demo.stories.usage import Level, publish
from mediatui.demo.world import World

_PODS: Final = named("pods", "")
_PORTS: Final = {"jellyfin": 8096, "sonarr": 80, "radarr": 80, "prowlarr": 80, "bazarr": 80}
_LEVELS: Final = {
    "jellyfin": Level(780, 1680),
    "sonarr": Level(42, 310),
    "radarr": Level(36, 285),
    "prowlarr": Level(14, 172),
    "exportarr": Level(2, 18),
    "bazarr": Level(60, 140),
    "sabnzbd": Level(55, 210),
    "jellyseerr": Level(9, 190),
    "cilium": Level(95, 260),
    "longhorn-manager": Level(48, 150),
}


@dataclass(frozen=True, slots=True)
class Stack:
    """How the stack is run.

    Args:
        broken: Apps whose database cannot be opened: they die soon after each start.
        gitops: Whether Argo CD owns the apps, with automated sync and self-heal.
        pausable: Whether the ApplicationSet lets automated sync be switched off.
        deployments: Whether every app is a Deployment, as before a migration.
    """

    broken: tuple[str, ...] = ()
    gitops: bool = False
    pausable: bool = False
    deployments: bool = False


def build_stack(cluster: Cluster, stack: Stack) -> None:
    """Fill a cluster with the stack."""
    world = cluster.world
    units = {unit.name: _as_run(unit, stack) for unit in (JELLYFIN, SONARR, RADARR, PROWLARR, BAZARR)}
    others = tuple(_as_run(unit, stack) for unit in (SABNZBD, JELLYSEERR))
    everything = (*units.values(), *others)
    _ground(cluster)
    _storage(cluster, everything)
    pods = {unit.name: add_unit(cluster, unit) for unit in (*everything, *AROUND)}
    for unit in units.values():
        install(cluster, unit, damaged=unit.name in stack.broken)
    loops = [CrashLoop(world, units[name]) for name in stack.broken]
    for loop in loops:
        # Four deaths, so that a visitor sees the next start within half a minute and a longer wait after it.
        loop.begin(deaths=5, waited=55.0)
    for name, port in _PORTS.items():
        unit = units[name]
        add_service(cluster, unit, port, _current(world, pods[name]))
        add_route(cluster, unit, port, gateways=("internal", "external") if name == "jellyfin" else ("internal",))
        _secret(cluster, unit)
    add_service(cluster, others[0], 80, pods["sabnzbd"])
    add_service(cluster, others[1], 5055, pods["jellyseerr"])
    add_scaled_object(cluster, others[0], 90 * DAY)
    if stack.gitops:
        add_application(cluster, APPLICATION, list(everything), 330 * DAY, pausable=stack.pausable)
    if units["radarr"].kind == "StatefulSet":
        _rolled_out(cluster, pods["radarr"][0])
    publish(world, _LEVELS, Level(12, 48))
    chatter = Chatter(world, _speakers(everything, stack.broken))
    if units["prowlarr"].kind == "StatefulSet":
        _restarted(cluster, PROWLARR)
    chatter.remember(hours=5, lines=90)
    world.stories += [chatter.talk, *(loop.run for loop in loops), lambda: heartbeat(world)]


def _as_run(unit: Unit, stack: Stack) -> Unit:
    unit = replace(
        unit,
        application=unit.application if stack.gitops else "",
        behaviour="story" if unit.name in stack.broken else "",
    )
    if not stack.deployments or not unit.templates:
        return unit
    claims = tuple(
        {"name": template.name, "persistentVolumeClaim": {"claimName": f"{unit.name}-{template.name}"}}
        for template in unit.templates
    )
    return replace(unit, kind="Deployment", templates=(), volumes=(*claims, *unit.volumes), restarts=0, recreate=True)


def _ground(cluster: Cluster) -> None:
    for name in ("default", "kube-system", "kube-public", "kube-node-lease"):
        add_namespace(cluster, name, BIRTH)
    secured = {"pod-security.kubernetes.io/enforce": "baseline"}
    add_namespace(cluster, "media", 310 * DAY, secured)
    for name in ("longhorn-system", "gateway", "argocd", "keda"):
        add_namespace(cluster, name, BIRTH - DAY)
    add_node(cluster, "kube-1", "10.25.150.11", BIRTH, cores=4, memory=16, control=True)
    add_node(cluster, "kube-2", "10.25.150.12", BIRTH - DAY, cores=12, memory=32, gpu=True)
    add_node(cluster, "kube-3", "10.25.150.13", BIRTH - DAY, cores=8, memory=32)
    add_gateway_class(cluster, BIRTH - DAY)
    add_gateway(cluster, "internal", "10.25.150.220", BIRTH - DAY)
    add_gateway(cluster, "external", "10.25.150.222", BIRTH - DAY)


def _storage(cluster: Cluster, units: tuple[Unit, ...]) -> None:
    add_driver(cluster, BIRTH - DAY)
    add_storage_class(cluster, "longhorn", 2, "Delete", BIRTH - DAY, default=True)
    add_storage_class(cluster, "media-storage", 1, "Retain", BIRTH - DAY, default=False)
    add_claim(
        cluster,
        "media-share",
        "2Ti",
        "kube-2",
        age=310 * DAY,
        storage_class="media-storage",
        reclaim="Retain",
        mode="ReadWriteMany",
        also=("kube-1", "kube-3"),
    )
    sizes = {"bazarr-config": "2Gi", "prowlarr-config": "5Gi", "sabnzbd-config": "6Gi"}
    for unit in units:
        for template in unit.templates:
            pod = f"{unit.name}-0"
            name = f"{template.name}-{pod}"
            add_claim(cluster, name, template.size, unit.nodes[0], age=unit.age, labels=unit.selector, pod=pod)
        for volume in unit.volumes:
            name = volume.get("persistentVolumeClaim", {}).get("claimName", "")
            if name and name != "media-share":
                size = sizes.get(name, "10Gi")
                add_claim(cluster, name, size, unit.nodes[0], age=310 * DAY, labels=unit.selector)


def _secret(cluster: Cluster, unit: Unit) -> None:
    """Store the Secret that holds an app's API key; the demo's apps accept none, so it opens nothing."""
    if not unit.containers[0].env_from:
        return
    key = base64.b64encode(digest("api-key", unit.name, length=32).encode()).decode()
    body: Object = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": f"{unit.name}-secret", "namespace": unit.namespace, "labels": dict(unit.selector)},
        "type": "Opaque",
        "data": {f"{unit.name.upper()}__AUTH__APIKEY": key},
    }
    cluster.add(body, age=unit.age)


def _rolled_out(cluster: Cluster, pod: Object) -> None:
    """Tell the events of a pod that started a little while ago."""
    world, name = cluster.world, pod["metadata"]["name"]
    at = world.clock.now() - RADARR.pod_age
    container = RADARR.containers[0]
    claim = cluster.world.store.get(named("persistentvolumeclaims"), f"config-{name}", "media").data
    node = RADARR.nodes[0]
    tell(world, pod, "Scheduled", f"Successfully assigned media/{name} to {node}", source="default-scheduler", at=at)
    attached = f'AttachVolume.Attach succeeded for volume "{claim["spec"]["volumeName"]}"'
    tell(world, pod, "SuccessfulAttachVolume", attached, source="attachdetach-controller", at=at + 2)
    tell(world, pod, "Pulling", f'Pulling image "{container.image}"', container=container.name, at=at + 3)
    spent = "in 2.611s (2.611s including waiting). Image size: 98104313 bytes."
    pulled = f'Successfully pulled image "{container.image}" {spent}'
    tell(world, pod, "Pulled", pulled, container=container.name, at=at + 5.6)
    tell(world, pod, "Created", f"Container created: {container.name}", container=container.name, at=at + 5.8)
    tell(world, pod, "Started", f"Container started: {container.name}", container=container.name, at=at + 6)


def _restarted(cluster: Cluster, unit: Unit) -> None:
    """Leave the log of the run before a restart that somebody wanted."""
    ended = cluster.world.clock.now() - unit.restart_age
    where = (unit.namespace, f"{unit.name}-0", unit.containers[0].name)
    for before, line in (
        (900, "[Info] HousekeepingService: Running housecleaning tasks"),
        (12, "[Info] LifecycleService: Restart requested."),
        (3, "[Info] ConsoleApp: Exiting main."),
    ):
        cluster.world.logs.write(*where, line, ended - before)
    cluster.world.logs.begin(*where)


def _speakers(units: tuple[Unit, ...], broken: tuple[str, ...]) -> list[Speaker]:
    speakers = [
        Speaker(unit.namespace, unit.label, unit.name, container.name, pace=1.0 if index == 0 else 12.0)
        for unit in units
        if unit.name not in broken  # a crash loop speaks for itself
        for index, container in enumerate(unit.containers)
    ]
    around = [Speaker(unit.namespace, unit.label, unit.name, unit.name, pace=20.0) for unit in AROUND]
    return speakers + around


def _current(world: World, pods: list[Object]) -> list[Object]:
    """Return pods as they are now: a story may have changed them since they were made."""
    return [world.store.get(_PODS, pod["metadata"]["name"], pod["metadata"]["namespace"]).data for pod in pods]
