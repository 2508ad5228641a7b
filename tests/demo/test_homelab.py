from __future__ import annotations

import re
from typing import Any

import pytest

from mediatui.demo.columns import pod_status
from mediatui.demo.controllers.standard import settled_loop
from mediatui.demo.objects import dig
from mediatui.demo.resources import SERVED, named, of_object
from mediatui.demo.scenarios import NAMES, UnknownScenarioError, find_scenario
from mediatui.demo.world import World, new_world
from tests.demo.asking import Object, TurnedClock

APPS = ("jellyfin", "sonarr", "radarr", "prowlarr", "bazarr")


def built(seed: int = 0) -> World:
    world = new_world(seed, TurnedClock())
    find_scenario("homelab").build(world)
    settled_loop(world)
    return world


@pytest.fixture(scope="module")
def lab() -> World:
    return built()


def everything(world: World) -> list[Object]:
    return [item.data for resource in SERVED if not resource.computed for item in world.store.all(resource)]


def of(world: World, plural: str, namespace: str = "", group: str | None = None) -> list[Object]:
    return [item.data for item in world.store.all(named(plural, group), namespace)]


def one(world: World, plural: str, name: str, namespace: str = "", group: str | None = None) -> Object:
    return next(obj for obj in of(world, plural, namespace, group) if obj["metadata"]["name"] == name)


def pods_of(world: World, app: str) -> list[Object]:
    return [pod for pod in of(world, "pods", "media", "") if pod["metadata"]["labels"].get("app") == app]


def test_the_same_seed_makes_the_same_cluster() -> None:
    assert everything(built(3)) == everything(built(3))
    assert everything(built(3)) != everything(built(4))


def test_an_unknown_scenario_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownScenarioError, match="there is homelab, big, "):
        find_scenario("nothing")
    assert NAMES[0] == "homelab"


def test_every_owner_is_there(lab: World) -> None:
    by_uid = {obj["metadata"]["uid"]: obj for obj in everything(lab)}
    assert len(by_uid) == len(everything(lab))
    owned = [obj for obj in everything(lab) if obj["metadata"].get("ownerReferences")]
    assert owned
    for obj in owned:
        for reference in obj["metadata"]["ownerReferences"]:
            parent = by_uid[reference["uid"]]
            assert (parent["kind"], parent["metadata"]["name"]) == (reference["kind"], reference["name"])
            assert parent["apiVersion"] == reference["apiVersion"]


def test_every_object_lives_in_a_namespace_that_is_there(lab: World) -> None:
    names = {obj["metadata"]["name"] for obj in of(lab, "namespaces")}
    for obj in everything(lab):
        namespace = obj["metadata"].get("namespace", "")
        assert (namespace in names) is of_object(obj).namespaced


def test_every_controllers_selector_finds_its_own_pods(lab: World) -> None:
    pods = of(lab, "pods", "", "")
    for plural in ("statefulsets", "daemonsets", "replicasets"):
        for parent in of(lab, plural):
            selector = parent["spec"]["selector"]["matchLabels"]
            assert selector.items() <= parent["spec"]["template"]["metadata"]["labels"].items()
            found = [
                pod
                for pod in pods
                if pod["metadata"]["namespace"] == parent["metadata"]["namespace"]
                and selector.items() <= pod["metadata"]["labels"].items()
            ]
            wanted = parent["spec"].get("replicas", parent["status"].get("desiredNumberScheduled"))
            assert len(found) == wanted
            assert all(pod["metadata"]["ownerReferences"][0]["uid"] == parent["metadata"]["uid"] for pod in found)


def test_one_replica_set_of_a_deployment_has_its_template(lab: World) -> None:
    for deployment in of(lab, "deployments"):
        owned = [
            item
            for item in of(lab, "replicasets")
            if item["metadata"]["ownerReferences"][0]["uid"] == deployment["metadata"]["uid"]
        ]
        same = [item for item in owned if item["spec"]["template"]["spec"] == deployment["spec"]["template"]["spec"]]
        assert [item["spec"]["replicas"] for item in same] == [deployment["spec"]["replicas"]]


def test_claims_and_volumes_name_each_other(lab: World) -> None:
    claims, volumes = of(lab, "persistentvolumeclaims"), of(lab, "persistentvolumes")
    assert len(claims) == len(volumes)
    classes = {obj["metadata"]["name"] for obj in of(lab, "storageclasses")}
    for claim in claims:
        volume = one(lab, "persistentvolumes", claim["spec"]["volumeName"])
        reference = volume["spec"]["claimRef"]
        metadata = claim["metadata"]
        assert (reference["uid"], reference["name"], reference["namespace"]) == (
            metadata["uid"],
            metadata["name"],
            metadata["namespace"],
        )
        assert (claim["status"]["phase"], volume["status"]["phase"]) == ("Bound", "Bound")
        assert claim["spec"]["storageClassName"] == volume["spec"]["storageClassName"]
        assert claim["spec"]["storageClassName"] in classes
        assert claim["status"]["capacity"] == volume["spec"]["capacity"]
        longhorn = one(lab, "volumes", volume["metadata"]["name"], "longhorn-system", "longhorn.io")
        assert longhorn["status"]["robustness"] == "healthy"
        assert longhorn["status"]["kubernetesStatus"]["pvcName"] == metadata["name"]


