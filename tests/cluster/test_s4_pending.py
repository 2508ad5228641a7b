"""S4: claims that cannot be bound, and how little the cluster says about it."""

from __future__ import annotations

import pytest

from tests.cluster.hands import Cluster, Object

UNBOUND = "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found"


def condition(cluster: Cluster, name: str) -> Object:
    """Return the condition PodScheduled of a pod, empty while there is none."""
    pod = cluster.get("Pod", name)
    rows = (pod or {}).get("status", {}).get("conditions") or []
    return next((row for row in rows if row["type"] == "PodScheduled"), {})


@pytest.mark.parametrize(
    ("storage_class", "kind", "reason", "message"),
    [
        ("does-not-exist", "Warning", "ProvisioningFailed", 'storageclass.storage.k8s.io "does-not-exist" not found'),
        ("", "Normal", "FailedBinding", "no persistent volumes available for this claim and no storage class is set"),
    ],
)
def test_a_class_that_cannot_serve_is_told_on_the_claim_and_on_the_pod(
    cluster: Cluster, storage_class: str, kind: str, reason: str, message: str
) -> None:
    template = {**cluster.claim("config")["spec"], "storageClassName": storage_class}
    cluster.create(cluster.stateful_set("a", template=template))
    cluster.until(lambda: cluster.told("config-a-0", reason, message, kind=kind), "told on the claim")
    cluster.until(lambda: condition(cluster, "a-0").get("message") == UNBOUND, "told on the pod")
    assert cluster.phase("PersistentVolumeClaim", "config-a-0") == "Pending"


def test_a_provisioner_that_does_not_answer_is_told_in_a_normal_event(cluster: Cluster) -> None:
    cluster.create(cluster.stateful_set("a"))
    cluster.until(lambda: cluster.told("config-a-0", "ExternalProvisioning", kind="Normal"), "asked")
    cluster.until(lambda: condition(cluster, "a-0").get("message") == UNBOUND, "the pod waits")
    assert not [one for one in cluster.events("config-a-0") if one.kind == "Warning"], "which a filter would hide"


def late_class(cluster: Cluster, provisioner: str) -> str:
    name = cluster.unique("late")
    cluster.create(
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": name},
            "provisioner": provisioner,
            "volumeBindingMode": "WaitForFirstConsumer",
        }
    )
    return name


def test_a_class_that_waits_for_a_pod_says_so_and_leaves_the_pod_without_a_word(cluster: Cluster) -> None:
    late = late_class(cluster, "example.com/absent")
    cluster.create(cluster.claim("alone", storageClassName=late))
    cluster.until(
        lambda: cluster.told(
            "alone", "WaitForFirstConsumer", "waiting for first consumer to be created before binding"
        ),
        "it waits for a pod",
    )
    template = {**cluster.claim("config")["spec"], "storageClassName": late}
    cluster.create(cluster.stateful_set("a", template=template))
    chosen = "volume.kubernetes.io/selected-node"

    def annotations() -> Object:
        found = cluster.get("PersistentVolumeClaim", "config-a-0")
        return (found or {"metadata": {}})["metadata"].get("annotations") or {}

    cluster.until(lambda: chosen in annotations(), "a node is chosen")
    cluster.until(lambda: cluster.told("config-a-0", "ExternalProvisioning", "example.com/absent"), "asked")
    assert condition(cluster, "a-0") == {}
    assert cluster.events("a-0") == []


def test_a_class_without_a_provisioner_needs_a_volume_that_is_there(cluster: Cluster) -> None:
    late = late_class(cluster, "kubernetes.io/no-provisioner")
    template = {**cluster.claim("config")["spec"], "storageClassName": late}
    cluster.create(cluster.stateful_set("a", template=template))
    words = "1 node(s) didn't find available persistent volumes to bind"
    cluster.until(lambda: words in condition(cluster, "a-0").get("message", ""), "the scheduler says so")
    cluster.until(
        lambda: cluster.told("config-a-0", "WaitForPodScheduled", "waiting for pod a-0 to be scheduled"), "told"
    )
