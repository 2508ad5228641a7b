"""The panes, in the order of their keys; another is one file and one line in ``PANES``."""

from __future__ import annotations

from mediatui.tui.panes.base import Pane
from mediatui.tui.panes.logs import LogsPane
from mediatui.tui.panes.status import StatusPane

PANES: tuple[type[Pane], ...] = (StatusPane, LogsPane)
