"""What a scenario is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mediatui.demo.world import World


@dataclass(frozen=True, slots=True)
class Scenario:
    """A cluster to look at."""

    name: str
    summary: str
    build: Callable[[World], None]
    """Fills an empty world, and leaves the stories that are to go on in it."""
