"""What a ResourceQuota counts, and what it does not let in: https://kubernetes.io/docs/concepts/policy/resource-quotas/."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from mediatui.demo.objects import Object, dig
from mediatui.demo.parts.quantities import amount
from mediatui.demo.resources import of_object

_COUNTED: Final = (
    "configmaps",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "services",
)
"""Kinds that a quota counts by their own name; every kind is counted as ``count/PLURAL.GROUP``."""
_COMPUTED: Final = ("cpu", "memory", "ephemeral-storage")
_UNITS: Final = ("Ti", "Gi", "Mi", "Ki")


def usage(obj: Object) -> Counter[str]:
    """Return how much of each resource an object takes."""
    resource = of_object(obj)
    taken: Counter[str] = Counter({f"count/{resource.qualified}": 1})
    if resource.plural in _COUNTED and not resource.group:
        taken[resource.plural] = 1
    if obj["kind"] == "PersistentVolumeClaim":
        size = amount(dig(obj, "spec.resources.requests.storage", "0"))
        storage_class = obj["spec"].get("storageClassName") or ""
        taken["requests.storage"] = size  # type: ignore[assignment]
        taken[f"{storage_class}.storageclass.storage.k8s.io/requests.storage"] = size  # type: ignore[assignment]
        taken[f"{storage_class}.storageclass.storage.k8s.io/persistentvolumeclaims"] = 1
    if obj["kind"] == "Pod":
        if dig(obj, "status.phase") in ("Succeeded", "Failed"):
            return Counter({f"count/{resource.qualified}": 1})
        for container in obj["spec"].get("containers") or []:
            for bound in ("requests", "limits"):
                for name, quantity in (dig(container, f"resources.{bound}") or {}).items():
                    taken[f"{bound}.{name}"] += amount(quantity)  # type: ignore[assignment]
                    if bound == "requests":
                        taken[name] += amount(quantity)  # type: ignore[assignment]
    return taken


def used(quota: Object, objects: Iterable[Object]) -> dict[str, str]:
    """Return what is used of everything that a quota limits, as its status says it."""
    total: Counter[str] = Counter()
    for obj in objects:
        total.update(usage(obj))
    hard: Mapping[str, Any] = quota["spec"].get("hard") or {}
    return {name: quantity(total[name], str(limit)) for name, limit in hard.items()}


def exceeded(quota: Object, obj: Object, objects: Iterable[Object]) -> str:
    """Return why a quota does not let an object in, in the API server's words; empty when it does.

    Args:
        quota: The quota.
        obj: What is to be created.
        objects: What there is in the namespace.
    """
    name, asked = quota["metadata"]["name"], usage(obj)
    hard: Mapping[str, Any] = quota["spec"].get("hard") or {}
    if obj["kind"] == "Pod" and (missing := _unsaid(obj, hard)):
        return f"failed quota: {name}: must specify {missing}"
    before = used(quota, objects)
    over = sorted(one for one in hard if asked[one] and amount(before[one]) + asked[one] > amount(hard[one]))
    if not over:
        return ""
    requested = ",".join(f"{one}={quantity(asked[one], str(hard[one]))}" for one in over)
    taken = ",".join(f"{one}={before[one]}" for one in over)
    limited = ",".join(f"{one}={hard[one]}" for one in over)
    return f"exceeded quota: {name}, requested: {requested}, used: {taken}, limited: {limited}"


def quantity(number: float, like: str) -> str:
    """Return a number as a quantity in the style of another: ``10Gi`` for bytes, ``500m`` for shares, else ``3``."""
    if like.endswith(("K", "M", "G", "T", "P", "i")):
        for index, unit in enumerate(_UNITS):
            size = 1024 ** (len(_UNITS) - index)
            if number >= size and number % size == 0:
                return f"{int(number // size)}{unit}"
    if number % 1:
        return f"{round(number * 1000)}m"
    return str(int(number))


def _unsaid(pod: Object, hard: Mapping[str, Any]) -> str:
    """Return what a pod has to say about its containers because it is limited, and does not."""
    missing = []
    for limited in sorted(hard):
        bound, _, name = limited.partition(".") if "." in limited else ("requests", "", limited)
        if name not in _COMPUTED or bound not in ("requests", "limits"):
            continue
        without = [
            one["name"] for one in pod["spec"]["containers"] if name not in (dig(one, f"resources.{bound}") or {})
        ]
        if without:
            missing.append(f"{limited} for: {','.join(without)}")
    return "; ".join(missing)
