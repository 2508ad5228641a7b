"""One line to type a filter, a search or a file name into; not there until it is asked for."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widgets import Input


class FilterLine(Input):
    """An input that opens on a key, tells every change, and closes on Enter or Esc."""

    class Typed(Message):
        """The text is another one now."""

        def __init__(self, line: FilterLine, text: str) -> None:
            super().__init__()
            self.line = line
            self.text = text

    class Closed(Message):
        """The line has closed: with Enter the text stands, with Esc it is empty."""

        def __init__(self, line: FilterLine, text: str, *, accepted: bool) -> None:
            super().__init__()
            self.line = line
            self.text = text
            self.accepted = accepted

    def __init__(self, placeholder: str, id: str) -> None:
        super().__init__(placeholder=placeholder, id=id, compact=True)
        self.display = False
        self.cursor_blink = False

    def open(self, text: str = "", placeholder: str = "") -> None:
        """Show the line with a text and take the keys."""
        self.placeholder = placeholder or self.placeholder
        self.display = True
        self.value = text
        self.cursor_position = len(text)
        # At once, not by the message queue: what is typed right behind the key is meant for this line.
        self.screen.set_focus(self)

    def clear_and_close(self) -> None:
        """Empty the line and let it go."""
        self.value = ""
        self._close(accepted=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell the change."""
        event.stop()
        self.post_message(self.Typed(self, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Close and let the text stand."""
        event.stop()
        self._close(accepted=True)

    def on_key(self, event: events.Key) -> None:
        """Close on Esc, the text forgotten."""
        if event.key == "escape":
            event.stop()
            event.prevent_default()
            self.clear_and_close()

    def _close(self, *, accepted: bool) -> None:
        self.display = False
        self.post_message(self.Closed(self, self.value, accepted=accepted))
