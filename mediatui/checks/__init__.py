"""Read-only diagnoses, ordered from cause to consequence: the first that speaks is the one to act on.

Another check is one file with a ``CHECK`` in it and one line in ``CHECKS``.
"""

from __future__ import annotations

from mediatui.checks import (
    claims,
    container_state,
    liveness,
    node,
    out_of_memory,
    readiness,
    reading,
    restarts,
    rollout,
    scaled_to_zero,
    unschedulable,
)
from mediatui.checks.base import Check, Health, examine

CHECKS: tuple[Check, ...] = (
    reading.CHECK,
    node.CHECK,
    claims.CHECK,
    unschedulable.CHECK,
    out_of_memory.CHECK,
    liveness.CHECK,
    container_state.CHECK,
    rollout.CHECK,
    readiness.CHECK,
    scaled_to_zero.CHECK,
    restarts.CHECK,
)

__all__ = ["CHECKS", "Check", "Health", "examine"]
