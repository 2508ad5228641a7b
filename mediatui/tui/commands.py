"""What a command of the UI is; every pane declares its own, and ``registry`` has them all."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """Something that an operator can ask for.

    It is carried out by the method ``action_<verb>`` of the pane it belongs to, or of the main screen.
    """

    id: str
    """``pane.verb``, or ``app.verb`` for what works everywhere; stays the same for ever."""
    title: str
    """A word or two for the footer."""
    keys: tuple[str, ...]
    """Key names as Textual spells them, the one that is shown first."""
    help: str
    """A sentence for the help and the palette."""
    footer: bool = False
    asks: bool = False
    """Opens a line to type into: what is typed right behind the key is meant for that line."""
    shows: str = ""
    """The pane that it shows, for a command that does nothing else."""

    @property
    def scope(self) -> str:
        """The pane that the command belongs to, empty for everywhere."""
        prefix = self.id.partition(".")[0]
        return "" if prefix == "app" else prefix

    @property
    def action(self) -> str:
        """The name of the method that carries it out, without ``action_``."""
        return self.id.partition(".")[2].replace("-", "_")


def shown_key(key: str) -> str:
    """Return a key as it is written on the screen."""
    names = {"slash": "/", "colon": ":", "question_mark": "?", "enter": "Enter", "escape": "Esc"}
    return names.get(key, key.replace("ctrl+", "^"))
