"""S6 to S8: what else workloads do that a screen has to tell apart."""

from __future__ import annotations

from typing import Any

from tests.cluster.backends import GPU
from tests.cluster.hands import Cluster, Object

BEHAVIOUR = "demo.mediatui.dev/behaviour"


def condition(body: Object, kind: str) -> Object:
    """Return a condition of an object, empty where it has none."""
    return next((row for row in body["status"].get("conditions") or [] if row["type"] == kind), {})


def test_claim_templates_cannot_be_changed(cluster: Cluster) -> None:
    cluster.create(cluster.stateful_set("a"))
    patch = {"spec": {"serviceName": "other"}}
    refused = cluster.patch("StatefulSet", "a", patch, code=422)
    assert refused["message"] == (
        'StatefulSet.apps "a" is invalid: spec: Forbidden: updates to statefulset spec for fields other than '
        "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', "
        "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
    )


def running(cluster: Cluster, name: str = "a", **more: Any) -> str:
    """Start a StatefulSet on a volume, wait until it is ready, and return its volume."""
    claim = cluster.create(cluster.claim(f"config-{name}-0"))
    volume = cluster.create(cluster.volume(f"v-{name}", claim=claim))["metadata"]["name"]
    cluster.create(cluster.stateful_set(name, **more))
    cluster.until(lambda: cluster.ready("StatefulSet", name), "ready")
    return str(volume)


def test_a_set_that_was_orphaned_is_made_anew_and_adopts_its_pod(cluster: Cluster) -> None:
    running(cluster)
    before = cluster.there("Pod", "a-0")
    cluster.delete("StatefulSet", "a", propagationPolicy="Orphan")
    cluster.until(lambda: cluster.get("StatefulSet", "a") is None, "the set is gone")
    orphan = cluster.there("Pod", "a-0")
    assert (orphan["metadata"]["uid"], orphan["metadata"].get("ownerReferences")) == (before["metadata"]["uid"], None)
    made = cluster.create(cluster.stateful_set("a"))

    def adopted() -> bool:
        owners = cluster.there("Pod", "a-0")["metadata"].get("ownerReferences") or []
        return [owner["uid"] for owner in owners] == [made["metadata"]["uid"]]

    cluster.until(adopted, "the new set has its pod")
    cluster.until(lambda: cluster.ready("StatefulSet", "a"), "ready")
    assert cluster.there("Pod", "a-0")["metadata"]["uid"] == before["metadata"]["uid"]


def test_scaling_to_zero_deletes_the_claim_where_the_policy_says_so(cluster: Cluster) -> None:
    policy = {"whenScaled": "Delete", "whenDeleted": "Retain"}
    volume = running(cluster, persistentVolumeClaimRetentionPolicy=policy)
    cluster.scale("StatefulSet", "a", 0)
    cluster.until(lambda: cluster.get("PersistentVolumeClaim", "config-a-0") is None, "the claim is gone")
    cluster.until(lambda: cluster.phase("PersistentVolume", volume) == "Released", "its volume is released")


def test_scaling_to_zero_keeps_the_claim_otherwise(cluster: Cluster) -> None:
    volume = running(cluster)
    cluster.scale("StatefulSet", "a", 0)
    cluster.until(lambda: not cluster.pods("a"), "its pods have gone")
    assert cluster.is_bound("config-a-0", volume)


def test_the_second_pod_waits_for_the_only_gpu(cluster: Cluster) -> None:
    resources = {"limits": {GPU: "1"}}
    cluster.create(cluster.deployment("jellyfin", strategy="RollingUpdate", resources=resources))
    cluster.until(lambda: cluster.ready("Deployment", "jellyfin"), "ready")
    image = {"name": "jellyfin", "image": "ghcr.io/lab/jellyfin:2", "resources": resources}
    cluster.patch("Deployment", "jellyfin", {"spec": {"template": {"spec": {"containers": [image]}}}})

    def waits() -> bool:
        rows = [condition(pod, "PodScheduled") for pod in cluster.pods("jellyfin")]
        return any(row.get("status") == "False" and f"1 Insufficient {GPU}" in row["message"] for row in rows)

    cluster.until(waits, "the new pod waits")
    (row,) = [row for pod in cluster.pods("jellyfin") if (row := condition(pod, "PodScheduled"))["status"] == "False"]
    assert row["message"] == (
        f"0/1 nodes are available: 1 Insufficient {GPU}. no new claims to deallocate, "
        "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."
    )
    assert cluster.ready("Deployment", "jellyfin"), "the old one runs on"
    cluster.scale("Deployment", "jellyfin", 0)
    cluster.until(lambda: not cluster.pods("jellyfin"), "the device is free again")


def test_progress_that_does_not_come_is_told_after_its_deadline(cluster: Cluster) -> None:
    body = cluster.deployment("slow")
    body["spec"]["progressDeadlineSeconds"] = 2
    body["spec"]["template"]["metadata"]["annotations"] = {BEHAVIOUR: "unready"}
    cluster.create(body)
    cluster.until(
        lambda: (
            condition(cluster.there("Deployment", "slow"), "Progressing").get("reason") == "ProgressDeadlineExceeded"
        ),
        "it is late",
    )
    row = condition(cluster.there("Deployment", "slow"), "Progressing")
    assert row["status"] == "False"
    assert row["message"].endswith("has timed out progressing.")


