"""Credential plugins (client.authentication.k8s.io): run without a terminal, bounded in time, and remembered.

The protocol is https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins.
A plugin never gets the terminal: inside a full-screen program it would read its keys and write over its picture.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import shutil
import signal
import ssl
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from mediatui.clients.kube.auth import HEADER_VALUE
from mediatui.clients.kube.tls import load_pair
from mediatui.errors import KubeconfigError, Unauthenticated
from mediatui.interfaces import Clock
from mediatui.text import printable

VERSIONS: Final = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
TIMEOUT: Final = 30.0
"""Seconds for one run; signing in through a browser is for kubectl, not for a program that owns the screen."""
_AGAIN: Final = 60.0
"""Seconds between two runs that a 401 asks for: a plugin whose tokens are refused must not run for every request."""
_REMEMBER_FAILURE: Final = 5.0
_REMEMBER_FAILURE_MOST: Final = 30.0
_OUTPUT_MOST: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class PluginCommand:
    """What to run, and what to say where it is missing."""

    command: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    """The whole environment of the plugin, ``KUBERNETES_EXEC_INFO`` included."""
    version: str
    install_hint: str
    where: str
    """The kubeconfig and its user, for messages."""

    @property
    def name(self) -> str:
        """The plugin's name for messages."""
        return printable(Path(self.command).name)


@dataclass(frozen=True, slots=True)
class _Issued:
    authorization: str = field(repr=False)
    expires: float | None
    issued: float

    def usable(self, now: float) -> bool:
        if self.expires is None:
            return True
        # A plugin may live with credentials of seconds: a fixed margin would run it for every request.
        return now < self.expires - min(10.0, 0.1 * (self.expires - self.issued))


def plugin_command(entry: Any, cluster: Mapping[str, Any], environ: Mapping[str, str], where: str) -> PluginCommand:
    """Return the command that a kubeconfig's ``exec`` describes.

    Raises:
        KubeconfigError: It is incomplete, of a protocol that is gone, needs a terminal, or is not installed.
    """
    if not isinstance(entry, dict) or not isinstance(entry.get("command"), str) or not entry["command"]:
        raise KubeconfigError(f"{where}: exec names no command")
    command, version = entry["command"], entry.get("apiVersion")
    if version not in VERSIONS:
        raise KubeconfigError(
            f"{where}: exec apiVersion {printable(str(version))!r} is not supported",
            f"it is one of {', '.join(VERSIONS)}",
        )
    if entry.get("interactiveMode") == "Always":
        raise KubeconfigError(
            f"{where}: {printable(command)} asks for a terminal, which is in use (interactiveMode: Always)"
        )
    arguments = entry.get("args") or []
    variables = entry.get("env") or []
    if not isinstance(arguments, list) or not isinstance(variables, list):
        raise KubeconfigError(f"{where}: exec args and env must be lists")
    environment = dict(environ)
    for variable in variables:
        if not isinstance(variable, dict) or "name" not in variable:
            raise KubeconfigError(f"{where}: exec env must be a list of name and value")
        name, value = str(variable["name"]), str(variable.get("value") or "")
        if not name or "=" in name or "\0" in name + value:
            raise KubeconfigError(f"{where}: exec env {printable(name)!r} cannot be a variable's name and value")
        environment[name] = value
    spec: dict[str, Any] = {"interactive": False}
    if entry.get("provideClusterInfo"):
        spec["cluster"] = _cluster_info(cluster)
    environment["KUBERNETES_EXEC_INFO"] = json.dumps({"apiVersion": version, "kind": "ExecCredential", "spec": spec})
    hint = printable(" ".join(str(entry.get("installHint") or "").split()))
    if shutil.which(command, path=environment.get("PATH")) is None:
        raise KubeconfigError(f"{where}: the credential plugin {printable(command)} is not installed", hint)
    return PluginCommand(command, tuple(str(argument) for argument in arguments), environment, version, hint, where)


