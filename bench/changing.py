"""A cluster in which one Deployment's image changes: ``python -m bench.changing FOLDER``.

Writes FOLDER/kubeconfig and prints a line when it listens. For each line ``RATE COUNT`` that it reads it changes the
image's tag so often, so many times a second, and prints as JSON when each change was made; tags count on from 1.00001.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from mediatui.demo.kubeconfig import kubeconfig_text, write_kubeconfig
from mediatui.demo.resources import named
from mediatui.demo.server import DemoServer

TAG = rb"1\.(\d{5})"
"""What is looked for on the screen."""


def deployment() -> dict[str, Any]:
    """Return a Deployment that no controller acts upon when its image changes."""
    labels = {"app": "radarr"}
    container = {"name": "radarr", "image": image(0)}
    spec = {
        "replicas": 0,
        "paused": True,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
    }
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "radarr", "namespace": "default"}}
    return {**body, "spec": spec}


def image(number: int) -> str:
    """Return the image after so many changes."""
    return f"ghcr.io/home-operations/radarr:1.{number:05}"


async def serve(folder: Path) -> None:
    """Do what is asked until the input ends."""
    async with DemoServer(None, live=False, history=20_000) as server:
        server.store.create(deployment())
        write_kubeconfig(folder / "kubeconfig", kubeconfig_text(server.url, server.token, server.ca, "default"))
        print("ready", flush=True)
        last = 0
        while asked := await asyncio.to_thread(sys.stdin.readline):
            rate, count = map(int, asked.split())
            print(json.dumps(await _change(server, rate, last + 1, count)), flush=True)
            last += count


async def _change(server: DemoServer, rate: int, first: int, count: int) -> list[float]:
    """Change so many times and return when, on the clock of ``perf_counter``, which all processes share."""
    times: list[float] = []
    begun = time.perf_counter()
    for index in range(count):
        rest = begun + index / rate - time.perf_counter()
        if rest > 0:
            await asyncio.sleep(rest)
        server.store.mutate(named("deployments"), "radarr", "default", partial(_set, first + index))
        times.append(time.perf_counter())
    return times


def _set(number: int, found: dict[str, Any]) -> None:
    found["spec"]["template"]["spec"]["containers"][0]["image"] = image(number)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
