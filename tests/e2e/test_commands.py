"""The commands on a real control plane."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import Any

import pytest

from mediatui.demo.kubelet.agent import Kubelet
from tests.e2e.conftest import Place, access_of, workload
from tests.lab.controlplane import ControlPlane
from tests.support.waiting import until

SONARR = "ghcr.io/home-operations/sonarr:4.0.17"


async def app(place: Place, **wanted: Any) -> dict[str, Any]:
    """Return the only app once its document has the wanted values."""
    seen: list[dict[str, Any]] = []

    async def matches() -> bool:
        said = await asyncio.to_thread(place.status)
        seen[:] = said["apps"]
        return len(seen) == 1 and all(seen[0][key] == value for key, value in wanted.items())

    for _ in range(30):
        if await matches():
            return seen[0]
        await asyncio.sleep(0.2)
    raise AssertionError(f"wanted {wanted}, there is {json.dumps(seen, indent=1)}")


async def test_a_running_app_is_shown_as_the_server_has_it(place: Place, kubelet: Kubelet) -> None:
    resources = {"requests": {"cpu": "500m", "memory": "512Mi"}, "limits": {"cpu": "1", "memory": "1Gi"}}
    body = workload("Deployment", "sonarr", SONARR, resources=resources, ports=[{"containerPort": 8989}])
    place.post("apis/apps/v1/deployments", body)
    found = await app(place, level="ok", replicas={"desired": 1, "ready": 1})
    assert (found["app"], found["version"], found["restarts"]) == ("sonarr", "4.0.17", 0)
    assert found["workload"] == {"kind": "Deployment", "namespace": place.namespace, "name": "sonarr"}
    assert found["port"] == {"value": 8989, "source": "containerPort"}
    assert found["resources"] == found["expectedResources"]
    assert found["pods"][0]["node"] == kubelet.name


@pytest.mark.parametrize(
    ("behaviour", "summary"),
    [
        ("crashloop", "CrashLoopBackOff: exit 1, 1 restart"),
        ("imagepull", f'ImagePullBackOff: Back-off pulling image "{SONARR}"'),
    ],
)
async def test_an_app_in_trouble_says_why(place: Place, kubelet: Kubelet, behaviour: str, summary: str) -> None:
    place.post("apis/apps/v1/statefulsets", workload("StatefulSet", "sonarr", SONARR, behaviour=behaviour))
    found = await app(place, level="fail", summary=summary)
    assert found["findings"][0]["evidence"]


async def test_an_app_that_no_node_takes_gives_the_schedulers_words(place: Place, kubelet: Kubelet) -> None:
    resources = {"limits": {"gpu.intel.com/i915": "1"}}
    place.post("apis/apps/v1/deployments", workload("Deployment", "sonarr", SONARR, resources=resources))
    found = await app(place, level="fail")
    assert "Insufficient gpu.intel.com/i915" in found["summary"]


async def test_an_app_scaled_to_zero_is_a_warning(place: Place) -> None:
    place.post("apis/apps/v1/deployments", workload("Deployment", "sonarr", SONARR, replicas=0))
    found = await app(place, level="warn")
    assert found["summary"] == "scaled to 0 by hand"


async def test_what_is_not_installed_says_so(place: Place) -> None:
    sources = (await asyncio.to_thread(place.status))["sources"]
    kinds = (f"routes@{place.namespace}", f"scaledObjects@{place.namespace}", "applications", "longhornVolumes")
    assert {sources[kind] for kind in kinds} == {"notInstalled"}
    assert sources["nodes"] == "synced"


async def test_a_viewer_sees_the_same(place: Place, kubelet: Kubelet, control_plane: ControlPlane) -> None:
    place.post("apis/apps/v1/deployments", workload("Deployment", "sonarr", SONARR))
    await app(place, level="ok")
    viewer = Place(control_plane.kubeconfig("viewer"), place.namespace, place.client)
    found = await app(viewer, level="ok")
    assert found["version"] == "4.0.17"


async def test_narrow_rights_show_what_they_allow_and_name_what_they_do_not(
    place: Place, kubelet: Kubelet, control_plane: ControlPlane
) -> None:
    place.post("apis/apps/v1/deployments", workload("Deployment", "sonarr", SONARR))
    await app(place, level="ok")
    control_plane.open_for_narrow(place.namespace)
    narrow = Place(control_plane.kubeconfig("narrow"), place.namespace, place.client)
    said = await asyncio.to_thread(narrow.status)
    assert [(one["app"], one["level"]) for one in said["apps"]] == [("sonarr", "ok")]
    assert said["sources"]["nodes"] == "noPermission"
    assert said["sources"][f"replicasets@{place.namespace}"] == "noPermission"
    assert said["sources"][f"routes@{place.namespace}"] == "notInstalled"


def test_no_rights_at_all_are_one_line_and_exit_code_3(place: Place, control_plane: ControlPlane) -> None:
    nobody = Place(control_plane.kubeconfig("nobody"), place.namespace, place.client)
    done = nobody.run("status")
    assert done.returncode == 3
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert 'User "nobody" cannot list resource "pods"' in done.stderr


def test_as_impersonates(place: Place, control_plane: ControlPlane) -> None:
    done = place.run("status", "--as", "nobody")
    assert done.returncode == 3
    assert 'User "nobody" cannot list' in done.stderr


async def test_logs_are_the_containers(place: Place, kubelet: Kubelet) -> None:
    place.post("apis/apps/v1/statefulsets", workload("StatefulSet", "sonarr", SONARR))
    await app(place, level="ok")
    kubelet.say(place.namespace, "sonarr-0", "sonarr", "[Info] one", "[Error] two", "[Info] three")
    every = await asyncio.to_thread(place.run, "logs", "sonarr")
    assert (every.returncode, every.stdout) == (0, "[Info] one\n[Error] two\n[Info] three\n")
    assert (await asyncio.to_thread(place.run, "logs", "sonarr", "--tail", "1")).stdout == "[Info] three\n"
    assert (await asyncio.to_thread(place.run, "logs", "sonarr", "--grep", "Error")).stdout == "[Error] two\n"
    line = json.loads((await asyncio.to_thread(place.run, "logs", "sonarr", "--json", "--tail", "1")).stdout)
    assert (line["app"], line["pod"], line["line"]) == ("sonarr", "sonarr-0", "[Info] three")
    missing = await asyncio.to_thread(place.run, "logs", "sonarr", "--previous")
    assert missing.returncode == 1
    assert "previous terminated container" in missing.stderr
    await kubelet.restart(place.namespace, "sonarr-0", "sonarr")
    before = await asyncio.to_thread(place.run, "logs", "sonarr", "--previous", "--tail", "1")
    assert before.stdout == "[Info] three\n"


async def test_followed_logs_lose_and_double_nothing_when_the_api_server_is_killed(
    fresh_control_plane: ControlPlane,
) -> None:
    plane = fresh_control_plane
    client = plane.client()
    place = Place(plane.kubeconfig(), "default", client)
    access = access_of(plane.kubeconfig())
    async with Kubelet(access.server, access.token, access.tls) as kubelet:
        place.post("apis/apps/v1/statefulsets", workload("StatefulSet", "sonarr", SONARR))
        await app(place, level="ok")
        command = [sys.executable, "-m", "mediatui", "--kubeconfig", str(place.kubeconfig), "-n", "default"]
        follower = await asyncio.create_subprocess_exec(
            *command, "logs", "sonarr", "-f", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        seen: list[str] = []

        async def read() -> None:
            assert follower.stdout is not None
            async for line in follower.stdout:
                seen.append(line.decode().rstrip())

        reading = asyncio.ensure_future(read())

        def say(first: int, last: int) -> None:
            kubelet.say("default", "sonarr-0", "sonarr", *(f"line {number}" for number in range(first, last)))

        say(0, 100)
        await until(lambda: len(seen) == 100, "the first lines", 30)
        plane.kill_apiserver()
        say(100, 200)
        await asyncio.to_thread(plane.restart_apiserver)
        say(200, 300)
        await until(lambda: len(seen) >= 300, "the lines said meanwhile and after", 60)
        say(300, 301)
        await until(lambda: "line 300" in seen, "the last line", 30)
        assert seen == [f"line {number}" for number in range(301)]
        follower.terminate()
        assert await follower.wait() == 130
        await reading
    client.close()
