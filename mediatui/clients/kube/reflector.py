"""Keeps one kind in one place up to date: a list, a watch from there, and patience with everything that goes wrong.

The rules, one per line of https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
and of what client-go's reflector learnt: an ended watch resumes where it was, a 410 costs exactly one list, and no
trouble of any sort is answered with more than a request a second, or two a minute once it has lasted two minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from mediatui.clients.kube.backoff import LEAST, Backoff
from mediatui.clients.kube.decode import Decoder
from mediatui.clients.kube.delivery import Delivery
from mediatui.clients.kube.follower import Follower, WatchListIgnored
from mediatui.clients.kube.http import KubeHttp, Params
from mediatui.clients.kube.resources import Resource
from mediatui.errors import (
    ClusterError,
    Expired,
    Invalid,
    NotFound,
    NotPermitted,
    NotServed,
    ServerFailed,
    Throttled,
    Unreachable,
)
from mediatui.interfaces import Clock, Sink
from mediatui.model.source import OPTIONAL_KINDS, Ref, SourceId

PAGE: Final = 250
"""Objects of one list request: a page of pods decodes in less time than anybody notices."""
ENDED_AT_ONCE: Final = 3
"""How many watches a server may end at once before it counts as in trouble."""
NOT_WATCHED: Final = "may be listed but not watched: read once a minute"


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds that a source waits."""

    forbidden: float = 60.0
    """Before asking again for what was not permitted."""
    absent: float = 600.0
    """Before asking again for a kind that was not served."""
    poll: float = 60.0
    """Between lists of what cannot be watched."""
    watch_again: float = 600.0
    """Before trying again to watch what could only be listed."""
    silence: float = 10.0
    """Of a watch that is to begin with what is there: a server that ignores this says nothing."""
    healthy: float = 5.0
    """A watch that lasted so long was none of those that end at once."""


@dataclass(slots=True)
class Abilities:
    """What has been learnt about a server; shared by its sources."""

    watch_list: bool | None = None
    """Whether it begins a watch with what is there (WatchList, since Kubernetes 1.34 by default); None: not tried."""
    broken: int = field(default=0)
    """How often such a beginning ended before it was complete."""


