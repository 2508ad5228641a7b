"""The objects and their history: what etcd and the API server's watch cache are to a real cluster.

One counter numbers every change. What is stored is immutable: a change replaces an object, so that a list, a
page of an older list and a watch event can share it, and its JSON is made once.
"""

from __future__ import annotations

import asyncio
import base64
import bisect
import json
import random
import uuid
from bisect import bisect_right
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from mediatui.demo.clock import Clock, SystemClock
from mediatui.demo.objects import Key, Object, key_of, stamp
from mediatui.demo.resources import Resource, of_object
from mediatui.demo.selectors import Matcher

HISTORY: Final = 1000
"""Changes kept per resource; a watch that is further behind is told 410, as by the real watch cache."""

_SNAPSHOTS: Final = 32
# Kinds with a spec whose generation the API server does not count.
_UNCOUNTED: Final = frozenset(
    {
        "CSIDriver",
        "HorizontalPodAutoscaler",
        "Lease",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "Service",
        "VolumeAttachment",
    }
)

Change = Literal["ADDED", "MODIFIED", "DELETED"]


class ExpiredError(Exception):
    """The resource version is older than the history that is kept."""


class AheadError(Exception):
    """The resource version lies in the future."""


class ExistsError(Exception):
    """There is already an object of that name."""


class MissingError(Exception):
    """There is no object of that name."""


class StaleError(Exception):
    """The object was changed since the caller read it."""


