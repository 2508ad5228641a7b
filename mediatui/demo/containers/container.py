"""A container as the programs in it see it, and what they read from and write to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from mediatui.demo.clock import Clock
from mediatui.demo.containers.files import Files

Program = Callable[["Console"], Awaitable[int]]
"""What a command does; returns its exit code."""
_EOF: Final = 4  # Ctrl-D


@dataclass(frozen=True, slots=True)
class Container:
    """A running container.

    Args:
        name: Its name.
        host: The pod's name, its host name.
        image: Its image.
        command: What runs as process 1.
        files: Its file system.
        environment: Its variables.
        user: The user id of its processes.
        groups: Their group ids, the first one's first.
        clock: The time.
    """

    name: str
    host: str
    image: str
    command: str
    files: Files
    environment: Mapping[str, str]
    user: int
    groups: tuple[int, ...]
    clock: Clock
    programs: Mapping[str, Program] = field(default_factory=dict)
    """What can be run: by name what is on the PATH, by its path what is not."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when it has ended, and every program in it with it."""

    def program(self, name: str) -> Program | None:
        """Return the program of a name or path, None where there is none."""
        folder, _, base = name.rpartition("/")
        return self.programs.get(base if folder in ("/bin", "/usr/bin") else name)


@dataclass(frozen=True, slots=True)
class Console:
    """One run of a program.

    Args:
        container: Where.
        words: The program's name and its arguments.
        read: Returns more of standard input, empty at its end.
        out: Takes standard output.
        err: Takes standard error.
        terminal: Whether a terminal is at the other end.
    """

    container: Container
    words: tuple[str, ...]
    read: Callable[[], Awaitable[bytes]]
    out: Callable[[bytes], Awaitable[None]]
    err: Callable[[bytes], Awaitable[None]]
    terminal: bool = False

    @property
    def arguments(self) -> tuple[str, ...]:
        """What comes behind the program's name."""
        return self.words[1:]

    async def say(self, text: str) -> None:
        """Write a line to standard output."""
        await self.out(f"{text}\n".encode())

    async def complain(self, text: str, code: int = 1) -> int:
        """Write a line to standard error, with the program's name, and return an exit code."""
        await self.err(f"{self.words[0]}: {text}\n".encode())
        return code

    async def whole_input(self) -> bytes:
        """Return standard input to its end."""
        parts = []
        while part := await self.read():
            if self.terminal and _EOF in part:
                break
            parts.append(part)
        return b"".join(parts)


async def nothing() -> bytes:
    """Read from nowhere."""
    return b""
