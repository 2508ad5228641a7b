"""The two lines at the top: where we are and how it is, and the panes."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from mediatui.model.finding import Level
from mediatui.model.stack import Stack
from mediatui.present.rows import Cell
from mediatui.present.status import AppStatus
from mediatui.present.summary import freshness, headline
from mediatui.tui.widgets.styled_line import content_of


class Header(Static):
    """Context, scope, version, freshness and read-only flag; then the tabs and the alerts."""

    def __init__(self, panes: Sequence[tuple[str, str, str]]) -> None:
        super().__init__(markup=False)
        self._panes = panes
        self._active = panes[0][0]
        self._first: tuple[Cell, ...] = (Cell("mediatui", "header"), Cell("  starting", "muted"))
        self._alerts: tuple[Cell, ...] = ()
        self._drawn: Content | None = None

    def on_mount(self) -> None:
        """Draw what is known before anything is."""
        self._draw()

    def show_pane(self, pane: str) -> None:
        """Mark the tab of the pane that is shown."""
        self._active = pane
        self._draw()

    def show_trouble(self, text: str) -> None:
        """Say why there is no picture at all."""
        self._first = (Cell("mediatui", "header"), Cell(f"  {text}", "fail"))
        self._draw()

    def show_stack(self, stack: Stack, apps: Sequence[AppStatus]) -> None:
        """Say where the picture is from and how far it can be believed."""
        cluster = stack.cluster
        self._first = (
            Cell("mediatui", "header"),
            Cell(f"  {cluster.context or 'no context'}", "accent"),
            Cell(f"  {cluster.scope}"),
            Cell(f"  {cluster.server_version}", "muted"),
            Cell("  read-only" if cluster.read_only else "  UNLOCKED", "muted" if cluster.read_only else "warn"),
            Cell("  "),
            freshness(stack),
        )
        worth = apps and any(status.health.level is not Level.OK for status in apps)
        self._alerts = headline(stack, apps) if worth else ()
        self._draw()

    def _draw(self) -> None:
        tabs: list[Cell] = []
        for pane, title, key in self._panes:
            active = pane == self._active
            tabs.append(Cell(f"[{key} {title}]" if active else f" {key} {title} ", "header" if active else "muted"))
        content = Content("\n").join([content_of(self._first), content_of((*tabs, Cell("  "), *self._alerts))])
        # An unchanged header costs no byte on the wire.
        if self._drawn is None or content.markup != self._drawn.markup:
            self._drawn = content
            self.update(content)
