"""API objects to rows: what real servers write, nulls, odd ones, and hostile text."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

from bench.pods import encoded
from mediatui.clients.kube.decode import Change, Decoder
from mediatui.clients.kube.resources import RESOURCES
from mediatui.clients.kube.sharing import Sharing
from mediatui.errors import NotKubernetes
from mediatui.model.gitops import Application
from mediatui.model.network import EndpointSlice, Route, Service, ServicePort
from mediatui.model.source import Kind, Ref
from mediatui.model.storage import Claim, LonghornVolume, Volume
from mediatui.model.workload import (
    Autoscaler,
    ClaimTemplate,
    Condition,
    ContainerPort,
    ContainerSpec,
    ContainerStatus,
    Event,
    Mount,
    Node,
    Pod,
    PodUsage,
    PodVolume,
    ReplicaSet,
    Resources,
    Workload,
)
from tests.clients.kube.doubles import pod

STAMP = "2026-11-23T06:22:19Z"
MOMENT = 1795414939.0
META = {"name": "it", "namespace": "media", "uid": "u", "resourceVersion": "7", "creationTimestamp": STAMP}


def read(kind: Kind, thing: dict[str, Any]) -> Any:
    """Return the row of one object; it must be the same from a list and from a watch."""
    decoder = Decoder(RESOURCES[kind].shape, Sharing())
    thing = {"metadata": META, **thing}
    page = decoder.page(json.dumps({"kind": "List", "metadata": {}, "items": [thing]}).encode())
    assert page.skipped == []
    change = decoder.change(json.dumps({"type": "ADDED", "object": thing}).encode())
    assert page.rows == [(change.ref, change.row)]
    return change.row


def test_a_pod_in_full() -> None:
    row = read(
        Kind.PODS,
        {
            "metadata": {
                **META,
                "labels": {"app": "sonarr", "pod-template-hash": "abc"},
                "annotations": {
                    "kubectl.kubernetes.io/restartedAt": STAMP,
                    "mediatui.dev/note": "kept",
                    "cni.projectcalico.org/podIP": "dropped",
                },
                "deletionTimestamp": "2026-11-23T06:23:19Z",
                "deletionGracePeriodSeconds": 30,
                "ownerReferences": [
                    {"kind": "Other", "name": "no", "uid": "no"},
                    {"kind": "ReplicaSet", "name": "sonarr-abc", "uid": "rs", "controller": True},
                ],
            },
            "spec": {
                "nodeName": "node-a",
                "initContainers": [{"name": "wait", "image": "busybox", "restartPolicy": "Always"}],
                "containers": [
                    {
                        "name": "app",
                        "image": "ghcr.io/home-operations/sonarr:4",
                        "env": [
                            {"name": "SONARR__SERVER__PORT", "value": "80"},
                            {"name": "SONARR__SERVER__URLBASE", "value": "/sonarr"},
                            {"name": "RADARR__PORT", "value": "81"},
                            {"name": "SONARR__AUTH__APIKEY", "value": "secret"},
                            {"name": "SONARR__POSTGRES__PASSWORD", "value": "secret"},
                            {"name": "SONARR__POSTGRES__HOST", "valueFrom": {"secretKeyRef": {"name": "db"}}},
                            {"name": "SONARR__SERVER__PORT", "valueFrom": {"fieldRef": {}}},
                        ],
                        "ports": [{"containerPort": 80, "name": "http"}, {"containerPort": 9707}],
                        "resources": {
                            "requests": {"cpu": "500m", "memory": "512Mi", "gpu.intel.com/i915": "1"},
                            "limits": {"cpu": 1, "memory": "1Gi", "gpu.intel.com/i915": "1"},
                            "claims": [{"name": "gpu"}],
                        },
                        "livenessProbe": {"httpGet": {"path": "/", "port": 80}},
                        "readinessProbe": {"tcpSocket": {"port": "http"}},
                        "volumeMounts": [
                            {"name": "config", "mountPath": "/config", "subPath": "sonarr"},
                            {
                                "name": "kube-api-access-x1z2y",
                                "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
                            },
                        ],
                    }
                ],
                "volumes": [
                    {"name": "config", "persistentVolumeClaim": {"claimName": "sonarr-config"}},
                    {"name": "tmp", "emptyDir": {}},
                    {"name": "dri", "hostPath": {"path": "/dev/dri"}},
                    {"name": "media", "nfs": {"server": "nas", "path": "/media"}},
                    {"name": "cache", "ephemeral": {"volumeClaimTemplate": {}}},
                    {"name": "settings", "configMap": {"name": "cm"}},
                    {"name": "keys", "secret": {"secretName": "s"}},
                    {"name": "odd", "projected": {}},
                    {"name": "kube-api-access-x1z2y", "projected": {}},
                ],
            },
            "status": {
                "phase": "Running",
                "podIP": "10.0.0.5",
                "reason": "Evicted",
                "message": "low on\nresource",
                "conditions": [
                    {"type": "Ready", "status": "True"},
                    {
                        "type": "PodScheduled",
                        "status": "False",
                        "reason": "Unschedulable",
                        "message": "0/1 nodes",
                        "lastTransitionTime": STAMP,
                    },
                ],
                "initContainerStatuses": [{"name": "wait", "state": {"running": {"startedAt": STAMP}}, "ready": True}],
                "containerStatuses": [
                    {
                        "name": "app",
                        "restartCount": 3,
                        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
                        "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": STAMP}},
                    }
                ],
            },
        },
    )
    resources = Resources(0.5, 1.0, 2.0**29, 2.0**30, (("gpu.intel.com/i915", 1.0),), ("gpu",))
    settings = (
        ("SONARR__SERVER__PORT", "80"),
        ("SONARR__SERVER__URLBASE", "/sonarr"),
        ("RADARR__PORT", "81"),
        ("SONARR__POSTGRES__HOST", ""),
    )
    assert row == Pod(
        ref=Ref("media", "it"),
        uid="u",
        created=MOMENT,
        phase="Running",
        owner_kind="ReplicaSet",
        owner_name="sonarr-abc",
        owner_uid="rs",
        node="node-a",
        ip="10.0.0.5",
        reason="Evicted",
        message="low on resource",
        deleting_since=MOMENT + 30,
        ready=True,
        containers=(
            ContainerSpec("wait", "busybox", init=True),
            ContainerSpec(
                "app",
                "ghcr.io/home-operations/sonarr:4",
                resources,
                (ContainerPort(80, "http"), ContainerPort(9707)),
                settings,
                "http",
                (Mount("config", "/config", "sonarr"),),
            ),
        ),
        statuses=(
            ContainerStatus("wait", "running", ready=True, since=MOMENT),
            ContainerStatus(
                "app",
                "waiting",
                restarts=3,
                reason="CrashLoopBackOff",
                message="back-off",
                last_reason="OOMKilled",
                last_exit_code=137,
                last_ended=MOMENT,
            ),
        ),
        volumes=(
            PodVolume("config", "claim", "sonarr-config"),
            PodVolume("tmp", "emptyDir"),
            PodVolume("dri", "hostPath", "/dev/dri"),
            PodVolume("media", "nfs", "nas:/media"),
            PodVolume("cache", "ephemeral"),
            PodVolume("settings", "configMap", "cm"),
            PodVolume("keys", "secret", "s"),
            PodVolume("odd", "other"),
        ),
        conditions=(Condition("PodScheduled", "False", "Unschedulable", "0/1 nodes", MOMENT),),
        labels=(("app", "sonarr"), ("pod-template-hash", "abc")),
        annotations=(("kubectl.kubernetes.io/restartedAt", STAMP), ("mediatui.dev/note", "kept")),
    )


def test_a_container_that_ended() -> None:
    ended = {"exitCode": 1, "reason": "Error", "message": "no\nluck", "finishedAt": STAMP}
    row = read(Kind.PODS, {"status": {"containerStatuses": [{"name": "app", "state": {"terminated": ended}}]}})
    assert row.statuses == (
        ContainerStatus("app", "terminated", reason="Error", message="no luck", since=MOMENT, exit_code=1),
    )


def test_nulls_everywhere_are_fine() -> None:
    nothing = {"metadata": {"name": "it", "labels": None}, "spec": None, "status": None}
    for kind in Kind:
        assert read(kind, nothing) is not None
    row = read(Kind.PODS, {"spec": {"containers": None, "initContainers": None, "volumes": None}, "status": {}})
    assert (row.containers, row.statuses, row.volumes) == ((), (), ())
    lists = {"containers": [{"name": "a", "env": None, "ports": None, "volumeMounts": None, "resources": None}]}
    assert read(Kind.PODS, {"spec": lists}).containers == (ContainerSpec("a", ""),)


def test_a_null_list_is_an_empty_one() -> None:
    page = Decoder(RESOURCES[Kind.PODS].shape, Sharing()).page(b'{"kind":"PodList","metadata":{},"items":null}')
    assert page.rows == []


@pytest.mark.parametrize(
    "odd",
    [
        {"metadata": {"name": "odd", "namespace": "media"}, "spec": "a text"},
        {"metadata": {"name": "odd", "namespace": "media"}, "spec": {"containers": {"not": "a list"}}},
        {"metadata": {"name": "odd", "namespace": "media"}, "status": {"conditions": [3]}},
        {"metadata": {"namespace": "media"}},
        {"metadata": None},
        {},
        None,
        7,
    ],
)
def test_an_odd_object_loses_itself_and_never_its_list(odd: Any) -> None:
    decoder = Decoder(RESOURCES[Kind.PODS].shape, Sharing())
    body = {
        "kind": "PodList",
        "metadata": {"resourceVersion": "9", "continue": "more"},
        "items": [pod("a"), odd, pod("b")],
    }
    page = decoder.page(json.dumps(body).encode())
    assert [ref.name for ref, _ in page.rows] == ["a", "b"]
    assert (page.revision, page.more, len(page.skipped)) == ("9", "more", 1)


def test_an_odd_object_in_a_watch_still_says_who_it_is_and_how_far_we_are() -> None:
    decoder = Decoder(RESOURCES[Kind.PODS].shape, Sharing())
    odd = {"metadata": {"name": "odd", "namespace": "media", "resourceVersion": "12"}, "spec": 3}
    change = decoder.change(json.dumps({"type": "MODIFIED", "object": odd}).encode())
    assert change == Change("MODIFIED", Ref("media", "odd"), None, "12")


@pytest.mark.parametrize("body", [b"[]", b'{"items": 3}', b"{}", b'"x"', b"", b'{"kind":"PodList"', b"\xff"])
def test_what_is_no_list_is_said(body: bytes) -> None:
    with pytest.raises(NotKubernetes, match="no list of objects"):
        Decoder(RESOURCES[Kind.PODS].shape, Sharing()).page(body)


def test_hostile_text_is_made_harmless_wherever_it_stands() -> None:
    evil = "a\x1b[2J\u202eb[/foo]\x9b1m"
    row = read(
        Kind.PODS,
        {
            "metadata": {
                "name": evil,
                "namespace": evil,
                "uid": evil,
                "labels": {evil: evil},
                "annotations": {"mediatui": evil},
            },
            "spec": {"nodeName": evil, "containers": [{"name": evil, "image": evil}], "volumes": [{"name": evil}]},
            "status": {"phase": evil, "message": evil, "podIP": evil, "containerStatuses": [{"name": evil}]},
        },
    )
    shown = repr(row)
    assert "\\x1b" not in shown
    assert "\\u202e" not in shown
    assert "\\x9b" not in shown
    assert row.node == "a·b[/foo]"


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
