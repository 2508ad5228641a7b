"""Access reviews: what somebody may, as far as the rules say and no switched-on 403 denies it."""

from __future__ import annotations

from mediatui.demo.access import User
from mediatui.demo.faults import Faults
from mediatui.demo.objects import Object
from mediatui.demo.requestinfo import Target
from mediatui.demo.resources import named

GROUP = "authorization.k8s.io"


def access_review(user: User, body: Object, faults: Faults) -> Object:
    """Return a SelfSubjectAccessReview with its answer."""
    spec = body.get("spec") or {}
    asked = spec.get("resourceAttributes") or {}
    status: Object = {"allowed": True, "reason": f"RBAC: allowed to {user.name}"}
    if asked and not _may(user, asked):
        status = {"allowed": False}
    elif asked and faults.denies(asked.get("verb", ""), _target(asked)):
        status = {"allowed": False, "reason": "denied by a switched-on fault"}
    return {
        "kind": "SelfSubjectAccessReview",
        "apiVersion": f"{GROUP}/v1",
        "metadata": {"creationTimestamp": None},
        "spec": spec,
        "status": status,
    }


def rules_review(user: User, body: Object) -> Object:
    """Return a SelfSubjectRulesReview: every rule that holds in a namespace."""
    spec = body.get("spec") or {}
    rules = [rule.described() for rule in user.rules if rule.namespace in ("", spec.get("namespace", ""))]
    anywhere = ["*"] if "system:masters" in user.groups else ["/api", "/apis", "/healthz", "/livez", "/version"]
    return {
        "kind": "SelfSubjectRulesReview",
        "apiVersion": f"{GROUP}/v1",
        "metadata": {"creationTimestamp": None},
        "spec": spec,
        "status": {
            "resourceRules": rules,
            "nonResourceRules": [{"verbs": ["*"] if anywhere == ["*"] else ["get"], "nonResourceURLs": anywhere}],
            "incomplete": False,
        },
    }


def subject_review(user: User) -> Object:
    """Return a SelfSubjectReview: who the token belongs to."""
    info = {"username": user.name, "groups": [*user.groups, "system:authenticated"]}
    return {
        "kind": "SelfSubjectReview",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"creationTimestamp": None},
        "status": {"userInfo": info},
    }


def _may(user: User, asked: Object) -> bool:
    resource = asked.get("resource", "")
    if asked.get("subresource"):
        resource = f"{resource}/{asked['subresource']}"
    return user.may(
        asked.get("verb", ""), asked.get("group", ""), resource, asked.get("namespace", ""), asked.get("name", "")
    )


def _target(asked: Object) -> Target:
    namespace, name = asked.get("namespace", ""), asked.get("name", "")
    try:
        resource = named(asked.get("resource", ""), asked.get("group", ""))
    except KeyError:
        return Target(asked.get("verb", ""), None, namespace, name)
    return Target(asked.get("verb", ""), resource, namespace, name, asked.get("subresource", ""))
