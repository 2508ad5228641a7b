"""A shell in a container: what is typed, what is drawn, how large, and how it ends; and the operator's own terminal."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import signal
import termios
from collections.abc import AsyncIterator, Iterator

import pytest
from aiohttp import web

from mediatui.clients.kube.cluster import KubeCluster
from mediatui.errors import ClusterError, Interrupted, Invalid, NotFound, NotPermitted, Unreachable, UsageError
from mediatui.interfaces import Pods, Terminal, TerminalSize
from mediatui.rawterminal import raw_terminal
from tests.clients.kube.doubles import HandClock, cluster_at
from tests.clients.kube.kubelet_streams import (
    EXEC,
    SONARR,
    V4,
    V5,
    Watched,
    exited,
    failed,
    raw,
    saying,
    server_frame,
    talking,
)
from tests.support.faulty_server import FaultyServer, Step, status
from tests.support.waiting import until


class Paper:
    """A terminal that a test types on."""

    def __init__(self) -> None:
        self.shown = b""
        self.now = TerminalSize(80, 24)
        self._typed: asyncio.Queue[bytes] = asyncio.Queue()
        self._changed = asyncio.Event()

    def type(self, keys: bytes) -> None:
        self._typed.put_nowait(keys)

    def resize(self, columns: int, rows: int) -> None:
        self.now = TerminalSize(columns, rows)
        self._changed.set()

    def size(self) -> TerminalSize:
        return self.now

    async def resized(self) -> None:
        await self._changed.wait()
        self._changed.clear()

    async def read(self) -> bytes:
        return await self._typed.get()

    async def write(self, output: bytes) -> None:
        self.shown += output


class Shell:
    """A shell that repeats what it is told; ``exit N`` ends it."""

    def __init__(self, *protocols: str) -> None:
        self.sizes: list[tuple[int, int]] = []
        self.typed = b""
        self.step = talking(self._talk, *protocols)

    async def _talk(self, socket: web.WebSocketResponse) -> None:
        await socket.send_bytes(b"\x01# ")
        async for message in socket:
            channel, data = message.data[0], message.data[1:]
            if channel == 4:
                size = json.loads(data)
                self.sizes.append((size["Width"], size["Height"]))
            elif channel == 0:
                self.typed += data
                await socket.send_bytes(b"\x01" + data)
                if self.typed.endswith(b"\r") and b"exit " in self.typed:
                    await socket.send_bytes(exited(int(self.typed.rpartition(b"exit ")[2])))
                    return


@pytest.fixture
async def cluster(server: FaultyServer) -> AsyncIterator[KubeCluster]:
    """The way to a server."""
    cluster = cluster_at(server.url, HandClock())
    yield cluster
    await cluster.close()


def opened(cluster: Pods, terminal: Terminal) -> asyncio.Task[int]:
    return asyncio.create_task(cluster.shell(SONARR, ["sh", "-i"], terminal, container="app"))


@pytest.mark.parametrize(("protocol", "code"), [(V5, 0), (V4, 7)])
async def test_a_shell_from_its_prompt_to_its_exit_code(
    server: FaultyServer, cluster: KubeCluster, protocol: str, code: int
) -> None:
    paper, there = Paper(), Shell(protocol)
    server.script(EXEC, there.step)
    session = opened(cluster, paper)
    await until(lambda: paper.shown == b"# ")
    await until(lambda: there.sizes == [(80, 24)], "the size is told")
    paper.resize(120, 40)
    await until(lambda: there.sizes == [(80, 24), (120, 40)], "the new size is told")
    paper.type(b"\x1b[A\x03\xff")
    await until(lambda: paper.shown == b"# \x1b[A\x03\xff", "it comes back byte for byte")
    paper.type(f"exit {code}\r".encode())
    assert await session == code
    asked = server.requests[0]
    assert list(asked.query) == ["stdout", "tty", "stdin", "container", "command"]
    assert asked.headers["Sec-WebSocket-Protocol"] == f"{V5}, {V4}"


async def test_a_terminal_that_is_gone_ends_the_shell(server: FaultyServer, cluster: KubeCluster) -> None:
    paper, there = Paper(), Watched(b"\x01# ")
    server.script(EXEC, there.step)
    session = opened(cluster, paper)
    await until(lambda: paper.shown)
    paper.type(b"")
    with pytest.raises(Interrupted, match="the terminal of `sh` in container app of pod sonarr is gone"):
        await session
    await until(lambda: there.closed, "the socket is closed")


@pytest.mark.parametrize(
    ("step", "kind", "sentence"),
    [
        (status(403, 'cannot create resource "pods/exec"'), NotPermitted, "cannot create"),
        (
            saying(b"\x01", failed('OCI runtime exec failed: exec: "sh": executable file not found in $PATH')),
            NotFound,
            "there is no `sh` in container app of pod sonarr",
        ),
        (saying(b"\x01# "), Unreachable, "the connection to `sh` in container app of pod sonarr ended before"),
        (raw(server_frame(2, b"\x01# "), end="abort"), Unreachable, "`sh` in container app of pod sonarr: http://"),
    ],
)
async def test_a_shell_that_ends_badly(
    server: FaultyServer, cluster: KubeCluster, step: Step, kind: type[ClusterError], sentence: str
) -> None:
    server.script(EXEC, step)
    with pytest.raises(kind) as caught:
        await asyncio.wait_for(opened(cluster, Paper()), 10)
    assert caught.value.message.startswith(sentence)


async def test_who_cancels_a_shell_closes_it(server: FaultyServer, cluster: KubeCluster) -> None:
    there = Watched()
    server.script(EXEC, there.step)
    session = opened(cluster, Paper())
    await until(lambda: there.begun)
    session.cancel()
    with pytest.raises(asyncio.CancelledError):
        await session
    await until(lambda: there.closed, "the socket is closed")


async def test_a_shell_without_a_command_is_none(cluster: KubeCluster) -> None:
    with pytest.raises(Invalid):
        await cluster.shell(SONARR, [], Paper())


@pytest.fixture
def tty() -> Iterator[tuple[int, int]]:
    """Both ends of a real terminal."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (30, 100))
    yield master, slave
    os.close(slave)
    os.close(master)


