"""The clusters that the demo can show: a YAML file each, read by ``scenarios.builder``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from mediatui.demo.world import World

_FOLDER: Final = Path(__file__).parent
NAMES: Final = tuple(sorted((path.stem for path in _FOLDER.glob("*.yaml")), key=lambda name: (name != "homelab", name)))
"""Every scenario, the usual one first; a new one is a file."""


class UnknownScenarioError(ValueError):
    """There is no scenario of that name; the text names those that there are."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A cluster to look at."""

    name: str
    summary: str
    content: dict[str, Any]

    def build(self, world: World) -> None:
        """Fill an empty world, and leave the stories that are to go on in it."""
        # What it takes to build one is loaded by who builds one, not by who asks for a name.
        from mediatui.demo.scenarios.builder import build

        build(world, self.content)


def find_scenario(name: str) -> Scenario:
    """Return a scenario by its name.

    Raises:
        UnknownScenarioError: There is none.
    """
    if name not in NAMES:
        raise UnknownScenarioError(f"unknown scenario {name!r}: there is {', '.join(NAMES)}")
    content = yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return Scenario(name, content.pop("summary"), content)
