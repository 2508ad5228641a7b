"""The client against ten thousand pods and a million log lines: ``python -m bench.client [PODS]``.

Every run is a process of its own against the same local server, ours and kubectl's in turns; the medians are printed,
and their ratios. A figure alone says little on a shared machine; a ratio of the same minutes does.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

ROUNDS = 5
LINES = 1_000_000


def main(pods: int) -> None:
    """Measure and print."""
    print(f"{pods} pods of ten kilobytes, {ROUNDS} rounds, load {os.getloadavg()[0]:.1f}")
    with subprocess.Popen([sys.executable, "-m", "bench.api_server", str(pods)], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        url = server.stdout.readline().decode().strip()
        try:
            measure(url)
        finally:
            server.kill()


def measure(url: str) -> None:
    """Run everything in turns."""
    kubectl = shutil.which("kubectl")
    kinds: dict[str, Callable[[], dict[str, float]]] = {
        "mediatui, list": lambda: ours("pods", f"{url}/lists"),
        "mediatui, watch from the beginning": lambda: ours("pods", url),
    }
    if kubectl:
        command = [kubectl, "--kubeconfig", os.devnull, "--server", url, "get", "pods", "-A"]
        kinds["kubectl get pods -A"] = lambda: run(command)[0]
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in kinds}
    for _ in range(ROUNDS):
        for name, measured in kinds.items():
            runs[name].append(measured())
    table = {
        name: {key: statistics.median(run[key] for run in found) for key in found[0]} for name, found in runs.items()
    }
    for name, row in table.items():
        print(f"  {name:38}", "  ".join(f"{key} {value:8.1f}" for key, value in row.items()))
    peer = table.get("kubectl get pods -A")
    for name, row in table.items():
        if peer is not None and row is not peer:
            ratios = (f"{key} {row[key] / peer[key]:.2f}" for key in ("wall ms", "cpu ms", "rss MiB"))
            print(f"  {name} / kubectl:", ", ".join(ratios))
    logs = [ours("logs", url) for _ in range(ROUNDS)]
    per_line = statistics.median(run["cpu us/line"] for run in logs)
    most = statistics.median(run["lines/s"] for run in logs)
    share = per_line * 50_000 / 10_000
    print(f"  logs: {per_line:.2f} us of CPU a line, {share:.1f} % at 50,000 lines/s, {most:,.0f} lines/s")


def median(found: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the median of every figure."""
    return {key: statistics.median(run[key] for run in found) for key in found[0]}


def ours(what: str, url: str) -> dict[str, float]:
    """Run one of our own measurements in a process."""
    outside, output = run([sys.executable, "-m", "bench.client", what, url])
    inside: dict[str, float] = json.loads(output)
    return {**outside, **inside}


def run(command: Sequence[str]) -> tuple[dict[str, float], bytes]:
    """Run a command to its end and return what it cost."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, code, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(code)
    if process.returncode:
        raise SystemExit(f"{command[0]} failed with {process.returncode}")
    wall = (time.perf_counter() - start) * 1000
    cpu = (used.ru_utime + used.ru_stime) * 1000
    return {"wall ms": wall, "cpu ms": cpu, "rss MiB": used.ru_maxrss / 1024}, output


class Rows:
    """A sink that counts."""

    def __init__(self) -> None:
        self.rows: dict[Any, Any] = {}
        self.first: float | None = None
        self.synced = asyncio.Event()

    def put(self, source: Any, rows: Sequence[tuple[Any, Any]]) -> None:
        """Keep rows, and when the first came."""
        self.first = self.first or time.perf_counter()
        self.rows.update(rows)

    def drop(self, source: Any, refs: Sequence[Any]) -> None:
        """Nothing is deleted here."""

    replace = put

    def report(self, source: Any, state: Any) -> None:
        """Note when all is there."""
        if state.status == "synced":
            self.synced.set()


async def read_pods(url: str) -> None:
    """Follow all pods until they are there."""
    from mediatui.bootstrap import SystemClock
    from mediatui.clients.kube.auth import Credentials, Fixed
    from mediatui.clients.kube.cluster import KubeCluster
    from mediatui.clients.kube.http import KubeHttp
    from mediatui.model.source import Kind, SourceId

    cluster = KubeCluster(KubeHttp(Credentials(url, Fixed())), SystemClock())
    rows, lags = Rows(), [0.0]

    async def heartbeat() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            lags.append(time.perf_counter() - before - 0.005)

    beating = asyncio.ensure_future(heartbeat())
    start = time.perf_counter()
    following = asyncio.ensure_future(cluster.follow(SourceId(Kind.PODS), rows))
    await rows.synced.wait()
    end = time.perf_counter()
    assert rows.first is not None
    found = {"first ms": (rows.first - start) * 1000, "all ms": (end - start) * 1000, "stall ms": max(lags) * 1000}
    print(json.dumps(found))
    following.cancel()
    beating.cancel()
    await asyncio.gather(following, beating, return_exceptions=True)
    await cluster.close()


async def read_logs(url: str) -> None:
    """Read a long log."""
    from mediatui.bootstrap import SystemClock
    from mediatui.clients.kube.auth import Credentials, Fixed
    from mediatui.clients.kube.cluster import KubeCluster
    from mediatui.clients.kube.http import KubeHttp
    from mediatui.interfaces import LogTarget

    cluster = KubeCluster(KubeHttp(Credentials(url, Fixed())), SystemClock())
    start, count = time.perf_counter(), 0
    before = resource.getrusage(resource.RUSAGE_SELF)
    # The end of a followed log is asked from the pod, which this server does not have: it counts as gone.
    async for block in cluster.logs(LogTarget("media", "it", "app", tail=LINES, follow=True)):
        count += block.count
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert count == LINES
    print(json.dumps({"cpu us/line": cpu / count * 1e6, "lines/s": count / (time.perf_counter() - start)}))
    await cluster.close()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["pods", where]:
            asyncio.run(read_pods(where))
        case ["logs", where]:
            asyncio.run(read_logs(where))
        case [number]:
            main(int(number))
        case _:
            main(10_000)
