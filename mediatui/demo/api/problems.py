"""What is wrong with an object: single problems, and the 422 that names them all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from mediatui.demo.resources import Resource
from mediatui.demo.statuses import Refusal

_REASONS: Final = {
    "Required value": "FieldValueRequired",
    "Invalid value": "FieldValueInvalid",
    "Unsupported value": "FieldValueNotSupported",
    "Forbidden": "FieldValueForbidden",
    "Duplicate value": "FieldValueDuplicate",
    "Not found": "FieldValueNotFound",
}


class Problem(NamedTuple):
    """One field that cannot be so.

    Args:
        field: Its path.
        kind: ``Required value``, ``Invalid value``, ``Forbidden``, ...
        text: What follows the colon; may be empty.
    """

    field: str
    kind: str
    text: str = ""

    @property
    def message(self) -> str:
        """The sentence without the field."""
        return f"{self.kind}: {self.text}" if self.text else self.kind


def invalid_value(field: str, value: Any, why: str) -> Problem:
    """Return a problem that quotes the value, as JSON."""
    return Problem(field, "Invalid value", f"{json.dumps(value, separators=(',', ':'))}: {why}")


def refusal(resource: Resource, name: str, problems: Sequence[Problem]) -> Refusal:
    """Return the 422 for problems."""
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    said = [f"{one.field}: {one.message}" for one in problems]
    together = said[0] if len(said) == 1 else f"[{', '.join(said)}]"
    details: dict[str, Any] = {"name": name}
    if resource.group:
        details["group"] = resource.group
    details["kind"] = resource.kind
    details["causes"] = [{"reason": _REASONS[one.kind], "message": one.message, "field": one.field} for one in problems]
    return Refusal(422, "Invalid", f'{kind} "{name}" is invalid: {together}', details)
