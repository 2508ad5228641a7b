"""How a command in a pod ended: its exit code, or why it could not be run."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from mediatui.clients.kube.streams.sockets import explained
from mediatui.clients.kube.translate import Status, from_status
from mediatui.errors import ClusterError, Invalid, NotFound, ServerFailed
from mediatui.text import printable

_MISSING: Final = re.compile(
    r"executable file [^:]{0,200}not found|exec: \"[^\"]*\": stat [^:]*: no such file or directory"
    r"|exec: \"[^\"]*\": no such file or directory"
)
"""In the words of runc and crun."""
_UNUSABLE: Final = re.compile(r"exec: \"[^\"]*\": (permission denied|is a directory|exec format error)")
_RUNTIME: Final = re.compile(r"^.*OCI runtime exec failed: ", re.DOTALL)


class _Cause(msgspec.Struct, gc=False):
    reason: str | None = None
    message: str | None = None


class _Details(msgspec.Struct, gc=False):
    causes: list[_Cause] | None = None


class _Outcome(msgspec.Struct, gc=False):
    status: str | None = None
    message: str | None = None
    reason: str | None = None
    code: int | None = None
    details: _Details | None = None


_OUTCOME: Final = msgspec.json.Decoder(_Outcome)


def exit_code(raw: bytes, command: str, place: str) -> int:
    """Return the exit code that the Status on the error channel says.

    Args:
        raw: The Status.
        command: The command's name, printable.
        place: Where it ran, printable.

    Raises:
        NotFound: There is no such command, or its container does not run.
        Invalid: It is no program that can be executed.
        ServerFailed: The container runtime could not run it for another reason.
        ClusterError: Of the kind that says what else went wrong.
    """
    try:
        outcome = _OUTCOME.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        said = printable(raw[:200].decode("utf-8", "replace"))
        raise ServerFailed(f"how `{command}` in {place} ended cannot be read: {said}") from error
    if outcome.status == "Success":
        return 0
    if outcome.reason == "NonZeroExitCode" and outcome.details is not None:
        for cause in outcome.details.causes or ():
            if cause.reason == "ExitCode" and (cause.message or "").isdecimal():
                return int(cause.message or "")
    raise _failure(outcome, command, place)


def _failure(outcome: _Outcome, command: str, place: str) -> ClusterError:
    said = " ".join((outcome.message or "").split())
    code, reason = outcome.code or 500, printable(outcome.reason or "")
    if _MISSING.search(said):
        return NotFound(f"there is no `{command}` in {place}", "the image may not have it", status=code, reason=reason)
    if unusable := _UNUSABLE.search(said):
        return Invalid(f"`{command}` in {place} cannot be executed: {unusable[1]}", status=code, reason=reason)
    general = Status(message=_RUNTIME.sub("", said) or None, reason=outcome.reason, code=outcome.code)
    error = explained(from_status(general))
    return type(error)(f"`{command}` in {place}: {error.message}", error.hint, status=error.status, reason=error.reason)
