"""A container that dies soon after each start, and the kubelet that waits longer each time before it tries again."""

from __future__ import annotations

import random
from typing import Final

from mediatui.demo.objects import Object, stamp
from mediatui.demo.parts.events import tell
from mediatui.demo.parts.pods import conditions, container_id, container_status
from mediatui.demo.parts.unit import Unit
from mediatui.demo.resources import named
from mediatui.demo.stories.voices import Said, bazarr_line
from mediatui.demo.world import World

_PODS: Final = named("pods", "")
_LONGEST: Final = 300.0  # the kubelet's MaxContainerBackOff
_LIFE: Final = 4.0
_EXPLAINS: Final = 11.0  # about how often the kubelet's sync tells that it is still waiting

_DEATH: Final = (
    Said("", "", "Bazarr starting child process with PID 12..."),
    Said("INFO", "init:47", "BAZARR starting with Python 3.12.8 on Linux"),
    Said("INFO", "config:812", "BAZARR configuration loaded from /config/config/config.yaml"),
    Said("ERROR", "database:64", "BAZARR cannot open /config/db/bazarr.db: database disk image is malformed"),
    Said("", "", "Traceback (most recent call last):"),
    Said("", "", '  File "/app/bin/libs/sqlalchemy/engine/default.py", line 951, in do_execute'),
    Said("", "", "    cursor.execute(statement, parameters)"),
    Said("", "", "sqlite3.DatabaseError: database disk image is malformed"),
    Said("", "", "The above exception was the direct cause of the following exception:"),
    Said("", "", '  File "/app/bin/bazarr/main.py", line 41, in <module>'),
    Said("", "", "    from app.database import init_db, migrate_db, database, update"),
    Said("", "", "sqlalchemy.exc.DatabaseError: (sqlite3.DatabaseError) database disk image is malformed"),
    Said("", "", "[SQL: PRAGMA journal_mode=WAL]"),
    Said("", "", "(Background on this error at: https://sqlalche.me/e/20/4xp6)"),
    Said("", "", "Bazarr exited with code 1."),
)


def delay(deaths: int) -> float:
    """Return how many seconds the kubelet waits after so many deaths: none, then 10, 20, 40 ... up to 300."""
    return 0.0 if deaths <= 1 else min(_LONGEST, 10.0 * 2.0 ** (deaths - 2))