def test_recreate_ends_the_old_pod_before_it_starts_the_new_one(cluster: Cluster) -> None:
    cluster.create(cluster.deployment("sonarr"))
    cluster.until(lambda: cluster.ready("Deployment", "sonarr"), "ready")
    (old,) = cluster.pods("sonarr")
    image = {"name": "sonarr", "image": "ghcr.io/lab/sonarr:2"}
    cluster.patch("Deployment", "sonarr", {"spec": {"template": {"spec": {"containers": [image]}}}})
    most = 0

    def replaced() -> bool:
        nonlocal most
        pods = cluster.pods("sonarr")
        most = max(most, len(pods))
        return [pod["metadata"]["uid"] == old["metadata"]["uid"] for pod in pods] == [False] and cluster.ready(
            "Deployment", "sonarr"
        )

    cluster.until(replaced, "the new pod is ready")
    assert most == 1


def test_a_hostpath_in_a_guarded_namespace_makes_no_pod_and_no_noise_on_one(cluster: Cluster) -> None:
    guard = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "baseline"}}}
    cluster.patch("Namespace", cluster.namespace, guard)
    body = cluster.deployment("jf")
    body["spec"]["template"]["spec"]["volumes"] = [{"name": "dri", "hostPath": {"path": "/dev/dri"}}]
    answer = cluster.client.post(cluster.path("Deployment"), json=body)
    assert answer.status_code == 201
    assert answer.headers["Warning"] == (
        '299 - "would violate PodSecurity \\"baseline:latest\\": hostPath volumes (volume \\"dri\\")"'
    )
    words = 'is forbidden: violates PodSecurity "baseline:latest": hostPath volumes (volume "dri")'

    def told() -> bool:
        return any(one.reason == "FailedCreate" and words in one.message for one in cluster.events())

    cluster.until(told, "the ReplicaSet says why")
    cluster.until(
        lambda: condition(cluster.there("Deployment", "jf"), "ReplicaFailure").get("status") == "True",
        "the Deployment says so",
    )
    assert cluster.pods("jf") == []


def test_a_set_whose_pod_never_gets_ready_is_stuck_with_it(cluster: Cluster) -> None:
    body = cluster.stateful_set("a")
    body["spec"]["volumeClaimTemplates"] = []
    body["spec"]["template"]["spec"]["containers"][0].pop("volumeMounts")
    body["spec"]["template"]["metadata"]["annotations"] = {BEHAVIOUR: "unready"}
    cluster.create(body)
    cluster.until(lambda: cluster.phase("Pod", "a-0") == "Running", "it runs, unready")
    stuck = cluster.there("Pod", "a-0")["metadata"]
    mended = {"spec": {"template": {"metadata": {"annotations": {BEHAVIOUR: "run"}}}}}
    cluster.patch("StatefulSet", "a", mended)

    def seen() -> bool:
        status = cluster.there("StatefulSet", "a")["status"]
        return bool(status["updateRevision"] != stuck["labels"]["controller-revision-hash"])

    cluster.until(seen, "there is a new revision")
    assert cluster.there("Pod", "a-0")["metadata"]["uid"] == stuck["uid"], "and the old pod stays"
    cluster.delete("Pod", "a-0")
    cluster.until(lambda: cluster.ready("StatefulSet", "a"), "by hand it is mended")


def test_a_deployments_end_leaves_a_sets_pod_of_the_same_labels(cluster: Cluster) -> None:
    running(cluster, "sonarr")
    cluster.create(cluster.deployment("sonarr"))
    cluster.until(lambda: cluster.ready("Deployment", "sonarr"), "both run")
    cluster.delete("Deployment", "sonarr", propagationPolicy="Background")
    cluster.until(lambda: [pod["metadata"]["name"] for pod in cluster.pods("sonarr")] == ["sonarr-0"], "one is left")
    assert cluster.ready("StatefulSet", "sonarr")


def test_ordinals_can_begin_higher(cluster: Cluster) -> None:
    claim = cluster.create(cluster.claim("config-a-3"))
    cluster.create(cluster.volume("v", claim=claim))
    cluster.create(cluster.stateful_set("a", ordinals={"start": 3}))
    cluster.until(lambda: cluster.ready("StatefulSet", "a"), "ready")
    assert [pod["metadata"]["name"] for pod in cluster.pods("a")] == ["a-3"]


def test_what_a_deployment_owns_goes_with_it(cluster: Cluster) -> None:
    cluster.create(cluster.deployment("sonarr"))
    cluster.until(lambda: cluster.ready("Deployment", "sonarr"), "ready")
    answer = cluster.delete("Deployment", "sonarr", propagationPolicy="Foreground")
    assert "foregroundDeletion" in answer["metadata"]["finalizers"]
    cluster.until(lambda: cluster.get("Deployment", "sonarr") is None, "gone")
    assert cluster.all("ReplicaSet") == []
    cluster.until(lambda: cluster.pods() == [], "its pods too")


def test_a_namespace_is_emptied_before_it_goes(cluster: Cluster) -> None:
    cluster.create(cluster.deployment("sonarr"))
    cluster.until(lambda: cluster.ready("Deployment", "sonarr"), "ready")
    cluster.delete("Namespace", cluster.namespace)
    assert cluster.phase("Namespace", cluster.namespace) in ("Terminating", "")
    cluster.until(lambda: cluster.get("Namespace", cluster.namespace) is None, "gone", 60)
    assert cluster.client.get(cluster.path("Pod")).json()["items"] == []