def test_every_claim_that_a_pod_mounts_is_there_and_on_its_node(lab: World) -> None:
    attached = {
        obj["spec"]["source"]["persistentVolumeName"]: obj["spec"]["nodeName"] for obj in of(lab, "volumeattachments")
    }
    mounted = set()
    for pod in of(lab, "pods", "media", ""):
        names = {volume["name"] for volume in pod["spec"]["volumes"]}
        for container in pod["spec"]["containers"]:
            assert {mount["name"] for mount in container["volumeMounts"]} <= names
        for volume in pod["spec"]["volumes"]:
            if "persistentVolumeClaim" in volume:
                claim = one(lab, "persistentvolumeclaims", volume["persistentVolumeClaim"]["claimName"], "media")
                mounted.add(claim["metadata"]["name"])
                if claim["spec"]["accessModes"] == ["ReadWriteOnce"]:
                    assert attached[claim["spec"]["volumeName"]] == pod["spec"]["nodeName"]
    assert mounted == {claim["metadata"]["name"] for claim in of(lab, "persistentvolumeclaims", "media")}


def test_claims_of_templates_carry_the_selectors_labels_and_no_owner(lab: World) -> None:
    for parent in of(lab, "statefulsets", "media"):
        for template in parent["spec"].get("volumeClaimTemplates", []):
            name = f"{template['metadata']['name']}-{parent['metadata']['name']}-0"
            metadata = one(lab, "persistentvolumeclaims", name, "media")["metadata"]
            assert metadata["labels"] == parent["spec"]["selector"]["matchLabels"]
            assert "ownerReferences" not in metadata


def test_services_slices_and_routes_lead_to_the_pods(lab: World) -> None:
    for service in of(lab, "services", "media"):
        name = service["metadata"]["name"]
        selector = service["spec"]["selector"]
        pods = [pod for pod in of(lab, "pods", "media", "") if selector.items() <= pod["metadata"]["labels"].items()]
        (piece,) = [
            item
            for item in of(lab, "endpointslices", "media")
            if item["metadata"]["labels"]["kubernetes.io/service-name"] == name
        ]
        assert {end["targetRef"]["uid"] for end in piece["endpoints"]} == {pod["metadata"]["uid"] for pod in pods}
        ports = {port["containerPort"] for pod in pods for item in pod["spec"]["containers"] for port in item["ports"]}
        assert piece["ports"][0]["port"] in ports
        for end in piece["endpoints"]:
            assert end["conditions"]["ready"] is ("bazarr" not in name)
    gateways = {(obj["metadata"]["namespace"], obj["metadata"]["name"]) for obj in of(lab, "gateways")}
    routes = of(lab, "httproutes", "media")
    assert {route["metadata"]["name"] for route in routes} == set(APPS)
    for route in routes:
        for parent in route["spec"]["parentRefs"]:
            assert (parent["namespace"], parent["name"]) in gateways
        backend = route["spec"]["rules"][0]["backendRefs"][0]
        service = one(lab, "services", backend["name"], "media")
        assert backend["port"] in {port["port"] for port in service["spec"]["ports"]}


def test_every_pod_runs_on_a_node_that_is_there_with_an_address_of_its_own(lab: World) -> None:
    nodes = {obj["metadata"]["name"]: obj for obj in of(lab, "nodes", "", "")}
    assert len(nodes) == 3
    assert [name for name, node in nodes.items() if "gpu.intel.com/i915" in node["status"]["allocatable"]] == ["kube-2"]
    addresses = [pod["status"]["podIP"] for pod in of(lab, "pods", "", "") if not pod["spec"].get("hostNetwork")]
    assert len(set(addresses)) == len(addresses)
    for pod in of(lab, "pods", "", ""):
        node = nodes[pod["spec"]["nodeName"]]
        assert pod["status"]["hostIP"] in {row["address"] for row in node["status"]["addresses"]}
    assert {obj["spec"]["holderIdentity"] for obj in of(lab, "leases")} == set(nodes)


def test_jellyfin_asks_for_what_the_table_says_and_for_the_gpu(lab: World) -> None:
    resources = pods_of(lab, "jellyfin")[0]["spec"]["containers"][0]["resources"]
    assert resources["requests"] == {"cpu": "2", "memory": "2Gi", "gpu.intel.com/i915": "1"}
    assert resources["limits"] == {"cpu": "4", "memory": "5Gi", "gpu.intel.com/i915": "1"}


def test_the_kinds_are_those_of_the_story(lab: World) -> None:
    kinds = {
        (obj["kind"], obj["metadata"]["name"])
        for plural in ("deployments", "statefulsets")
        for obj in of(lab, plural, "media")
    }
    assert {("Deployment", "sonarr"), ("Deployment", "bazarr"), ("StatefulSet", "radarr")} < kinds
    assert {("StatefulSet", "prowlarr"), ("StatefulSet", "jellyfin")} < kinds