class CrashLoop:
    """One container's crash loop; it follows the workload from pod to pod.

    Args:
        world: Where it happens.
        unit: The workload; its first container is the one that dies.
    """

    def __init__(self, world: World, unit: Unit) -> None:
        self._world = world
        self._unit = unit
        self._container = unit.containers[0]
        self._chance = random.Random(world.random.random())
        self._ended = 0.0

    def begin(self, deaths: int, waited: float) -> None:
        """Put the pod where it is after some deaths, some seconds into the wait that follows the last of them.

        What it did before is told by its logs (the last two runs are kept) and by its events.
        """
        pod = self._pod()
        assert pod is not None
        now = self._world.clock.now()
        ended = now - waited
        first = ended - sum(delay(count) + _LIFE for count in range(1, deaths))
        self._log(pod, first, healthy_before=True)
        for death in range(2, deaths + 1):
            at = ended - sum(delay(count) + _LIFE for count in range(death, deaths))
            self._world.logs.begin(*self._where(pod))
            self._log(pod, at)
        self._world.logs.end(*self._where(pod))
        self._wait(pod, deaths - 1, ended)
        self._told(pod, deaths, first, ended, now)

    async def run(self) -> None:
        """Restart it and let it die, for ever."""
        while True:
            pod = self._pod()
            if pod is None or not pod["status"].get("containerStatuses"):
                await self._world.clock.sleep(0.5)
                continue
            status = self._status(pod)
            if "waiting" in status["state"] and status["state"]["waiting"]["reason"] == "CrashLoopBackOff":
                await self._back_off(pod, status)
            elif "running" in status["state"]:
                await self._die(pod, status["restartCount"])
            else:
                await self._world.clock.sleep(0.5)

    async def _back_off(self, pod: Object, status: Object) -> None:
        deaths = status["restartCount"] + 1
        until = self._ended + delay(deaths)
        while (left := until - self._world.clock.now()) > 0:
            await self._world.clock.sleep(min(left, _EXPLAINS))
            if not self._same(pod):
                return
            if left > _EXPLAINS:
                self._back_off_event(pod)
        self._start(pod, deaths)

    def _start(self, pod: Object, restarts: int) -> None:
        now = self._world.clock.now()
        last = self._status(pod)["lastState"] or {"terminated": self._ending(pod, restarts - 1, now)}
        self._world.logs.begin(*self._where(pod))
        state = {"running": {"startedAt": stamp(now)}}
        image = self._container.image
        tell(
            self._world,
            pod,
            "Pulled",
            f'Container image "{image}" already present on machine',
            container=self._container.name,
        )
        tell(self._world, pod, "Created", f"Container created: {self._container.name}", container=self._container.name)
        tell(self._world, pod, "Started", f"Container started: {self._container.name}", container=self._container.name)
        self._set(pod, state, restarts, last)

    async def _die(self, pod: Object, restarts: int) -> None:
        for index, said in enumerate(_DEATH):
            await self._world.clock.sleep(_LIFE * 0.8 / 4 if index < 4 else 0.01)
            if not self._same(pod):
                return
            now = self._world.clock.now()
            self._world.logs.write(*self._where(pod), bazarr_line(said, now, self._chance), now)
            if index == 2:
                self._unhealthy(pod)
        await self._world.clock.sleep(_LIFE * 0.2)
        if not self._same(pod):
            return
        now = self._world.clock.now()
        self._world.logs.end(*self._where(pod))
        ending = {"terminated": self._ending(pod, restarts, now)}
        self._set(pod, ending, restarts, self._status(pod)["lastState"])
        if delay(restarts + 1) == 0:
            self._set(pod, ending, restarts, ending)
            self._start(pod, restarts + 1)
            return
        await self._world.clock.sleep(1.0)  # until the kubelet's next sync sees it
        if self._same(pod):
            self._wait(pod, restarts, now)
            self._back_off_event(pod)

    def _wait(self, pod: Object, restarts: int, ended: float) -> None:
        self._ended = ended
        wait = delay(restarts + 1)
        minutes, seconds = divmod(int(wait), 60)
        length = (f"{minutes}m" if minutes else "") + f"{seconds}s"
        message = f"back-off {length} restarting failed container={self._container.name} pod={self._full(pod)}"
        waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
        self._set(pod, waiting, restarts, {"terminated": self._ending(pod, restarts, ended)})

    def _ending(self, pod: Object, run: int, ended: float) -> Object:
        return {
            "exitCode": 1,
            "reason": "Error",
            "startedAt": stamp(ended - _LIFE),
            "finishedAt": stamp(ended),
            "containerID": container_id(pod["metadata"]["name"], self._container.name, run),
        }

    def _set(self, pod: Object, state: Object, restarts: int, last: Object) -> None:
        name, others = pod["metadata"]["name"], {item.name for item in self._unit.containers[1:]}
        row = container_status(self._container, name, state, restarts, last) | {"ready": False}
        since = next(row["lastTransitionTime"] for row in pod["status"]["conditions"] if row["type"] == "Ready")

        def change(obj: Object) -> None:
            status = obj["status"]
            kept = [other for other in status["containerStatuses"] if other["name"] in others]
            status["containerStatuses"] = sorted([*kept, row], key=lambda item: str(item["name"]))
            status["conditions"] = conditions("False", status["startTime"], since, self._container.name)

        self._world.store.mutate(_PODS, name, pod["metadata"]["namespace"], change)

    def _told(self, pod: Object, deaths: int, first: float, ended: float, now: float) -> None:
        name, image = self._container.name, self._container.image
        present = f'Container image "{image}" already present on machine'
        for reason, message in (
            ("Pulled", present),
            ("Created", f"Container created: {name}"),
            ("Started", f"Container started: {name}"),
        ):
            tell(self._world, pod, reason, message, container=name, first=first, at=ended - _LIFE, count=deaths - 1)
        self._unhealthy(pod, first=first, at=ended - 1, count=deaths)
        self._back_off_event(pod, first=first + _LIFE, at=now - 3, count=max(1, round((now - first) / _EXPLAINS)))

    def _unhealthy(self, pod: Object, *, first: float | None = None, at: float | None = None, count: int = 1) -> None:
        where = f"{pod['status']['podIP']}:{self._container.ports[0][1]}"
        refused = f"dial tcp {where}: connect: connection refused"
        text = f'Readiness probe failed: Get "http://{where}/": {refused}'
        name = self._container.name
        tell(self._world, pod, "Unhealthy", text, kind="Warning", container=name, first=first, at=at, count=count)

    def _back_off_event(
        self, pod: Object, *, first: float | None = None, at: float | None = None, count: int = 1
    ) -> None:
        text = f"Back-off restarting failed container {self._container.name} in pod {self._full(pod)}"
        tell(
            self._world,
            pod,
            "BackOff",
            text,
            kind="Warning",
            container=self._container.name,
            first=first,
            at=at,
            count=count,
        )

    def _log(self, pod: Object, ended: float, *, healthy_before: bool = False) -> None:
        """Write the lines of one run that ended in death."""
        if healthy_before:
            for index in range(40):
                at = ended - _LIFE - 7200 + index * 175
                said = Said("INFO", "series:160", "BAZARR All series synced from Sonarr into database.")
                self._world.logs.write(*self._where(pod), bazarr_line(said, at, self._chance), at)
        for index, said in enumerate(_DEATH):
            at = ended - _LIFE + min(index, 4) * 0.8 + index * 0.01
            self._world.logs.write(*self._where(pod), bazarr_line(said, at, self._chance), at)

    def _pod(self) -> Object | None:
        for item in self._world.store.all(_PODS, self._unit.namespace):
            metadata = item.data["metadata"]
            if metadata["labels"].get(self._unit.label) == self._unit.name and "deletionTimestamp" not in metadata:
                return item.data
        return None

    def _same(self, pod: Object) -> bool:
        now = self._pod()
        return now is not None and now["metadata"]["uid"] == pod["metadata"]["uid"]

    def _status(self, pod: Object) -> Object:
        current = self._world.store.get(_PODS, pod["metadata"]["name"], pod["metadata"]["namespace"]).data
        rows: list[Object] = current["status"]["containerStatuses"]
        return next(row for row in rows if row["name"] == self._container.name)

    def _where(self, pod: Object) -> tuple[str, str, str]:
        return pod["metadata"]["namespace"], pod["metadata"]["name"], self._container.name

    @staticmethod
    def _full(pod: Object) -> str:
        return f"{pod['metadata']['name']}_{pod['metadata']['namespace']}({pod['metadata']['uid']})"
