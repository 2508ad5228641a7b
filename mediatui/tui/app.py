"""The application: draws first, connects then, and keeps going whatever the cluster does."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import ClassVar

from textual import work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.theme import Theme

from mediatui.config import Config
from mediatui.errors import ClusterError, MediatuiError
from mediatui.model.stack import Stack
from mediatui.session import Session
from mediatui.tui.messages import StackChanged
from mediatui.tui.screens.main import AGE_INTERVAL, MainScreen
from mediatui.tui.themes import APP_COLORS, ROLES, ThemeFile, load_themes
from mediatui.tui.widgets.frames import FrameGovernor

_INTERRUPTED = 130
_UNUSABLE = 2
_OTHER_THEMES = 1.0
"""Seconds after the first frame; by then the first rows are there."""

Connect = Callable[[], AbstractAsyncContextManager[Session]]


class MediaApp(App[int]):
    """mediatui's terminal UI.

    Args:
        connect: Opens the session; called after the first frame, and closed at the end.
        config: What the operator has set.
    """

    CSS_PATH = "mediatui.tcss"
    TITLE = "mediatui"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = set()
    """Textual's own commands are left out: the screen offers ours, with their keys and reasons."""
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "quit", show=False, priority=True)]

    def __init__(self, connect: Connect, config: Config) -> None:
        super().__init__()
        self._connect = connect
        self.config = config
        self.animation_level = "none"
        self.frames = FrameGovernor.for_app(self)
        self.main = MainScreen(self.frames, config)
        self.stack = Stack.EMPTY
        self.failure: MediatuiError | None = None
        self._use_theme()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give our roles a meaning in every theme."""
        return dict.fromkeys((*ROLES, *APP_COLORS), "ansi_default")

    def get_default_screen(self) -> MainScreen:
        """Open with the main screen itself, with no empty one below it."""
        return self.main

    def on_mount(self) -> None:
        """Draw the first frame; everything heavy comes after it."""
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.exit, _INTERRUPTED)
        self.follow_cluster()
        self.set_timer(_OTHER_THEMES, self._offer_themes)
        self.set_interval(AGE_INTERVAL, self._grow_older)

    @work(group="cluster", exclusive=True)
    async def follow_cluster(self) -> None:
        """Connect and draw every picture, until the application ends or the connection cannot be used at all."""
        try:
            async with self._connect() as session:
                self.main.connected(session)
                async for stack in session.observer.stacks():
                    self.post_message(StackChanged(stack))
        except MediatuiError as error:
            self.failure = error
            if not isinstance(error, ClusterError):
                self.exit(_UNUSABLE)
                return
            self.main.show_trouble(str(error))

    def on_stack_changed(self, message: StackChanged) -> None:
        """Draw the newest picture, at most as often as the terminal takes it."""
        self.stack = message.stack
        self.frames.request("stack", self._draw_stack)

    def _draw_stack(self) -> None:
        self.main.show_stack(self.stack)

    def _grow_older(self) -> None:
        if self.main.is_mounted and self.stack.revision:
            self.main.grow_older()

    def _use_theme(self) -> None:
        """Use the chosen theme; it alone is read before the first frame."""
        chosen = load_themes(only=self.config.theme).loaded
        for theme in chosen:
            self.register_theme(_textual_theme(theme))
            self.theme = f"mediatui-{theme.name}"

    def _offer_themes(self) -> None:
        """Read the other themes, and say which cannot be used."""
        themes = load_themes()
        names = [theme.name for theme in themes.loaded]
        for theme in themes.loaded:
            self.register_theme(_textual_theme(theme))
        for why in themes.failed:
            self.notify(why, title="Theme left out", severity="warning", markup=False)
        if self.config.theme not in names and names:
            self.theme = f"mediatui-{names[0]}"
            there = ", ".join(names)
            self.notify(f"no theme '{self.config.theme}'; there are {there}", severity="warning", markup=False)


def run_app(connect: Connect, config: Config) -> int:
    """Run the UI until it is left and return its exit code; SIGTERM and SIGHUP leave it with the terminal restored.

    Raises:
        MediatuiError: The configuration or kubeconfig cannot be used.
    """
    app = MediaApp(connect, config)
    code = app.run()
    if app.failure is not None and code == _UNUSABLE:
        raise app.failure
    return code or 0


def _textual_theme(theme: ThemeFile) -> Theme:
    return Theme(
        name=f"mediatui-{theme.name}",
        dark=theme.dark,
        ansi=theme.ansi,
        variables=dict(theme.variables),
        primary=theme.colors["primary"],
        secondary=theme.colors["secondary"],
        accent=theme.colors["accent"],
        foreground=theme.colors["foreground"],
        background=theme.colors["background"],
        surface=theme.colors["surface"],
        panel=theme.colors["panel"],
        success=theme.colors["success"],
        warning=theme.colors["warning"],
        error=theme.colors["error"],
    )
