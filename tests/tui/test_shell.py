"""A shell in an app's container, from the UI and from the command line, in a real terminal."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.terminal import Terminal

MEDIATUI = [sys.executable, "-m", "mediatui", "--demo=healthy"]


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
def test_the_ui_steps_aside_for_a_shell_and_comes_back(columns: int, rows: int) -> None:
    with Terminal(MEDIATUI, columns, rows) as terminal:
        terminal.until(r"bazarr +✔ ok")
        terminal.send("x")
        terminal.until(r"media/jellyfin-0, container jellyfin; exit brings you back\n.*\$")
        terminal.send("echo $JELLYFIN_PublishedServerUrl\r")
        terminal.until(r"\nhttps://jellyfin.example.internal")
        assert "READY" not in terminal.text, "nothing is drawn over a shell"
        terminal.send("exit 3\r")
        terminal.until(r"bazarr +✔ ok")
        terminal.until(r"exit code 3")


def test_a_shells_exit_code_is_the_commands() -> None:
    with Terminal([*MEDIATUI, "shell", "radarr"], 80, 24) as terminal:
        terminal.until(r"mediatui: media/radarr-0, container radarr\n.*\$")
        terminal.send("ls /\r")
        terminal.until(r"config")
        terminal.send("exit 4\r")
        assert terminal.exit_code() == 4


def test_another_command_and_another_container() -> None:
    with Terminal([*MEDIATUI, "shell", "sonarr", "-c", "exportarr", "--", "printenv", "PORT"], 80, 24) as terminal:
        terminal.until("9707")
        assert terminal.exit_code() == 0


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (("shell", "radarr"), "a shell needs a terminal", 2),
        (("shell", "radarr", "--json"), "shell has no --json", 2),
        (("shell", "plex"), "argument APP: invalid choice: 'plex'", 2),
    ],
)
def test_what_it_cannot_do_it_says_in_one_line(arguments: tuple[str, ...], words: str, code: int) -> None:
    done = subprocess.run([*MEDIATUI, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == code
    assert words in done.stderr
    assert len(done.stderr.splitlines()) <= 2


def test_a_container_that_is_not_there_is_named_with_those_that_are() -> None:
    with Terminal([*MEDIATUI, "shell", "sonarr", "-c", "nope"], 120, 24) as terminal:
        terminal.until("has no container nope: there is sonarr, exportarr")
        assert terminal.exit_code() == 3
