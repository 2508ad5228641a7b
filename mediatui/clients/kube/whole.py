"""One whole object for YAML and describe: safe to show, without bookkeeping, and never with a Secret's data."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from mediatui.errors import NotKubernetes
from mediatui.text import printable, redacted

MASK: Final = "***"
_SECRET_WORDS: Final = "api[-_]?key|token|pass|secret|credential|private|authorization|cookie"
_SECRET_NAME: Final = re.compile(_SECRET_WORDS, re.IGNORECASE)
"""Names of environment variables whose literal value is nobody's to see."""
_SECRET_OPTION: Final = re.compile(rf"--?[\w-]*(?:{_SECRET_WORDS})[\w-]*", re.IGNORECASE)
_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"


def whole_object(body: bytes) -> dict[str, Any]:
    """Return an object with every text printable, line ends kept.

    Raises:
        NotKubernetes: The answer is no object.
    """
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotKubernetes(f"the answer is no object: {printable(str(error))}") from error
    if not isinstance(found, dict) or not isinstance(found.get("metadata"), dict):
        raise NotKubernetes("the answer is no object")
    metadata = found["metadata"]
    metadata.pop("managedFields", None)
    if found.get("kind") == "Secret":
        for key in ("data", "stringData"):
            if isinstance(found.get(key), dict):
                found[key] = dict.fromkeys(found[key], MASK)
    annotations = metadata.get("annotations")
    if isinstance(annotations, dict) and _LAST_APPLIED in annotations:
        annotations[_LAST_APPLIED] = MASK  # kubectl apply keeps the whole object there, its secrets too
    shown: dict[str, Any] = _shown(found)
    return shown


def _shown(value: Any) -> Any:
    match value:
        case str():
            value = redacted(value)
            return "\n".join(map(printable, value.split("\n"))) if "\n" in value else printable(value)
        case {"name": str(name), "value": str()} if _SECRET_NAME.search(name):
            return {**_shown({key: part for key, part in value.items() if key != "value"}), "value": MASK}
        case dict():
            return {_shown(key): _shown(part) for key, part in value.items()}
        case list():
            # ["--api-key", "s3cret"]: what follows an option that is named like a secret is one.
            return [
                MASK if isinstance(part, str) and _names_secret(before) else _shown(part)
                for before, part in zip((None, *value), value, strict=False)
            ]
        case _:
            return value


def _names_secret(argument: Any) -> bool:
    return isinstance(argument, str) and _SECRET_OPTION.fullmatch(argument) is not None
