"""Trouble on demand: what a test switches on to see how a client takes it; nothing is on by default."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from aiohttp import web

from mediatui.demo import statuses
from mediatui.demo.requestinfo import Target


@dataclass(slots=True)
class Fault:
    """One way to fail, for the requests that it matches."""

    status: int = 0
    """The HTTP status to answer with; 0 to answer as usual, perhaps late."""
    resource: str = "*"
    """The plural name that it applies to; ``*`` is every resource and discovery too."""
    verb: str = "*"
    namespace: str = "*"
    message: str = ""
    """The message of the Status; the real server's words when empty."""
    retry_after: int = 1
    """For 429."""
    times: int | None = None
    """How many requests it hits before it is over; None for all."""
    delay: float = 0.0
    """Seconds to wait before answering."""
    hang: bool = False
    """Never answer."""
    body: str | None = None
    """Answer with this text instead of a Status, for example a login page."""
    content_type: str = "text/html"
    hits: int = field(default=0, init=False)

    def matches(self, target: Target) -> bool:
        """Tell whether it applies to a request."""
        plural = target.resource.plural if target.resource else ""
        return (
            self.resource in ("*", plural)
            and self.verb in ("*", target.verb, target.subresource or target.verb)
            and self.namespace in ("*", target.namespace)
            and (self.times is None or self.hits < self.times)
        )

    def answer(self, target: Target) -> web.Response:
        """Return the failing answer."""
        if self.body is not None:
            return web.Response(text=self.body, status=self.status or 200, content_type=self.content_type)
        refusal = self._refusal(target)
        if self.message:
            refusal.message = self.message
        return refusal.response()

    def _refusal(self, target: Target) -> statuses.Refusal:
        match self.status:
            case 401:
                return statuses.unauthorized()
            case 403 if target.resource:
                return statuses.forbidden("viewer", target.verb, target.resource, target.namespace, target.name)
            case 410:
                return statuses.expired("0", 1)
            case 429:
                return statuses.too_many_requests(self.retry_after)
            case 500:
                return statuses.internal("a fault was switched on")
            case _:
                return statuses.Refusal(self.status, "", "a fault was switched on")


class Faults:
    """The faults that are switched on."""

    def __init__(self) -> None:
        self.warning = ""
        """What every answer warns of in its ``Warning`` header."""
        self._active: list[Fault] = []
        self._thawed = asyncio.Event()
        self._thawed.set()

    def add(self, fault: Fault) -> Fault:
        """Switch a fault on and return it; it stays until it is removed or used up."""
        self._active.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Switch one fault off."""
        self._active.remove(fault)

    def clear(self) -> None:
        """Switch everything off."""
        self._active.clear()
        self.warning = ""
        self.thaw()

    def freeze(self) -> None:
        """Let every watch fall silent without closing it, like a connection that died half-way."""
        self._thawed.clear()

    def thaw(self) -> None:
        """Let the watches go on."""
        self._thawed.set()

    async def thawed(self) -> None:
        """Return when watches may write."""
        await self._thawed.wait()

    def denies(self, verb: str, target: Target) -> bool:
        """Tell whether a 403 is switched on for what an access review asks about."""
        asked = Target(verb, target.resource, target.namespace, target.name, target.subresource)
        return any(fault.status == 403 and fault.matches(asked) for fault in self._active)

    async def strike(self, target: Target) -> web.Response | None:
        """Return the failing answer for a request, None to answer it as usual; waits where a fault says so."""
        for fault in self._active:
            if not fault.matches(target):
                continue
            fault.hits += 1
            if fault.delay:
                await asyncio.sleep(fault.delay)
            if fault.hang:
                await asyncio.Event().wait()
            if fault.status or fault.body is not None:
                return fault.answer(target)
        return None
