"""The programs that are in every image of the demo, as far as anybody asks them something."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from mediatui.demo.containers.container import Console, Program
from mediatui.demo.containers.files import Entry, Mount, ReadOnlyError
from mediatui.demo.containers.shell import shell

_KIB: Final = 1024
_NAMES: Final = {0: "root", 44: "video", 104: "render", 1000: "app"}


async def cat(console: Console) -> int:
    """Copy files, or standard input, to standard output."""
    code = 0
    for path in console.arguments or ("-",):
        if path == "-":
            while part := await console.read():
                await console.out(part)
            continue
        entry = console.container.files.find(path)
        if entry is None:
            code = await console.complain(f"{path}: No such file or directory")
        elif entry.is_folder:
            code = await console.complain(f"{path}: Is a directory")
        elif not _may_read(console, entry):
            code = await console.complain(f"{path}: Permission denied")
        else:
            await console.out(entry.data)
    return code


async def echo(console: Console) -> int:
    """Write the arguments."""
    words = list(console.arguments)
    end = "" if words[:1] == ["-n"] else "\n"
    await console.out((" ".join(words[1:] if not end else words) + end).encode())
    return 0


async def head(console: Console) -> int:
    """Write the first bytes (``-c N``) or lines (``-n N``) of a file or of standard input."""
    count, unit, paths = 10, "n", []
    words = iter(console.arguments)
    for word in words:
        if word[:2] in ("-c", "-n"):
            unit, number = word[1], word[2:] or next(words, "")
            if not number.isdigit():
                return await console.complain(f"invalid number of {'bytes' if unit == 'c' else 'lines'}: '{number}'")
            count = int(number)
        else:
            paths.append(word)
    if not paths:
        data = await console.whole_input()
    else:
        entry = console.container.files.find(paths[0])
        if entry is None or entry.is_folder:
            return await console.complain(f"cannot open '{paths[0]}' for reading: No such file or directory")
        data = entry.data
    await console.out(data[:count] if unit == "c" else b"".join(data.splitlines(keepends=True)[:count]))
    return 0


async def wc(console: Console) -> int:
    """Count the bytes (``-c``) or lines of standard input."""
    data = await console.whole_input()
    await console.say(str(len(data) if "-c" in console.arguments else data.count(b"\n")))
    return 0


async def ls(console: Console) -> int:
    """List folders; knows ``-l``, ``-n``, ``-a``, ``-A``, ``-1``, ``-d``."""
    flags = {letter for word in console.arguments if word.startswith("-") for letter in word[1:]}
    paths = [word for word in console.arguments if not word.startswith("-")] or ["/"]
    files, code = console.container.files, 0
    for path in paths:
        entry = files.find(path)
        if entry is None:
            code = await console.complain(f"{path}: No such file or directory", 2)
            continue
        rows = [(path, entry)] if "d" in flags or not entry.is_folder else list(_listed(console, path))
        if len(paths) > 1 and entry.is_folder:
            await console.say(f"{path}:")
        if flags & {"l", "n"}:
            if entry.is_folder and "d" not in flags:
                await console.say("total 0")
            for name, row in rows:
                await console.say(_long(name, row, numeric="n" in flags, now=console.container.clock.now()))
        else:
            await console.out("".join(f"{name}\n" for name, _ in rows).encode())
    return code


def _listed(console: Console, path: str) -> Iterator[tuple[str, Entry]]:
    for name in console.container.files.names(path):
        entry = console.container.files.find(f"{path}/{name}")
        assert entry is not None
        yield name, entry


def _long(name: str, entry: Entry, *, numeric: bool, now: float) -> str:
    user = str(entry.user) if numeric else _NAMES.get(entry.user, str(entry.user))
    group = str(entry.group) if numeric else _NAMES.get(entry.group, str(entry.group))
    size = "{}, {:>3}".format(*entry.device) if entry.device else str(len(entry.data))
    day = datetime.fromtimestamp(now, UTC)
    return f"{stat.filemode(entry.mode)}    1 {user:<8} {group:<8} {size:>9} {day:%b %e %H:%M} {name}"


async def df(console: Console) -> int:
    """Show how full file systems are; knows ``-P``, ``-k``, ``-B1``, ``-h`` and ``-i``."""
    flags = "".join(word[1:] for word in console.arguments if word.startswith("-"))
    paths = [word for word in console.arguments if not word.startswith("-")]
    files = console.container.files
    for path in paths:
        if files.find(path) is None:
            return await console.complain(f"{path}: can't find mount point")
    shown = [files.mount_of(path) for path in paths] if paths else [files.root, *files.mounts]
    if "i" in flags:
        await console.say(f"{'Filesystem':<20} {'Inodes':>10} {'Used':>10} {'Available':>10} Capacity Mounted on")
        for mount in shown:
            await console.say(_row(mount, mount.inodes, len(mount.files) + mount.used // (256 * _KIB), 1))
        return 0
    unit = 1 if "B1" in flags else _KIB
    title = "1-blocks" if unit == 1 else "1024-blocks"
    await console.say(f"{'Filesystem':<20} {title:>10} {'Used':>10} {'Available':>10} Capacity Mounted on")
    for mount in shown:
        await console.say(_row(mount, mount.capacity, mount.taken, unit))
    return 0


def _row(mount: Mount, size: int, used: int, unit: int) -> str:
    percent = -(-used * 100 // size) if size else 0
    figures = f"{size // unit:>10} {used // unit:>10} {(size - used) // unit:>10} {percent:>7}%"
    return f"{mount.source:<20} {figures} {mount.path}"


async def identify(console: Console) -> int:
    """Say who runs: ``id``, ``id -u``, ``id -g``, ``id -G``."""
    user, groups = console.container.user, console.container.groups
    match console.arguments:
        case ("-u",):
            await console.say(str(user))
        case ("-g",):
            await console.say(str(groups[0]))
        case ("-G",):
            await console.say(" ".join(map(str, groups)))
        case _:
            listed = ",".join(_called(group) for group in groups)
            await console.say(f"uid={_called(user)} gid={_called(groups[0])} groups={listed}")
    return 0


def _called(number: int) -> str:
    return f"{number}({_NAMES[number]})" if number in _NAMES else str(number)


async def environment(console: Console) -> int:
    """Write the variables, or one of them."""
    variables: Mapping[str, str] = console.container.environment
    if console.arguments:
        value = variables.get(console.arguments[0])
        if value is not None:
            await console.say(value)
        return 1 if value is None else 0
    for name, value in variables.items():
        await console.say(f"{name}={value}")
    return 0


async def processes(console: Console) -> int:
    """List the processes: the app's, and this."""
    await console.say("PID   USER     TIME  COMMAND")
    user = _NAMES.get(console.container.user, str(console.container.user))
    await console.say(f"    1 {user:<8}  0:00 {console.container.command}")
    await console.say(f"   97 {user:<8}  0:00 {' '.join(console.words)}")
    return 0


