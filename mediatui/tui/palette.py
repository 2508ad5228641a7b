"""The palette: commands by their words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from mediatui.tui.commands import Command, shown_key
from mediatui.tui.registry import commands_of

if TYPE_CHECKING:
    from mediatui.tui.screens.main import MainScreen


class CommandProvider(Provider):
    """Finds commands by their words; one that cannot be used now says why."""

    async def discover(self) -> Hits:
        """Yield every command of the shown pane."""
        for command in self._commands():
            yield DiscoveryHit(
                self._words(command), self._runner(command), text=self._words(command), help=self._help(command)
            )

    async def search(self, query: str) -> Hits:
        """Yield the commands that match."""
        matcher = self.matcher(query)
        for command in self._commands():
            words = self._words(command)
            score = matcher.match(words)
            if score > 0:
                yield Hit(score, matcher.highlight(words), self._runner(command), text=words, help=self._help(command))

    @property
    def _main(self) -> MainScreen:
        return cast("MainScreen", self.screen)  # the palette is only opened over the main screen

    def _commands(self) -> list[Command]:
        return [command for command in commands_of(self._main.pane_id) if command.id != "app.palette"]

    def _words(self, command: Command) -> str:
        keys = f"  ({', '.join(shown_key(key) for key in command.keys)})" if command.keys else ""
        return f"{command.title}{keys}"

    def _help(self, command: Command) -> str:
        reason = self._main.disabled_reason(command)
        return f"not now: {reason}" if reason else command.help

    def _runner(self, command: Command) -> Callable[[], Awaitable[None]]:
        return lambda: self._main.action_run_command(command.id)
