"""Keeping a demo cluster up: for a terminal until it is interrupted, for a parent until that is gone."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from mediatui.demo.kubeconfig import (
    ForeignFileError,
    check_replaceable,
    kubeconfig_text,
    private_folder,
    write_kubeconfig,
)
from mediatui.demo.scenarios import UnknownScenarioError, find_scenario

USAGE = 2
"""The exit code of an argument that cannot be used."""


def run_serve(
    scenario: str = "homelab",
    seed: int = 0,
    port: int = 0,
    kubeconfig_path: str | Path | None = None,
    *,
    parent_pipe: bool = False,
) -> int:
    """Serve a demo cluster until SIGINT, SIGTERM or SIGHUP, and return the exit code.

    Args:
        scenario: The scenario's name.
        seed: What makes it repeatable.
        port: The port on 127.0.0.1, 0 for a free one.
        kubeconfig_path: Where to leave a kubeconfig; a private folder that ends with the demo when None.
        parent_pipe: Whether standard input belongs to a parent: one line of JSON says that it is ready, and the
            end of the input ends it.
    """
    try:
        find_scenario(scenario)
        path = Path(kubeconfig_path).absolute() if kubeconfig_path else None
        if path is not None:
            check_replaceable(path)
        return asyncio.run(_serve(scenario, seed, port, path, parent_pipe=parent_pipe))
    except (UnknownScenarioError, ForeignFileError) as error:
        return _refuse(str(error))
    except OSError as error:
        if error.errno is not None and port and error.filename is None:
            return _refuse(f"port {port} on 127.0.0.1 cannot be used: {os.strerror(error.errno)}; 0 takes a free one")
        return _refuse(f"{error.filename or 'demo'}: {error.strerror or error}")


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"mediatui demo: {sentence}\n")
    return USAGE


async def _serve(scenario: str, seed: int, port: int, path: Path | None, *, parent_pipe: bool) -> int:
    # aiohttp and cryptography are what starting costs; a wrong argument has been answered without them.
    from mediatui.demo.server import DemoServer

    server = DemoServer(scenario, seed=seed, port=port)
    gc.freeze()  # thousands of small objects that live as long as the process: not worth looking at again
    await server.start()
    folder = None if path is not None and not parent_pipe else private_folder()
    try:
        target = path or Path(str(folder)) / "kubeconfig"
        write_kubeconfig(target, kubeconfig_text(server.url, server.token, server.ca, others=server.users.others))
        ready = {"kubeconfig": str(target), "url": server.url, "folder": str(folder or ""), "pid": os.getpid()}
        with _ending(parent_pipe) as ending:
            _announce(ready, parent_pipe=parent_pipe)
            await ending.wait()
    finally:
        await server.stop()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def _announce(ready: dict[str, Any], *, parent_pipe: bool) -> None:
    if parent_pipe:
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        return
    sys.stdout.write(f"{ready['kubeconfig']}\n")
    sys.stdout.flush()
    sys.stderr.write(
        f"mediatui demo: ready at {ready['url']}; Ctrl-C ends it; "
        f"try: KUBECONFIG={ready['kubeconfig']} kubectl get pods\n"
    )


@contextlib.contextmanager
def _ending(parent_pipe: bool) -> Any:
    """Yield an event that is set when it is time to go: a signal, or the end of the parent's pipe."""
    loop = asyncio.get_running_loop()
    event = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, event.set)
    watched = sys.stdin.fileno() if parent_pipe else None

    def look() -> None:
        assert watched is not None
        if not os.read(watched, 4096):
            loop.remove_reader(watched)
            event.set()

    if watched is not None:
        loop.add_reader(watched, look)
    try:
        yield event
    finally:
        if watched is not None:
            loop.remove_reader(watched)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(number)
