"""What a request asks for, read from its path: resource, namespace, name, subresource, verb."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from mediatui.demo.resources import Resource, find

_VERBS: Final = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


@dataclass(frozen=True, slots=True)
class Target:
    """The resource part of a request; without a resource it is discovery, health or nothing that is served."""

    verb: str
    """``get``, ``list``, ``watch``, ``create``, ``update``, ``patch``, ``delete``, ``deletecollection``."""
    resource: Resource | None = None
    namespace: str = ""
    name: str = ""
    subresource: str = ""


@dataclass(slots=True)
class RequestRecord:
    """A request as the server saw it, for tests that count."""

    at: float
    """Seconds since the epoch."""
    method: str
    path: str
    query: Mapping[str, str]
    target: Target
    agent: str = ""
    status: int = 0
    """0 while it is being answered."""
    sent: int = 0
    """Bytes of the body, before compression."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def verb(self) -> str:
        """The verb, for example ``watch``; reading a log is ``get`` with subresource ``log``."""
        return self.target.verb

    @property
    def resource(self) -> str:
        """The plural name of what was asked for, empty for discovery."""
        return self.target.resource.plural if self.target.resource else ""


def read_target(method: str, path: str, query: Mapping[str, str]) -> Target:
    """Return what a request is about, by the path rules of ``k8s.io/apiserver`` (RequestInfo)."""
    verb = _VERBS.get(method, "get")
    parts = path.strip("/").split("/")
    if parts[0] == "api" and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return Target(verb)
    namespace = ""
    # "namespaces/media" and "namespaces/media/status" are about the namespace itself.
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in ("status", "finalize"):
        namespace, rest = rest[1], rest[2:]
    resource = find(group, version, rest[0])
    if resource is None or len(rest) > 3 or (namespace and not resource.namespaced):
        return Target(verb)
    name = rest[1] if len(rest) > 1 else ""
    if name and resource.namespaced and not namespace:
        return Target(verb)
    if verb == "get" and not name:
        verb = "watch" if query.get("watch") in ("true", "1") else "list"
    if verb == "delete" and not name:
        verb = "deletecollection"
    return Target(verb, resource, namespace, name, rest[2] if len(rest) > 2 else "")