class Reflector:
    """One source.

    Args:
        source: What.
        resource: Where it is in the API.
        decoder: How it is read.
        http: The server.
        sink: Where it goes.
        clock: Time.
        abilities: What is known about the server.
        random: Jitter.
        pace: How long is waited.
    """

    def __init__(
        self,
        source: SourceId,
        resource: Resource,
        decoder: Decoder,
        http: KubeHttp,
        sink: Sink,
        clock: Clock,
        abilities: Abilities,
        random: Random,
        pace: Pace,
    ) -> None:
        self._source = source
        self._resource = resource
        self._decoder = decoder
        self._http = http
        self._clock = clock
        self._abilities = abilities
        self._random = random
        self._pace = pace
        self._delivery = Delivery(source, sink, clock)
        self._backoff = Backoff(clock, random)
        self._group = 0
        self._revision = ""
        self._listed_only_until = float("-inf")
        self._refused = False
        self._known_served = False
        self._watching = False
        self._opened: float | None = None
        self._asked = float("-inf")
        self._requests = 0
        self._woken = False
        self._ended_at_once = 0

    async def run(self) -> None:
        """Deliver until cancelled; trouble is reported, never raised."""
        self._delivery.start()
        try:
            while True:
                self._requests, self._opened, self._watching = 0, None, False
                try:
                    await self._round()
                except ClusterError as error:
                    await self._take(error)
        finally:
            self._delivery.end()

    async def once(self) -> None:
        """Deliver what there is now, without watching; trouble is reported, never raised."""
        self._delivery.start()
        for attempt in range(1, 6):
            try:
                await self._list()
            except (Throttled, ServerFailed) as error:
                if error.retry_after and attempt < 5:
                    await self._clock.sleep(max(LEAST, min(error.retry_after, 30.0)))
                    continue
                self._delivery.lost(str(error))
            except NotPermitted as error:
                self._delivery.refused(str(error))
            except NotFound as error:
                if self._next_group():
                    continue
                self._missing(error)
            except ClusterError as error:
                self._delivery.lost(str(error))
            return

    async def _round(self) -> None:
        """Go on from where it is until the stream ends or something goes wrong."""
        if not self._revision:
            may_begin = self._watchable and not self._refused and self._abilities.watch_list is not False
            if may_begin and await self._watch_with_beginning():
                return
            await self._list()
            if not self._watchable:
                self._backoff.reset()
                await self._clock.sleep(self._resource.poll or self._pace.poll)
                self._revision = ""
                return
        await self._watch()

    @property
    def _watchable(self) -> bool:
        return not self._resource.poll and self._clock.now() >= self._listed_only_until

    async def _list(self) -> None:
        """Read everything, page by page: shown as it comes the first time, swapped in at once later."""
        progressive = not self._delivery.begun
        rows: list[tuple[Ref, Any]] = []
        skipped: list[Ref] = []
        more = ""
        while True:
            params = [("limit", str(PAGE)), *([("continue", more)] if more else ())]
            self._note_request()
            page = self._decoder.page(await self._ask(params))
            if progressive:
                self._delivery.page(page)
            else:
                rows += page.rows
                skipped += page.skipped
            more = page.more
            if not more:
                break
            await asyncio.sleep(0)  # the screen gets its turn between two pages
        if not progressive:
            self._delivery.replace(rows, skipped)
        self._revision, self._refused = page.revision or "0", False
        self._delivery.synced("" if self._watchable or self._resource.poll else NOT_WATCHED)

    async def _ask(self, params: Params) -> bytes:
        """Return one page; of a kind that is not served and not permitted the server only says the latter."""
        try:
            return await self._http.get(self._path, params)
        except NotPermitted:
            if self._source.kind in OPTIONAL_KINDS and not self._known_served and not await self._served():
                self._group = len(self._resource.groups) - 1
                raise NotServed(f"{self._resource.plural} are not served", status=404) from None
            self._known_served = True
            raise

    async def _served(self) -> bool:
        """Tell whether the server has any of the kind's groups, as its discovery tells everyone who is known to it."""
        for group in self._resource.groups:
            self._note_request()
            try:
                await self._http.get(f"/apis/{group}")
            except NotFound:
                continue
            except ClusterError:
                pass
            return True
        return False

    async def _watch_with_beginning(self) -> bool:
        """Let the watch itself begin with what is there; return False where the server wants to be listed instead."""
        initial = [("sendInitialEvents", "true"), ("resourceVersionMatch", "NotOlderThan")]
        try:
            await self._stream(initial, beginning=True)
        except (Invalid, WatchListIgnored):
            self._abilities.watch_list = False
            return False
        except NotPermitted:
            self._watching = False
            return False  # reading and watching are two rights: the list says what the matter is
        return True

    async def _watch(self) -> None:
        await self._stream([("resourceVersion", self._revision)], beginning=False)

    async def _stream(self, params: Params, *, beginning: bool) -> None:
        seconds = self._random.randint(240, 480)  # else all sources of all users would come back at the same moment
        common = [("watch", "true"), ("allowWatchBookmarks", "true"), ("timeoutSeconds", str(seconds))]
        self._note_request()
        self._watching = True
        timeouts = self._http.timeouts
        begin = timeouts.total or timeouts.connect + timeouts.read
        async with self._http.stream(self._path, [*common, *params], begin=begin, quiet=timeouts.stream) as answer:
            self._opened = self._asked  # from then on the server counts too
            if not beginning and self._ended_at_once < ENDED_AT_ONCE:
                self._delivery.synced()
            async with aclosing(answer.chunks()) as chunks:
                follower = Follower(self._decoder, self._delivery, beginning=beginning)
                if beginning:
                    await self._begin(follower, chunks)
                heard = False
                async for change in follower.changes(chunks):
                    heard, self._requests = True, 1
                    self._revision = change.revision or self._revision
                    if self._backoff.troubled:
                        self._recovered()
                        self._delivery.synced()
        await self._ended(heard=heard)

    async def _begin(self, follower: Follower, chunks: AsyncIterator[bytes]) -> None:
        """Read up to the mark that says that everything which was there has come."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._pace.silence) as patience:
                async for _ in follower.beginning(chunks):
                    patience.reschedule(loop.time() + self._pace.silence)
        except TimeoutError:
            raise WatchListIgnored from None
        if not follower.revision:
            self._abilities.broken += 1
            if self._abilities.broken > 1 and not self._abilities.watch_list:
                raise WatchListIgnored
            raise ServerFailed("the server ended a watch before it had said what is there")
        self._abilities.watch_list = True
        self._revision = follower.revision
        self._recovered()
        self._delivery.synced()

    async def _ended(self, *, heard: bool) -> None:
        """After a proper end: go on at once, but not with a server that ends every watch at once."""
        lasted = self._clock.now() - (self._opened or 0.0)
        if heard or lasted >= self._pace.healthy:
            self._recovered()
            await self._clock.sleep(max(0.0, LEAST - lasted))
            return
        self._ended_at_once += 1
        if self._ended_at_once >= ENDED_AT_ONCE:
            self._delivery.lost("the server ends every watch at once")
        await self._clock.sleep(self._backoff.next())

    async def _take(self, error: ClusterError) -> None:
        """Report an error and wait as long as it deserves."""
        if self._opened is not None and self._clock.now() - self._opened >= self._pace.healthy:
            self._recovered()
            self._requests = 1
        match error:
            case Expired():
                first, self._revision = not self._backoff.troubled, ""
                pause = self._backoff.next(requests=self._requests)
                if not first:
                    await self._clock.sleep(pause)
            case NotPermitted() | Invalid() if self._watching:
                # It may be listed and not watched, or not be read at all any more: the list will say.
                self._listed_only_until, self._revision = self._clock.now() + self._pace.watch_again, ""
                await self._clock.sleep(LEAST)
            case NotPermitted():
                self._refused, self._listed_only_until, self._revision = True, float("-inf"), ""
                self._delivery.refused(str(error))
                await self._clock.sleep(self._pace.forbidden)
            case NotFound():
                self._revision = ""
                if self._next_group():
                    return
                self._missing(error)
                optional = self._source.kind in OPTIONAL_KINDS
                await self._clock.sleep(self._pace.absent if optional else self._backoff.next(requests=self._requests))
            case _:
                self._delivery.lost(str(error))
                await self._wait(self._backoff.next(error.retry_after, self._requests), error)

    async def _wait(self, pause: float, error: ClusterError) -> None:
        """Wait, though not longer than until another source has reached the server again."""
        if not isinstance(error, Unreachable) or self._woken:
            await self._clock.sleep(pause)
            return
        if await self._http.contact.pause(self._clock, pause):
            self._woken = True  # once for each trouble, so that a server which comes and goes is not asked more often
            await self._clock.sleep(max(0.0, self._asked + LEAST - self._clock.now()))

    def _next_group(self) -> bool:
        """Turn to the next group and version that may serve the kind; False, and back to the first, after the last."""
        self._group = (self._group + 1) % len(self._resource.groups)
        return self._group != 0

    def _missing(self, error: NotFound) -> None:
        what = f"{self._resource.plural} of {self._resource.groups[0]} are not served"
        if self._source.kind in OPTIONAL_KINDS:
            self._delivery.absent(what)
        else:
            self._delivery.lost(f"{what}: {error.message}")

    def _recovered(self) -> None:
        self._backoff.reset()
        self._woken = False
        self._ended_at_once = 0

    def _note_request(self) -> None:
        self._requests += 1
        self._asked = self._clock.now()

    @property
    def _path(self) -> str:
        return self._resource.path(self._resource.groups[self._group], self._source.namespace)
