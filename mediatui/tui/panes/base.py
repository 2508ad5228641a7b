"""What a pane is: a part of the screen that shows one side of the picture."""

from __future__ import annotations

from dataclasses import dataclass

from textual.containers import Vertical
from textual.message import Message

from mediatui.config import Config
from mediatui.model.source import Kind
from mediatui.model.stack import Stack
from mediatui.session import Session
from mediatui.tui.commands import Command
from mediatui.tui.widgets.frames import FrameGovernor


@dataclass(frozen=True, slots=True)
class PaneSpec:
    """A pane's place in the UI."""

    id: str
    title: str
    key: str
    help: str
    """What showing it is for, for the help and the palette."""
    needs: tuple[Kind, ...]
    """The sources that run while it is shown."""
    commands: tuple[Command, ...] = ()


class Pane(Vertical):
    """A pane: it is given pictures while it is shown, and answers which of its commands cannot be used now."""

    SPEC: PaneSpec

    class StateChanged(Message):
        """What the pane's commands can do, or what its status line says, has changed."""

    def __init__(self, frames: FrameGovernor, config: Config) -> None:
        super().__init__(id=self.SPEC.id)
        self.frames = frames
        self.config = config

    def connected(self, session: Session) -> None:
        """Take the session, once there is one; more is read through it on demand."""

    def narrow(self, apps: frozenset[str], namespace: str) -> None:
        """Take which apps (none for all) and which namespace are shown; pictures are limited to them already."""

    def show_stack(self, stack: Stack) -> None:
        """Draw a picture; called only while the pane is shown, and again every ten seconds for the ages."""
        raise NotImplementedError

    def shown(self) -> None:
        """Start what is only wanted while the pane is shown."""

    def hidden(self) -> None:
        """Stop it."""

    def disabled_reason(self, command: str) -> str | None:
        """Return why a command of this pane cannot be used now, None when it can."""
        return None

    def take_back(self) -> bool:
        """Undo the pane's own filter or search; False when there is nothing to take back."""
        return False

    def focus_main(self) -> None:
        """Focus what takes the keys."""