async def sleep(console: Console) -> int:
    """Wait."""
    try:
        seconds = float(console.arguments[0])
    except (IndexError, ValueError):
        return await console.complain("invalid time interval")
    await asyncio.sleep(seconds)
    return 0


async def touch(console: Console) -> int:
    """Make files that are not there."""
    for path in console.arguments:
        try:
            if console.container.files.find(path) is None:
                console.container.files.write(path, b"")
        except ReadOnlyError:
            return await console.complain(f"{path}: Read-only file system")
    return 0


async def remove(console: Console) -> int:
    """Remove files."""
    for path in console.arguments:
        if path.startswith("-"):
            continue
        try:
            console.container.files.remove(path)
        except FileNotFoundError:
            if "-f" not in console.arguments:
                return await console.complain(f"can't remove '{path}': No such file or directory")
        except ReadOnlyError:
            return await console.complain(f"can't remove '{path}': Read-only file system")
    return 0


async def test(console: Console) -> int:
    """Tell whether a path is there: ``-e``, ``-f``, ``-d``, ``-s``, ``-w``, ``-r``, ``-c``."""
    words = [word for word in console.arguments if word != "]"]
    if len(words) != 2:
        return 2
    flag, path = words
    entry = console.container.files.find(path)
    if entry is None:
        return 1
    mount = console.container.files.mount_of(path)
    holds = {
        "-f": stat.S_ISREG(entry.mode),
        "-d": entry.is_folder,
        "-c": stat.S_ISCHR(entry.mode),
        "-s": bool(entry.data),
        "-r": _may_read(console, entry),
        "-w": not mount.read_only and (mount.path != "/" or console.container.files.writable),
    }
    return 0 if holds.get(flag, True) else 1


async def hostname(console: Console) -> int:
    """Write the pod's name."""
    await console.say(console.container.host)
    return 0


async def date(console: Console) -> int:
    """Write the time."""
    now = datetime.fromtimestamp(console.container.clock.now(), UTC)
    if console.arguments == ("+%s",):
        await console.say(str(int(now.timestamp())))
    else:
        await console.say(f"{now:%a %b %e %H:%M:%S UTC %Y}")
    return 0


async def succeed(_: Console) -> int:
    """Do nothing, well."""
    return 0


async def fail(_: Console) -> int:
    """Do nothing, badly."""
    return 1


def _may_read(console: Console, entry: Entry) -> bool:
    container = console.container
    if container.user == 0:
        return True
    if entry.user == container.user:
        return bool(entry.mode & 0o400)
    return bool(entry.mode & (0o040 if entry.group in container.groups else 0o004))


PROGRAMS: Final[Mapping[str, Program]] = {
    "[": test,
    "ash": shell,
    "bash": shell,
    "cat": cat,
    "date": date,
    "df": df,
    "echo": echo,
    "env": environment,
    "false": fail,
    "head": head,
    "hostname": hostname,
    "id": identify,
    "ls": ls,
    "printenv": environment,
    "ps": processes,
    "rm": remove,
    "sh": shell,
    "sleep": sleep,
    "test": test,
    "touch": touch,
    "true": succeed,
    "wc": wc,
}
"""What can be run, by name; one more is a function and a line here."""
