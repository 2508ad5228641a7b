"""Pod Security admission, as far as the level ``baseline`` and a media stack meet: host paths, network, privileges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mediatui.demo.objects import Object, dig
from mediatui.demo.resources import named
from mediatui.demo.store import MissingError, Store

_ENFORCE: Final = "pod-security.kubernetes.io/enforce"
_NAMESPACES: Final = named("namespaces")


def violation(store: Store, namespace: str, spec: Object) -> str:
    """Return how a pod's spec violates the level that its namespace enforces; empty when it does not."""
    try:
        labels = store.get(_NAMESPACES, namespace).data["metadata"].get("labels") or {}
    except MissingError:
        return ""
    level = labels.get(_ENFORCE, "privileged")
    if level == "privileged":
        return ""
    found = "; ".join(_found(spec))
    return f'violate PodSecurity "{level}:latest": {found}' if found else ""


def _found(spec: Object) -> Iterator[str]:
    if spec.get("hostNetwork"):
        yield "host namespaces (hostNetwork=true)"
    paths = [volume["name"] for volume in spec.get("volumes") or [] if "hostPath" in volume]
    if paths:
        names = ", ".join(f'"{name}"' for name in paths)
        yield f"hostPath volumes (volume{'s' if len(paths) > 1 else ''} {names})"
    for container in spec.get("containers") or []:
        if dig(container, "securityContext.privileged"):
            yield f'privileged (container "{container["name"]}" must not set securityContext.privileged=true)'
