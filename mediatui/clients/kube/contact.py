"""Whether a server can be reached at all: what one request learns, those that wait to try again should know."""

from __future__ import annotations

import asyncio


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

    async def again(self) -> None:
        """Return when the server answers again after it did not."""
        await self._again.wait()
