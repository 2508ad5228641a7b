"""A screen over the main one with text to read: scrolled like a pager, closed with Esc."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static


class Reader(ModalScreen[None]):
    """Shows content with a title."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close"),
        Binding("j,down", "scroll('down')", show=False),
        Binding("k,up", "scroll('up')", show=False),
        Binding("pagedown,space", "scroll('page_down')", show=False),
        Binding("pageup", "scroll('page_up')", show=False),
        Binding("g,home", "scroll('home')", show=False),
        Binding("G,end", "scroll('end')", show=False),
    ]

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        with VerticalScroll(id="reader"):
            yield Static(id="reader-text", markup=False)

    def read(self, title: str, content: Content) -> None:
        """Show another text."""
        frame = self.query_one("#reader", VerticalScroll)
        frame.border_title = Content(title)
        frame.border_subtitle = Content("Esc closes")
        self.query_one("#reader-text", Static).update(content)

    def action_scroll(self, how: str) -> None:
        """Scroll as a pager does."""
        getattr(self.query_one("#reader", VerticalScroll), f"scroll_{how}")(animate=False)
