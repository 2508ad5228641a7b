"""The UI in a terminal: first frame, first row, many pods, a change on its way to the screen."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from bench import changes
from bench.client import run
from bench.terminal import Watched, in_turn, timed
from tests.lab.controlplane import ControlPlane

Ratio = Callable[[str, list[float], list[float], float], None]

_BARE = (
    "from textual.app import App\nfrom textual.widgets import Static\n"
    "class Bare(App):\n    def compose(self):\n        yield Static('BARE IS DRAWN')\n"
    "Bare().run()\n"
)


def first_frame(runs: int) -> tuple[list[float], list[float]]:
    """Return seconds until the UI's and a bare application's first frame."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kubeconfig"
        path.write_text(json.dumps(_dead()))
        command = [sys.executable, "-m", "mediatui", "--kubeconfig", str(path)]
        ours, bare = in_turn(
            runs,
            lambda: _until(command, rb"Status\]"),
            lambda: _until([sys.executable, "-c", _BARE], b"BARE IS DRAWN"),
        )
    return ours, bare


def on_a_server(plane: ControlPlane, kubectl: str, runs: int, pods: int, ratio: Ratio) -> None:
    """Measure what needs an API server; the pods of the big cluster are made last."""
    ours = [sys.executable, "-m", "mediatui", "--kubeconfig", str(plane.kubeconfig())]
    theirs = [kubectl, "--kubeconfig", str(plane.kubeconfig()), "get", "pods", "-A"]
    with plane.client() as client:
        _make_app(client)
        _make_pods(client, 0, 100)
        row, listed = in_turn(runs, lambda: _until(ours, rb"sonarr"), lambda: timed(theirs))
        ratio("first live row, 100 pods / kubectl get pods", row, listed, 3.0)
        changes.on_a_server(client, ours)
        if not pods:
            return
        begun = time.perf_counter()
        _make_pods(client, 100, pods)
        print(f"made {pods} pods in {time.perf_counter() - begun:.0f} s", flush=True)
        memory: list[float] = []

        def complete() -> float:
            watched = Watched(ours)
            try:
                seconds = watched.until(rb"read-only.{0,80}live")
                watched.settle()
                memory.append(watched.memory())
                return seconds
            finally:
                watched.close()

        many, listed = in_turn(max(3, runs // 2), complete, lambda: timed(theirs))
        ratio(f"{pods} pods complete on the screen / kubectl get pods", many, listed, 0.4)
        mine, peer = statistics.median(memory), run(theirs)[0]["rss MiB"]
        word = "" if mine <= 110 else "  MISSED"
        print(
            f"{'resident memory with them':<58} {mine:6.0f} MiB  goal 110 MiB{word}   (kubectl's peak {peer:.0f} MiB)"
        )


def _until(command: list[str], pattern: bytes) -> float:
    watched = Watched(command)
    try:
        return watched.until(pattern)
    finally:
        watched.close()


def _make_app(client: httpx.Client) -> None:
    labels = {"app": "sonarr"}
    container = {"name": "sonarr", "image": "ghcr.io/home-operations/sonarr:4.0.17"}
    spec = {
        "replicas": 1,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
    }
    client.post("/apis/apps/v1/namespaces/default/deployments", json={"metadata": {"name": "sonarr"}, "spec": spec})


def _make_pods(client: httpx.Client, first: int, last: int) -> None:
    def make(number: int) -> None:
        answer = client.post("/api/v1/namespaces/default/pods", json=_pod(number))
        if answer.status_code != 201:
            raise RuntimeError(f"{answer.status_code} {answer.text}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(make, range(first, last)))


def _pod(number: int) -> dict[str, Any]:
    """Return a pod, ten kilobytes once stored, that no scheduler looks at; it shares its template with many."""
    environment = [{"name": f"SETTING_{index:02}", "value": f"value-{number % 50}-{index}" * 4} for index in range(60)]
    container = {"name": "main", "image": f"registry.example/app-{number % 50}:1.0", "env": environment}
    return {
        "metadata": {"name": f"pod-{number:05}", "labels": {"app": f"app-{number % 50}"}},
        "spec": {"schedulerName": "none", "containers": [container]},
    }


def _dead() -> dict[str, Any]:
    return {
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    }
