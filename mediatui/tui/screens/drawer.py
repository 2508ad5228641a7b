"""The drawer: a closer look at one app's objects, read when asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content

from mediatui.errors import ClusterError
from mediatui.interfaces import Cluster
from mediatui.model.app import AppUnit
from mediatui.model.stack import Stack
from mediatui.present.describe import describe, event_lines
from mediatui.present.rows import Cell
from mediatui.tui.screens.reader import Reader
from mediatui.tui.widgets.styled_line import content_of_lines

_VIEWS = ("describe", "yaml", "events")


class Drawer(Reader):
    """Describes, shows as YAML, or lists the events of an app's pod and workload."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "view('describe')", "Describe"),
        Binding("y", "view('yaml')", "YAML"),
        Binding("e", "view('events')", "Events"),
        Binding("tab", "next_view", "Next", show=False),
    ]

    def __init__(self, cluster: Cluster, unit: AppUnit, view: str, picture: Callable[[], Stack]) -> None:
        super().__init__()
        self._cluster = cluster
        self._unit = unit
        self._view = view
        self._picture = picture
        self._drawn = Stack.EMPTY
        self._objects: list[tuple[str, dict[str, Any]]] = []
        self._troubles: list[str] = []

    def on_mount(self) -> None:
        """Show that the objects are being read, and read them."""
        self._show(Content("reading"))
        self._read_objects()
        self.set_interval(1.0, self._follow)

    def _follow(self) -> None:
        """Draw events again when there is a newer picture."""
        if self._picture() is not self._drawn and (self._objects or self._troubles):
            self._drawn = self._picture()
            self._draw()

    def action_view(self, view: str) -> None:
        """Show another view of the same app."""
        self._view = view
        self._draw()

    def action_next_view(self) -> None:
        """Show the next view."""
        self.action_view(_VIEWS[(_VIEWS.index(self._view) + 1) % len(_VIEWS)])

    @work(group="objects", exclusive=True)
    async def _read_objects(self) -> None:
        unit = self._unit
        wanted = [(unit.workload.kind, unit.workload.ref)]
        if unit.pod is not None and unit.workload.kind != "Pod":
            wanted.insert(0, ("Pod", unit.pod.ref))
        for kind, ref in wanted:
            try:
                self._objects.append((f"{kind} {ref}", await self._cluster.get_object(kind, ref)))
            except ClusterError as error:
                self._troubles.append(f"{kind} {ref}: {error}")
        self._draw()

    def _draw(self) -> None:
        if self._view == "events":
            self._show(content_of_lines(event_lines(self._picture(), self._unit)))
        elif self._view == "yaml":
            missing = [f"# {trouble}\n" for trouble in self._troubles]
            self._show(Content("\n".join([*missing, *(_yaml(title, body) for title, body in self._objects)])))
        else:
            missing_lines = [(Cell(trouble, "fail"),) for trouble in self._troubles]
            lines = [line for title, body in self._objects for line in describe(title, body)]
            self._show(content_of_lines([*missing_lines, *lines, *event_lines(self._picture(), self._unit)]))

    def _show(self, content: Content) -> None:
        others = "  ".join(f"{view[0]} {view}" for view in _VIEWS if view != self._view)
        self.read(f"{self._unit.app}: {self._view}", content)
        self.query_one("#reader").border_subtitle = Content(f"{others}  Esc closes")


def _yaml(title: str, body: dict[str, Any]) -> str:
    import yaml

    text = yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=1000)
    return f"# {title}\n{text}"
