"""S1: an app moves from a Deployment to a StatefulSet on the same volume, as the old page of shell lines had it."""

from __future__ import annotations

from tests.cluster.hands import JSON, Cluster

FREE = [{"op": "remove", "path": "/spec/claimRef"}]


def test_a_claim_is_bound_in_two_updates_and_both_sides_name_each_other(cluster: Cluster) -> None:
    claim = cluster.create(cluster.claim("sonarr-config"))
    assert claim["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]
    assert claim["status"] == {"phase": "Pending"}
    cluster.until(
        lambda: cluster.told("sonarr-config", "ExternalProvisioning", "driver.longhorn.io", kind="Normal"),
        "a provisioner is asked, in a Normal event",
    )
    asked = cluster.there("PersistentVolumeClaim", "sonarr-config")["metadata"]["annotations"]
    assert asked["volume.kubernetes.io/storage-provisioner"] == "driver.longhorn.io"
    assert asked["volume.beta.kubernetes.io/storage-provisioner"] == "driver.longhorn.io"
    volume = cluster.create(cluster.volume("v", claim=claim))["metadata"]["name"]
    cluster.until(lambda: cluster.is_bound("sonarr-config", volume), "bound")
    bound = cluster.there("PersistentVolumeClaim", "sonarr-config")
    assert bound["metadata"]["annotations"]["pv.kubernetes.io/bind-completed"] == "yes"
    assert bound["metadata"]["annotations"]["pv.kubernetes.io/bound-by-controller"] == "yes"
    assert bound["status"]["capacity"] == {"storage": "10Gi"}
    assert "pv.kubernetes.io/bound-by-controller" not in (
        cluster.there("PersistentVolume", volume)["metadata"].get("annotations") or {}
    ), "the provisioner has written the reference, not the controller"


def test_an_app_moves_to_a_stateful_set_on_the_same_volume(cluster: Cluster) -> None:
    volume = cluster.provisioned("sonarr-config", "v")
    cluster.create(cluster.deployment("sonarr", claim="sonarr-config"))
    cluster.until(lambda: cluster.ready("Deployment", "sonarr"), "the Deployment is ready")
    cluster.patch("PersistentVolume", volume, {"spec": {"persistentVolumeReclaimPolicy": "Retain"}})
    cluster.scale("Deployment", "sonarr", 0)
    cluster.until(lambda: not cluster.pods("sonarr"), "its pods have gone")
    cluster.delete("PersistentVolumeClaim", "sonarr-config")
    cluster.until(lambda: cluster.phase("PersistentVolume", volume) == "Released", "the volume is released")
    released = cluster.there("PersistentVolume", volume)
    assert released["spec"]["claimRef"]["name"] == "sonarr-config", "it still names the claim that has gone"
    cluster.patch("PersistentVolume", volume, FREE, JSON)
    cluster.until(lambda: cluster.phase("PersistentVolume", volume) == "Available", "the volume is free")
    cluster.create(cluster.stateful_set("sonarr"))
    cluster.until(lambda: cluster.ready("StatefulSet", "sonarr"), "the StatefulSet is ready")
    assert cluster.is_bound("config-sonarr-0", volume)
    claim = cluster.there("PersistentVolumeClaim", "config-sonarr-0")
    assert claim["metadata"]["labels"] == {"app": "sonarr"}
    assert "ownerReferences" not in claim["metadata"]
    reasons = [one.reason for one in cluster.events("sonarr-0")]
    assert "Scheduled" in reasons


def test_replicas_are_none_while_the_pod_still_ends(cluster: Cluster) -> None:
    body = cluster.deployment("slow")
    body["spec"]["template"]["metadata"]["annotations"] = {"demo.mediatui.dev/behaviour": "run stop=4"}
    cluster.create(body)
    cluster.until(lambda: cluster.ready("Deployment", "slow"), "ready")
    cluster.scale("Deployment", "slow", 0)
    cluster.until(lambda: "replicas" not in cluster.there("Deployment", "slow")["status"], "it counts none")
    (pod,) = cluster.pods("slow")
    assert "deletionTimestamp" in pod["metadata"], "and yet it is there, and ends"
    assert cluster.there("Deployment", "slow")["status"]["terminatingReplicas"] == 1
    cluster.until(lambda: not cluster.pods("slow"), "it is gone")


def test_the_way_back_of_the_old_page_does_not_work(cluster: Cluster) -> None:
    cluster.create(cluster.deployment("sonarr", claim="sonarr-config"))
    cluster.until(
        lambda: any(
            cluster.told(pod["metadata"]["name"], "FailedScheduling", 'persistentvolumeclaim "sonarr-config" not found')
            for pod in cluster.pods("sonarr")
        ),
        "its pod waits for a claim that is gone",
    )
    (pod,) = cluster.pods("sonarr")
    (condition,) = pod["status"]["conditions"]
    assert (condition["type"], condition["status"], condition["reason"]) == ("PodScheduled", "False", "Unschedulable")
    assert condition["message"] == (
        '0/1 nodes are available: persistentvolumeclaim "sonarr-config" not found. not found'
    )
