"""The log of one container: from where it is asked, over every disconnect, to its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from email.utils import parsedate_to_datetime
from random import Random
from typing import Final

import msgspec

from mediatui.clients.kube import types
from mediatui.clients.kube.backoff import LEAST, Backoff
from mediatui.clients.kube.http import KubeHttp
from mediatui.clients.kube.log_resume import Given, Repeated, second
from mediatui.clients.kube.log_text import Blocks, clean, gathered
from mediatui.clients.kube.resources import object_path
from mediatui.errors import ClusterError, Invalid, NotFound, NotPermitted, Unauthenticated
from mediatui.interfaces import Clock, LogBlock, LogTarget

_POD: Final = msgspec.json.Decoder(types.Pod)
_NOT_STARTED: Final = "is waiting to start"
"""In the words of the API server: the container has no log yet."""
_START: Final = 5.0
"""Seconds at most between two looks whether a container has started."""


class LogReader:
    """Reads one log.

    A container that runs again by the time a disconnect is over is read on: a restart loses nothing that the kubelet
    still shows. The log has ended when the container has, and when its pod is gone.

    Args:
        http: The server.
        target: Whose log.
        clock: Time.
        random: Jitter.
    """

    def __init__(self, http: KubeHttp, target: LogTarget, clock: Clock, random: Random) -> None:
        self._http = http
        self._target = target
        self._clock = clock
        self._backoff = Backoff(clock, random)
        self._given = Given()
        self._blocks = Blocks()
        self._begun_at: str | None = None
        """When the first answer began, by the server's clock; set once there was one."""

    async def read(self) -> AsyncIterator[LogBlock]:
        """Yield the log in blocks, one for each read from the network.

        Raises:
            ClusterError: It cannot be read at all, or not any more.
        """
        follow = self._target.follow and not self._target.previous
        while True:
            try:
                async with aclosing(self._answer()) as blocks:
                    async for block in blocks:
                        yield block
            except ClusterError as error:
                if not follow or not self._may_go_on(error):
                    raise
                # A kubelet that has just been restarted does not know its pods yet; the API server knows better.
                if isinstance(error, NotFound) and await self._has_ended():
                    return
                await self._pause(error)
                continue
            if not follow or await self._has_ended():
                rest = self._blocks.rest()
                if rest:
                    yield LogBlock(clean(rest), 1)
                return
            await self._clock.sleep(min(_START, self._backoff.next()))

    async def _answer(self) -> AsyncGenerator[LogBlock, None]:
        """Yield what one request brings."""
        self._blocks.rest()  # half a line that was cut off comes again, whole
        repeated = self._repeated()
        patience = None if self._target.follow else self._http.timeouts.read
        path = f"{object_path('Pod', self._target.namespace, self._target.pod)}/log"
        async with self._http.stream(path, self._params(), begin=patience, quiet=patience) as answer:
            if self._begun_at is None:
                self._begun_at = _date(answer.headers.get("date", "")) or second(self._clock.now())
            async with aclosing(answer.chunks()) as chunks, aclosing(gathered(chunks)) as pieces:
                async for piece in pieces:
                    block = self._blocks.feed(piece)
                    if block and repeated is not None:
                        block = repeated.without(block)
                    if block:
                        self._backoff.reset()
                        if self._target.follow:
                            self._given.note(block)
                        yield LogBlock(clean(block), block.count(b"\n") + 1)

    def _params(self) -> list[tuple[str, str]]:
        target = self._target
        params = [("container", target.container), ("timestamps", "true")]
        if target.follow:
            params.append(("follow", "true"))
        if target.previous:
            params.append(("previous", "true"))
        since = self._given.since
        if since is None and self._begun_at is not None and target.tail is not None:
            # The log had no line when it was opened: all that there are now are new.
            since = self._begun_at
        if since is not None:
            params.append(("sinceTime", since))
            return params
        if target.tail is not None:
            params.append(("tailLines", str(target.tail)))
        if target.since is not None:
            params.append(("sinceTime", second(target.since)))
        return params

    def _repeated(self) -> Repeated | None:
        if self._given.since is not None:
            return self._given.again()
        if self._target.since is not None:
            return Repeated(Counter(), int(self._target.since * 1_000_000_000))
        return None

    def _may_go_on(self, error: ClusterError) -> bool:
        """Tell whether an error is a disconnect, or a container that has not started, rather than an answer."""
        if isinstance(error, Invalid):
            return _NOT_STARTED in error.message
        return self._begun_at is not None and not isinstance(error, (NotPermitted, Unauthenticated))

    async def _pause(self, error: ClusterError) -> None:
        if isinstance(error, Invalid):
            await self._clock.sleep(min(_START, self._backoff.next()))
        elif await self._http.contact.pause(self._clock, self._backoff.next(error.retry_after)):
            await self._clock.sleep(LEAST)

    async def _has_ended(self) -> bool:
        """Ask the pod whether the stream ended because the container did; what cannot be found out counts as no."""
        path = object_path("Pod", self._target.namespace, self._target.pod)
        assert path is not None
        try:
            pod = _POD.decode(await self._http.get(path))
        except NotFound:
            return True
        except (ClusterError, msgspec.DecodeError, UnicodeDecodeError):
            return False
        status = pod.status or types.PodStatus()
        if status.phase in ("Succeeded", "Failed"):
            return True
        for container in (*(status.container_statuses or ()), *(status.init_container_statuses or ())):
            if container.name == self._target.container:
                state, last = container.state or types.ContainerState(), container.last_state
                crashed = state.running is None and last is not None and last.terminated is not None
                return state.terminated is not None or crashed
        return False


def _date(header: str) -> str | None:
    try:
        return second(parsedate_to_datetime(header).timestamp())
    except (TypeError, ValueError):
        return None
