"""The real kubectl, run against a demo server; skipped by name where there is none."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from mediatui.demo.kubeconfig import kubeconfig_text, write_kubeconfig
from mediatui.demo.server import DemoServer
from tests.demo.asking import DEADLINE

KUBECTL = shutil.which("kubectl")
needs_kubectl = pytest.mark.skipif(KUBECTL is None, reason="kubectl is not on PATH")
BUSY = 3 * DEADLINE


class Kubectl:
    """kubectl with the demo's kubeconfig and a cache of its own."""

    def __init__(self, server: DemoServer, folder: Path) -> None:
        self.server = server
        self._config = folder / "config"
        text = kubeconfig_text(server.url, server.token, server.ca, others=server.users.others)
        write_kubeconfig(self._config, text)
        self.own = ["--kubeconfig", str(self._config), "--cache-dir", str(folder / "cache")]

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        """Start it."""
        assert KUBECTL is not None
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            KUBECTL, *self.own, *arguments, stdin=pipe, stdout=pipe, stderr=pipe
        )

    async def __call__(self, *arguments: str, code: int = 0, stdin: str = "") -> str:
        """Run it and return what it wrote, standard error too when it is to fail."""
        process = await self.start(*arguments)
        async with asyncio.timeout(BUSY):
            out, errors = await process.communicate(stdin.encode())
        assert process.returncode == code, errors.decode()
        return (out + (errors if code else b"")).decode()
