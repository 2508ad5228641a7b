"""What is drawn line by line in the colours of roles."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual.scroll_view import ScrollView

from mediatui.present.rows import Role

_ROLES: tuple[Role, ...] = ("ok", "warn", "fail", "unknown", "muted", "accent", "header")


class RoleLines(ScrollView):
    """The base of our line widgets: a style for each role, from the theme."""

    DEFAULT_CSS = """
    RoleLines { overflow-x: hidden; scrollbar-size-vertical: 1; }
    RoleLines > .role-lines--ok { color: $role-ok; }
    RoleLines > .role-lines--warn { color: $role-warn; }
    RoleLines > .role-lines--fail { color: $role-fail; }
    RoleLines > .role-lines--unknown { color: $role-unknown; }
    RoleLines > .role-lines--muted { color: $role-muted; }
    RoleLines > .role-lines--accent { color: $role-accent; }
    RoleLines > .role-lines--header { color: $role-header; text-style: bold; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"role-lines--{role}" for role in _ROLES}

    def style_of(self, role: Role) -> Style:
        """Return what a role adds to the widget's own style."""
        return self.get_component_rich_style(f"role-lines--{role}", partial=True) if role else Style.null()

    def notify_style_update(self) -> None:
        """Draw again in the new theme's colours."""
        super().notify_style_update()
        self.refresh()
