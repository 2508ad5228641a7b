"""A small list to choose one thing from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class Choice(NamedTuple):
    """One thing to choose."""

    value: str
    label: str


class Chooser(ModalScreen[str | None]):
    """Returns the chosen value, None when nothing was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close"),
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], current: str) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._current = current

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        options = OptionList(*(Option(Content(choice.label)) for choice in self._choices), compact=True)
        options.border_title = self._title
        yield options

    def on_mount(self) -> None:
        """Begin at what is in force."""
        options = self.query_one(OptionList)
        values = [choice.value for choice in self._choices]
        options.highlighted = values.index(self._current) if self._current in values else 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return what was chosen."""
        event.stop()
        self.dismiss(self._choices[event.option_index].value)

    def action_cursor_down(self) -> None:
        """Go down, as in vi."""
        self.query_one(OptionList).action_cursor_down()

    def action_cursor_up(self) -> None:
        """Go up, as in vi."""
        self.query_one(OptionList).action_cursor_up()
