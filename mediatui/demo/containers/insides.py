"""What is inside every running container of a cluster or node, made when somebody first looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from mediatui.demo.clock import Clock
from mediatui.demo.containers import hardware
from mediatui.demo.containers.container import Container, Program
from mediatui.demo.containers.files import Entry, Files, Mount
from mediatui.demo.containers.programs import PROGRAMS
from mediatui.demo.objects import Object, dig
from mediatui.demo.streams.forwarding import Connection

_OWN: Final[Mapping[str, Mapping[str, Program]]] = {"jellyfin": {hardware.VAINFO: hardware.vainfo}}
"""Programs that only one image has."""


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
    """

    def __init__(self, surroundings: Surroundings, clock: Clock) -> None:
        self._surroundings = surroundings
        self._clock = clock
        self._made: dict[str, dict[tuple[str, int], Container]] = {}

    def container(self, pod: Object, name: str) -> Container:
        """Return the inside of a pod's running container."""
        spec = next(one for one in pod["spec"]["containers"] if one["name"] == name)
        rows = dig(pod, "status.containerStatuses", [])
        restarts = next((row["restartCount"] for row in rows if row["name"] == name), 0)
        of_pod = self._made.setdefault(pod["metadata"]["uid"], {})
        key = (name, restarts)
        if key not in of_pod:
            for old in [known for known in of_pod if known[0] == name]:
                del of_pod[old]
            of_pod[key] = self._make(pod, spec)
        return of_pod[key]

    async def connect(self, pod: Object, port: int) -> Connection:
        """Connect to a port of a running pod.

        Raises:
            ConnectionRefusedError: Nothing listens there.
        """
        raise ConnectionRefusedError(port)

    def forget(self, uid: str) -> None:
        """Drop what was in a pod that is gone."""
        self._made.pop(uid, None)

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
    rows = dig(pod, "status.containerStatuses", [])
    return any(row["name"] == container and "running" in row["state"] for row in rows)


def sandbox_of(pod: Object) -> str:
    """Return what the container runtime calls the pod."""
    return str(pod["metadata"]["uid"].replace("-", "") * 2)
