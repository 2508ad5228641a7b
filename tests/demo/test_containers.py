"""What is inside the demo's containers: a shell that says what it does not know, programs, files and a GPU."""

from __future__ import annotations

import pytest

from mediatui.demo.containers.container import Console, Container
from mediatui.demo.containers.files import Entry, Files, Mount
from mediatui.demo.containers.hardware import DEVICES, VAINFO, vainfo
from mediatui.demo.containers.programs import PROGRAMS
from mediatui.demo.containers.shell import shell
from tests.demo.asking import TurnedClock


def container(*, user: int = 1000, groups: tuple[int, ...] = (1000,), gpu: bool = False) -> Container:
    config = {"config.xml": b"<Config/>\n", "logs/app.txt": b"one\ntwo\n"}
    mounts = (
        Mount("/config", config, "/dev/longhorn/pvc-1", 10 << 30, 3 << 30, owner=1000),
        Mount("/media", {}, "/dev/longhorn/pvc-2", 1 << 40, read_only=True),
    )
    image = {"/etc/os-release": Entry(b"ID=alpine\n"), "/root/key": Entry(b"secret", mode=0o100600)}
    if gpu:
        image |= DEVICES
    files = Files(image, mounts, writable=False)
    programs = {**PROGRAMS, VAINFO: vainfo}
    variables = {"TZ": "Europe/Berlin"}
    return Container(
        "app", "app-0", "example/app:1", "/app/run", files, variables, user, groups, TurnedClock(), programs
    )


async def run(script: str, inside: Container | None = None, stdin: bytes = b"") -> tuple[int, str, str]:
    """Run a script and return exit code, standard output and standard error."""
    out, err, left = bytearray(), bytearray(), [stdin] if stdin else []

    async def read() -> bytes:
        return left.pop() if left else b""

    async def write(data: bytes) -> None:
        out.extend(data)

    async def complain(data: bytes) -> None:
        err.extend(data)

    console = Console(inside or container(), ("sh", "-c", script), read, write, complain)
    return await shell(console), out.decode(), err.decode()


@pytest.mark.parametrize(
    ("script", "code", "out"),
    [
        ("echo a b", 0, "a b\n"),
        ("echo -n a; echo b", 0, "ab\n"),
        ("false; echo $?", 0, "1\n"),
        ("false && echo no; true || echo no; echo end", 0, "end\n"),
        ("exit 7; echo no", 7, ""),
        ("cat /config/logs/app.txt | head -n 1", 0, "one\n"),
        ("cat < /config/config.xml | wc -c", 0, "10\n"),
        ("echo $TZ '$TZ' \"in ${TZ}\"", 0, "Europe/Berlin $TZ in Europe/Berlin\n"),
        ("A=5; echo $A", 0, "5\n"),
        ("echo /config/*.xml /config/*.db", 0, "/config/config.xml /config/*.db\n"),
        ("echo new > /config/new; echo more >> /config/new; cat /config/new", 0, "new\nmore\n"),
        ("rm /config/config.xml; ls /config", 0, "logs\n"),
        ("[ -f /config/config.xml ] && echo there", 0, "there\n"),
        ("test -w /media || echo no", 0, "no\n"),
        ("nope 2>/dev/null; echo $?", 0, "127\n"),
        ("head -c 4 /config/config.xml", 0, "<Con"),
        ("ls /", 0, "config\netc\nmedia\nroot\n"),
        ("# nothing", 0, ""),
    ],
)
async def test_scripts(script: str, code: int, out: str) -> None:
    assert await run(script) == (code, out, "")


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        ("for a in b; do echo; done", 2, "this shell does not know 'for'"),
        ("echo $(date)", 2, "this shell does not know"),
        ("echo 'open", 2, "No closing quotation"),
        ("true | ", 2, 'unexpected "|"'),
        ("nope", 127, "nope: not found"),
        ("cat /nowhere", 1, "No such file or directory"),
        ("cat /config", 1, "Is a directory"),
        ("cat /root/key", 1, "Permission denied"),
        ("echo a > /media/a", 1, "Read-only file system"),
        ("touch /etc/a", 1, "Read-only file system"),
        ("ls /nowhere", 2, "No such file or directory"),
        ("df /nowhere", 1, "can't find mount point"),
    ],
)
async def test_what_cannot_be_done_is_said(script: str, code: int, said: str) -> None:
    got, out, err = await run(script)
    assert (got, out) == (code, "")
    assert said in err


async def test_df_shows_how_full_a_volume_is() -> None:
    _, out, _ = await run("df -B1 /config/logs")
    assert out.splitlines()[1].split() == [
        "/dev/longhorn/pvc-1",
        str(10 << 30),
        str((3 << 30) + 18),
        str((7 << 30) - 18),
        "31%",
        "/config",
    ]
    _, out, _ = await run("df -i /config")
    assert out.splitlines()[1].split()[1] == "655360"


@pytest.mark.parametrize(
    ("gpu", "user", "groups", "code", "said"),
    [
        (True, 1000, (1000, 44, 104), 0, "VAProfileHEVCMain10"),
        (True, 0, (0,), 0, "VAProfileHEVCMain10"),
        (True, 1000, (1000,), 2, "Permission denied"),
        (False, 0, (0,), 2, "No such file"),
    ],
)
async def test_the_gpu_opens_to_who_may(gpu: bool, user: int, groups: tuple[int, ...], code: int, said: str) -> None:
    got, out, err = await run(VAINFO, container(gpu=gpu, user=user, groups=groups))
    assert got == code
    assert said in out + err


async def test_the_gpus_devices_are_listed_with_their_groups() -> None:
    _, out, _ = await run("ls -ln /dev/dri", container(gpu=True))
    rows = [line.split() for line in out.splitlines()[1:]]
    assert [(row[0], row[3], row[-1]) for row in rows] == [
        ("crw-rw----", "44", "card0"),
        ("crw-rw----", "104", "renderD128"),
    ]


async def test_a_script_may_come_from_standard_input() -> None:
    out = bytearray()
    given = [b"echo one\n", b"exit 3\n"]

    async def read() -> bytes:
        return given.pop(0) if given else b""

    async def write(data: bytes) -> None:
        out.extend(data)

    console = Console(container(), ("sh",), read, write, write)
    assert await shell(console) == 3
    assert out == b"one\n"
