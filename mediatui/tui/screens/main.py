"""The main screen: header, the shown pane, footer; it carries out commands and says why one cannot be."""

from __future__ import annotations

from collections.abc import Callable
from inspect import isawaitable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.command import Provider
from textual.screen import Screen
from textual.widgets import ContentSwitcher

from mediatui.config import Config
from mediatui.model.app import AppUnit
from mediatui.model.source import Kind
from mediatui.model.stack import Stack
from mediatui.present.status import statuses
from mediatui.session import Session
from mediatui.tui.bindings import bindings_of
from mediatui.tui.commands import Command, shown_key
from mediatui.tui.handover import step_aside
from mediatui.tui.messages import ObjectWanted, PaneWanted, ShellWanted
from mediatui.tui.palette import CommandProvider
from mediatui.tui.panes import PANES
from mediatui.tui.panes.base import Pane
from mediatui.tui.registry import command, commands_of, of_scope
from mediatui.tui.screens.chooser import Choice, Chooser
from mediatui.tui.screens.drawer import Drawer
from mediatui.tui.screens.help import HelpScreen
from mediatui.tui.screens.sources import SourcesScreen
from mediatui.tui.widgets.filter_line import FilterLine
from mediatui.tui.widgets.frames import FrameGovernor
from mediatui.tui.widgets.header import Header
from mediatui.tui.widgets.key_line import Key, KeyLine

AGE_INTERVAL = 10.0
"""Seconds after which ages on the screen are looked at again."""


