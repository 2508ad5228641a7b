"""What is inside every running container of a cluster or node, made when somebody first looks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from random import Random
from typing import Final, Protocol

from mediatui.demo.apps import catalogue
from mediatui.demo.apps.app import App
from mediatui.demo.apps.database import DamagedError
from mediatui.demo.apps.setting import Setting
from mediatui.demo.clock import Clock
from mediatui.demo.containers import hardware
from mediatui.demo.containers.container import Container, Program
from mediatui.demo.containers.files import Entry, Files, Mount
from mediatui.demo.containers.programs import PROGRAMS
from mediatui.demo.objects import Object, dig, seconds_of
from mediatui.demo.streams.forwarding import Connection

_OWN: Final[Mapping[str, Mapping[str, Program]]] = {"jellyfin": {hardware.VAINFO: hardware.vainfo}}
"""Programs that only one image has."""
_CONFIG: Final = "/config"
"""Where every app has its volume."""


class Surroundings(Protocol):
    """What a container is given from outside."""

    def mounts(self, pod: Object, spec: Object) -> tuple[Mount, ...]:
        """Return the volumes of a container."""
        ...

    def environment(self, pod: Object, spec: Object) -> Mapping[str, str]:
        """Return the variables of a container."""
        ...


class Insides:
    """The insides of containers; they last as long as one run of the container.

    Args:
        surroundings: Their volumes and variables.
        clock: The time.
        chance: What keys and ids of newly installed apps are made of.
    """

    def __init__(self, surroundings: Surroundings, clock: Clock, chance: Random) -> None:
        self._surroundings = surroundings
        self._clock = clock
        self._chance = chance
        self._made: dict[str, dict[str, tuple[int, Container]]] = {}
        """By the pod's uid and the container's name: which run it is, and its inside."""
        self._apps: dict[tuple[str, str], App] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def container(self, pod: Object, name: str) -> Container:
        """Return the inside of a pod's running container."""
        spec = next(one for one in pod["spec"]["containers"] if one["name"] == name)
        run = _status(pod, name).get("restartCount", 0)
        of_pod = self._made.setdefault(pod["metadata"]["uid"], {})
        if name not in of_pod or of_pod[name][0] != run:
            of_pod[name] = (run, self._make(pod, spec))
            self._start(pod, of_pod[name][1])
        if (app := self._apps.get((pod["metadata"]["uid"], name))) is not None:
            app.catch_up()  # its files are as old as its last answer
        return of_pod[name][1]

    async def connect(self, pod: Object, port: int) -> Connection:
        """Connect to a port of a running pod.

        Raises:
            ConnectionRefusedError: Nothing listens there.
        """
        for spec in pod["spec"]["containers"]:
            if not runs(pod, spec["name"]):
                continue
            self.container(pod, spec["name"])
            app = self._apps.get((pod["metadata"]["uid"], spec["name"]))
            if app is not None and app.port == port:
                return await app.connect()
        raise ConnectionRefusedError(port)

    def end(self, uid: str, name: str) -> None:
        """Drop what was in a container that has ended."""
        made = self._made.get(uid, {}).pop(name, None)
        if made is not None:
            made[1].ended.set()
        app = self._apps.pop((uid, name), None)
        if app is not None:
            closing = asyncio.get_running_loop().create_task(app.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    def forget(self, uid: str) -> None:
        """Drop what was in a pod that is gone."""
        for name in list(self._made.get(uid, {})):
            self.end(uid, name)
        self._made.pop(uid, None)

    async def close(self) -> None:
        """End every app; volumes stay as they are."""
        apps, self._apps = list(self._apps.values()), {}
        for app in apps:
            await app.close()
        await asyncio.gather(*self._closing)

    def _start(self, pod: Object, container: Container) -> None:
        """Start the app that runs in a container, if there is one."""
        kind = app_of(container.image)
        if kind not in catalogue.NAMES:
            return
        setting = Setting(
            container.files.mount_of(_CONFIG).files,
            self._clock,
            Random(self._chance.random()),
            container.image.rpartition(":")[2],
            environment=container.environment,
        )
        try:
            app = catalogue.start(kind, setting)
        except DamagedError:
            return  # nothing listens: it says so in its log and dies
        began = seconds_of(dig(_status(pod, container.name), "state.running.startedAt"))
        app.running.started = began or self._clock.now()
        self._apps[pod["metadata"]["uid"], container.name] = app

    def _make(self, pod: Object, spec: Object) -> Container:
        context = {**(dig(pod, "spec.securityContext") or {}), **(spec.get("securityContext") or {})}
        user = context.get("runAsUser", 0)
        first = context.get("runAsGroup", user)
        more = [context.get("fsGroup"), *context.get("supplementalGroups", [])]
        groups = tuple(dict.fromkeys([first, *(one for one in more if one is not None)]))
        command = " ".join([*spec.get("command", [f"/app/{spec['name']}"]), *spec.get("args", [])])
        image: dict[str, Entry] = {
            "/etc/os-release": Entry(b'NAME="Alpine Linux"\nID=alpine\n'),
            "/proc/1/cmdline": Entry(command.replace(" ", "\0").encode() + b"\0"),
        }
        if any(resource.startswith("gpu.intel.com/") for resource in dig(spec, "resources.limits") or {}):
            image |= hardware.DEVICES
        return Container(
            spec["name"],
            pod["metadata"]["name"],
            spec["image"],
            command,
            Files(image, self._surroundings.mounts(pod, spec), not context.get("readOnlyRootFilesystem", False)),
            {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOSTNAME": pod["metadata"]["name"]}
            | dict(self._surroundings.environment(pod, spec)),
            user,
            groups,
            self._clock,
            {**PROGRAMS, **_OWN.get(app_of(spec["image"]), {})},
        )


def app_of(image: str) -> str:
    """Return the last part of an image's name, which says what runs in it."""
    return image.rpartition("/")[2].partition("@")[0].partition(":")[0]


def runs(pod: Object, container: str) -> bool:
    """Tell whether a container runs."""
    return "running" in _status(pod, container).get("state", {})


def _status(pod: Object, container: str) -> Object:
    rows: list[Object] = dig(pod, "status.containerStatuses", [])
    return next((row for row in rows if row["name"] == container), {})


def sandbox_of(pod: Object) -> str:
    """Return what the container runtime calls the pod."""
    return str(pod["metadata"]["uid"].replace("-", "") * 2)
