"""The other faces of an object that a client can ask for: a Table for printing, or its metadata alone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal

from mediatui.demo.columns import table_of
from mediatui.demo.objects import Object
from mediatui.demo.resources import Resource
from mediatui.demo.statuses import not_acceptable
from mediatui.demo.store import Item

Face = Literal["object", "table", "metadata"]
Include = Literal["None", "Metadata", "Object"]

_META = "meta.k8s.io/v1"


def face_of(accept: str) -> Face:
    """Return the first face in an Accept header that the server can show.

    Raises:
        Refusal: 406, there is none.
    """
    for part in accept.split(",") if accept.strip() else ["*/*"]:
        media, *parameters = (piece.strip() for piece in part.split(";"))
        if media not in ("application/json", "application/*", "*/*"):
            continue
        options = dict(piece.split("=", 1) for piece in parameters if "=" in piece)
        wanted = options.get("as", "")
        if not wanted:
            return "object"
        if options.get("v") != "v1":
            continue
        if wanted == "Table":
            return "table"
        if wanted in ("PartialObjectMetadata", "PartialObjectMetadataList"):
            return "metadata"
    raise not_acceptable()


def content_type(face: Face, *, many: bool) -> str:
    """Return the Content-Type of an answer with that face."""
    if face == "object":
        return "application/json"
    name = "Table" if face == "table" else "PartialObjectMetadata" + ("List" if many else "")
    return f"application/json;as={name};g=meta.k8s.io;v=v1"


def partial(obj: Object) -> Object:
    """Return the metadata of an object, and nothing else."""
    return {"kind": "PartialObjectMetadata", "apiVersion": _META, "metadata": obj["metadata"]}


def table(
    resource: Resource,
    items: Iterable[Item],
    metadata: dict[str, Any],
    now: float,
    *,
    include: Include = "Metadata",
    header: bool = True,
) -> bytes:
    """Return objects as an encoded Table.

    Args:
        resource: What the objects are.
        items: The objects, in order.
        metadata: The list metadata of the answer.
        now: What ages are counted to.
        include: What each row carries of its object.
        header: Whether to send the column definitions; a watch sends them once.
    """
    columns, printer = table_of(resource.qualified)
    rows = []
    for item in items:
        row: dict[str, Any] = {"cells": printer(item.data, now)}
        if include != "None":
            row["object"] = partial(item.data) if include == "Metadata" else item.data
        rows.append(row)
    definitions = [column.definition() for column in columns] if header else None
    body = {"kind": "Table", "apiVersion": _META, "metadata": metadata, "columnDefinitions": definitions, "rows": rows}
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def listing(face: Face, resource: Resource, items: Iterable[Item], metadata: dict[str, Any]) -> bytes:
    """Return objects, or their metadata, as an encoded list; the parts are joined, not encoded again."""
    meta = json.dumps(metadata, separators=(",", ":")).encode()
    if face == "metadata":
        head = b'{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":'
        parts = [json.dumps(partial(item.data), separators=(",", ":"), ensure_ascii=False).encode() for item in items]
    else:
        kinds = f'{{"kind":"{resource.kind}List","apiVersion":"{resource.api_version}","metadata":'
        head, parts = kinds.encode(), [item.encoded for item in items]
    return b"".join((head, meta, b',"items":[', b",".join(parts), b"]}\n"))
