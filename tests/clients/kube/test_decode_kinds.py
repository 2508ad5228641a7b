"""Every kind but pods, from the API server's JSON to a row."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

from bench.pods import encoded
from mediatui.clients.kube.decode import Decoder
from mediatui.clients.kube.resources import RESOURCES
from mediatui.clients.kube.sharing import Sharing
from mediatui.model.gitops import Application
from mediatui.model.network import EndpointSlice, Route, Service, ServicePort
from mediatui.model.source import Kind, Ref
from mediatui.model.storage import Claim, LonghornVolume, Volume
from mediatui.model.workload import (
    Autoscaler,
    ClaimTemplate,
    Condition,
    ContainerSpec,
    Event,
    Node,
    PodUsage,
    PodVolume,
    ReplicaSet,
    Workload,
)
from tests.clients.kube.decoding import META, MOMENT, STAMP, read
from tests.clients.kube.doubles import pod


def test_a_deployment() -> None:
    row = read(
        Kind.DEPLOYMENTS,
        {
            "metadata": {
                **META,
                "generation": 4,
                "labels": {"app": "sonarr", "chart": "dropped", "helm.toolkit.fluxcd.io/name": "sonarr"},
                "annotations": {"argocd.argoproj.io/tracking-id": "media:apps/Deployment:media/it", "other": "dropped"},
            },
            "spec": {
                "replicas": 0,
                "paused": True,
                "selector": {"matchLabels": {"app": "sonarr", "tier": "x"}},
                "strategy": {"type": "Recreate"},
                "template": {
                    "metadata": {"labels": {"app": "sonarr", "tier": "x"}},
                    "spec": {"containers": [{"name": "app", "image": "i"}], "volumes": [{"name": "v", "emptyDir": {}}]},
                },
            },
            "status": {
                "observedGeneration": 3,
                "replicas": 2,
                "readyReplicas": 1,
                "updatedReplicas": 1,
                "conditions": [{"type": "Available", "status": "True", "reason": "Minimum"}],
            },
        },
    )
    assert row == Workload(
        kind="Deployment",
        ref=Ref("media", "it"),
        uid="u",
        created=MOMENT,
        desired=0,
        ready=1,
        updated=1,
        replicas=2,
        generation=4,
        observed_generation=3,
        paused=True,
        strategy="Recreate",
        selector=(("app", "sonarr"), ("tier", "x")),
        containers=(ContainerSpec("app", "i"),),
        volumes=(PodVolume("v", "emptyDir"),),
        conditions=(Condition("Available", "True", "Minimum"),),
        labels=(("app", "sonarr"), ("helm.toolkit.fluxcd.io/name", "sonarr")),
        template_labels=(("app", "sonarr"), ("tier", "x")),
        annotations=(("argocd.argoproj.io/tracking-id", "media:apps/Deployment:media/it"),),
    )


def test_replicas_that_are_not_said_are_one() -> None:
    assert read(Kind.DEPLOYMENTS, {"spec": {}}).desired == 1


def test_a_statefulset_has_claim_templates_and_a_service() -> None:
    template = {
        "metadata": {"name": "config"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "longhorn",
            "resources": {"requests": {"storage": "10Gi"}},
        },
    }
    spec = {"serviceName": "sonarr", "updateStrategy": {"type": "OnDelete"}, "volumeClaimTemplates": [template]}
    row = read(Kind.STATEFULSETS, {"spec": spec})
    assert (row.kind, row.service_name, row.strategy) == ("StatefulSet", "sonarr", "OnDelete")
    assert row.claim_templates == (ClaimTemplate("config", "longhorn", 10 * 2.0**30, ("ReadWriteOnce",)),)


def test_a_replicaset_links_a_deployment_to_its_pods() -> None:
    owner = {"kind": "Deployment", "uid": "d", "controller": True}
    row = read(Kind.REPLICASETS, {"metadata": {**META, "ownerReferences": [owner]}, "spec": {"replicas": 2}})
    assert row == ReplicaSet(Ref("media", "it"), "u", "d", 2)


def test_an_event_of_the_core_group() -> None:
    row = read(
        Kind.EVENTS,
        {
            "involvedObject": {"kind": "Pod", "namespace": "media", "name": "sonarr-0", "uid": "p"},
            "type": "Warning",
            "reason": "BackOff",
            "message": "Back-off restarting\n\tfailed container",
            "source": {"component": "kubelet"},
            "firstTimestamp": STAMP,
            "lastTimestamp": "2026-11-23T07:22:19Z",
            "count": 9,
            "eventTime": None,
        },
    )
    assert row == Event(
        Ref("media", "it"), "u", "Warning", "BackOff", "Back-off restarting failed container", "Pod", "sonarr-0", "p",
        9, MOMENT, MOMENT + 3600, "kubelet",
    )  # fmt: skip


def test_an_event_of_the_scheduler_has_a_null_count_and_micro_time() -> None:
    thing = {
        "count": None,
        "firstTimestamp": None,
        "lastTimestamp": None,
        "eventTime": "2026-11-23T06:22:19.500000Z",
        "reportingComponent": "default-scheduler",
        "series": {"count": 4, "lastObservedTime": "2026-11-23T06:22:29.000000Z"},
    }
    row = read(Kind.EVENTS, thing)
    assert (row.count, row.first_seen, row.last_seen, row.source) == (4, MOMENT + 0.5, MOMENT + 10, "default-scheduler")
    row = read(Kind.EVENTS, {**thing, "series": None})
    assert (row.count, row.last_seen) == (1, MOMENT + 0.5)
    assert read(Kind.EVENTS, {}).last_seen == MOMENT


def test_a_claim_that_is_being_deleted() -> None:
    row = read(
        Kind.CLAIMS,
        {
            "metadata": {**META, "deletionTimestamp": STAMP, "labels": {"app": "sonarr"}},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "storageClassName": "",
                "volumeName": "pv",
                "volumeMode": "Block",
                "resources": {"requests": {"storage": "10Gi"}},
            },
            "status": {"phase": "Bound", "capacity": {"storage": "20Gi"}},
        },
    )
    assert row == Claim(
        Ref("media", "it"), "u", MOMENT, "Bound", "pv", "", ("ReadWriteOnce",), "Block", 10 * 2.0**30, 20 * 2.0**30,
        MOMENT, (("app", "sonarr"),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("backing", "driver", "handle"),
    [
        ({"csi": {"driver": "driver.longhorn.io", "volumeHandle": "pvc-1"}}, "driver.longhorn.io", "pvc-1"),
        ({"nfs": {"server": "nas", "path": "/x"}}, "nfs", "nas:/x"),
        ({"hostPath": {"path": "/x"}}, "hostPath", "/x"),
        ({"local": {"path": "/x"}}, "local", "/x"),
        ({}, "", ""),
    ],
)
def test_a_volume(backing: dict[str, Any], driver: str, handle: str) -> None:
    claim = {"namespace": "media", "name": "config-sonarr-0", "uid": "c"}
    spec = {"capacity": {"storage": "10Gi"}, "persistentVolumeReclaimPolicy": "Retain", "claimRef": claim, **backing}
    row = read(Kind.VOLUMES, {"metadata": {**META, "namespace": None}, "spec": spec, "status": {"phase": "Released"}})
    assert row == Volume(
        "it", "u", MOMENT, "Released", "Retain", capacity=10 * 2.0**30, claim=Ref("media", "config-sonarr-0"),
        claim_uid="c", driver=driver, handle=handle,
    )  # fmt: skip


def test_a_headless_service_with_a_named_target() -> None:
    port = {"port": 80, "targetPort": "http", "name": "web"}
    spec = {"clusterIP": "None", "selector": {"app": "x"}, "ports": [port]}
    assert read(Kind.SERVICES, {"spec": spec}) == Service(
        Ref("media", "it"), "u", (("app", "x"),), (ServicePort(80, "http", "web"),), headless=True
    )
    assert read(Kind.SERVICES, {"spec": {"ports": [{"port": 80}]}}).ports == (ServicePort(80, 80),)


def test_an_endpoint_that_says_nothing_is_ready() -> None:
    row = read(
        Kind.ENDPOINT_SLICES,
        {
            "metadata": {**META, "labels": {"kubernetes.io/service-name": "sonarr"}},
            "endpoints": [{"conditions": {"ready": None}}, {"conditions": {"ready": False}}, {}],
            "ports": [{"port": 8989}, {"port": None}],
        },
    )
    assert row == EndpointSlice(Ref("media", "it"), "sonarr", 2, 1, (8989,))


def test_a_route_and_what_its_gateway_says() -> None:
    rules = [{"backendRefs": [{"name": "sonarr", "port": 80}, {"name": "x", "namespace": "other", "kind": "Service"}]}]
    refused = {"type": "ResolvedRefs", "status": "False", "reason": "BackendNotFound", "message": "no Service x"}
    parents = [{"conditions": [{"type": "Accepted", "status": "True"}, refused]}]
    row = read(Kind.ROUTES, {"spec": {"hostnames": ["tv.lab"], "rules": rules}, "status": {"parents": parents}})
    backends = (("media", "sonarr", 80), ("other", "x", 0))
    assert row == Route(Ref("media", "it"), ("tv.lab",), backends, accepted=True, problem="no Service x")
    assert read(Kind.ROUTES, {}).accepted is None


def test_autoscalers_of_both_sorts() -> None:
    spec = {"scaleTargetRef": {"kind": "StatefulSet", "name": "sonarr"}, "minReplicas": 0, "maxReplicas": 2}
    hpa = Autoscaler("HorizontalPodAutoscaler", Ref("media", "it"), "StatefulSet", "sonarr", 0, 2)
    assert read(Kind.AUTOSCALERS, {"spec": spec}) == hpa
    paused = {**META, "annotations": {"autoscaling.keda.sh/paused-replicas": "0"}}
    row = read(Kind.SCALED_OBJECTS, {"metadata": paused, "spec": {"scaleTargetRef": {"name": "sonarr"}}})
    assert row == Autoscaler("ScaledObject", Ref("media", "it"), "Deployment", "sonarr", 0, 100, paused=True)


def test_a_node_that_is_not_ready_says_why() -> None:
    unready = {"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown", "message": "Kubelet stopped"}
    status = {
        "conditions": [{"type": "MemoryPressure", "status": "False"}, unready],
        "nodeInfo": {"kubeletVersion": "v1.36.2"},
        "allocatable": {"cpu": "8", "gpu.intel.com/i915": "1"},
    }
    row = read(Kind.NODES, {"metadata": {"name": "a", "uid": "u"}, "spec": {"unschedulable": True}, "status": status})
    assert row == Node("a", "u", False, "Kubelet stopped", True, "v1.36.2", (("gpu.intel.com/i915", 1.0),))


def test_what_a_pod_used() -> None:
    usage = {"name": "app", "usage": {"cpu": "12345678n", "memory": "300Mi"}}
    row = read(Kind.POD_METRICS, {"timestamp": STAMP, "containers": [usage]})
    assert row == PodUsage(Ref("media", "it"), MOMENT, (("app", 12345678 * 1e-9, 300 * 2.0**20),))


def test_an_application_of_argo_cd() -> None:
    row = read(
        Kind.APPLICATIONS,
        {
            "metadata": {**META, "ownerReferences": [{"kind": "ApplicationSet", "name": "media"}]},
            "spec": {"syncPolicy": {"automated": {"prune": True, "selfHeal": True}}},
            "status": {
                "sync": {"status": "OutOfSync"},
                "health": {"status": "Degraded"},
                "operationState": {"phase": "Running"},
            },
        },
    )
    assert row == Application(
        Ref("media", "it"), "u", "OutOfSync", "Degraded", True, True, True, "ApplicationSet", "media", "Running"
    )
    switched_off = {"syncPolicy": {"automated": {"enabled": False}}}
    assert read(Kind.APPLICATIONS, {"spec": switched_off}).automated is False


def test_a_longhorn_volume() -> None:
    status = {"state": "attached", "robustness": "degraded", "actualSize": 5, "lastBackupAt": STAMP}
    row = read(Kind.LONGHORN_VOLUMES, {"spec": {"numberOfReplicas": 3}, "status": status})
    assert row == LonghornVolume(Ref("media", "it"), "attached", "degraded", 3, 5.0, STAMP)


def test_pods_of_one_template_share_its_spec() -> None:
    decoder = Decoder(RESOURCES[Kind.PODS].shape, Sharing())
    one, other = (decoder.change(b'{"type":"ADDED","object":%s}' % encoded(number)).row for number in (3, 43))
    assert one.containers is other.containers
    assert one.volumes is other.volumes
    assert one.labels is other.labels
    assert one.ref != other.ref


def test_a_pod_costs_little_memory() -> None:
    """Ten thousand pods of ten kilobytes: at most 1.5 KiB each, all rows and everything that they share."""
    sharing = Sharing()
    decoder = Decoder(RESOURCES[Kind.PODS].shape, sharing)
    pages = [
        b'{"kind":"PodList","metadata":{},"items":[' + b",".join(encoded(n) for n in range(start, start + 250)) + b"]}"
        for start in range(0, 2000, 250)
    ]
    tracemalloc.start()
    rows = dict(row for page in pages for row in decoder.page(page).rows)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(rows) == 2000
    assert used / len(rows) < 1536


def test_endless_churn_does_not_fill_the_memory() -> None:
    decoder = Decoder(RESOURCES[Kind.PODS].shape, Sharing(kept=500, kept_raw=50))

    def read_pods(start: int) -> None:
        for number in range(start, start + 2000):
            thing = pod(f"p{number}", spec={"containers": [{"name": f"c{number}", "image": f"i{number}"}]})
            row = decoder.change(json.dumps({"type": "ADDED", "object": thing}).encode()).row
            assert row.containers[0].name == f"c{number}"

    read_pods(0)
    tracemalloc.start()
    read_pods(2000)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < 500_000
