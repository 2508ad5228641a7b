"""Label and field selectors, as the API server reads them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from mediatui.demo.objects import Object, dig
from mediatui.demo.resources import Resource

Matcher = Callable[[Object], bool]

_SET: Final = re.compile(r"\s*([\w./-]+)\s+(in|notin)\s*\(([^)]*)\)\s*")
_EQUAL: Final = re.compile(r"\s*([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)\s*")
_EXISTS: Final = re.compile(r"\s*(!?)\s*([\w./-]+)\s*")

_METADATA: Final = ("metadata.name", "metadata.namespace")
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "pods": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ),
    "events": (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    "nodes": ("spec.unschedulable",),
    "namespaces": ("status.phase",),
    "secrets": ("type",),
    "replicasets.apps": ("status.replicas",),
    "jobs.batch": ("status.successful",),
}


class BadSelectorError(ValueError):
    """A selector that cannot be read, or a field that the resource cannot be selected by; the text is the server's."""


def label_matcher(selector: str) -> Matcher | None:
    """Return a test for a label selector (equality and set requirements), None for the empty one.

    Raises:
        BadSelectorError: The selector cannot be read.
    """
    requirements: list[Callable[[Mapping[str, str]], bool]] = []
    position = 0
    while position < len(selector):
        for pattern in (_SET, _EQUAL, _EXISTS):
            match = pattern.match(selector, position)
            if match and (match.end() == len(selector) or selector[match.end()] == ","):
                requirements.append(_requirement(pattern, match))
                position = match.end() + 1
                break
        else:
            raise BadSelectorError(f'unable to parse requirement: found "{selector[position:]}"')
    if not requirements:
        return None
    return lambda obj: all(test(obj["metadata"].get("labels") or {}) for test in requirements)


def _requirement(pattern: re.Pattern[str], match: re.Match[str]) -> Callable[[Mapping[str, str]], bool]:
    if pattern is _SET:
        name, operator, body = match.groups()
        values = frozenset(value.strip() for value in body.split(","))
        if operator == "in":
            return lambda labels: labels.get(name) in values
        return lambda labels: labels.get(name) not in values
    if pattern is _EQUAL:
        name, operator, value = match.groups()
        if operator == "!=":
            return lambda labels: labels.get(name) != value
        return lambda labels: labels.get(name) == value
    absent, name = match.groups()
    return lambda labels: (name not in labels) if absent else (name in labels)


def field_matcher(resource: Resource, selector: str) -> Matcher | None:
    """Return a test for a field selector, None for the empty one.

    Raises:
        BadSelectorError: It cannot be read, or names a field that this resource cannot be selected by.
    """
    if not selector:
        return None
    allowed = _METADATA + _FIELDS.get(resource.qualified, ())
    requirements: list[tuple[str, bool, str]] = []
    for term in selector.split(","):
        field, operator, value = re.fullmatch(r"([^=!]*)(==|=|!=)?(.*)", term, re.DOTALL).groups()  # type: ignore[union-attr]
        if operator is None:
            raise BadSelectorError(f"invalid selector: '{selector}'; can't understand '{term}'")
        if field not in allowed:
            raise BadSelectorError(f"field label not supported: {field}")
        requirements.append((field, operator != "!=", value))
    return lambda obj: all((_field(obj, field) == value) is wanted for field, wanted, value in requirements)


def _field(obj: Object, field: str) -> str:
    if field == "source":
        return str(dig(obj, "source.component", ""))
    value: Any = dig(obj, field, "")
    return str(value).lower() if isinstance(value, bool) else str(value)


def both(first: Matcher | None, second: Matcher | None) -> Matcher | None:
    """Return the test that both tests pass, None where there is nothing to test."""
    if first is None or second is None:
        return first or second
    return lambda obj: first(obj) and second(obj)
