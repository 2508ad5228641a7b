"""Which volume suits a claim: pure, so that its rules can be read and tested on their own."""

from __future__ import annotations

import random
from collections.abc import Sequence

from mediatui.demo.controllers.base import is_ending
from mediatui.demo.objects import Object, dig
from mediatui.demo.parts.quantities import amount


def mismatch(claim: Object, volume: Object) -> str:
    """Return why a volume does not suit a claim, in the controller's words; empty when it does."""
    wanted, spec = claim["spec"], volume["spec"]
    if amount(spec["capacity"]["storage"]) < amount(wanted["resources"]["requests"]["storage"]):
        return "requested PV is too small"
    if (spec.get("storageClassName") or "") != (wanted.get("storageClassName") or ""):
        return "storageClassName does not match"
    if spec.get("volumeMode", "Filesystem") != wanted.get("volumeMode", "Filesystem"):
        return "incompatible volumeMode"
    if not set(wanted["accessModes"]) <= set(spec["accessModes"]):
        return "incompatible accessMode"
    return ""


def smallest_fit(
    claim: Object, volumes: Sequence[Object], chance: random.Random, *, reserved_only: bool = False
) -> Object | None:
    """Return the volume that a claim gets: one reserved for it by name, else the smallest that suits.

    Args:
        claim: The claim.
        volumes: Every volume.
        chance: Decides between equals, which the real controller does by the order of a Go map.
        reserved_only: Take no volume that is free for all.
    """
    metadata = claim["metadata"]
    suitable = [one for one in volumes if not is_ending(one) and not mismatch(claim, one) and _labelled(claim, one)]
    for volume in suitable:
        reference = volume["spec"].get("claimRef") or {}
        if (reference.get("namespace"), reference.get("name")) == (metadata["namespace"], metadata["name"]) and (
            reference.get("uid") in (None, "", metadata["uid"])
        ):
            return volume
    if reserved_only:
        return None
    free = [one for one in suitable if one["spec"].get("claimRef") is None and dig(one, "status.phase") == "Available"]
    if not free:
        return None
    least = min(amount(one["spec"]["capacity"]["storage"]) for one in free)
    return chance.choice([one for one in free if amount(one["spec"]["capacity"]["storage"]) == least])


def _labelled(claim: Object, volume: Object) -> bool:
    wanted: Object = dig(claim, "spec.selector.matchLabels", {})
    labels: Object = volume["metadata"].get("labels") or {}
    return wanted.items() <= labels.items()
