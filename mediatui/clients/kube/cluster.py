"""``interfaces.Cluster`` and ``interfaces.Pods`` over one API server."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from random import Random
from typing import Any, Final

import httpx
import msgspec

from mediatui.clients.kube.decode import Decoder
from mediatui.clients.kube.http import KubeHttp
from mediatui.clients.kube.logs import LogReader
from mediatui.clients.kube.reflector import Abilities, Pace, Reflector
from mediatui.clients.kube.resources import RESOURCES, object_path
from mediatui.clients.kube.sharing import Sharing
from mediatui.clients.kube.streams.execution import execute
from mediatui.clients.kube.streams.shell import shell
from mediatui.clients.kube.streams.sockets import Sockets
from mediatui.clients.kube.streams.transport import LIMITS, PodTransport
from mediatui.clients.kube.whole import whole_object
from mediatui.errors import Invalid, NotKubernetes, NotServed
from mediatui.interfaces import Clock, ExecResult, LogBlock, LogTarget, ServerVersion, Sink, Terminal
from mediatui.model.source import Kind, Ref, SourceId
from mediatui.text import printable

_DIGITS: Final = re.compile(r"\d+")


class _Version(msgspec.Struct, rename="camel"):
    git_version: str | None = None
    major: str | None = None
    minor: str | None = None


class KubeCluster:
    """A Kubernetes API server, read only but for what commands do that are run in its pods.

    Args:
        http: The way to it.
        clock: Time.
        random: Jitter; a seed makes tests repeatable.
        pace: How long sources wait.
    """

    def __init__(self, http: KubeHttp, clock: Clock, random: Random | None = None, pace: Pace | None = None) -> None:
        self._http = http
        self._sockets = Sockets(http)
        self._clock = clock
        self._random = random or Random()
        self._pace = pace or Pace()
        self._abilities = Abilities()
        self._sharing = Sharing()
        self._decoders: dict[Kind, Decoder] = {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the server's ``Warning`` headers said, each once, printable."""
        return self._http.warnings

    async def version(self) -> ServerVersion:
        """Ask the server what it is.

        Raises:
            ClusterError: It did not answer, or is no API server.
        """
        try:
            body = await self._http.get("/version")
            said = msgspec.json.decode(body, type=_Version)
        except (NotServed, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NotKubernetes(f"{self._http.server} is no API server: it has no /version") from error
        if not said.git_version:
            raise NotKubernetes(f"{self._http.server} is no API server: it does not say its version")
        return ServerVersion(printable(said.git_version), _number(said.major), _number(said.minor))

    async def follow(self, source: SourceId, sink: Sink) -> None:
        """Deliver a source to the sink until cancelled; trouble is reported to the sink, never raised."""
        await self._reflector(source, sink).run()

    async def snapshot(self, source: SourceId, sink: Sink) -> None:
        """Deliver a source once (a list, no watch); trouble is reported to the sink, never raised."""
        await self._reflector(source, sink).once()

    def logs(self, target: LogTarget) -> AsyncIterator[LogBlock]:
        """Yield the log of a container; see ``LogReader``."""
        return LogReader(self._http, target, self._clock, self._random).read()

    async def get_object(self, kind: str, ref: Ref) -> dict[str, Any]:
        """Return one whole object by the name of its kind, every string printable.

        Raises:
            ClusterError: It is not there, may not be read, or its kind is unknown.
        """
        path = object_path(kind, ref.namespace, ref.name)
        if path is None:
            raise Invalid(f"{printable(kind)} is a kind that cannot be shown")
        return whole_object(await self._http.get(path))

    async def execute(
        self,
        pod: Ref,
        command: Sequence[str],
        *,
        container: str = "",
        stdin: bytes | None = None,
        timeout: float,
        limit: int,
    ) -> ExecResult:
        """Run a command in a container and return how it ended; see ``interfaces.Pods``."""
        return await execute(
            self._sockets, self._clock, pod, command, container=container, stdin=stdin, timeout=timeout, limit=limit
        )

    async def shell(self, pod: Ref, command: Sequence[str], terminal: Terminal, *, container: str = "") -> int:
        """Run a command on a terminal until it ends and return its exit code; see ``interfaces.Pods``."""
        return await shell(self._sockets, self._clock, pod, command, terminal, container=container)

    def pod_transport(self, limits: httpx.Limits = LIMITS) -> PodTransport:
        """Return a transport for ``httpx.AsyncClient`` that reaches apps in pods; its user closes it.

        Args:
            limits: How many connections there may be, and how long idle ones are kept.
        """
        return PodTransport(self._sockets, limits)

    async def close(self) -> None:
        """End every connection."""
        await self._sockets.close()
        await self._http.close()

    def _reflector(self, source: SourceId, sink: Sink) -> Reflector:
        resource = RESOURCES[source.kind]
        decoder = self._decoders.get(source.kind)
        if decoder is None:
            decoder = self._decoders[source.kind] = Decoder(resource.shape, self._sharing)
        return Reflector(
            source, resource, decoder, self._http, sink, self._clock, self._abilities, self._random, self._pace
        )


def _number(text: str | None) -> int:
    """Return 33 for the ``33+`` that some providers write."""
    digits = _DIGITS.match(text or "")
    return int(digits[0]) if digits else 0