class MainScreen(Screen[None]):
    """Shows one pane at a time over one picture."""

    VERTICAL_BREAKPOINTS = [(0, "-short"), (16, "-tall")]  # noqa: RUF012 - Textual declares it so
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {CommandProvider}
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(of_scope(""))]

    def __init__(self, frames: FrameGovernor, config: Config) -> None:
        super().__init__()
        self._panes: dict[str, Pane] = {pane.SPEC.id: pane(frames, config) for pane in PANES}
        self._session: Session | None = None
        self._stack = Stack.EMPTY
        self._whole = Stack.EMPTY
        self._apps: frozenset[str] = frozenset()
        self._namespace = ""
        self._now = 0.0
        self.pane_id = PANES[0].SPEC.id

    def compose(self) -> ComposeResult:
        """Lay out header, panes and footer."""
        yield Header([(pane.SPEC.id, pane.SPEC.title, pane.SPEC.key) for pane in PANES])
        with ContentSwitcher(initial=self.pane_id):
            yield self.pane  # the others are made when they are first shown
        yield KeyLine()

    def on_mount(self) -> None:
        """Give the keys to the first pane."""
        self.pane.focus_main()
        self._refresh_commands()

    @property
    def pane(self) -> Pane:
        """The shown pane."""
        return self._panes[self.pane_id]

    @property
    def wanted(self) -> frozenset[Kind]:
        """The kinds that the shown pane needs, and those that the header's alerts need."""
        return frozenset(self.pane.SPEC.needs) | frozenset(PANES[0].SPEC.needs)

    def connected(self, session: Session) -> None:
        """Take the session and start the sources that are looked at."""
        self._session = session
        for pane in self._panes.values():
            pane.connected(session)
        session.observer.want(self.wanted)
        self.pane.shown()

    def show_trouble(self, text: str) -> None:
        """Say why there is no picture at all."""
        self.query_one(Header).show_trouble(text)

    def show_stack(self, stack: Stack) -> None:
        """Draw a picture, limited to the chosen apps and namespace; ages move on every ten seconds, all at once."""
        if stack.observed_at - self._now >= AGE_INTERVAL or stack.observed_at < self._now:
            self._now = stack.observed_at
        for warning in stack.cluster.warnings[len(self._whole.cluster.warnings) :]:
            self.notify(warning, title="The server warns", severity="warning", markup=False)
        stack = self._whole = stack.at(self._now)
        units = [unit for unit in stack.apps if self._shows(unit)]
        self._stack = stack.with_apps(tuple(units))
        self.query_one(Header).show_stack(stack, statuses(stack))
        self.pane.set_class(any(state.status == "stale" for state in stack.sources.values()), "stale")
        self.pane.show_stack(self._stack)
        self._refresh_commands()

    def grow_older(self) -> None:
        """Look again at what depends on the time; unchanged text is not drawn."""
        if self._session is not None:
            self.show_stack(self._whole.at(self._session.clock.now()))

    def _shows(self, unit: AppUnit) -> bool:
        return (not self._apps or unit.app in self._apps) and self._namespace in ("", unit.namespace)

    def disabled_reason(self, wanted: Command) -> str | None:
        """Return why a command cannot be used now, None when it can."""
        if wanted.scope:
            return self._panes[wanted.scope].disabled_reason(wanted.id)
        if wanted.id in ("app.apps", "app.namespaces") and not self._whole.apps:
            return "no app has been found yet"
        return None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out a command that cannot be used now."""
        if action == "run_command" and parameters:
            if command(str(parameters[0])).asks and isinstance(self.focused, FilterLine):
                return False  # the key is a character of what is being typed
            return None if self.disabled_reason(command(str(parameters[0]))) else True
        return True

    async def action_run_command(self, command_id: str) -> None:
        """Carry out a command, or say why not."""
        wanted = command(command_id)
        reason = self.disabled_reason(wanted)
        if reason is not None:
            self.notify(f"{wanted.title}: {reason}", severity="warning", markup=False)
            return
        if wanted.shows:
            await self.show_pane(wanted.shows)
            return
        owner = self._panes[wanted.scope] if wanted.scope else self
        done = getattr(owner, f"action_{wanted.action}")()
        if isawaitable(done):
            await done

    def on_key(self, event: events.Key) -> None:
        """Say why a key that belongs to a command does nothing now."""
        for known in commands_of(self.pane_id):
            if event.key in known.keys and (reason := self.disabled_reason(known)):
                self.notify(f"{known.title}: {reason}", severity="warning", markup=False)
                return

    async def on_key_line_clicked(self, message: KeyLine.Clicked) -> None:
        """Do what was clicked."""
        message.stop()
        await self.action_run_command(message.command)

    def on_descendant_focus(self) -> None:
        """Show other keys while something is typed."""
        self._refresh_commands()

    def on_pane_state_changed(self, message: Pane.StateChanged) -> None:
        """Look again at which commands can be used."""
        message.stop()
        self._refresh_commands()

    async def on_pane_wanted(self, message: PaneWanted) -> None:
        """Show a pane limited to one app."""
        message.stop()
        self._panes[message.pane_id].narrow(frozenset({message.app_id}), self._namespace)
        await self.show_pane(message.pane_id)

    def on_object_wanted(self, message: ObjectWanted) -> None:
        """Open the drawer on an app."""
        message.stop()
        if self._session is not None:
            self.app.push_screen(Drawer(self._session.cluster, message.unit, message.view, lambda: self._whole))

    def on_shell_wanted(self, message: ShellWanted) -> None:
        """Step aside for a shell in an app's container."""
        message.stop()
        if self._session is not None:
            self.run_worker(step_aside(self.app, self._session.pods, message.unit), group="shell", exclusive=True)

    async def show_pane(self, pane: str) -> None:
        """Show another pane; what only the last one needed ends by and by."""
        if pane == self.pane_id:
            return
        switcher = self.query_one(ContentSwitcher)
        if not self._panes[pane].is_attached:
            # A picture that comes meanwhile is drawn by the pane that is still shown.
            await switcher.add_content(self._panes[pane])
        self.pane.hidden()
        self.pane_id = pane
        switcher.current = pane
        self.query_one(Header).show_pane(pane)
        if self._session is not None:
            self._session.observer.want(self.wanted)
        self.pane.shown()
        self.pane.show_stack(self._stack)
        self.pane.focus_main()
        self._refresh_commands()

    def action_apps(self) -> None:
        """Ask which apps are to be shown."""
        apps = list(dict.fromkeys(unit.app for unit in self._whole.apps))
        choices = [Choice("", "all apps"), *(Choice(app, app) for app in apps)]
        self.app.push_screen(Chooser("Apps", choices, next(iter(self._apps), "")), self._choose_app)

    def action_namespaces(self) -> None:
        """Ask which namespace is to be shown."""
        namespaces = sorted({unit.namespace for unit in self._whole.apps})
        choices = [Choice("", "all namespaces"), *(Choice(name, name) for name in namespaces)]
        self.app.push_screen(Chooser("Namespace", choices, self._namespace), self._choose_namespace)

    def action_sources(self) -> None:
        """Show how fresh each source is."""
        self.app.push_screen(SourcesScreen(self._whole))

    def action_help(self) -> None:
        """Show every command."""
        listed = [(one, self.disabled_reason(one)) for one in commands_of(self.pane_id)]
        self.app.push_screen(HelpScreen(listed))

    def action_palette(self) -> None:
        """Find a command by its name."""
        self.app.action_command_palette()

    def action_theme(self) -> None:
        """Use the next theme."""
        themes = sorted(name for name in self.app.available_themes if name.startswith("mediatui-"))
        following = [name for name in themes if name > self.app.theme]
        self.app.theme = (following or themes)[0]

    def action_back(self) -> None:
        """Take back what the pane has to take back, then the choice of apps and namespace."""
        if self.pane.take_back():
            return
        self._narrow(frozenset(), "")

    def action_quit(self) -> None:
        """Leave."""
        self.app.exit(0)

    def _refresh_commands(self) -> None:
        if isinstance(self.focused, FilterLine):
            keys = [Key("Enter", "Accept"), Key("Esc", "Cancel")]
        else:
            keys = [
                Key(shown_key(one.keys[0]), one.title, one.id, enabled=self.disabled_reason(one) is None)
                for one in commands_of(self.pane_id)
                if one.footer
            ]
        self.query_one(KeyLine).show(keys)

    def _choose_app(self, app: str | None) -> None:
        if app is not None:
            self._narrow(frozenset({app}) if app else frozenset(), self._namespace)

    def _choose_namespace(self, namespace: str | None) -> None:
        if namespace is not None:
            self._narrow(self._apps, namespace)

    def _narrow(self, apps: frozenset[str], namespace: str) -> None:
        self._apps, self._namespace = apps, namespace
        self.show_stack(self._whole)
        for pane in self._panes.values():
            pane.narrow(apps, namespace)