async def test_a_real_terminal_passes_every_key_on_and_is_restored(tty: tuple[int, int]) -> None:
    master, slave = tty
    before, handler = termios.tcgetattr(slave), signal.getsignal(signal.SIGWINCH)
    os.write(master, b"typed ahead\r")
    with raw_terminal(slave) as terminal:
        assert terminal.size() == TerminalSize(100, 30)
        assert termios.tcgetattr(slave) != before
        typed = b""
        keys = b"\x03\x04\x1a\r"
        os.write(master, keys)
        while not typed.endswith(keys):
            typed += await terminal.read()
        assert typed.startswith(b"typed ahead")
        waiting = asyncio.create_task(terminal.resized())
        await asyncio.sleep(0)
        termios.tcsetwinsize(slave, (40, 120))
        signal.raise_signal(signal.SIGWINCH)
        await asyncio.wait_for(waiting, 10)
        assert terminal.size() == TerminalSize(120, 40)
    assert termios.tcgetattr(slave) == before
    assert signal.getsignal(signal.SIGWINCH) is handler
    assert os.get_blocking(slave), "whoever else has the terminal is not to notice"


async def test_a_terminal_that_is_slow_does_not_stop_the_rest(tty: tuple[int, int]) -> None:
    master, slave = tty
    with raw_terminal(slave) as terminal:
        drawing = asyncio.create_task(terminal.write(b"x" * 300_000))
        for _ in range(3):
            await asyncio.sleep(0)
        assert not drawing.done()
        shown = 0
        while shown < 300_000:
            shown += len(await asyncio.to_thread(os.read, master, 65536))
        await drawing


async def test_a_terminal_that_hangs_up_reads_as_its_end() -> None:
    master, slave = pty.openpty()
    with raw_terminal(slave) as terminal:
        reading = asyncio.create_task(terminal.read())
        await asyncio.sleep(0)
        os.close(master)
        assert await asyncio.wait_for(reading, 10) == b""
        await terminal.write(b"nobody sees this")
        assert terminal.size() == TerminalSize(80, 24)
    os.close(slave)


async def test_what_is_no_terminal_is_refused() -> None:
    reading, writing = os.pipe()
    with pytest.raises(UsageError, match="a shell needs a terminal"), raw_terminal(reading):
        pass
    os.close(reading)
    os.close(writing)
