"""Access reviews: the demo's one user may do everything, except what a switched-on 403 denies."""

from __future__ import annotations

from mediatui.demo.faults import Faults
from mediatui.demo.objects import Object
from mediatui.demo.requestinfo import Target
from mediatui.demo.resources import named

GROUP = "authorization.k8s.io"
USER = "demo-admin"


def access_review(body: Object, faults: Faults) -> Object:
    """Return a SelfSubjectAccessReview with its answer."""
    spec = body.get("spec") or {}
    asked = spec.get("resourceAttributes") or {}
    denied = bool(asked) and faults.denies(asked.get("verb", ""), _target(asked))
    status = {
        "allowed": not denied,
        "reason": "denied by a switched-on fault" if denied else "the demo's user may do all",
    }
    return {
        "kind": "SelfSubjectAccessReview",
        "apiVersion": f"{GROUP}/v1",
        "metadata": {"creationTimestamp": None},
        "spec": spec,
        "status": status,
    }


def rules_review(body: Object) -> Object:
    """Return a SelfSubjectRulesReview with the rules of a cluster-admin."""
    return {
        "kind": "SelfSubjectRulesReview",
        "apiVersion": f"{GROUP}/v1",
        "metadata": {"creationTimestamp": None},
        "spec": body.get("spec") or {},
        "status": {
            "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
            "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
            "incomplete": False,
        },
    }


def subject_review(body: Object) -> Object:
    """Return a SelfSubjectReview: who the token belongs to."""
    info = {"username": USER, "groups": ["system:masters", "system:authenticated"]}
    return {
        "kind": "SelfSubjectReview",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"creationTimestamp": None},
        "status": {"userInfo": info},
    }


def _target(asked: Object) -> Target:
    namespace, name = asked.get("namespace", ""), asked.get("name", "")
    try:
        resource = named(asked.get("resource", ""), asked.get("group", ""))
    except KeyError:
        return Target(asked.get("verb", ""), None, namespace, name)
    return Target(asked.get("verb", ""), resource, namespace, name, asked.get("subresource", ""))
