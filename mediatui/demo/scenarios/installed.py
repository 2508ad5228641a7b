"""What has been on the apps' volumes for months, written when somebody first looks."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Final

from mediatui.demo.apps import catalogue
from mediatui.demo.apps.setting import Setting
from mediatui.demo.clock import Clock
from mediatui.demo.objects import dig
from mediatui.demo.parts.cluster import Cluster
from mediatui.demo.parts.unit import Unit
from mediatui.demo.resources import named

_CLAIMS: Final = named("persistentvolumeclaims")
_VOLUMES: Final = named("persistentvolumes")


def install(cluster: Cluster, unit: Unit, *, damaged: bool) -> None:
    """Let an app have been in use on its volume.

    Args:
        cluster: Where its claim and volume are.
        unit: The app; its claim is behind the volume ``config``.
        damaged: Whether its database has become unreadable.
    """
    world = cluster.world
    claims = [dig(one, "persistentVolumeClaim.claimName") for one in unit.volumes if one["name"] == "config"]
    name = claims[0] if claims else f"config-{unit.name}-0"
    claim = world.store.get(_CLAIMS, name, unit.namespace).data
    volume = world.store.get(_VOLUMES, claim["spec"]["volumeName"]).data
    disk = world.disks.make(volume["spec"]["csi"]["volumeHandle"])
    disk.tag = f"{unit.namespace}/{name}"
    container = unit.containers[0]
    version = container.image.rpartition(":")[2]
    chance = Random(world.random.random())
    transcodes = next((path for name, path in container.mounts if name == "transcode"), "")
    disk.unwritten = partial(_write, unit.name, world.clock, chance, version, transcodes, damaged)


def _write(
    app: str, clock: Clock, chance: Random, version: str, transcodes: str, damaged: bool, files: dict[str, bytes]
) -> None:
    catalogue.populate(app, Setting(files, clock, chance, version, transcodes=transcodes))
    if damaged:
        for path in [path for path in files if path.endswith(".db")]:
            files[path] = bytes(len(files[path]))
