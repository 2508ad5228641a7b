"""Real volumes under the stand-ins: what is written stays, what fails is told, a damaged database is not started."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.conftest import Object, Place
from tests.lab import database
from tests.lab.longhorn import NAMESPACE
from tests.lab.node import Node
from tests.lab.scenarios import claim, deployment, media
from tests.lab.storage import Storage
from tests.support.waiting import eventually


@pytest.fixture
def apps(node: Node, storage: Storage, node_namespace: Place) -> Iterator[Place]:
    """A fresh namespace on a node with storage."""
    yield node_namespace
    storage.mend()


def app(place: Place, name: str) -> Object:
    return next((one for one in place.status()["apps"] if one["app"] == name), {"level": "", "summary": ""})


def start(place: Place, name: str) -> None:
    place.post("api/v1/persistentvolumeclaims", claim(f"{name}-config"))
    place.post("apis/apps/v1/deployments", deployment(name))


def running(place: Place, name: str) -> None:
    eventually(lambda: app(place, name)["level"] == "ok", f"{name} is fine", 90)


def volume_of(place: Place, storage: Storage, name: str) -> Path:
    path = f"/api/v1/namespaces/{place.namespace}/persistentvolumeclaims/{name}"
    volume = place.client.get(path).json()["spec"]["volumeName"]
    handle: str = place.client.get(f"/api/v1/persistentvolumes/{volume}").json()["spec"]["csi"]["volumeHandle"]
    return storage.volume(handle)


def test_the_five_apps_run_on_volumes_of_their_own(apps: Place, storage: Storage) -> None:
    media(apps.client, apps.namespace)
    names = ("jellyfin", "sonarr", "radarr", "prowlarr", "bazarr")

    def all_well() -> bool:
        found = {one["app"]: one for one in apps.status()["apps"]}
        return [found.get(name, {}).get("level") for name in names] == ["ok"] * 5

    eventually(all_well, "all five are fine", 120)
    for name in names:
        claim = "config-jellyfin-0" if name == "jellyfin" else f"{name}-config"
        volume = volume_of(apps, storage, claim)
        (writer,) = eventually(partial(database.writers, volume, name), f"{name} writes")
        assert database.starts(volume) == [writer.name]
    said = {one["app"]: one for one in apps.status()["apps"]}
    assert [one["phase"] for one in said["sonarr"]["claims"]] == ["Bound"]
    assert [one["name"] for one in said["jellyfin"]["claims"]] == ["config-jellyfin-0"]

    def longhorn() -> list[Object]:
        path = f"/apis/longhorn.io/v1beta2/namespaces/{NAMESPACE}/volumes"
        items: list[Object] = apps.client.get(path).json()["items"]
        return [one["status"] for one in items if one["status"]["kubernetesStatus"]["namespace"] == apps.namespace]

    eventually(lambda: [one["robustness"] for one in longhorn()] == ["healthy"] * 5, "Longhorn says so too", 20)


def test_what_was_written_is_there_after_the_pod_was_replaced(apps: Place, storage: Storage) -> None:
    start(apps, "sonarr")
    running(apps, "sonarr")
    volume = volume_of(apps, storage, "sonarr-config")
    (first,) = eventually(lambda: database.writers(volume, "sonarr"), "it writes")
    pods = f"/api/v1/namespaces/{apps.namespace}/pods"
    apps.client.delete(f"{pods}/{first.name.partition('/')[0]}")
    eventually(lambda: len(database.writers(volume, "sonarr")) == 2, "its successor writes", 60)
    before, after = database.writers(volume, "sonarr")
    assert before.last < after.first, "never both at once"
    numbers = database.numbers(volume, "sonarr")
    assert numbers == list(range(1, len(numbers) + 1)), "no write was lost"


def test_a_damaged_database_is_not_started_and_told(apps: Place, storage: Storage) -> None:
    start(apps, "radarr")
    running(apps, "radarr")
    volume = volume_of(apps, storage, "radarr-config")
    apps.patch("apis/apps/v1/deployments", "radarr", {"spec": {"replicas": 0}})
    pods = f"/api/v1/namespaces/{apps.namespace}/pods"
    eventually(lambda: not apps.client.get(pods).json()["items"], "it is gone", 60)
    database.damage(volume, "radarr")
    apps.patch("apis/apps/v1/deployments", "radarr", {"spec": {"replicas": 1}})
    eventually(lambda: re.search("exit 1, [1-9]", app(apps, "radarr")["summary"]), "it does not start", 90)
    said = apps.run("logs", "radarr")
    assert re.search(r"\[Fatal\] radarr: database /config/radarr.db: .*(malformed|not a database)", said.stdout)


@pytest.mark.parametrize(
    ("call", "summary"),
    [
        ("create", "claim sonarr-config is Pending: ProvisioningFailed: .*csidir: on request"),
        ("attach", "FailedAttachVolume: .*csidir: on request"),
        ("mount", "FailedMount: .*csidir: on request"),
    ],
)
def test_storage_that_fails_is_told_in_its_own_words_and_recovers(
    apps: Place, storage: Storage, call: str, summary: str
) -> None:
    storage.fail(call)
    start(apps, "sonarr")
    seen: set[str] = set()

    def told() -> bool:
        seen.add(app(apps, "sonarr")["summary"])
        return any(re.search(summary, one) for one in seen)

    try:
        eventually(told, deadline=90)
    except AssertionError:
        pytest.fail(f"expected {summary}; seen: {sorted(seen)}")
    storage.mend()
    eventually(lambda: app(apps, "sonarr")["level"] == "ok", "it runs once storage is well", 180)
