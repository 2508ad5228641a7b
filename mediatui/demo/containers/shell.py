"""A shell small enough to be honest: commands, pipes, `;`, `&&`, `||`, redirections, variables and patterns."""

from __future__ import annotations

import re
import shlex
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from mediatui.demo.containers.container import Console, nothing
from mediatui.demo.containers.files import ReadOnlyError

_OPERATORS: Final = (";", "&&", "||", "|", "\n")
_REDIRECTIONS: Final = (">", ">>", "<", ">&")
_VARIABLE: Final = re.compile(r"\$(?:\{(\w+)\}|(\w+)|(\?))")
_UNKNOWN: Final = {"&", "(", ")", "if", "for", "while", "case", "until", "{"}
_MISSING: Final = 127


class SyntaxProblemError(Exception):
    """A script that this shell does not understand."""


@dataclass(slots=True)
class _Command:
    words: list[str] = field(default_factory=list)
    redirections: list[tuple[str, str, str]] = field(default_factory=list)
    """Descriptor, operator and target."""


@dataclass(slots=True)
class _Pipeline:
    joined_by: str
    commands: list[_Command]


async def shell(console: Console) -> int:
    """Run ``sh -c SCRIPT``, a script from standard input, or a prompt on a terminal."""
    arguments = [word for word in console.arguments if word not in ("-l", "-i")]
    if arguments and arguments[0].endswith("c") and arguments[0].startswith("-"):
        if len(arguments) < 2:
            return await console.complain("-c requires an argument", 2)
        return await _Run(console).script(arguments[1])
    if arguments:
        return await console.complain(f"0: cannot open {arguments[0]}: No such file", _MISSING)
    if console.terminal:
        return await _prompt(console)
    return await _Run(console).script((await console.whole_input()).decode("utf-8", "replace"))


async def _prompt(console: Console) -> int:
    """Read lines from a terminal and run them, echoing what is typed, until `exit` or Ctrl-D."""
    run, line = _Run(console), ""
    mark = b"# " if console.container.user == 0 else b"$ "
    await console.out(mark)
    while typed := await console.read():
        for letter in typed.decode("utf-8", "replace"):
            match letter:
                case "\r" | "\n":
                    await console.out(b"\n")
                    await run.script(line)
                    if run.left:
                        return run.code
                    line = ""
                    await console.out(mark)
                case "\x04" if not line:
                    await console.out(b"\n")
                    return run.code
                case "\x03":
                    await console.out(b"^C\n" + mark)
                    line = ""
                case "\x7f" | "\b":
                    if line:
                        line = line[:-1]
                        await console.out(b"\b \b")
                case _ if letter.isprintable():
                    line += letter
                    await console.out(letter.encode())
    return run.code