def _cluster_info(cluster: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("server", "tls-server-name", "insecure-skip-tls-verify", "proxy-url", "disable-compression")
    info = {key: cluster[key] for key in (*keys, "certificate-authority-data") if key in cluster}
    path = cluster.get("certificate-authority")
    if path and "certificate-authority-data" not in info:
        with contextlib.suppress(OSError):  # the TLS context has already said that this file cannot be read
            info["certificate-authority-data"] = base64.b64encode(Path(path).read_bytes()).decode()
    for extension in cluster.get("extensions") or []:
        if isinstance(extension, dict) and extension.get("name") == "client.authentication.k8s.io/exec":
            info["config"] = extension.get("extension")
    return info


class ExecPlugin:
    """A credential that a plugin issues, cached until it expires; however many ask, one process runs.

    Args:
        command: What to run.
        tls: Where a client certificate that the plugin issues goes.
        clock: Time.
        timeout: Seconds after which a run is ended.
    """

    def __init__(
        self, command: PluginCommand, tls: ssl.SSLContext | None, clock: Clock, timeout: float = TIMEOUT
    ) -> None:
        self.epoch = 0
        self._command = command
        self._tls = tls
        self._clock = clock
        self._timeout = timeout
        self._issued: _Issued | None = None
        self._one_at_a_time = asyncio.Lock()
        self._renewed_at = float("-inf")
        self._failure: Unauthenticated | None = None
        self._failures = 0
        self._failed_at = 0.0

    async def authorization(self) -> str:
        """Return the bearer token, empty where the plugin issues certificates.

        Raises:
            Unauthenticated: The plugin failed, with what it wrote to stderr; said again for a few seconds.
        """
        async with self._one_at_a_time:
            now = self._clock.now()
            if self._issued is None or not self._issued.usable(now):
                self._issued = await self._run()
            return self._issued.authorization

    async def renew(self, rejected: str) -> bool:
        """Run the plugin again, at most once a minute, and tell whether it issued something else."""
        async with self._one_at_a_time:
            if self._issued is not None and self._issued.authorization != rejected:
                return True  # somebody else was refused as well, and has just renewed it
            now = self._clock.now()
            if now - self._renewed_at < _AGAIN:
                return False
            self._renewed_at = now
            before = self.epoch
            self._issued = await self._run()
            return self._issued.authorization != rejected or self.epoch > before

    async def _run(self) -> _Issued:
        wait = min(_REMEMBER_FAILURE_MOST, _REMEMBER_FAILURE * 2 ** max(0, self._failures - 1))
        if self._failure is not None and self._clock.now() - self._failed_at < wait:
            raise self._failure
        try:
            output = await run_plugin(self._command, self._timeout)
            issued = self._accept(output)
        except Unauthenticated as error:
            self._failure, self._failed_at = error, self._clock.now()
            self._failures += 1
            raise
        self._failure, self._failures = None, 0
        return issued

    def _accept(self, output: bytes) -> _Issued:
        name = self._command.name
        try:
            credential = json.loads(output)
            status = credential["status"]
            version = credential["apiVersion"]
            token, certificate, key, until = (
                status.get(field) or ""
                for field in ("token", "clientCertificateData", "clientKeyData", "expirationTimestamp")
            )
            expires = datetime.fromisoformat(until).timestamp() if until else None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unauthenticated(f"the credential plugin {name} printed no ExecCredential", self._hint()) from error
        if version != self._command.version:
            raise Unauthenticated(f"the credential plugin {name} answered in {printable(str(version))}", self._hint())
        if not token and not (certificate and key):
            raise Unauthenticated(
                f"the credential plugin {name} issued neither a token nor a certificate", self._hint()
            )
        if certificate and key and self._tls is not None:
            try:
                load_pair(self._tls, str(certificate).encode(), str(key).encode(), f"the credential plugin {name}")
            except KubeconfigError as error:
                raise Unauthenticated(error.message) from error
            self.epoch += 1
        if not HEADER_VALUE.fullmatch(str(token) or "-"):
            raise Unauthenticated(f"the credential plugin {name} issued a token that cannot be sent")
        return _Issued(f"Bearer {token}" if token else "", expires, self._clock.now())

    def _hint(self) -> str:
        return f"see exec in {self._command.where}"


async def run_plugin(command: PluginCommand, timeout: float) -> bytes:
    """Run a plugin once and return what it printed.

    Raises:
        Unauthenticated: It could not be started, failed (with its stderr), or was ended after the timeout.
    """
    loop = asyncio.get_running_loop()
    try:
        transport, run = await loop.subprocess_exec(
            _Run,
            command.command,
            *command.arguments,
            stdin=subprocess.DEVNULL,
            env=command.environment,
            start_new_session=True,
        )
    except OSError as error:
        raise Unauthenticated(
            f"the credential plugin {command.name} cannot be run: {error.strerror}", command.install_hint
        ) from error
    try:
        async with asyncio.timeout(timeout):
            await run.exited.wait()
            # A helper that the plugin left behind may hold its output open: what has been said by now is enough.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(run.silent.wait(), 0.5)
    except TimeoutError:
        raise Unauthenticated(
            f"the credential plugin {command.name} gave no answer within {timeout:g} s and was ended{run.last_words}",
            "run kubectl once: it may be waiting for a sign-in",
        ) from None
    finally:
        if transport.get_returncode() is None:
            # The whole group: what a plugin has started must not live on when it is ended.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(transport.get_pid(), signal.SIGKILL)
            await run.exited.wait()
        transport.close()
    code = transport.get_returncode()
    if code != 0:
        raise Unauthenticated(
            f"the credential plugin {command.name} failed with code {code}{run.last_words}",
            command.install_hint if code == 127 else "",
        )
    return bytes(run.said[1])


class _Run(asyncio.SubprocessProtocol):
    """Collects what a process says; a ``Process`` would wait for its pipes, which others may hold open."""

    def __init__(self) -> None:
        self.said = {1: bytearray(), 2: bytearray()}
        self.exited = asyncio.Event()
        self.silent = asyncio.Event()
        self._open = {1, 2}

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if len(self.said[fd]) < _OUTPUT_MOST:
            self.said[fd] += data

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self._open.discard(fd)
        if not self._open:
            self.silent.set()

    def process_exited(self) -> None:
        self.exited.set()

    @property
    def last_words(self) -> str:
        """The end of what it wrote to stderr, in one line."""
        lines = [printable(line).strip() for line in self.said[2].decode("utf-8", "replace").splitlines()]
        said = " / ".join([line for line in lines if line][-3:])
        return f": {said[-500:]}" if said else ""
