"""S2: what happens to a volume between the moment that it is free and the moment that it is taken."""

from __future__ import annotations

from tests.cluster.hands import JSON, Cluster
from tests.cluster.test_s1_migration import FREE


def freed(cluster: Cluster, **sizes: str) -> list[str]:
    """Return volumes whose claims are gone and whose references were removed."""
    volumes = [cluster.provisioned(f"old-{name}", name, size, policy="Retain") for name, size in sizes.items()]
    for name in sizes:
        cluster.delete("PersistentVolumeClaim", f"old-{name}")
    for volume in volumes:
        is_in(cluster, volume, "Released")
        cluster.patch("PersistentVolume", volume, FREE, JSON)
        is_in(cluster, volume, "Available")
    return volumes


def is_in(cluster: Cluster, volume: str, phase: str) -> None:
    """Wait until a volume is in a phase."""
    cluster.until(lambda: cluster.phase("PersistentVolume", volume) == phase, f"{volume} is {phase}")


def test_a_claim_that_waits_takes_a_freed_volume_at_the_next_resync(cluster: Cluster) -> None:
    volume = cluster.provisioned("old", "v", policy="Retain")
    cluster.create(cluster.claim("stranger", "5Gi"))
    cluster.until(lambda: cluster.told("stranger", "ExternalProvisioning"), "it waits")
    cluster.delete("PersistentVolumeClaim", "old")
    is_in(cluster, volume, "Released")
    cluster.patch("PersistentVolume", volume, FREE, JSON)
    cluster.until(lambda: cluster.is_bound("stranger", volume), "the stranger has it, though it asked for half")


def test_a_claim_that_comes_later_takes_a_free_volume_at_once(cluster: Cluster) -> None:
    (volume,) = freed(cluster, v="10Gi")
    cluster.create(cluster.claim("stranger", "5Gi"))
    cluster.until(lambda: cluster.is_bound("stranger", volume), "taken")
    cluster.create(cluster.stateful_set("sonarr"))
    cluster.until(lambda: cluster.told("config-sonarr-0", "ExternalProvisioning"), "the app's own claim waits")
    claim = cluster.there("PersistentVolumeClaim", "config-sonarr-0")
    empty = cluster.create(cluster.volume("new", claim=claim))["metadata"]["name"]
    cluster.until(lambda: cluster.ready("StatefulSet", "sonarr"), "it runs, on a new volume, without any error")
    assert cluster.is_bound("config-sonarr-0", empty)
    assert not [one for one in cluster.events("config-sonarr-0") if one.kind == "Warning"]


def test_two_free_volumes_of_one_size_go_to_either_claim(cluster: Cluster) -> None:
    volumes = set(freed(cluster, a="10Gi", b="10Gi"))
    for name in ("config-radarr-0", "config-bazarr-0"):
        cluster.create(cluster.claim(name))
    taken = ("config-radarr-0", "config-bazarr-0")
    cluster.until(
        lambda: all(cluster.phase("PersistentVolumeClaim", name) == "Bound" for name in taken), "both are bound"
    )
    got = [cluster.there("PersistentVolumeClaim", name)["spec"]["volumeName"] for name in taken]
    assert set(got) == volumes, "which of them is whose is chance"


def test_the_smallest_volume_that_fits_is_taken(cluster: Cluster) -> None:
    large, small = freed(cluster, large="20Gi", small="10Gi")
    cluster.create(cluster.claim("config-sonarr-0", "8Gi"))
    cluster.until(lambda: cluster.is_bound("config-sonarr-0", small), "the small one")
    assert cluster.phase("PersistentVolume", large) == "Available"


def test_a_reference_removed_under_a_living_claim_comes_back_at_the_resync(cluster: Cluster) -> None:
    volume = cluster.provisioned("sonarr-config", "v")
    cluster.patch("PersistentVolume", volume, FREE, JSON)
    cluster.until(lambda: cluster.is_bound("sonarr-config", volume), "bound again")


def test_two_claims_on_one_volume_end_with_the_first_one_lost(cluster: Cluster) -> None:
    volume = cluster.provisioned("sonarr-config", "v")
    reference = cluster.create(cluster.claim("other"))["metadata"]
    named = {"kind": "PersistentVolumeClaim", "namespace": cluster.namespace, "name": "other", "uid": reference["uid"]}
    replaced = [{"op": "replace", "path": "/spec/claimRef", "value": {"apiVersion": "v1", **named}}]
    cluster.patch("PersistentVolume", volume, replaced, JSON)
    cluster.until(lambda: cluster.phase("PersistentVolumeClaim", "sonarr-config") == "Lost", "the first is lost")
    cluster.until(
        lambda: cluster.told(
            "sonarr-config", "ClaimMisbound", "Two claims are bound to the same volume", kind="Warning"
        ),
        "and is told why",
    )


def test_removing_a_reference_that_is_not_there_is_refused_without_a_reason(cluster: Cluster) -> None:
    volume = cluster.create(cluster.volume("v"))["metadata"]["name"]
    refused = cluster.patch("PersistentVolume", volume, FREE, JSON, code=422)
    assert refused["message"] == "the server rejected our request due to an error in our request"
