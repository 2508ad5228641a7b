"""What parts of the UI tell each other."""

from __future__ import annotations

from textual.message import Message

from mediatui.model.app import AppUnit
from mediatui.model.stack import Stack


class StackChanged(Message):
    """There is a newer picture; only the newest matters."""

    def __init__(self, stack: Stack) -> None:
        super().__init__()
        self.stack = stack

    def can_replace(self, message: Message) -> bool:
        """Let a newer picture take the place of one that was not drawn yet."""
        return isinstance(message, StackChanged)


class PaneWanted(Message):
    """Another pane was asked for, limited to one app."""

    def __init__(self, pane_id: str, app: str) -> None:
        super().__init__()
        self.pane_id = pane_id
        self.app_id = app


class ShellWanted(Message):
    """A shell in an app's container was asked for."""

    def __init__(self, unit: AppUnit) -> None:
        super().__init__()
        self.unit = unit


class ObjectWanted(Message):
    """A closer look at an app was asked for: ``describe``, ``yaml`` or ``events``."""

    def __init__(self, unit: AppUnit, view: str) -> None:
        super().__init__()
        self.unit = unit
        self.view = view
