"""S3: claims and volumes that are deleted while they are used, and what the reclaim policy makes of it."""

from __future__ import annotations

from tests.cluster.hands import JSON, Cluster


def used(cluster: Cluster, policy: str = "Retain") -> str:
    """Return the volume of an app that runs."""
    volume = cluster.provisioned("sonarr-config", "v", policy=policy)
    cluster.create(cluster.deployment("sonarr", claim="sonarr-config"))
    cluster.until(lambda: cluster.ready("Deployment", "sonarr"), "ready")
    return volume


def test_a_claim_in_use_is_marked_and_stays_bound(cluster: Cluster) -> None:
    volume = used(cluster)
    answer = cluster.delete("PersistentVolumeClaim", "sonarr-config")
    assert answer["kind"] == "PersistentVolumeClaim"
    assert "deletionTimestamp" in answer["metadata"]
    claim = cluster.there("PersistentVolumeClaim", "sonarr-config")
    assert (claim["status"]["phase"], cluster.phase("PersistentVolume", volume)) == ("Bound", "Bound")
    cluster.delete("PersistentVolumeClaim", "sonarr-config")
    cluster.patch("PersistentVolumeClaim", "sonarr-config", {"metadata": {"deletionTimestamp": None}})
    still = cluster.there("PersistentVolumeClaim", "sonarr-config")
    assert still["metadata"]["deletionTimestamp"] == claim["metadata"]["deletionTimestamp"], "there is no way back"
    assert len(cluster.pods("sonarr")) == 1, "its pod runs on"


def test_the_next_pod_cannot_have_a_claim_that_is_being_deleted(cluster: Cluster) -> None:
    volume = used(cluster)
    (old,) = cluster.pods("sonarr")
    cluster.delete("PersistentVolumeClaim", "sonarr-config")
    cluster.delete("Pod", old["metadata"]["name"])
    words = 'persistentvolumeclaim "sonarr-config" (is being deleted|not found)'
    cluster.until(lambda: [one for one in cluster.events() if one.reason == "FailedScheduling"], "the next pod waits")
    cluster.until(lambda: cluster.get("PersistentVolumeClaim", "sonarr-config") is None, "the claim is gone")
    cluster.until(lambda: cluster.phase("PersistentVolume", volume) == "Released", "released")

    def waits() -> bool:
        pods = [pod for pod in cluster.pods("sonarr") if pod["metadata"]["uid"] != old["metadata"]["uid"]]
        return any(cluster.told(pod["metadata"]["name"], "FailedScheduling", words) for pod in pods)

    cluster.until(waits, "its successor says why")


def test_a_claim_goes_with_the_pod_that_was_ending(cluster: Cluster) -> None:
    volume = used(cluster)
    cluster.scale("Deployment", "sonarr", 0)
    cluster.delete("PersistentVolumeClaim", "sonarr-config")
    cluster.until(lambda: not cluster.pods("sonarr"), "the pod is gone")
    cluster.until(lambda: cluster.get("PersistentVolumeClaim", "sonarr-config") is None, "the claim too")
    cluster.until(lambda: cluster.phase("PersistentVolume", volume) == "Released", "released")
    assert cluster.there("PersistentVolume", volume)["spec"]["persistentVolumeReclaimPolicy"] == "Retain"


def test_a_released_volume_can_still_be_retained(cluster: Cluster) -> None:
    volume = cluster.provisioned("sonarr-config", "v", policy="Delete")
    cluster.delete("PersistentVolumeClaim", "sonarr-config")
    cluster.until(lambda: cluster.phase("PersistentVolume", volume) == "Released", "released")
    kept = cluster.patch("PersistentVolume", volume, {"spec": {"persistentVolumeReclaimPolicy": "Retain"}})
    assert kept["spec"]["persistentVolumeReclaimPolicy"] == "Retain"


def test_a_bound_volume_is_not_deleted_before_its_claim(cluster: Cluster) -> None:
    volume = cluster.provisioned("sonarr-config", "v")
    cluster.delete("PersistentVolume", volume)
    marked = cluster.there("PersistentVolume", volume)
    assert "deletionTimestamp" in marked["metadata"]
    assert marked["status"]["phase"] == "Bound"
    cluster.delete("PersistentVolumeClaim", "sonarr-config")
    cluster.until(lambda: cluster.get("PersistentVolume", volume) is None, "it goes after its claim")


def test_a_volume_whose_protection_is_stripped_leaves_its_claim_lost(cluster: Cluster) -> None:
    volume = cluster.provisioned("sonarr-config", "v")
    cluster.delete("PersistentVolume", volume)
    cluster.patch("PersistentVolume", volume, [{"op": "remove", "path": "/metadata/finalizers"}], JSON)
    cluster.until(lambda: cluster.phase("PersistentVolumeClaim", "sonarr-config") == "Lost", "lost")
    words = "Bound claim has lost its PersistentVolume. Data on the volume is lost!"
    cluster.until(lambda: cluster.told("sonarr-config", "ClaimLost", words, kind="Warning"), "told")
