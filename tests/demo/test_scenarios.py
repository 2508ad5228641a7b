"""Every scenario comes up, stays as it is, and shows what it says."""

from __future__ import annotations

import pytest

from mediatui.demo.columns import pod_status
from mediatui.demo.objects import Object, dig
from mediatui.demo.resources import SERVED, named
from mediatui.demo.scenarios import NAMES, find_scenario
from mediatui.demo.server import DemoServer
from mediatui.demo.world import World
from tests.demo.asking import TurnedClock, until

PODS = named("pods", "")
CLAIMS = named("persistentvolumeclaims")
VOLUMES = named("persistentvolumes")


def served(name: str, seed: int = 0) -> DemoServer:
    return DemoServer(name, seed=seed, live=False, clock=TurnedClock())


def everything(world: World) -> list[Object]:
    return [item.data for resource in SERVED if not resource.computed for item in world.store.all(resource)]


def pods(world: World, namespace: str = "media") -> dict[str, str]:
    """Return what ``kubectl get pods`` says of each app."""
    return {
        item.data["metadata"]["labels"]["app"]: pod_status(item.data)[0] for item in world.store.all(PODS, namespace)
    }


@pytest.mark.parametrize("name", [name for name in NAMES if name != "big"])
def test_the_same_seed_makes_the_same_cluster(name: str) -> None:
    assert everything(served(name, 3).world) == everything(served(name, 3).world)
    assert find_scenario(name).summary


@pytest.mark.parametrize("name", ["homelab", "healthy", "deployments", "empty"])
def test_a_cluster_comes_up_at_rest(name: str) -> None:
    server = served(name)
    before = server.store.revision
    server.loop.look_at_everything()
    server.loop.work()
    assert server.store.revision == before, "its controllers find nothing to do"
    assert (server.loop.rest() or 60.0) >= 1.0, "and none of them comes back at once"


def test_nothing_is_on_the_empty_one() -> None:
    assert {item["kind"] for item in everything(served("empty").world)} == {"Namespace", "ServiceAccount", "ConfigMap"}


def test_nothing_is_wrong_with_the_healthy_one() -> None:
    assert set(pods(served("healthy").world).values()) == {"Running"}


def test_every_app_of_deployments_is_a_deployment_on_its_own_claims_under_argo_cd() -> None:
    world = served("deployments").world
    assert world.store.all(named("statefulsets"), "media") == []
    claims = {item.data["metadata"]["name"] for item in world.store.all(CLAIMS, "media")}
    assert {"jellyfin-config", "jellyfin-cache", "radarr-config", "prowlarr-config", "sonarr-config"} <= claims
    (app,) = world.store.all(named("applications", "argoproj.io"))
    assert dig(app.data, "status.sync.status") == "Synced"
    assert dig(app.data, "status.health.status") == "Healthy"
    assert app.data["spec"]["syncPolicy"]["automated"]["selfHeal"] is True


async def test_each_trouble_shows_in_the_clusters_own_words() -> None:
    async with DemoServer("trouble") as server:
        world = server.world
        await until(lambda: pods(world)["radarr"] == "ImagePullBackOff", "radarr's image cannot be pulled")
        await until(lambda: dig(_claim(world, "sonarr-config"), "status.phase") == "Lost", "sonarr's claim is lost")
        said = {(item.data["reason"], item.data["involvedObject"]["name"]) for item in world.store.all(named("events"))}
        assert ("ProvisioningFailed", "downloads") in said
        assert ("FailedScheduling", "jellyfin-0") in said
        assert pods(world)["jellyfin"] == "Pending"
        assert pods(world)["bazarr"] == "CrashLoopBackOff"
        phases = {item.data["spec"].get("claimRef", {}).get("name"): item.data for item in world.store.all(VOLUMES)}
        assert dig(phases["lidarr-config"], "status.phase") == "Released"


def test_ten_thousand_pods_are_many_and_the_media_stack_is_among_them() -> None:
    world = served("big").world
    everywhere = world.store.all(PODS)
    assert len(everywhere) > 10_000
    assert "jellyfin" in pods(world)
    addresses = [dig(item.data, "status.podIP") for item in everywhere if not item.data["spec"].get("hostNetwork")]
    assert all(int(part) < 256 for address in addresses for part in address.split("."))
    assert len(set(addresses)) > 9_000


def _claim(world: World, name: str) -> Object:
    return world.store.get(CLAIMS, name, "media").data
