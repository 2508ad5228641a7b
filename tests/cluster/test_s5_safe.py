"""S5: the ways to keep a volume that are safe, and their limits."""

from __future__ import annotations

from tests.cluster.hands import JSON, Cluster, Object


def released(cluster: Cluster, size: str = "10Gi") -> Object:
    """Return a volume whose claim is gone."""
    volume = cluster.provisioned("sonarr-config", "v", size, policy="Retain")
    cluster.delete("PersistentVolumeClaim", "sonarr-config")
    cluster.until(lambda: cluster.phase("PersistentVolume", volume) == "Released", "released")
    return cluster.there("PersistentVolume", volume)


def reserve(cluster: Cluster, volume: Object, name: str, *, uid: str = "", code: int = 200) -> Object:
    """Reserve a volume for a claim by its name, if it is still as it was."""
    wanted = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": cluster.namespace, "name": name}
    operations = [
        {"op": "test", "path": "/spec/claimRef/uid", "value": uid or volume["spec"]["claimRef"]["uid"]},
        {"op": "replace", "path": "/spec/claimRef", "value": wanted},
    ]
    return cluster.patch("PersistentVolume", volume["metadata"]["name"], operations, JSON, code=code)


def test_a_reserved_volume_waits_for_its_claim_whoever_else_does(cluster: Cluster) -> None:
    volume = released(cluster)
    name = volume["metadata"]["name"]
    cluster.create(cluster.claim("stranger", "5Gi"))
    cluster.until(lambda: cluster.told("stranger", "ExternalProvisioning"), "a stranger waits")
    reserve(cluster, volume, "config-sonarr-0")
    cluster.until(lambda: cluster.phase("PersistentVolume", name) == "Available", "available, and reserved")
    cluster.create(cluster.stateful_set("sonarr"))
    cluster.until(lambda: cluster.ready("StatefulSet", "sonarr"), "ready")
    assert cluster.is_bound("config-sonarr-0", name)
    assert cluster.phase("PersistentVolumeClaim", "stranger") == "Pending"
    marks = cluster.there("PersistentVolume", name)["metadata"].get("annotations") or {}
    assert "pv.kubernetes.io/bound-by-controller" not in marks


def test_a_reservation_with_another_uid_changes_nothing(cluster: Cluster) -> None:
    volume = released(cluster)
    refused = reserve(cluster, volume, "config-sonarr-0", uid="another", code=422)
    assert refused["message"] == "the server rejected our request due to an error in our request"
    assert cluster.there("PersistentVolume", volume["metadata"]["name"])["spec"] == volume["spec"]


def test_a_claim_made_beforehand_is_taken_up_by_its_name(cluster: Cluster) -> None:
    volume = released(cluster)
    reserve(cluster, volume, "config-sonarr-0")
    cluster.create(cluster.claim("config-sonarr-0", volume=volume["metadata"]["name"]))
    cluster.until(lambda: cluster.is_bound("config-sonarr-0", volume["metadata"]["name"]), "bound")
    uid = cluster.there("PersistentVolumeClaim", "config-sonarr-0")["metadata"]["uid"]
    cluster.create(cluster.stateful_set("sonarr"))
    cluster.until(lambda: cluster.ready("StatefulSet", "sonarr"), "ready")
    assert cluster.there("PersistentVolumeClaim", "config-sonarr-0")["metadata"]["uid"] == uid


def test_with_a_name_and_a_reservation_nothing_is_checked(cluster: Cluster) -> None:
    volume = released(cluster)
    reserve(cluster, volume, "big")
    cluster.create(cluster.claim("big", "20Gi", volume=volume["metadata"]["name"]))
    cluster.until(
        lambda: cluster.is_bound("big", volume["metadata"]["name"]), "bound, though it asks for twice as much"
    )
    cluster.until(
        lambda: cluster.told("big", "ExternalExpanding", "waiting for an external controller to expand this PVC"),
        "a driver is asked to resize",
    )


def test_a_name_without_a_reservation_is_checked(cluster: Cluster) -> None:
    volume = cluster.create(cluster.volume("v"))["metadata"]["name"]
    cluster.until(lambda: cluster.phase("PersistentVolume", volume) == "Available", "free")
    cluster.create(cluster.claim("big", "20Gi", volume=volume))
    words = f'Cannot bind to requested volume "{volume}": requested PV is too small'
    cluster.until(lambda: cluster.told("big", "VolumeMismatch", words, kind="Warning"), "told")
    assert cluster.phase("PersistentVolumeClaim", "big") == "Pending"


def test_a_reserved_volume_that_is_too_small_is_left_for_a_new_one(cluster: Cluster) -> None:
    volume = released(cluster, "5Gi")
    reserve(cluster, volume, "config-sonarr-0")
    cluster.until(lambda: cluster.phase("PersistentVolume", volume["metadata"]["name"]) == "Available", "reserved")
    cluster.create(cluster.stateful_set("sonarr"))
    cluster.until(lambda: cluster.told("config-sonarr-0", "ExternalProvisioning"), "a new one is asked for")
    assert cluster.phase("PersistentVolumeClaim", "config-sonarr-0") == "Pending"


def test_a_volume_that_belongs_to_another_claim_is_not_taken_by_name(cluster: Cluster) -> None:
    volume = cluster.provisioned("bazarr-config", "v")
    cluster.create(cluster.claim("other", volume=volume))
    words = f'volume "{volume}" already bound to a different claim.'
    cluster.until(lambda: cluster.told("other", "FailedBinding", words, kind="Warning"), "told")


def test_the_way_back_works(cluster: Cluster) -> None:
    volume = released(cluster)
    name = volume["metadata"]["name"]
    reserve(cluster, volume, "config-sonarr-0")
    cluster.create(cluster.stateful_set("sonarr"))
    cluster.until(lambda: cluster.ready("StatefulSet", "sonarr"), "ready")
    cluster.scale("StatefulSet", "sonarr", 0)
    cluster.until(lambda: not cluster.pods("sonarr"), "its pods have gone")
    cluster.delete("PersistentVolumeClaim", "config-sonarr-0")
    cluster.until(lambda: cluster.phase("PersistentVolume", name) == "Released", "released")
    reserve(cluster, cluster.there("PersistentVolume", name), "sonarr-config")
    cluster.create(cluster.claim("sonarr-config", volume=name))
    cluster.until(lambda: cluster.is_bound("sonarr-config", name), "bound")
    cluster.create(cluster.deployment("sonarr", claim="sonarr-config"))
    cluster.until(lambda: cluster.ready("Deployment", "sonarr"), "the Deployment is ready")
