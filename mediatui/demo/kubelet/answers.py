"""What commands in containers answer: scripted, never run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command gives back."""

    stdout: bytes = b""
    stderr: bytes = b""
    exit_code: int = 0


Script = Callable[[Sequence[str], bytes], Answer | None]


class ExecBook:
    """Answers for commands; the first script that knows one gives it."""

    def __init__(self) -> None:
        self._scripts: list[Script] = []

    def add(self, script: Script) -> None:
        """Add a script: command and standard input to an answer, None for a command that it does not know."""
        self._scripts.append(script)

    def answer(self, command: Sequence[str], stdin: bytes) -> Answer | None:
        """Return what a command gives back, None where no script knows it: there is no such file in the container."""
        for script in self._scripts:
            answer = script(command, stdin)
            if answer is not None:
                return answer
        return None
