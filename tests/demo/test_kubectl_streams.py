"""kubectl's streams against the demo: commands in containers, and connections to their ports."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest

from mediatui.demo.server import DemoServer
from tests.demo.kubectl import BUSY, KUBECTL, Kubectl, needs_kubectl
from tests.support.terminal import Terminal

pytestmark = needs_kubectl


@pytest.fixture
async def kubectl(demo: DemoServer, tmp_path: Path) -> Kubectl:
    return Kubectl(demo, tmp_path)


async def test_a_commands_exit_code_comes_back(kubectl: Kubectl) -> None:
    assert await kubectl("exec", "radarr-0", "--", "echo", "hello") == "hello\n"
    said = await kubectl("exec", "radarr-0", "--", "sh", "-c", "echo well; echo no >&2; exit 3", code=3)
    assert said.splitlines()[:2] == ["well", "no"]


async def test_standard_input_goes_in_and_comes_out(kubectl: Kubectl) -> None:
    text = "line\n" * 20_000
    assert await kubectl("exec", "-i", "radarr-0", "--", "cat", stdin=text) == text
    assert await kubectl("exec", "-i", "radarr-0", "--", "sh", stdin="echo $HOSTNAME\n") == "radarr-0\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("radarr-0", "--", "nope"), 'exec: "nope": executable file not found in $PATH'),
        (("radarr-0", "--", "/nope"), 'exec: "/nope": stat /nope: no such file or directory'),
        (("radarr-0", "-c", "other", "--", "ls"), "container other is not valid for pod radarr-0"),
        (("nobody-0", "--", "ls"), 'pods "nobody-0" not found'),
        (("deploy/bazarr", "--", "ls"), 'container not found ("bazarr")'),
    ],
)
async def test_what_cannot_be_run_is_refused_in_the_real_words(
    kubectl: Kubectl, arguments: tuple[str, ...], words: str
) -> None:
    assert words in await kubectl("exec", *arguments, code=1)


async def test_a_shell_on_a_terminal(kubectl: Kubectl) -> None:
    assert KUBECTL is not None
    command = [KUBECTL, *kubectl.own, "exec", "-it", "radarr-0", "--", "sh"]
    with Terminal(command, 80, 24) as terminal:
        await asyncio.to_thread(terminal.until, r"\$", BUSY)
        terminal.send("echo $RADARR__AUTH__METHOD\r")
        await asyncio.to_thread(terminal.until, r"\nExternal", BUSY)
        terminal.send("exit 4\r")
        assert await asyncio.to_thread(terminal.exit_code, BUSY) == 4


async def test_a_port_nobody_listens_on_is_refused_in_containerds_words(kubectl: Kubectl) -> None:
    process = await kubectl.start("port-forward", "pod/radarr-0", ":9999")
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.timeout(BUSY):
        found = re.search(rb"127.0.0.1:(\d+) -> 9999", await process.stdout.readline())
        assert found is not None
        async with httpx.AsyncClient(trust_env=False) as client:
            with pytest.raises(httpx.HTTPError):
                await client.get(f"http://127.0.0.1:{int(found[1])}/")
        assert b"connect: connection refused" in await process.stderr.readline()
        if process.returncode is None:
            process.terminate()
        await process.wait()
