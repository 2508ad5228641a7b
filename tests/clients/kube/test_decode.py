"""API objects to rows: what real servers write, nulls, odd ones, and hostile text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mediatui.clients.kube.decode import Change, Decoder
from mediatui.clients.kube.resources import RESOURCES
from mediatui.clients.kube.sharing import Sharing
from mediatui.errors import NotKubernetes
from mediatui.model.source import Kind, Ref
from mediatui.model.workload import (
    Condition,
    ContainerPort,
    ContainerSpec,
    ContainerStatus,
    Mount,
    Pod,
    PodVolume,
    Resources,
)
from tests.clients.kube.decoding import META, MOMENT, STAMP, read
from tests.clients.kube.doubles import pod


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