def test_sonarr_has_a_sidecar_that_is_not_sonarr(lab: World) -> None:
    images = [item["image"] for item in pods_of(lab, "sonarr")[0]["spec"]["containers"]]
    assert [image.rsplit("/", 1)[1].split(":")[0] for image in images] == ["sonarr", "exportarr"]


def test_exactly_one_pod_is_in_trouble(lab: World) -> None:
    unwell = [
        pod["metadata"]["labels"]["app"]
        for pod in of(lab, "pods", "", "")
        if pod_status(pod)[:2] != ("Running", len(pod["spec"]["containers"]))
    ]
    assert unwell == ["bazarr"]
    warned = {obj["involvedObject"]["name"] for obj in of(lab, "events") if obj["type"] == "Warning"}
    assert warned == {pods_of(lab, "bazarr")[0]["metadata"]["name"]}
    deployment = one(lab, "deployments", "bazarr", "media")
    assert "readyReplicas" not in deployment["status"]
    assert deployment["status"]["unavailableReplicas"] == 1


def test_bazarrs_last_words_name_the_cause(lab: World) -> None:
    (pod,) = pods_of(lab, "bazarr")
    status = pod["status"]["containerStatuses"][0]
    assert status["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert status["state"]["waiting"]["message"].startswith("back-off 1m20s restarting failed container=bazarr pod=")
    assert status["lastState"]["terminated"]["exitCode"] == 1
    run = lab.logs.run("media", pod["metadata"]["name"], "bazarr")
    assert run is not None
    assert any(b"database disk image is malformed" in line.text for line in run.lines)
    reasons = {obj["reason"] for obj in of(lab, "events") if obj["involvedObject"]["name"] == pod["metadata"]["name"]}
    assert {"BackOff", "Started", "Pulled", "Created", "Unhealthy"} <= reasons


def test_git_owns_the_media_apps_through_an_application_set(lab: World) -> None:
    application = one(lab, "applications", "apps-media", "argocd")
    assert application["metadata"]["ownerReferences"][0]["kind"] == "ApplicationSet"
    tracked = {(row["kind"], row["name"]) for row in application["status"]["resources"]}
    for plural in ("deployments", "statefulsets"):
        for obj in of(lab, plural, "media"):
            name, kind = obj["metadata"]["name"], obj["kind"]
            expected = f"apps-media:apps/{kind}:media/{name}"
            assert obj["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] == expected
            assert (kind, name) in tracked


def test_every_event_is_about_an_object_that_is_there(lab: World) -> None:
    uids = {obj["metadata"]["uid"] for obj in everything(lab)}
    events = of(lab, "events")
    assert {"Scheduled", "Pulled", "Started", "BackOff", "Unhealthy"} <= {obj["reason"] for obj in events}
    assert all(obj["involvedObject"]["uid"] in uids for obj in events)
    (scheduled,) = [obj for obj in events if obj["reason"] == "Scheduled"]
    assert (scheduled["count"], scheduled["lastTimestamp"]) == (None, None)
    assert scheduled["eventTime"]


def test_real_pods_are_half_bookkeeping(lab: World) -> None:
    for pod in of(lab, "pods", "", ""):
        managers = {row["manager"] for row in pod["metadata"]["managedFields"]}
        assert managers == {"kube-controller-manager", "kubelet"}


SHAPES: dict[str, str] = {
    "sonarr": r"\[(Info|Warn)\] \w+: .+",
    "radarr": r"\[(Info|Warn)\] \w+: .+",
    "prowlarr": r"\[(Info|Warn)\] \w+: .+",
    "jellyfin": r"\[\d\d:\d\d:\d\d\] \[(INF|WRN)\] \[\d+\] [\w.]+: .+",
    "exportarr": r'time="\S+" level=info msg=".+" logger=exportarr',
}


@pytest.mark.parametrize(("container", "shape"), SHAPES.items())
def test_each_app_has_talked_in_its_own_way(lab: World, container: str, shape: str) -> None:
    for pod in of(lab, "pods", "media", ""):
        if container in {item["name"] for item in pod["spec"]["containers"]}:
            run: Any = lab.logs.run("media", pod["metadata"]["name"], container)
            assert run.lines
            assert all(re.fullmatch(shape, line.text.decode()) for line in run.lines)
            times = [line.at for line in run.lines]
            assert times == sorted(set(times))
            assert times[-1] < lab.clock.now() * 1e9


def test_the_last_hours_left_a_few_hundred_lines(lab: World) -> None:
    total = 0
    for pod in of(lab, "pods", "media", ""):
        for item in pod["spec"]["containers"]:
            run = lab.logs.run("media", pod["metadata"]["name"], item["name"])
            assert run is not None
            total += len(run.lines)
    assert 300 < total < 1500


def test_no_count_and_no_condition_is_missing(lab: World) -> None:
    for obj in of(lab, "deployments"):
        assert {row["type"] for row in dig(obj, "status.conditions")} == {"Available", "Progressing"}
