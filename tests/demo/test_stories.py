from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mediatui.demo.columns import pod_status
from mediatui.demo.controllers.standard import settled_loop
from mediatui.demo.objects import Object, seconds_of
from mediatui.demo.resources import named
from mediatui.demo.scenarios import find_scenario
from mediatui.demo.stories.crashloop import delay
from mediatui.demo.world import World, new_world
from tests.demo.asking import TurnedClock

PODS = named("pods", "")
EVENTS = named("events")


class Lab:
    """The home lab with its stories, and a hand on the clock."""

    def __init__(self, world: World, clock: TurnedClock) -> None:
        self.world = world
        self.clock = clock

    def pod(self, app: str) -> Object:
        """Return an app's pod."""
        for item in self.world.store.all(PODS, "media"):
            if item.data["metadata"]["labels"].get("app") == app:
                return item.data
        raise AssertionError(f"{app} has no pod")

    def events(self, reason: str, name: str) -> list[Object]:
        """Return the events of a reason about an object."""
        return [
            item.data
            for item in self.world.store.all(EVENTS)
            if item.data["reason"] == reason and item.data["involvedObject"]["name"] == name
        ]

    def lines(self, app: str, container: str = "", *, previous: bool = False) -> list[str]:
        """Return what an app's container has said."""
        run = self.world.logs.run("media", self.pod(app)["metadata"]["name"], container or app, previous=previous)
        return [line.text.decode() for line in run.lines] if run else []


@asynccontextmanager
async def living() -> AsyncIterator[Lab]:
    clock = TurnedClock()
    world = new_world(0, clock)
    find_scenario("homelab").build(world)
    loop = settled_loop(world)
    tasks = [asyncio.ensure_future(story()) for story in (loop.run, *world.stories)]
    try:
        yield Lab(world, clock)
        assert not [task for task in tasks if task.done()]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize(
    ("deaths", "seconds"), [(1, 0), (2, 10), (3, 20), (4, 40), (5, 80), (6, 160), (7, 300), (50, 300)]
)
def test_the_kubelet_waits_twice_as_long_up_to_five_minutes(deaths: int, seconds: float) -> None:
    assert delay(deaths) == seconds


async def test_bazarr_is_started_again_dies_and_waits_longer() -> None:
    async with living() as lab:
        name = lab.pod("bazarr")["metadata"]["name"]
        told = lab.events("BackOff", name)[0]["count"]
        await lab.clock.turn(25.5)  # 55 of 80 seconds were over when the scenario began
        word, ready, restarts, _ = pod_status(lab.pod("bazarr"))
        assert (word, ready, restarts) == ("Running", 0, 5)
        assert lab.events("BackOff", name)[0]["count"] > told
        assert lab.events("Started", name)[0]["count"] == 5
        await lab.clock.turn(3.7)
        assert pod_status(lab.pod("bazarr"))[0] == "Error"
        assert "sqlite3.DatabaseError: database disk image is malformed" in lab.lines("bazarr")
        await lab.clock.turn(2)
        status = lab.pod("bazarr")["status"]["containerStatuses"][0]
        assert status["state"]["waiting"]["message"].startswith("back-off 2m40s restarting")
        assert status["restartCount"] == 5
        assert lab.lines("bazarr", previous=True) != []
        await lab.clock.turn(155)
        assert pod_status(lab.pod("bazarr"))[2] == 5
        await lab.clock.turn(10)
        assert pod_status(lab.pod("bazarr"))[2] == 6


async def test_after_hours_bazarr_is_restarted_every_five_minutes() -> None:
    async with living() as lab:
        await lab.clock.turn(1000)
        before = pod_status(lab.pod("bazarr"))[2]
        await lab.clock.turn(10 * 305)
        assert pod_status(lab.pod("bazarr"))[2] == before + 10


async def test_lines_keep_arriving() -> None:
    async with living() as lab:
        before = {app: len(lab.lines(app)) for app in ("sonarr", "radarr", "prowlarr", "jellyfin")}
        await lab.clock.turn(30)
        for app, count in before.items():
            assert 10 <= len(lab.lines(app)) - count <= 30


async def test_leases_are_renewed_and_old_events_vanish() -> None:
    async with living() as lab:
        await lab.clock.turn(3700)
        for item in lab.world.store.all(named("leases")):
            assert lab.clock.now() - (seconds_of(item.data["spec"]["renewTime"]) or 0) <= 10
        assert not lab.events("Scheduled", "radarr-0")
        assert lab.events("BackOff", lab.pod("bazarr")["metadata"]["name"])
        node = lab.world.store.get(named("nodes", ""), "kube-1").data
        assert lab.clock.now() - (seconds_of(node["status"]["conditions"][0]["lastHeartbeatTime"]) or 0) <= 300


def remove(lab: Lab, pod: Object) -> None:
    """Delete a pod, with the grace that it asks for."""
    lab.world.api.delete(PODS, "media", pod["metadata"]["name"], {})


async def test_a_deleted_pod_of_a_deployment_is_replaced_under_another_name() -> None:
    async with living() as lab:
        old = lab.pod("sonarr")
        run = lab.world.logs.run("media", old["metadata"]["name"], "sonarr")
        await lab.clock.turn(0)
        remove(lab, old)
        await lab.clock.turn(0.5)
        assert lab.events("Killing", old["metadata"]["name"])
        await lab.clock.turn(0.6)
        fresh = lab.pod("sonarr")
        assert run is not None
        assert run.ended
        assert fresh["metadata"]["name"] != old["metadata"]["name"]
        assert fresh["metadata"]["generateName"] == old["metadata"]["generateName"]
        assert pod_status(fresh)[0] == "ContainerCreating"
        await lab.clock.turn(10)
        assert pod_status(lab.pod("sonarr"))[:2] == ("Running", 2)
        assert lab.lines("sonarr")
        assert lab.events("Scheduled", fresh["metadata"]["name"])


async def test_a_deleted_pod_of_a_stateful_set_comes_back_under_its_name() -> None:
    async with living() as lab:
        old = lab.pod("radarr")
        statefulsets, slices = named("statefulsets"), named("endpointslices")
        await lab.clock.turn(0)
        remove(lab, old)
        await lab.clock.turn(3)
        fresh = lab.pod("radarr")
        assert (fresh["metadata"]["name"], fresh["metadata"]["uid"] == old["metadata"]["uid"]) == ("radarr-0", False)
        await lab.clock.turn(10)
        assert lab.world.store.get(statefulsets, "radarr", "media").data["status"]["readyReplicas"] == 1
        ends = [
            end
            for item in lab.world.store.all(slices, "media")
            if item.data["metadata"]["labels"]["kubernetes.io/service-name"].startswith("radarr")
            for end in item.data["endpoints"]
        ]
        assert [end["conditions"]["ready"] for end in ends] == [True, True]
        assert {end["targetRef"]["uid"] for end in ends} == {fresh["metadata"]["uid"]}


async def test_bazarrs_successor_breaks_too() -> None:
    async with living() as lab:
        await lab.clock.turn(0)
        remove(lab, lab.pod("bazarr"))
        await lab.clock.turn(60)
        word, ready, restarts, _ = pod_status(lab.pod("bazarr"))
        assert ready == 0
        assert restarts >= 2
        assert word in ("CrashLoopBackOff", "Error", "Running"), word
        deployment = lab.world.store.get(named("deployments"), "bazarr", "media").data
        assert deployment["status"]["unavailableReplicas"] == 1
