"""A shell in an app's container: which one is meant, and what runs in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from mediatui.errors import NotFound
from mediatui.interfaces import Pods
from mediatui.model.app import AppUnit
from mediatui.model.source import Kind, Ref
from mediatui.model.workload import Pod
from mediatui.rawterminal import raw_terminal
from mediatui.text import printable

NEEDS: Final = (Kind.PODS, Kind.DEPLOYMENTS, Kind.STATEFULSETS, Kind.REPLICASETS)
"""What it takes to find an app's pods."""

COMMAND: Final = ("sh", "-c", "command -v bash >/dev/null && exec bash || exec sh")
"""The better of the shells that there are."""


@dataclass(frozen=True, slots=True)
class Place:
    """A running container."""

    pod: Ref
    container: str

    def __str__(self) -> str:
        return printable(f"{self.pod.namespace}/{self.pod.name}, container {self.container}")


def place_of(units: Iterable[AppUnit], app: str, container: str = "") -> Place:
    """Return the running container that a shell goes into: the app's own in its newest pod that runs.

    Args:
        units: What was found.
        app: The app's id.
        container: Another container's name.

    Raises:
        NotFound: There is no such container, or it does not run.
    """
    pods = [(unit, pod) for unit in units if unit.app == app for pod in unit.pods]
    if not pods:
        raise NotFound(f"{app} has no pod", "is it scaled to 0?")
    for unit, pod in pods:
        name = container or unit.container.name
        status = pod.status(name)
        if status is not None and status.state == "running":
            return Place(pod.ref, name)
    unit, pod = pods[0]
    raise NotFound(printable(_why_not(pod, container or unit.container.name)))


def _why_not(pod: Pod, container: str) -> str:
    names = [spec.name for spec in pod.containers]
    if container not in names:
        return f"pod {pod.ref.name} has no container {container}: there is {', '.join(names)}"
    status = pod.status(container)
    state = (status.reason or status.state) if status else pod.phase
    return f"container {container} of pod {pod.ref.name} does not run: {state}"


async def open_shell(pods: Pods, place: Place, command: Sequence[str] = ()) -> int:
    """Hand this process's terminal to a shell until it ends, and return its exit code.

    Raises:
        UsageError: Standard input is no terminal.
        ClusterError: It could not be started, or the connection broke.
    """
    with raw_terminal() as terminal:
        return await pods.shell(place.pod, command or COMMAND, terminal, container=place.container)
