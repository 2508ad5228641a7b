"""Access reviews in protobuf, the only form in which kubectl sends them since 1.32; everything else comes as JSON.

The messages: https://github.com/kubernetes/api/blob/master/authorization/v1/generated.proto, in the envelope that
https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding describes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

MEDIA: Final = "application/vnd.kubernetes.protobuf"
_MAGIC: Final = b"k8s\x00"
_TEXT: Final = 2
_VARINT: Final = 0
_RAW: Final = 2
_SPEC: Final = 2
_RESOURCE: Final = {1: "namespace", 2: "verb", 3: "group", 4: "version", 5: "resource", 6: "subresource", 7: "name"}
_PATH: Final = {1: "path", 2: "verb"}


def review_spec(data: bytes, review: str) -> dict[str, Any]:
    """Return the ``spec`` of a review, as its JSON would have it.

    Args:
        data: The body.
        review: The resource, for example ``selfsubjectaccessreviews``.

    Raises:
        ValueError: It is no such message.
    """
    if not data.startswith(_MAGIC):
        raise ValueError("no Kubernetes object in protobuf")
    spec = _part(_part(data[len(_MAGIC) :], _RAW), _SPEC)
    if review == "selfsubjectrulesreviews":
        return {"namespace": _part(spec, 1).decode()}
    names = {1: ("resourceAttributes", _RESOURCE), 2: ("nonResourceAttributes", _PATH)}
    return {
        names[number][0]: {
            names[number][1][key]: value.decode() for key, value in _fields(part) if key in names[number][1]
        }
        for number, part in _fields(spec)
        if number in names
    }


def _part(data: bytes, wanted: int) -> bytes:
    return next((part for number, part in _fields(data) if number == wanted), b"")


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the numbers and contents of a message's strings and messages."""
    at = 0
    while at < len(data):
        key, at = _number(data, at)
        size, at = _number(data, at)
        if key & 7 == _TEXT:
            if at + size > len(data):
                raise ValueError("a message that ends too early")
            yield key >> 3, data[at : at + size]
            at += size
        elif key & 7 != _VARINT:
            raise ValueError("a field of a kind that reviews do not have")


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data):
            raise ValueError("a message that ends too early")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
