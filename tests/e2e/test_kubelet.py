"""The laboratory itself: users, pods, logs and commands are what they claim to be."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time

import pytest

from mediatui.demo.kubelet.agent import Kubelet
from tests.e2e.conftest import Place, workload
from tests.lab.controlplane import ControlPlane
from tests.support.waiting import until


async def running_pod(place: Place, name: str = "sonarr", behaviour: str = "run") -> str:
    place.post("apis/apps/v1/statefulsets", workload("StatefulSet", name, "ghcr.io/x/sonarr:4", behaviour=behaviour))
    path = f"/api/v1/namespaces/{place.namespace}/pods/{name}-0"

    def running() -> bool:
        answer = place.client.get(path)
        return answer.status_code == 200 and answer.json()["status"]["phase"] == "Running"

    await until(running, f"pod {name}-0 runs", 30)
    return f"{name}-0"


async def shell(*command: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        lambda: subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=30, check=False)
    )


@pytest.mark.parametrize(
    ("user", "all_pods", "here", "secrets"),
    [("admin", 200, 200, 200), ("viewer", 200, 200, 403), ("narrow", 403, 200, 403), ("nobody", 403, 403, 403)],
)
def test_each_user_may_what_it_is_for(
    control_plane: ControlPlane, place: Place, user: str, all_pods: int, here: int, secrets: int
) -> None:
    control_plane.open_for_narrow(place.namespace)
    with control_plane.client(user) as client:
        assert client.get("/api/v1/pods").status_code == all_pods
        assert client.get(f"/api/v1/namespaces/{place.namespace}/pods").status_code == here
        assert client.get(f"/api/v1/namespaces/{place.namespace}/secrets").status_code == secrets


async def test_kubectl_reads_logs_as_from_a_real_kubelet(place: Place, kubelet: Kubelet, kubectl: str) -> None:
    pod = await running_pod(place)
    ask = (kubectl, "--kubeconfig", str(place.kubeconfig), "-n", place.namespace, "logs", pod)
    kubelet.say(place.namespace, pod, "sonarr", "one", "two", "three")
    assert (await shell(*ask)).stdout == "one\ntwo\nthree\n"
    assert (await shell(*ask, "--tail=1")).stdout == "three\n"
    assert (await shell(*ask, "--since=1h")).stdout == "one\ntwo\nthree\n"
    assert (await shell(*ask, "--timestamps", "--tail=1")).stdout.startswith("20")
    missing = await shell(*ask, "--previous")
    assert "previous terminated container" in missing.stderr
    await kubelet.restart(place.namespace, pod, "sonarr")
    kubelet.say(place.namespace, pod, "sonarr", "four")
    assert (await shell(*ask, "--previous")).stdout == "one\ntwo\nthree\n"
    assert (await shell(*ask)).stdout == "four\n"


async def test_kubectl_runs_commands_and_gets_their_exit_codes(place: Place, kubelet: Kubelet, kubectl: str) -> None:
    pod = await running_pod(place)
    ask = (kubectl, "--kubeconfig", str(place.kubeconfig), "-n", place.namespace, "exec", pod)
    fine = await shell(*ask, "--", "echo", "hello")
    assert (fine.returncode, fine.stdout) == (0, "hello\n")
    failed = await shell(*ask, "--", "sh", "-c", "echo no >&2; exit 3")
    assert (failed.returncode, failed.stderr.splitlines()[0]) == (3, "no")
    echoed = await shell(*ask[:-1], "-i", pod, "--", "cat", stdin="abc")
    assert echoed.stdout == "abc"
    missing = await shell(*ask, "--", "missing")
    assert missing.returncode == 1
    assert "executable file not found" in missing.stderr


def test_two_control_planes_are_up_at_once(control_plane: ControlPlane, fresh_control_plane: ControlPlane) -> None:
    assert control_plane.server != fresh_control_plane.server
    for plane in (control_plane, fresh_control_plane):
        with plane.client() as client:
            assert client.get("/readyz").text == "ok"


def test_a_killed_test_run_leaves_no_process(control_plane: ControlPlane) -> None:
    code = (
        "import sys\nfrom tests.lab.controlplane import ControlPlane\n"
        "plane = ControlPlane()\nplane.start()\nprint(*plane.pids(), plane.folder, flush=True)\nsys.stdin.read()\n"
    )
    run = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    assert run.stdin is not None
    *pids, _folder = run.stdout.readline().split()
    assert len(pids) == 4
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdout.close()
    run.stdin.close()
    deadline = time.monotonic() + 20
    while [pid for pid in pids if _lives(int(pid))]:
        assert time.monotonic() < deadline, "processes outlived the test run"


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