class Item:
    """An object as stored: never changed in place, encoded at most once."""

    __slots__ = ("_encoded", "data", "key", "revision")

    def __init__(self, data: Object, revision: int) -> None:
        self.data = data
        self.revision = revision
        self.key = key_of(data)
        self._encoded: bytes | None = None

    @property
    def encoded(self) -> bytes:
        """The object as compact JSON."""
        if self._encoded is None:
            self._encoded = json.dumps(self.data, separators=(",", ":"), ensure_ascii=False).encode()
        return self._encoded


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: what it was, and what the object was before it."""

    revision: int
    type: Change
    item: Item
    before: Item | None


@dataclass(frozen=True, slots=True)
class Page:
    """A list or a part of one, all from the same instant."""

    items: Sequence[Item]
    revision: int
    next: str = ""
    """The continue token, empty on the last page."""
    remaining: int | None = None


@dataclass(slots=True)
class _Shelf:
    """The objects and the history of one resource."""

    items: dict[Key, Item] = field(default_factory=dict)
    keys: list[Key] = field(default_factory=list)
    """Those of the items, in their order."""
    history: deque[Entry] = field(default_factory=deque)
    floor: int = 0
    """A watch that begins before this revision has expired."""
    dropped: int = 0
    """The newest change that was forgotten: a watch that had seen it goes on, whatever the floor is."""
    waiting: set[asyncio.Future[None]] = field(default_factory=set)


class Store:
    """Objects by resource, with one monotone resource version.

    Args:
        clock: What creation time stamps are read from.
        seed: Makes uids repeatable.
        history: Changes kept per resource.
    """

    def __init__(self, clock: Clock | None = None, *, seed: int = 0, history: int = HISTORY) -> None:
        self.clock = clock or SystemClock()
        self.random = random.Random(f"uid-{seed}")
        self._history = history
        self._shelves: dict[Resource, _Shelf] = {}
        self._snapshots: OrderedDict[tuple[Resource, int], list[Item]] = OrderedDict()
        self.followers: list[Callable[[Resource, Entry], None]] = []
        """Called after every change, within it: they note what there is to do and do it later."""
        # A cluster that has lived for a while: no client may believe that the numbers begin at 1.
        self.revision = 180_000 + self.random.randrange(20_000)
        self._floor = self.revision

    def new_uid(self) -> str:
        """Return a fresh uid: random, but the same for the same seed."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def create(self, obj: Object) -> Object:
        """Store a new object and return it as stored, with uid, time stamp and resource version.

        Raises:
            ExistsError: There is one of that name.
            KeyError: The demo serves no such kind.
        """
        resource = of_object(obj)
        key = key_of(obj)
        shelf = self._shelf(resource)
        if key in shelf.items:
            raise ExistsError(key.name)
        metadata = dict(obj["metadata"])
        metadata.setdefault("uid", self.new_uid())
        metadata.setdefault("creationTimestamp", stamp(self.clock.now()))
        if "spec" in obj and obj["kind"] not in _UNCOUNTED:
            metadata.setdefault("generation", 1)
        return self._commit(resource, "ADDED", {**obj, "metadata": metadata}, None)

    def update(self, obj: Object, *, counted: bool = True) -> Object:
        """Replace an object and return it as stored; one that changes nothing is not counted, as on the real server.

        Args:
            obj: The whole object.
            counted: Whether a change of its spec counts in ``generation``; the binding of a pod does not.

        Raises:
            MissingError: There is none of that name.
            StaleError: It carries a resource version that is not the current one.
        """
        shelf = self._shelf(of_object(obj))
        before = shelf.items.get(key_of(obj))
        if before is None:
            raise MissingError(obj["metadata"]["name"])
        metadata = dict(obj["metadata"])
        if metadata.get("resourceVersion", str(before.revision)) != str(before.revision):
            raise StaleError(metadata["name"])
        old = before.data["metadata"]
        metadata.update(
            uid=old["uid"], creationTimestamp=old["creationTimestamp"], resourceVersion=str(before.revision)
        )
        if "generation" in old:
            moved = obj.get("spec") != before.data.get("spec")
            if obj["kind"] == "Deployment":  # here annotations count too, labels do not: seen on a real server
                moved = moved or metadata.get("annotations") != old.get("annotations")
            ending = "deletionTimestamp" in metadata and "deletionTimestamp" not in old
            metadata["generation"] = old["generation"] + (1 if (moved and counted) or ending else 0)
        if {**obj, "metadata": metadata} == before.data:
            return before.data
        return self._commit(of_object(obj), "MODIFIED", {**obj, "metadata": metadata}, before)

    def mutate(self, resource: Resource, name: str, namespace: str, change: Callable[[Object], None]) -> Object:
        """Apply a change to a private copy of an object and store it, whatever its resource version is.

        Raises:
            MissingError: There is none of that name.
        """
        item = self.get(resource, name, namespace)
        copy: Object = json.loads(item.encoded)
        change(copy)
        return self.update(copy)

    def delete(self, resource: Resource, name: str, namespace: str = "") -> Object:
        """Remove an object for good and return its last state; graces and finalizers are the caller's business.

        Raises:
            MissingError: There is none of that name.
        """
        shelf = self._shelf(resource)
        before = shelf.items.get(Key(namespace, name))
        if before is None:
            raise MissingError(name)
        return self._commit(resource, "DELETED", before.data, before)

    def get(self, resource: Resource, name: str, namespace: str = "") -> Item:
        """Return one object.

        Raises:
            MissingError: There is none of that name.
        """
        try:
            return self._shelf(resource).items[Key(namespace, name)]
        except KeyError:
            raise MissingError(name) from None

    def all(self, resource: Resource, namespace: str = "", matcher: Matcher | None = None) -> list[Item]:
        """Return the objects of a resource in the order of their keys."""
        chosen = self._sorted(resource, namespace)
        return chosen if matcher is None else [item for item in chosen if matcher(item.data)]

    def page(
        self,
        resource: Resource,
        namespace: str = "",
        matcher: Matcher | None = None,
        *,
        limit: int = 0,
        token: str = "",
    ) -> Page:
        """Return a list, or one page of it; the pages of one list show the same instant.

        Raises:
            ExpiredError: The instant of the token is no longer kept.
            ValueError: The token is none of ours.
        """
        after, revision = Key("", ""), self.revision
        if token:
            revision, after = _read_token(token)
            if revision == 0:  # the consolation token of a 410: go on from there, in what is true now
                revision, items = self.revision, self._sorted(resource)
            elif (resource, revision) in self._snapshots:
                items = self._snapshots[resource, revision]
            else:
                raise ExpiredError(continue_token(0, after))
        else:
            items = self._sorted(resource)
        chosen = _chosen(items, namespace, matcher)
        if token:
            chosen = chosen[bisect_right(chosen, after, key=lambda item: item.key) :]
        if not limit or len(chosen) <= limit:
            return Page(chosen, revision)
        self._snapshots[resource, revision] = items
        self._snapshots.move_to_end((resource, revision))
        while len(self._snapshots) > _SNAPSHOTS:
            self._snapshots.popitem(last=False)
        part = chosen[:limit]
        remaining = len(chosen) - limit if matcher is None else None
        return Page(part, revision, continue_token(revision, part[-1].key), remaining)

    def since(self, resource: Resource, revision: int, *, live: bool = False) -> list[Entry]:
        """Return the changes after a revision, oldest first.

        Args:
            resource: What is watched.
            revision: What the watcher has seen.
            live: The watch is open already: it has missed nothing unless a change that it needs was forgotten.

        Raises:
            ExpiredError: Some of them are no longer kept.
            AheadError: The revision lies in the future.
        """
        if revision > self.revision:
            raise AheadError(str(revision))
        shelf = self._shelf(resource)
        if revision < (shelf.dropped if live else shelf.floor):
            raise ExpiredError(str(revision))
        if not shelf.history or shelf.history[-1].revision <= revision:
            return []
        fresh: list[Entry] = []
        for entry in reversed(shelf.history):
            if entry.revision <= revision:
                break
            fresh.append(entry)
        fresh.reverse()
        return fresh

    async def changed(self, resource: Resource, revision: int, timeout: float) -> None:
        """Return when something changed after a revision, or after the timeout in seconds."""
        shelf = self._shelf(resource)
        if (shelf.history and shelf.history[-1].revision > revision) or revision < shelf.dropped:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        shelf.waiting.add(future)
        try:
            await asyncio.wait((future,), timeout=timeout)
        finally:
            shelf.waiting.discard(future)

    def expire(self) -> None:
        """Forget all history and every page token, as etcd does when it compacts; open watches go on."""
        self._snapshots.clear()
        self.revision += 1
        self._floor = self.revision
        for shelf in self._shelves.values():
            if shelf.history:
                shelf.dropped = shelf.history[-1].revision
            shelf.history.clear()
            shelf.floor = self._floor

    def _shelf(self, resource: Resource) -> _Shelf:
        shelf = self._shelves.get(resource)
        if shelf is None:
            shelf = self._shelves[resource] = _Shelf(floor=self._floor)
        return shelf

    def _sorted(self, resource: Resource, namespace: str = "") -> list[Item]:
        shelf = self._shelf(resource)
        keys = shelf.keys
        if namespace:
            start = bisect.bisect_left(keys, Key(namespace, ""))
            keys = keys[start : bisect.bisect_left(keys, Key(f"{namespace}\0", ""), start)]
        return [shelf.items[key] for key in keys]

    def _commit(self, resource: Resource, change: Change, obj: Object, before: Item | None) -> Object:
        shelf = self._shelf(resource)
        self.revision += 1
        data = {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(self.revision)}}
        item = Item(data, self.revision)
        if change == "DELETED":
            del shelf.items[item.key]
            del shelf.keys[bisect.bisect_left(shelf.keys, item.key)]
        else:
            if item.key not in shelf.items:
                bisect.insort(shelf.keys, item.key)
            shelf.items[item.key] = item
        entry = Entry(self.revision, change, item, before)
        shelf.history.append(entry)
        if len(shelf.history) > self._history:
            shelf.dropped = shelf.history.popleft().revision
            shelf.floor = max(shelf.floor, shelf.dropped)
        _wake(shelf)
        for follow in self.followers:
            follow(resource, entry)
        return data


def continue_token(revision: int, after: Key) -> str:
    """Return an opaque continue token; revision 0 stands for "whatever is true then"."""
    body = json.dumps({"v": "meta.k8s.io/v1", "rv": revision, "start": list(after)}, separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def _read_token(token: str) -> tuple[int, Key]:
    try:
        body = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        return int(body["rv"]), Key(*map(str, body["start"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError("continue key is not valid") from error


def _chosen(items: Iterable[Item], namespace: str, matcher: Matcher | None) -> list[Item]:
    return [
        item
        for item in items
        if (not namespace or item.key.namespace == namespace) and (matcher is None or matcher(item.data))
    ]


def _wake(shelf: _Shelf) -> None:
    waiting, shelf.waiting = shelf.waiting, set()
    for future in waiting:
        if not future.done():
            future.set_result(None)
