"""Who asks, and what they may: users with a token, and rules like those of RBAC."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mediatui.demo import statuses
from mediatui.demo.requestinfo import Target
from mediatui.demo.resources import Resource

ADMIN: Final = "demo-admin"
_READ: Final = ("get", "list", "watch")
_BASIC: Final = ("selfsubjectaccessreviews", "selfsubjectrulesreviews")
_MEDIA: Final = "media"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a role and where it is bound.

    Args:
        verbs: ``*`` is every verb.
        groups: API groups, ``*`` is every group.
        resources: Plurals, with a subresource behind a slash; ``*`` is all of them.
        names: The objects that it is for; none for all.
        namespace: Where it is bound; empty for everywhere, objects of the cluster included.
    """

    verbs: tuple[str, ...]
    groups: tuple[str, ...]
    resources: tuple[str, ...]
    names: tuple[str, ...] = ()
    namespace: str = ""

    def allows(self, verb: str, group: str, resource: str, namespace: str, name: str) -> bool:
        """Tell whether it allows something; ``resource`` has its subresource behind a slash."""
        return (
            _covers(self.verbs, verb)
            and _covers(self.groups, group)
            and _covers(self.resources, resource)
            and (not self.names or name in self.names)
            and self.namespace in ("", namespace)
        )

    def described(self) -> dict[str, Any]:
        """Return it as a SelfSubjectRulesReview does."""
        body: dict[str, Any] = {"verbs": [*self.verbs], "apiGroups": [*self.groups], "resources": [*self.resources]}
        return body | ({"resourceNames": [*self.names]} if self.names else {})


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with a token.

    Args:
        name: As the server calls them.
        rules: What they may.
        groups: The groups that they are in.
    """

    name: str
    rules: tuple[Rule, ...] = ()
    groups: tuple[str, ...] = ()
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    def may(self, verb: str, group: str, resource: str, namespace: str = "", name: str = "") -> bool:
        """Tell whether they may do something."""
        return any(rule.allows(verb, group, resource, namespace, name) for rule in self.rules)


class Users:
    """Everybody whom a cluster knows; tokens are new with each start."""

    def __init__(self) -> None:
        self._by_name: dict[str, User] = {}
        self._by_token: dict[str, User] = {}
        for user in (
            User(ADMIN, (Rule(("*",), ("*",), ("*",)),), ("system:masters",)),
            User("demo-viewer", _viewer()),
            User("demo-narrow", _viewer(_MEDIA)),
            User("demo-nobody"),
        ):
            self.add(user)

    def add(self, user: User) -> User:
        """Let somebody in."""
        self._by_name[user.name] = user
        self._by_token[user.token] = user
        return user

    def named(self, name: str) -> User:
        """Return a user."""
        return self._by_name[name]

    @property
    def others(self) -> Mapping[str, str]:
        """The token of everybody but the admin, by name."""
        return {name: user.token for name, user in self._by_name.items() if name != ADMIN}

    def of(self, authorization: str) -> User:
        """Return who an ``Authorization`` header belongs to.

        Raises:
            Refusal: Nobody has such a token.
        """
        scheme, _, token = authorization.partition(" ")
        user = self._by_token.get(token) if scheme.lower() == "bearer" else None
        if user is None:
            raise statuses.unauthorized()
        return user


def check(user: User, target: Target, method: str) -> None:
    """Make sure that a user may do what a request asks for.

    Raises:
        Refusal: They may not.
    """
    resource = target.resource
    if resource is None:
        return
    for verb in _verbs(target, method):
        if not user.may(verb, resource.group, _asked(resource, target), target.namespace, target.name):
            raise statuses.forbidden(
                user.name, verb, resource, target.namespace, target.name, subresource=target.subresource
            )


def _verbs(target: Target, method: str) -> Iterable[str]:
    if target.subresource in ("exec", "portforward"):
        # Since 1.35 a WebSocket's GET needs "create" as well: https://github.com/kubernetes/kubernetes/issues/133515
        return ("get", "create") if method == "GET" else ("create",)
    return (target.verb,)


def _asked(resource: Resource, target: Target) -> str:
    return f"{resource.plural}/{target.subresource}" if target.subresource else resource.plural


def _covers(listed: tuple[str, ...], asked: str) -> bool:
    return "*" in listed or asked in listed


def _viewer(namespace: str = "") -> tuple[Rule, ...]:
    """Return what mediatui reads, and no Secret."""
    core = ("pods", "services", "persistentvolumeclaims", "events", "resourcequotas")
    rules = (
        Rule(_READ, ("",), core, namespace=namespace),
        Rule(("get",), ("",), ("pods/log",), namespace=namespace),
        Rule(_READ, ("apps",), ("deployments", "statefulsets", "replicasets"), namespace=namespace),
        Rule(_READ, ("discovery.k8s.io",), ("endpointslices",), namespace=namespace),
        Rule(_READ, ("autoscaling",), ("horizontalpodautoscalers",), namespace=namespace),
        Rule(_READ, ("metrics.k8s.io",), ("pods",), namespace=namespace),
        Rule(_READ, ("gateway.networking.k8s.io",), ("httproutes",), namespace=namespace),
        Rule(_READ, ("argoproj.io",), ("applications",), namespace=namespace),
        Rule(_READ, ("longhorn.io",), ("volumes",), namespace=namespace),
        Rule(_READ, ("keda.sh",), ("scaledobjects",), namespace=namespace),
        Rule(("create",), ("authorization.k8s.io",), _BASIC),
    )
    if namespace:
        return rules
    return (
        *rules,
        Rule(_READ, ("",), ("nodes", "persistentvolumes", "namespaces")),
        Rule(_READ, ("storage.k8s.io",), ("storageclasses", "volumeattachments")),
    )
