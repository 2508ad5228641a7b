"""Logs from a real kubelet: over restarts, rotation, a kubelet that is away, and a pod that is replaced."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

from tests.e2e.conftest import Object, Place, workload
from tests.lab.images.catalogue import image
from tests.lab.node import Node
from tests.support.waiting import eventually

COUNTING = 'i=0; while true; do i=$((i+1)); echo "$HOSTNAME line $i"; sleep 0.02; done'


class Followed:
    """``mediatui logs -f`` and the lines it has printed."""

    def __init__(self, place: Place, *arguments: str) -> None:
        self.lines: list[str] = []
        command = [sys.executable, "-m", "mediatui", "--kubeconfig", str(place.kubeconfig), "-n", place.namespace]
        self._process = subprocess.Popen(
            [*command, "logs", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))

    def numbers(self, host: str) -> list[int]:
        """Return the counted lines of one pod."""
        found = (re.fullmatch(rf"{re.escape(host)} line (\d+)", line) for line in list(self.lines))
        return [int(match[1]) for match in found if match]

    def close(self) -> tuple[int, str]:
        """Interrupt it; return its exit code and what it said beside the lines."""
        self._process.send_signal(signal.SIGINT)
        self._reader.join(20)
        with self._process as process:
            assert process.stderr is not None
            said = process.stderr.read()
        return self._process.returncode, said


def running(place: Place, kind: str, name: str, command: str) -> str:
    """Start an app that says something and return its pod's name once it runs."""
    place.post(f"apis/apps/v1/{kind.lower()}s", workload(kind, name, image("sonarr"), command=["sh", "-c", command]))
    return eventually(lambda: pod_of(place, name), f"a pod of {name} runs", 60)


def pod_of(place: Place, app: str, besides: str = "") -> str:
    path = f"/api/v1/namespaces/{place.namespace}/pods"
    pods: list[Object] = place.client.get(path, params={"labelSelector": f"app={app}"}).json()["items"]
    return next(
        (
            one["metadata"]["name"]
            for one in pods
            if one["status"]["phase"] == "Running" and one["metadata"]["name"] != besides
        ),
        "",
    )


def test_a_restart_is_followed_on_and_the_run_before_is_previous(node_place: Place) -> None:
    ending = "echo first words; sleep 3; echo last words; exit 3"
    running(node_place, "Deployment", "restarting", ending)
    followed = Followed(node_place, "sonarr", "-f")
    try:
        eventually(lambda: followed.lines.count("last words") >= 2, "the words of two runs", 90)
    finally:
        followed.close()
    # The first two runs, whole and in order; nothing is said twice.
    own = [line for line in followed.lines if line in ("first words", "last words")]
    assert own[:4] == ["first words", "last words"] * 2, own

    def previous() -> list[str]:
        return node_place.run("logs", "sonarr", "--previous").stdout.splitlines()

    # The kubelet may just be removing the container of the run before; the next one ends soon.
    eventually(lambda: {"first words", "last words"} <= set(previous()), "the words of the run before", 60)
    node_place.client.delete(f"/apis/apps/v1/namespaces/{node_place.namespace}/deployments/restarting")
    eventually(lambda: not pod_of(node_place, "restarting"), "it is gone", 60)


def test_no_line_is_lost_or_doubled_when_the_kubelet_goes_away_and_comes_back(
    quiet_place: Place, fresh_node: Node
) -> None:
    pod = running(quiet_place, "StatefulSet", "sonarr", COUNTING)
    followed = Followed(quiet_place, "sonarr", "-f")
    try:
        eventually(lambda: len(followed.numbers(pod)) > 50, "lines come", 30)
        fresh_node.kubelet.kill()
        had = len(followed.numbers(pod))
        eventually(lambda: quiet_place.run("logs", "sonarr", "--tail", "1").returncode, "logs cannot be read", 30)
        fresh_node.kubelet.start()
        eventually(lambda: len(followed.numbers(pod)) > had + 200, "lines come again", 60)
    finally:
        _, said = followed.close()
    numbers = followed.numbers(pod)
    assert numbers == list(range(1, numbers[-1] + 1)), said


def test_a_deleted_pods_successor_is_followed(quiet_place: Place) -> None:
    pod = running(quiet_place, "Deployment", "sonarr", COUNTING)
    followed = Followed(quiet_place, "sonarr", "-f", "--tail", "5")
    try:
        eventually(lambda: followed.numbers(pod), "lines come", 30)
        quiet_place.client.delete(f"/api/v1/namespaces/{quiet_place.namespace}/pods/{pod}")
        successor = eventually(lambda: pod_of(quiet_place, "sonarr", besides=pod), "a successor runs", 60)
        eventually(lambda: len(followed.numbers(successor)) > 20, "its lines come", 30)
    finally:
        followed.close()
    numbers = followed.numbers(successor)
    assert numbers == list(range(1, numbers[-1] + 1)), "from its start, though only a tail was asked for"


def test_a_log_that_is_rotated_is_followed_on(quiet_place: Place, fresh_node: Node) -> None:
    text = "x" * 900
    command = f'i=0; while true; do i=$((i+1)); echo "$HOSTNAME line $i"; echo {text}; sleep 0.002; done'
    pod = running(quiet_place, "StatefulSet", "sonarr", command)
    followed = Followed(quiet_place, "sonarr", "-f", "--grep", "line")
    logs = fresh_node.folder / "pods"

    def rotated() -> list[Path]:
        return [path for path in logs.glob("*sonarr*/*/*") if path.name not in ("0.log",)]

    try:
        eventually(lambda: rotated(), "the kubelet has rotated the log", 60)
        had = followed.numbers(pod)[-1]
        eventually(lambda: followed.numbers(pod)[-1] > had + 100, "lines come again", 30)
    finally:
        followed.close()
    numbers = followed.numbers(pod)
    assert numbers == sorted(set(numbers)), "no line is doubled"
    assert numbers == list(range(numbers[0], numbers[-1] + 1)), "no line is lost"
