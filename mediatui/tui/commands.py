"""Every command of the UI with its id, keys and words: the footer, the help, the palette and `config keys` read this.

A command is carried out by the method ``action_<id with underscores>`` of the pane it belongs to, or of the app.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """Something that an operator can ask for."""

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

    @property
    def scope(self) -> str:
        """The pane that the command belongs to, empty for everywhere."""
        prefix = self.id.partition(".")[0]
        return "" if prefix == "app" else prefix

    @property
    def action(self) -> str:
        """The name of the method that carries it out, without ``action_``."""
        return self.id.partition(".")[2].replace("-", "_")


COMMANDS: tuple[Command, ...] = (
    Command("status.open", "Open", ("enter",), "open the details of the selected app", footer=True),
    Command("status.logs", "Logs", ("l",), "show the logs of the selected app", footer=True),
    Command("status.describe", "Describe", ("d",), "describe the selected app's pod or workload", footer=True),
    Command("status.yaml", "YAML", ("y",), "show the selected workload as YAML, Secret data masked"),
    Command("status.events", "Events", ("e",), "show the events of the selected app"),
    Command("status.filter", "Filter", ("slash",), "show only apps whose line contains a text", footer=True, asks=True),
    Command("status.sort", "Sort", ("s",), "sort by the next column"),
    Command("status.scroll-down", "Details down", ("ctrl+d", "J"), "scroll the details down"),
    Command("status.scroll-up", "Details up", ("ctrl+u", "K"), "scroll the details up"),
    Command("logs.search", "Search", ("slash",), "search for a text or a regular expression", footer=True, asks=True),
    Command("logs.next", "Next", ("n",), "go to the next hit"),
    Command("logs.prior", "Previous hit", ("N",), "go to the hit before"),
    Command(
        "logs.include", "Include", ("i",), "show only lines that match a regular expression", footer=True, asks=True
    ),
    Command("logs.exclude", "Exclude", ("x",), "hide lines that match a regular expression", asks=True),
    Command("logs.follow", "Follow", ("f",), "follow the newest lines, or stop where you are", footer=True),
    Command("logs.previous", "Last run", ("p",), "show the run of the containers before this one"),
    Command("logs.since", "Since", ("t",), "read the last lines, 5 minutes, an hour, a day, or all"),
    Command("logs.containers", "Containers", ("o",), "show the app's own container or all containers of its pods"),
    Command("logs.wrap", "Wrap", ("w",), "wrap long lines, or cut them"),
    Command("logs.timestamps", "Times", ("T",), "show or hide time stamps"),
    Command("logs.copy", "Copy", ("c",), "copy the selection, or what is on the screen, to the terminal's clipboard"),
    Command("logs.save", "Save", ("ctrl+s",), "save the shown lines to a file", footer=True, asks=True),
    Command("app.show-status", "Status", ("1",), "show how the apps are"),
    Command("app.show-logs", "Logs", ("2",), "show the logs of the chosen apps"),
    Command("app.apps", "Apps", ("a",), "choose which apps are shown", footer=True),
    Command("app.namespaces", "Namespace", ("ctrl+n",), "choose the namespace"),
    Command("app.sources", "Sources", ("S",), "show how fresh each source is, and why one is not"),
    Command("app.palette", "Palette", ("colon", "ctrl+p"), "find a command by its name"),
    Command("app.help", "Help", ("question_mark", "f1"), "show every command with its key", footer=True),
    Command("app.theme", "Theme", (), "use the next theme"),
    Command("app.back", "Back", ("escape",), "close what is open, or take back the filter"),
    Command("app.quit", "Quit", ("q", "ctrl+q", "ctrl+c"), "leave mediatui", footer=True),
)


_BY_ID = {command.id: command for command in COMMANDS}


def of_scope(scope: str) -> tuple[Command, ...]:
    """Return the commands of one pane alone, or with an empty scope those for everywhere."""
    return tuple(command for command in COMMANDS if command.scope == scope)


def commands_of(pane: str) -> tuple[Command, ...]:
    """Return the commands that a pane takes, its own before those for everywhere; a key means the first that has it."""
    return of_scope(pane) + of_scope("")


def command(command_id: str) -> Command:
    """Return the command with an id.

    Raises:
        KeyError: There is none.
    """
    return _BY_ID[command_id]


def shown_key(key: str) -> str:
    """Return a key as it is written on the screen."""
    names = {"slash": "/", "colon": ":", "question_mark": "?", "enter": "Enter", "escape": "Esc"}
    return names.get(key, key.replace("ctrl+", "^"))
