"""Bytes of a list or a watch to rows of the model; what is odd loses itself and never its list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec

from mediatui.clients.kube.sharing import Sharing
from mediatui.clients.kube.types import Meta, ObjectList, Thing, WatchEvent
from mediatui.errors import NotKubernetes
from mediatui.model.source import Ref
from mediatui.text import printable

Flatten = Callable[[Any, Sharing], Any]
"""Makes a row of a Struct."""

INITIAL_EVENTS_END: Final = "k8s.io/initial-events-end"
_EVENT: Final = msgspec.json.Decoder(WatchEvent)
_THING: Final = msgspec.json.Decoder(Thing)
_ANYTHING: Final = msgspec.json.Decoder(ObjectList[msgspec.Raw])


class Nameless(ValueError):
    """An object without a name, which no row can be made of."""


class Decoded(NamedTuple):
    """One object."""

    ref: Ref
    row: Any
    """None when it could not be read."""
    revision: str


class Page(NamedTuple):
    """A page of a list."""

    rows: list[tuple[Ref, Any]]
    revision: str
    more: str
    """The token of the next page, empty on the last."""
    skipped: list[Ref]
    """Objects that could not be read."""


class Change(NamedTuple):
    """One line of a watch."""

    type: str
    ref: Ref
    row: Any
    revision: str
    ends_initial: bool = False
    error: bytes = b""
    """The Status of an ERROR."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How the objects of one kind are read."""

    struct: type[msgspec.Struct]
    flatten: Flatten


class Decoder:
    """Reads one kind.

    Args:
        shape: How.
        sharing: Where equal values meet.
    """

    def __init__(self, shape: Shape, sharing: Sharing) -> None:
        self._flatten = shape.flatten
        self._sharing = sharing
        self._one = msgspec.json.Decoder(shape.struct)
        self._many: msgspec.json.Decoder[Any] = msgspec.json.Decoder(ObjectList[shape.struct])  # type: ignore[name-defined]

    def page(self, body: bytes) -> Page:
        """Read a page of a list.

        Raises:
            NotKubernetes: It is no list of objects.
        """
        flatten, sharing = self._flatten, self._sharing
        try:
            page = self._many.decode(body)
            things = [(ref_of(item.metadata, sharing), flatten(item, sharing)) for item in page.items or ()]
        except (msgspec.DecodeError, UnicodeDecodeError, Nameless, AttributeError):
            return self._page_with_odd_ones(body)
        return _page(page, things, [])

    def change(self, line: bytes) -> Change:
        """Read a line of a watch.

        Raises:
            NotKubernetes: It is no watch event.
        """
        try:
            event = _EVENT.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NotKubernetes(f"a watch brought what is no event: {printable(str(error))}") from error
        match event.type:
            case "ERROR":
                return Change("ERROR", Ref("", ""), None, "", error=bytes(event.object))
            case "BOOKMARK":
                meta = _metadata(event.object) or Meta()
                ends = (meta.annotations or {}).get(INITIAL_EVENTS_END) == "true"
                return Change("BOOKMARK", Ref("", ""), None, meta.resource_version or "", ends)
            case kind:
                decoded = self._object(event.object)
                return Change(printable(kind or ""), *decoded)

    def _object(self, raw: msgspec.Raw) -> Decoded:
        """Read one object; of an odd one as much as identifies it."""
        try:
            thing: Any = self._one.decode(raw)
            meta: Meta = thing.metadata
            ref = ref_of(meta, self._sharing)
            return Decoded(ref, self._flatten(thing, self._sharing), meta.resource_version or "")
        except (msgspec.DecodeError, UnicodeDecodeError, Nameless, AttributeError):
            meta = _metadata(raw) or Meta()
            ref = Ref(printable(meta.namespace or ""), printable(meta.name or ""))
            return Decoded(ref, None, meta.resource_version or "")

    def _page_with_odd_ones(self, body: bytes) -> Page:
        try:
            page = _ANYTHING.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NotKubernetes(f"the answer is no list of objects: {printable(str(error))}") from error
        rows: list[tuple[Ref, Any]] = []
        skipped: list[Ref] = []
        for raw in page.items or ():
            decoded = self._object(raw)
            if decoded.row is None:
                skipped.append(decoded.ref)
            else:
                rows.append((decoded.ref, decoded.row))
        return _page(page, rows, skipped)


def _page(page: ObjectList[Any], rows: list[tuple[Ref, Any]], skipped: list[Ref]) -> Page:
    if page.metadata is None and not (page.kind or "").endswith("List"):
        raise NotKubernetes("the answer is no list of objects")
    metadata = page.metadata
    revision = (metadata and metadata.resource_version) or ""
    return Page(rows, revision, (metadata and metadata.continue_) or "", skipped)


def _metadata(raw: msgspec.Raw) -> Meta | None:
    try:
        return _THING.decode(raw).metadata
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def ref_of(meta: Meta | None, sharing: Sharing) -> Ref:
    """Return what identifies an object within its kind.

    Raises:
        Nameless: It has no name.
    """
    if meta is None or not meta.name:
        raise Nameless("an object without a name")
    return Ref(sharing.text(meta.namespace), printable(meta.name))
