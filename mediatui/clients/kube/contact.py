"""Whether a server can be reached at all: what one request learns, those that wait to try again should know."""

from __future__ import annotations

import asyncio

from mediatui.interfaces import Clock


class Contact:
    """Wakes all who wait for a server as soon as one request reached it again.

    After a long outage every source waits half a minute between attempts; without this they would come back one by one.
    """

    def __init__(self) -> None:
        self._lost = False
        self._again = asyncio.Event()

    def lost(self) -> None:
        """Note that a request got no answer."""
        self._lost = True

    def made(self) -> None:
        """Note that the server answered, be it with an error."""
        if self._lost:
            self._lost = False
            self._again.set()
            self._again = asyncio.Event()

    async def pause(self, clock: Clock, seconds: float) -> bool:
        """Wait so long, or until the server answers again after it did not; return True if that came first."""
        sleeping = asyncio.ensure_future(clock.sleep(seconds))
        again = asyncio.ensure_future(self._again.wait())
        try:
            await asyncio.wait((sleeping, again), return_when=asyncio.FIRST_COMPLETED)
            return not sleeping.done()
        finally:
            sleeping.cancel()
            again.cancel()
