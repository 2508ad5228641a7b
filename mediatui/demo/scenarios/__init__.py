"""The clusters that the demo can show."""

from __future__ import annotations

from mediatui.demo.scenarios.base import Scenario
from mediatui.demo.scenarios.homelab import HOMELAB

SCENARIOS: tuple[Scenario, ...] = (HOMELAB,)
"""Every scenario; a new one is a module and a line here."""


class UnknownScenarioError(ValueError):
    """There is no scenario of that name; the text names those that there are."""


def find_scenario(name: str) -> Scenario:
    """Return a scenario by its name.

    Raises:
        UnknownScenarioError: There is none.
    """
    for scenario in SCENARIOS:
        if scenario.name == name:
            return scenario
    names = ", ".join(scenario.name for scenario in SCENARIOS)
    raise UnknownScenarioError(f"unknown scenario {name!r}: there is {names}")
