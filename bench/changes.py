"""A change on its way to the screen: at five and a thousand a second, and beside a plain watch of a real API server."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.changing import TAG, deployment, image
from bench.terminal import Watched, processor_time

_MERGE = "application/strategic-merge-patch+json"
_DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"


class Stamped:
    """Reads a program's terminal and notes when a change was first on it, in a thread of its own."""

    def __init__(self, watched: Watched) -> None:
        self.seen: list[tuple[float, int]] = []
        self._watched = watched
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop reading."""
        self._ended.set()
        self._thread.join()

    def when(self, number: int) -> float | None:
        """Return when a change or a later one was on the screen."""
        return next((when for when, shown in self.seen if shown >= number), None)

    def wait(self, number: int, deadline: float = 10.0) -> float:
        """Wait for it."""
        end = time.perf_counter() + deadline
        while (when := self.when(number)) is None:
            if time.perf_counter() > end:
                raise TimeoutError(f"change {number} was not drawn in {deadline:.0f} s")
            self._ended.wait(0.005)
        return when

    def _read(self) -> None:
        position = len(self._watched.written)
        highest = -1
        while not self._ended.is_set():
            if not self._watched.read(0.1):
                continue
            now = time.perf_counter()
            for found in re.finditer(TAG, self._watched.written[max(0, position - 8) :]):
                if int(found[1]) > highest:
                    highest = int(found[1])
                    self.seen.append((now, highest))
            position = len(self._watched.written)


def on_the_demo(kubectl: str | None) -> None:
    """Measure changes at five and at a thousand a second on the embedded server, which is the same for all."""
    with tempfile.TemporaryDirectory() as name, _server(Path(name)) as server:
        config = str(Path(name) / "kubeconfig")
        watched = Watched([sys.executable, "-m", "mediatui", "--kubeconfig", config])
        try:
            watched.until(rb"1\.00000")
            watched.settle()
            stamped = Stamped(watched)
            last = _rate(server, stamped, 5, 100, 0, 50)
            before, begun = processor_time(watched.process.pid), time.perf_counter()
            last = _rate(server, stamped, 1000, 8000, last, 150)
            share = (processor_time(watched.process.pid) - before) / (time.perf_counter() - begun)
            stamped.close()
        finally:
            watched.close()
        if kubectl is None:
            return
        command = [kubectl, "--kubeconfig", config, "get", "deployments", "-A", "-w"]
        printed = Path(name) / "printed"
        with printed.open("wb") as output, subprocess.Popen(command, stdout=output) as peer:
            threading.Event().wait(1)
            before, begun = processor_time(peer.pid), time.perf_counter()
            _ask(server, 1000, 8000)
            theirs = (processor_time(peer.pid) - before) / (time.perf_counter() - begun)
            peer.kill()
        text = f"{share / theirs:6.2f}x  goal 0.5x{'' if share / theirs <= 0.5 else '  MISSED'}"
        lines = printed.read_bytes().count(b"\n")
        print(
            f"{'CPU at 1,000 changes/s / kubectl get -w':<58} {text}   ({share:.0%} / {theirs:.0%}, {lines} lines)",
            flush=True,
        )


def on_a_server(client: httpx.Client, command: list[str]) -> None:
    """Measure changes at five a second on a real API server, from a plain watch of our own to the screen."""
    client.post(_DEPLOYMENTS, json=deployment()).raise_for_status()
    arrived: dict[int, float] = {}
    threading.Thread(target=_watch, args=(client, arrived), daemon=True).start()
    watched = Watched(command)
    try:
        watched.until(rb"1\.00000")
        watched.settle()
        stamped = Stamped(watched)
        whole: list[float] = []
        for number in range(1, 101):
            body = {"spec": {"template": {"spec": {"containers": [{"name": "radarr", "image": image(number)}]}}}}
            begun = time.perf_counter()
            answer = client.patch(f"{_DEPLOYMENTS}/radarr", json=body, headers={"Content-Type": _MERGE})
            answer.raise_for_status()
            whole.append(stamped.wait(number) - begun)
            threading.Event().wait(max(0.0, begun + 0.2 - time.perf_counter()))
        own = [stamped.wait(number) - arrived[number] for number in range(1, 101)]
        stamped.close()
    finally:
        watched.close()
    _print("real server, 5/s: patch sent to screen", whole, None)
    _print("real server, 5/s: a plain watch has it to screen", own, 50)


def _rate(server: subprocess.Popen[str], stamped: Stamped, rate: int, count: int, last: int, goal: float) -> int:
    made = _ask(server, rate, count)
    stamped.wait(last + count)
    shown = iter(stamped.seen)
    seconds: list[float] = []
    when, highest = next(shown)
    for number, then in enumerate(made, last + 1):
        while highest < number:
            when, highest = next(shown)
        seconds.append(when - then)
    _print(f"embedded server, {rate}/s: change made to screen", seconds, goal)
    return last + count


def _print(what: str, seconds: list[float], goal: float | None) -> None:
    ordered = sorted(seconds)
    late = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000
    text = f"p50 {statistics.median(ordered) * 1000:.0f} ms  p99 {late:.0f} ms"
    word = "" if goal is None else f"  goal p99 {goal:.0f} ms{'' if late <= goal else '  MISSED'}"
    print(f"{what:<58} {text}{word}", flush=True)


@contextmanager
def _server(folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bench.changing", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            server.stdout.readline()
            yield server
        finally:
            server.kill()


def _ask(server: subprocess.Popen[str], rate: int, count: int) -> list[float]:
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(f"{rate} {count}\n")
    server.stdin.flush()
    made: list[float] = json.loads(server.stdout.readline())
    return made


def _watch(client: httpx.Client, arrived: dict[int, float]) -> None:
    query = {"watch": "true", "fieldSelector": "metadata.name=radarr"}
    try:
        with client.stream("GET", _DEPLOYMENTS, params=query, timeout=None) as response:
            for part in response.iter_bytes():
                now = time.perf_counter()
                for found in re.finditer(rb"radarr:" + TAG, part):
                    arrived.setdefault(int(found[1]), now)
    except httpx.TransportError:
        return  # the server has ended, and so has the measurement
