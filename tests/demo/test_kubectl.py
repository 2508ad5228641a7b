"""The real kubectl against the demo; skipped by name where there is none."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from mediatui.demo.resources import named
from mediatui.demo.server import DemoServer
from tests.demo.asking import Object, until
from tests.demo.kubectl import BUSY, Kubectl, needs_kubectl

PODS = named("pods", "")
pytestmark = needs_kubectl


@pytest.fixture
async def kubectl(demo: DemoServer, tmp_path: Path) -> Kubectl:
    return Kubectl(demo, tmp_path)


async def test_get_prints_the_columns_that_people_know(kubectl: Kubectl) -> None:
    lines = (await kubectl("get", "pods")).splitlines()
    assert lines[0].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    rows = {line.split("-")[0]: line.split() for line in lines[1:]}
    assert rows["bazarr"][1:4] == ["0/1", "CrashLoopBackOff", "4"]
    assert rows["sonarr"][1:4] == ["2/2", "Running", "0"]


@pytest.mark.parametrize(
    ("kind", "header"),
    [
        ("deploy", "NAME READY UP-TO-DATE AVAILABLE AGE"),
        ("sts", "NAME READY AGE"),
        ("pvc", "NAME STATUS VOLUME CAPACITY ACCESS MODES STORAGECLASS VOLUMEATTRIBUTESCLASS AGE"),
        ("pv", "NAME CAPACITY ACCESS MODES RECLAIM POLICY STATUS CLAIM STORAGECLASS VOLUMEATTRIBUTESCLASS REASON AGE"),
        ("svc", "NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE"),
        ("nodes", "NAME STATUS ROLES AGE VERSION"),
        ("events", "LAST SEEN TYPE REASON OBJECT MESSAGE"),
        ("httproutes", "NAME HOSTNAMES AGE"),
        ("hpa", "NAME REFERENCE TARGETS MINPODS MAXPODS REPLICAS AGE"),
    ],
)
async def test_every_kind_has_its_columns(kubectl: Kubectl, kind: str, header: str) -> None:
    lines = (await kubectl("get", kind)).splitlines()
    assert " ".join(lines[0].split()) == header
    assert len(lines) > 1


async def test_wide_selected_and_in_pages(kubectl: Kubectl) -> None:
    wide = await kubectl("get", "pods", "-o", "wide", "-l", "app in (jellyfin)")
    assert "kube-2" in wide
    paged = await kubectl("get", "pods", "-A", "--chunk-size=5", "-o", "name")
    assert len(paged.splitlines()) == len(kubectl.server.store.all(PODS))
    assert kubectl.server.count("list", "pods") > 3


async def test_describe_tells_the_crash_and_its_events(kubectl: Kubectl) -> None:
    text = await kubectl("describe", "pod", "-l", "app=bazarr")
    for part in ("CrashLoopBackOff", "Exit Code:    1", "Restart Count:  4", "BackOff", "bazarr-config"):
        assert part in text


@pytest.mark.parametrize(
    ("what", "parts"),
    [
        (("deploy", "bazarr"), ["NewReplicaSet:   bazarr-", "MinimumReplicasUnavailable"]),
        (("sts", "jellyfin"), ["1 Running / 0 Waiting", "gpu.intel.com/i915"]),
        (("node", "kube-2"), ["jellyfin-0", "gpu.intel.com/i915  1"]),
        (("pvc", "sonarr-config"), ["Used By:       sonarr-", "10Gi"]),
        (("svc", "sonarr"), [":8989"]),
        (("pv",), ["driver.longhorn.io"]),
        (("application", "apps-media", "-n", "argocd"), ["Progressing", "ApplicationSet"]),
    ],
)
async def test_describe_works_on_every_kind_of_the_story(
    kubectl: Kubectl, what: tuple[str, ...], parts: list[str]
) -> None:
    text = await kubectl("describe", *what)
    assert [part for part in parts if part not in text] == []


async def test_logs_follow(kubectl: Kubectl) -> None:
    logs = kubectl.server.world.logs
    process = await kubectl.start("logs", "-f", "radarr-0", "--tail", "1")
    assert process.stdout is not None
    async with asyncio.timeout(BUSY):
        assert (await process.stdout.readline()).startswith(b"[")
        logs.write("media", "radarr-0", "radarr", "[Info] Fresh: a new line", kubectl.server.world.clock.now())
        assert await process.stdout.readline() == b"[Info] Fresh: a new line\n"
        logs.end("media", "radarr-0", "radarr")
        assert await process.wait() == 0


async def test_logs_of_a_workload_a_container_and_the_run_before(kubectl: Kubectl) -> None:
    assert "malformed" in await kubectl("logs", "deploy/bazarr", "--previous")
    assert "exportarr" in await kubectl("logs", "deploy/sonarr", "-c", "exportarr", "--tail=1")
    assert "Exiting main" in await kubectl("logs", "prowlarr-0", "--previous")
    refusal = await kubectl("logs", "radarr-0", "--previous", code=1)
    assert 'previous terminated container "radarr" in pod "radarr-0" not found' in refusal


async def test_get_watches(kubectl: Kubectl) -> None:
    process = await kubectl.start("get", "pods", "-w", "-l", "app=radarr")
    assert process.stdout is not None
    async with asyncio.timeout(BUSY):
        assert b"NAME" in await process.stdout.readline()
        assert b"Running" in await process.stdout.readline()
        await until(lambda: kubectl.server.watches.open)
        kubectl.server.store.mutate(PODS, "radarr-0", "media", _evict)
        assert b"Evicted" in await process.stdout.readline()
        process.terminate()
        await process.wait()


async def test_delete_waits_until_the_pod_is_gone(tmp_path: Path) -> None:
    async with DemoServer("homelab") as server:
        assert "deleted" in await Kubectl(server, tmp_path)("delete", "pod", "radarr-0")


async def test_usage_is_printed(kubectl: Kubectl) -> None:
    assert "jellyfin-0" in await kubectl("top", "pods")
    assert "kube-2" in await kubectl("top", "nodes")


async def test_discovery_is_one_request_for_each_half(kubectl: Kubectl) -> None:
    names = await kubectl("api-resources", "-o", "name")
    assert {"pods", "applications.argoproj.io", "volumes.longhorn.io"} <= set(names.split())
    paths = [record.path for record in kubectl.server.requests if record.path != "/version"]
    assert sorted(set(paths)) == ["/api", "/apis"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("get", "pod", "nope"), 'Error from server (NotFound): pods "nope" not found'),
        (("get", "things"), 'the server doesn\'t have a resource type "things"'),
        (("attach", "radarr-0"), "the demo cluster does not"),
    ],
)
async def test_what_it_cannot_do_it_says(kubectl: Kubectl, arguments: tuple[str, ...], words: str) -> None:
    assert words in await kubectl(*arguments, code=1)


async def test_yaml_hides_nothing(kubectl: Kubectl) -> None:
    body = json.loads(await kubectl("get", "pod", "jellyfin-0", "-o", "json", "--show-managed-fields"))
    assert body["metadata"]["managedFields"]
    assert body["kind"] == "Pod"


def _evict(obj: Object) -> None:
    obj["status"]["reason"] = "Evicted"
    obj["status"]["containerStatuses"] = []
