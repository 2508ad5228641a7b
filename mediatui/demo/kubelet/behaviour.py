"""How a pod behaves on a simulated node: an annotation says it, a scenario may say more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

ANNOTATION: Final = "demo.mediatui.dev/behaviour"
"""``run`` (the default), ``crashloop``, ``oom``, ``imagepull`` or ``unready``, then times in seconds:
``run stop=20 ready=3``."""

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a pod will do; times in seconds.

    Args:
        fate: ``run``, ``unready``, ``crashloop``, ``oom``, ``imagepull``, or ``story`` for a pod whose containers
            run and of which something else tells the rest.
        start: From the moment that nothing is missing until its containers run.
        ready: From then until it is ready.
        life: From then until it dies, for those that die.
        stop: From its deletion until its containers have ended; its grace may be shorter.
    """

    fate: str = "run"
    start: float = 0.5
    ready: float = 0.2
    life: float = 2.0
    stop: float = 1.0


def behaviour_of(pod: Object) -> Behaviour:
    """Return how a pod behaves."""
    words = str((pod["metadata"].get("annotations") or {}).get(ANNOTATION, "run")).split()
    times = dict(word.split("=", 1) for word in words[1:])
    given: dict[str, Any] = {name: float(value) for name, value in times.items()}
    return replace(Behaviour(words[0]), **given)
