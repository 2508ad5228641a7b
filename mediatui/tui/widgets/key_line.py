"""The line at the bottom: the keys that can be used now, each of them also to be clicked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.widgets import Static

from mediatui.present.rows import Cell
from mediatui.tui.widgets.styled_line import content_of


class Key(NamedTuple):
    """A key and what it does."""

    key: str
    title: str
    command: str = ""
    """What a click asks for; empty where only the key does it."""
    enabled: bool = True


class KeyLine(Static):
    """Shows keys; one widget for all of them, where a widget for each would cost a fifth of the first frame."""

    class Clicked(Message):
        """A command was clicked."""

        def __init__(self, command: str) -> None:
            super().__init__()
            self.command = command

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._keys: tuple[Key, ...] = ()

    def show(self, keys: Sequence[Key]) -> None:
        """Show keys; the same ones cost no byte."""
        if tuple(keys) == self._keys:
            return
        self._keys = tuple(keys)
        cells: list[Cell] = []
        for key in keys:
            cells.append(Cell(key.key, "accent" if key.enabled else "muted"))
            cells.append(Cell(f" {key.title}  ", "" if key.enabled else "muted"))
        self.update(content_of(cells))

    def on_click(self, event: events.Click) -> None:
        """Ask for the command under the mouse."""
        end = self.styles.padding.left
        for key in self._keys:
            start, end = end, end + cell_len(f"{key.key} {key.title}  ")
            if start <= event.x < end - 2 and key.command:
                self.post_message(self.Clicked(key.command))
