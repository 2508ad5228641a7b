"""Handing the terminal over to a shell in a container, and taking it back."""

from __future__ import annotations

import sys
from typing import Any

from textual.app import App, SuspendNotSupported

from mediatui.errors import MediatuiError
from mediatui.interfaces import Pods
from mediatui.model.app import AppUnit
from mediatui.shell import open_shell, place_of


async def step_aside(app: App[Any], pods: Pods, unit: AppUnit) -> None:
    """Leave the screen to a shell until it ends, then say how it ended.

    The cluster is watched on; nothing is drawn meanwhile.
    """
    try:
        place = place_of((unit,), unit.app)
        with app.batch_update(), app.suspend():
            sys.stdout.write(f"mediatui: {place}; exit brings you back\r\n")
            sys.stdout.flush()
            code = await open_shell(pods, place)
    except (MediatuiError, SuspendNotSupported) as error:
        app.notify(str(error), title="Shell", severity="error", markup=False)
    else:
        app.notify(
            f"{place}: exit code {code}", title="Shell", severity="warning" if code else "information", markup=False
        )
