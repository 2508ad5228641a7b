"""Quotas: what they count, what they do not let in, and what a workload says whose pods are not let in."""

from __future__ import annotations

from collections.abc import Mapping

from tests.cluster.hands import Cluster, Object


def limited(cluster: Cluster, **hard: str) -> None:
    """Limit the namespace, and wait until that is in force."""
    spec = {"hard": {name.replace("_", "."): limit for name, limit in hard.items()}}
    cluster.create({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "limit"}, "spec": spec})
    cluster.until(lambda: counted(cluster), "the quota has counted")


def counted(cluster: Cluster) -> Mapping[str, str]:
    """Return what the quota says is used."""
    status: Object = cluster.there("ResourceQuota", "limit").get("status") or {}
    used: Mapping[str, str] = status.get("used") or {}
    return used


def test_claims_are_counted_and_no_more_storage_is_let_in_than_there_may_be(cluster: Cluster) -> None:
    limited(cluster, requests_storage="10Gi", persistentvolumeclaims="3")
    cluster.create(cluster.claim("one", "6Gi"))
    cluster.until(
        lambda: counted(cluster) == {"requests.storage": "6Gi", "persistentvolumeclaims": "1"}, "it is counted"
    )
    said = cluster.create(cluster.claim("two", "5Gi"), code=403)
    assert said["message"] == (
        'persistentvolumeclaims "two" is forbidden: exceeded quota: limit, requested: requests.storage=5Gi, '
        "used: requests.storage=6Gi, limited: requests.storage=10Gi"
    )
    cluster.create(cluster.claim("two", "4Gi"))
    cluster.until(lambda: counted(cluster)["requests.storage"] == "10Gi", "the limit is reached")
    cluster.delete("PersistentVolumeClaim", "one")
    cluster.until(lambda: counted(cluster)["requests.storage"] == "4Gi", "what is gone is not counted")


def test_a_deployment_says_whose_pods_are_not_let_in(cluster: Cluster) -> None:
    limited(cluster, pods="1")
    body = cluster.deployment("web")
    body["spec"]["replicas"] = 2
    cluster.create(body)
    cluster.until(lambda: len(cluster.pods("web")) == 1, "one pod is let in")

    def told() -> str:
        rows = cluster.there("Deployment", "web")["status"].get("conditions") or []
        return next((row["message"] for row in rows if row["type"] == "ReplicaFailure"), "")

    cluster.until(
        lambda: "exceeded quota: limit, requested: pods=1, used: pods=1, limited: pods=1" in told(), "it says why"
    )
    sets = [one["metadata"]["name"] for one in cluster.all("ReplicaSet")]
    assert cluster.told(sets[0], "FailedCreate", "exceeded quota: limit")


def test_a_pod_has_to_say_what_it_takes_of_what_is_limited(cluster: Cluster) -> None:
    limited(cluster, requests_cpu="1", limits_memory="1Gi")
    spec: Object = {"containers": [{"name": "a", "image": "x:1"}]}
    pod: Object = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}
    said = cluster.create(pod, code=403)
    assert (
        said["message"]
        == 'pods "p" is forbidden: failed quota: limit: must specify limits.memory for: a; requests.cpu for: a'
    )
    spec["containers"][0]["resources"] = {"requests": {"cpu": "600m"}, "limits": {"memory": "256Mi"}}
    cluster.create(pod)
    cluster.until(lambda: counted(cluster) == {"requests.cpu": "600m", "limits.memory": "256Mi"}, "it is counted")
    said = cluster.create({**pod, "metadata": {"name": "q"}}, code=403)
    assert said["message"] == (
        'pods "q" is forbidden: exceeded quota: limit, requested: requests.cpu=600m, used: requests.cpu=600m, '
        "limited: requests.cpu=1"
    )
