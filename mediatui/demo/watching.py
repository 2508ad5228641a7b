"""WATCH: what is there, what changes, bookmarks, and the end of a history that is no longer kept."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from mediatui.demo import statuses
from mediatui.demo.faults import Faults
from mediatui.demo.objects import Object
from mediatui.demo.reading import include_of, matcher_of, number
from mediatui.demo.requestinfo import RequestRecord
from mediatui.demo.resources import Resource
from mediatui.demo.selectors import Matcher
from mediatui.demo.store import AheadError, Entry, ExpiredError, Item
from mediatui.demo.tables import Face, content_type, partial, table
from mediatui.demo.world import World

INITIAL_EVENTS_END = "k8s.io/initial-events-end"


@dataclass(eq=False, slots=True)
class OpenWatch:
    """A watch that is being served, so that it can be counted and closed."""

    resource: Resource
    transport: asyncio.Transport | None
    closing: asyncio.Event = field(default_factory=asyncio.Event)


class Watches:
    """Serves watches, and knows which are open.

    Args:
        world: What is watched.
        faults: What can silence a watch.
        bookmark_every: Seconds between bookmarks, for those who allow them.
    """

    def __init__(self, world: World, faults: Faults, bookmark_every: float) -> None:
        self._world = world
        self._faults = faults
        self._bookmark_every = bookmark_every
        self.open: set[OpenWatch] = set()

    def close(self, plural: str = "*", *, abrupt: bool = False) -> int:
        """End open watches and return how many: with a last chunk, or abruptly as a dying network does."""
        ending = [watch for watch in self.open if plural in ("*", watch.resource.plural)]
        for watch in ending:
            if abrupt and watch.transport is not None:
                watch.transport.abort()
            watch.closing.set()
        return len(ending)

    async def serve(self, request: web.Request, record: RequestRecord, face: Face) -> web.StreamResponse:
        """Answer a watch until it times out, is closed, falls out of history, or its client leaves.

        Raises:
            Refusal: The parameters cannot be used; nothing was sent then.
        """
        resource = record.target.resource
        assert resource is not None
        if resource.computed:
            raise statuses.method_not_allowed()
        stream = _Stream(self._world, resource, record, face, request.query)
        response = web.StreamResponse(headers={"Cache-Control": "no-cache, private"})
        response.headers["Content-Type"] = content_type(face, many=False)
        response.enable_chunked_encoding()
        await response.prepare(request)
        watch = OpenWatch(resource, request.transport)
        self.open.add(watch)
        try:
            await self._run(watch, stream, response)
            await response.write_eof()
        finally:
            self.open.discard(watch)
        return response

    async def _run(self, watch: OpenWatch, stream: _Stream, response: web.StreamResponse) -> None:
        loop = asyncio.get_running_loop()
        ends = loop.time() + stream.timeout
        bookmark_at = loop.time() + self._bookmark_every
        closing = asyncio.ensure_future(watch.closing.wait())
        try:
            await response.write(stream.initial())
            while not stream.over and not closing.done():
                await self._faults.thawed()
                data = stream.changes()
                now = loop.time()
                last = now >= ends
                if not stream.over and stream.bookmarks and (last or now >= bookmark_at):
                    data += stream.bookmark()
                    bookmark_at = now + self._bookmark_every
                if data:
                    await response.write(data)
                if stream.over or last:
                    return
                until = min(ends, bookmark_at) if stream.bookmarks else ends
                moved = asyncio.ensure_future(
                    self._world.store.changed(stream.resource, stream.revision, max(0.0, until - loop.time()))
                )
                try:
                    await asyncio.wait((moved, closing), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    moved.cancel()
        finally:
            closing.cancel()


class _Stream:
    """One watch: where it is in the history, and how its events are written."""

    def __init__(
        self, world: World, resource: Resource, record: RequestRecord, face: Face, query: Mapping[str, str]
    ) -> None:
        self._world = world
        self._namespace = record.target.namespace
        self._face = face
        self._include = include_of(query)
        self._record = record
        self._matcher: Matcher | None = matcher_of(resource, query)
        self._header = True
        self._live = False
        self.resource = resource
        self.bookmarks = query.get("allowWatchBookmarks") in ("true", "1")
        # As the real server: between 30 and 60 minutes where the client does not say.
        self.timeout = float(number(query, "timeoutSeconds") or random.randrange(1800, 3600))
        self.over = False
        wanted, initial = query.get("resourceVersion", ""), query.get("sendInitialEvents")
        if initial is not None and query.get("resourceVersionMatch") != "NotOlderThan":
            raise statuses.invalid(
                'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: '
                "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
            )
        if wanted and not wanted.isdigit():
            raise statuses.bad_request(f'Invalid value: "{wanted}": strconv.ParseUint: invalid syntax')
        self._wanted = wanted
        self._list_first = initial in ("true", "1") or (initial is None and wanted in ("", "0"))
        self._mark_end = initial in ("true", "1") and self.bookmarks
        self.revision = world.store.revision if self._list_first or wanted in ("", "0") else int(wanted)

    def initial(self) -> bytes:
        """Return the events for what is already there, if the client asked for them."""
        if not self._list_first:
            return b""
        items = self._world.store.all(self.resource, self._namespace, self._matcher)
        self.revision, self._live = self._world.store.revision, True
        data = b"".join(self._event("ADDED", item) for item in items)
        if self._mark_end:
            data += self.bookmark({INITIAL_EVENTS_END: "true"})
        return data

    def changes(self) -> bytes:
        """Return the events since the last call; an expired history ends the stream with a 410."""
        try:
            entries = self._world.store.since(self.resource, self.revision, live=self._live)
        except ExpiredError:
            return self._error(statuses.expired(str(self.revision), self._world.store.revision))
        except AheadError:
            return self._error(statuses.ahead(self._wanted, self._world.store.revision))
        data = b"".join(filter(None, (self._change(entry) for entry in entries)))
        # Whatever happened to other resources meanwhile, this one is known up to now.
        self.revision, self._live = self._world.store.revision, True
        return data

    def bookmark(self, annotations: dict[str, str] | None = None) -> bytes:
        """Return a bookmark at the current revision."""
        metadata: dict[str, Any] = {"resourceVersion": str(self.revision), "creationTimestamp": None}
        if annotations:
            metadata["annotations"] = annotations
        if self._face == "table":
            return self._line("BOOKMARK", table(self.resource, [], metadata, 0.0, header=False))
        body: Object = {"kind": self.resource.kind, "apiVersion": self.resource.api_version, "metadata": metadata}
        if self._face == "metadata":
            body = partial(body)
        return self._line("BOOKMARK", json.dumps(body, separators=(",", ":")).encode())

    def _change(self, entry: Entry) -> bytes:
        if self._namespace and entry.item.key.namespace != self._namespace:
            return b""
        if self._matcher is None:
            return self._event(entry.type, entry.item)
        # What leaves the selection is gone for this watcher, what enters it is new.
        was = entry.before is not None and self._matcher(entry.before.data)
        now = entry.type != "DELETED" and self._matcher(entry.item.data)
        if now:
            return self._event("MODIFIED" if was else "ADDED", entry.item)
        return self._event("DELETED", entry.item) if was else b""

    def _event(self, change: str, item: Item) -> bytes:
        if self._face == "object":
            return self._line(change, item.encoded)
        if self._face == "metadata":
            return self._line(change, Item(partial(item.data), item.revision).encoded)
        metadata = {"resourceVersion": str(item.revision)}
        now = self._world.clock.now()
        body = table(self.resource, [item], metadata, now, include=self._include, header=self._header)
        self._header = False
        return self._line(change, body)

    def _error(self, refusal: statuses.Refusal) -> bytes:
        self.over = True
        return self._line("ERROR", json.dumps(refusal.body).encode())

    def _line(self, change: str, body: bytes) -> bytes:
        line = b'{"type":"%s","object":%s}\n' % (change.encode(), body)
        self._record.sent += len(line)
        return line
