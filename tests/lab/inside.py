"""Process 1 of a node: makes its mounts and network, starts and ends its servers, and lets the API server be reached.

Run by ``node.Node`` in mount, network, PID, IPC and UTS namespaces of its own; when it ends, the kernel ends everything
in them. It knows the outside by two listening sockets that it inherits: one on the host's loopback, whose connections
it carries to the same port of the node's own loopback, and one for commands, a line of JSON each.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

BRIDGE = "10.244.0.1"
"""The node's address, which pods and the API server reach it by."""
_SYSCTLS = {
    "vm/overcommit_memory": 1,
    "vm/panic_on_oom": 0,
    "kernel/panic": 10,
    "kernel/panic_on_oops": 1,
    "kernel/keys/root_maxkeys": 1_000_000,
    "kernel/keys/root_maxbytes": 25_000_000,
}


def prepare(folder: Path, programs: Path) -> None:
    """Make mounts and network; nothing of the host is written to."""
    _run("mount", "-t", "proc", "proc", "/proc")
    groups = folder / "cgroup"
    groups.mkdir()
    _run("mount", "--rbind", "/sys/fs/cgroup", groups)
    _run("mount", "-t", "sysfs", "sysfs", "/sys")
    _run("mount", "--rbind", groups, "/sys/fs/cgroup")
    for name in ("var", "etc", "opt"):
        upper, work = folder / "overlay" / name, folder / "overlay" / f"{name}.work"
        upper.mkdir(parents=True)
        work.mkdir()
        _run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir=/{name},upperdir={upper},workdir={work}", f"/{name}")
    _run("mount", "-t", "tmpfs", "tmpfs", "/run")
    for path in ("/var/lib/kubelet", "/var/lib/containerd", "/var/log/pods"):
        own = folder / Path(path).name
        own.mkdir()
        Path(path).mkdir(parents=True, exist_ok=True)
        _run("mount", "--bind", own, path)
    Path("/var/log/containers").mkdir(parents=True, exist_ok=True)
    # The kubelet sets these for the whole machine; plain files take it in instead.
    (folder / "sysctl").mkdir()
    for key, value in _SYSCTLS.items():
        file = folder / "sysctl" / key.replace("/", "_")
        file.write_text(f"{value}\n")
        _run("mount", "--bind", file, f"/proc/sys/{key}")
    _run("mount", "--make-rshared", "/")
    _network(folder, programs)


def _network(folder: Path, programs: Path) -> None:
    socket.sethostname(folder.name)
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "link", "add", "cni0", "type", "bridge")
    _run("ip", "addr", "add", f"{BRIDGE}/24", "dev", "cni0")
    _run("ip", "link", "set", "cni0", "up")
    _run("ip", "route", "add", "default", "via", BRIDGE)
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    settings = Path("/etc/cni/net.d")
    settings.mkdir(parents=True, exist_ok=True)
    for other in settings.iterdir():
        other.unlink()
    subnet = {"subnet": "10.244.0.0/24", "rangeStart": "10.244.0.10"}
    plugin = {
        "type": "bridge",
        "bridge": "cni0",
        "isGateway": True,
        "hairpinMode": True,
        "ipam": {"type": "host-local", "ranges": [[subnet]], "routes": [{"dst": "0.0.0.0/0"}]},
    }
    (settings / "10-lab.conflist").write_text(json.dumps({"cniVersion": "1.0.0", "name": "lab", "plugins": [plugin]}))
    Path("/opt/cni").mkdir(exist_ok=True)
    Path("/opt/cni/bin").symlink_to(programs / "usr/lib/cni")


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stderr.strip()}")


class Supervisor:
    """Starts processes and remembers which have ended; as process 1 it inherits and buries everybody's orphans."""

    def __init__(self) -> None:
        self._ended: dict[int, int] = {}

    def bury(self) -> None:
        """Take note of every process that has ended."""
        with contextlib.suppress(ChildProcessError):
            while (gone := os.waitpid(-1, os.WNOHANG))[0]:
                self._ended[gone[0]] = os.waitstatus_to_exitcode(gone[1])

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Carry out a command: ``start``, ``signal`` or ``ended``."""
        match asked["do"]:
            case "start":
                return {"pid": _start(asked["command"], Path(asked["log"]))}
            case "signal":
                with contextlib.suppress(ProcessLookupError):
                    os.kill(asked["pid"], asked["number"])
                return {}
            case _:
                return {"code": self._ended.get(asked["pid"])}


def _start(command: list[str], log: Path) -> int:
    with log.open("ab") as file:
        output = [(os.POSIX_SPAWN_DUP2, file.fileno(), number) for number in (1, 2)]
        nothing = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
        return os.posix_spawnp(command[0], command, os.environ, file_actions=[nothing, *output], setsid=True)


async def serve(outside: socket.socket, commands: socket.socket) -> None:
    """Answer commands and carry connections until killed."""
    supervisor = Supervisor()
    asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, supervisor.bury)
    port: int = outside.getsockname()[1]

    async def obey(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(json.dumps(supervisor.answer(json.loads(line))).encode() + b"\n")
            await writer.drain()
        writer.close()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_copy(reader, back), _copy(there, writer))

    async with await asyncio.start_server(carry, sock=outside), await asyncio.start_unix_server(obey, sock=commands):
        await asyncio.Event().wait()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while block := await reader.read(1 << 16):
            writer.write(block)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), Path(sys.argv[2]))
    asyncio.run(serve(socket.socket(fileno=int(sys.argv[3])), socket.socket(fileno=int(sys.argv[4]))))