class _Run:
    """One shell process.

    Args:
        console: What it reads from and writes to.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._variables: dict[str, str] = dict(console.container.environment)
        self.code = 0
        self.left = False
        """Whether it was told to exit."""

    async def script(self, text: str) -> int:
        """Run a script and return the last command's exit code."""
        try:
            pipelines = _parsed(text)
        except (SyntaxProblemError, ValueError) as error:
            self.code = await self._console.complain(f"syntax error: {error}", 2)
            return self.code
        for pipeline in pipelines:
            if (pipeline.joined_by, self.code == 0) in (("&&", False), ("||", True)):
                continue
            await self._pipeline(pipeline.commands)
            if self.left:
                break
        return self.code

    async def _pipeline(self, commands: list[_Command]) -> None:
        read = self._console.read
        for number, command in enumerate(commands):
            if number == len(commands) - 1:
                self.code = await self._command(command, read, self._console.out)
                return
            passed = bytearray()
            await self._command(command, read, _into(passed))
            read = _from(bytes(passed))

    async def _command(
        self, command: _Command, read: Callable[[], Awaitable[bytes]], out: Callable[[bytes], Awaitable[None]]
    ) -> int:
        words = [word for raw in command.words for word in self._expanded(raw)]
        console = replace(self._console, words=tuple(words) or ("sh",), read=read, out=out)
        targets: list[tuple[str, bytearray, bool]] = []
        for descriptor, operator, target in command.redirections:
            place = self._expanded(target)[0]
            if operator == "<":
                entry = self._console.container.files.find(place)
                if entry is None:
                    return await self._console.complain(f"cannot open {place}: No such file", 1)
                console = replace(console, read=_from(entry.data))
            elif operator == ">&":
                same = console.err if place == "2" else console.out
                console = replace(console, out=same) if descriptor == "1" else replace(console, err=same)
            else:
                written = bytearray()
                targets.append((place, written, operator == ">>"))
                sink = _into(written)
                console = replace(console, out=sink) if descriptor == "1" else replace(console, err=sink)
        code = await self._run(words, console) if words else 0
        for place, written, append in targets:
            code = code or await self._write(place, bytes(written), append=append)
        return code

    async def _run(self, words: list[str], console: Console) -> int:
        name, _, value = words[0].partition("=")
        if len(words) == 1 and value and name.isidentifier():
            self._variables[name] = value
            return 0
        match words:
            case ["exit", *rest]:
                self.left = True
                return int(rest[0]) & 255 if rest and rest[0].isdigit() else self.code
            case [":"]:
                return 0
            case ["command", "-v", name]:
                if console.container.program(name) is None:
                    return _MISSING
                await console.say(name if "/" in name else f"/bin/{name}")
                return 0
            case ["exec", *rest] if rest:
                self.left = True
                return await self._run(rest, replace(console, words=tuple(rest)))
            case [name, *_]:
                program = console.container.program(name)
                if program is None:
                    await console.err(f"sh: {name}: not found\n".encode())
                    return _MISSING
                return await program(console)
        return 0

    async def _write(self, place: str, data: bytes, *, append: bool) -> int:
        files = self._console.container.files
        if place == "/dev/null":
            return 0
        before = files.find(place)
        try:
            files.write(place, (before.data if before and append else b"") + data)
        except (IsADirectoryError, ReadOnlyError) as error:
            why = "Is a directory" if isinstance(error, IsADirectoryError) else "Read-only file system"
            return await self._console.complain(f"can't create {place}: {why}", 1)
        return 0

    def _expanded(self, raw: str) -> list[str]:
        if raw.startswith("'"):
            return [raw.strip("'")]
        known: Mapping[str, str] = {**self._variables, "?": str(self.code)}
        text = _VARIABLE.sub(lambda found: known.get(found[1] or found[2] or found[3], ""), raw)
        if raw.startswith('"'):
            return [text.strip('"')]
        if any(letter in text for letter in "*?["):
            return self._console.container.files.matches(text) or [text]
        return text.split() if "$" in raw else [text]


def _parsed(text: str) -> list[_Pipeline]:
    pipelines = [_Pipeline(";", [_Command()])]
    tokens = _tokens(text)
    while tokens:
        token = tokens.pop(0)
        command = pipelines[-1].commands[-1]
        if token in _UNKNOWN:
            raise SyntaxProblemError(f"this shell does not know {token!r}")
        if token == "|":
            pipelines[-1].commands.append(_Command())
        elif token in _OPERATORS:
            pipelines.append(_Pipeline(token, [_Command()]))
        elif token in _REDIRECTIONS:
            if not tokens:
                raise SyntaxProblemError("unexpected end of line")
            numbered = command.words and command.words[-1] in ("1", "2")
            descriptor = command.words.pop() if numbered else "1"
            command.redirections.append((descriptor, token, tokens.pop(0)))
        else:
            command.words.append(token)
    if any(not one.words and not one.redirections for line in pipelines for one in line.commands[1:]):
        raise SyntaxProblemError('unexpected "|"')
    return [line for line in pipelines if line.commands[0].words or line.commands[0].redirections]


def _tokens(text: str) -> list[str]:
    lexer = shlex.shlex(text, posix=False, punctuation_chars=";|&<>()\n")
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = "#"
    return list(lexer)


def _into(target: bytearray) -> Callable[[bytes], Awaitable[None]]:
    async def write(data: bytes) -> None:
        target.extend(data)

    return write


def _from(data: bytes) -> Callable[[], Awaitable[bytes]]:
    parts = [data] if data else []

    async def read() -> bytes:
        return parts.pop() if parts else await nothing()

    return read
