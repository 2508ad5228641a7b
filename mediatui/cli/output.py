"""What commands print: tables with roles as colours, and the one JSON object."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TextIO

from rich.cells import cell_len

from mediatui.model.stack import Stack
from mediatui.present.glyphs import ASCII
from mediatui.present.rows import Cell, Column, Role, Row

_SGR: dict[Role, str] = {
    "ok": "32",
    "warn": "33",
    "fail": "31",
    "unknown": "35",
    "muted": "2",
    "accent": "1;36",
    "header": "1",
}


class Printer:
    """Writes cells to a stream, coloured and with glyphs only where the stream can show them."""

    def __init__(self, stream: TextIO, environment: Mapping[str, str] = os.environ) -> None:
        self._stream = stream
        self._colour = stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
        self._ascii = not (stream.encoding or "").lower().replace("-", "").startswith("utf")

    def line(self, cells: Sequence[Cell]) -> None:
        """Print one line of cells as they are."""
        self._stream.write("".join(self.paint(cell.text, cell.role) for cell in cells).rstrip() + "\n")

    def table(self, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        """Print a table, every column as wide as its widest cell, the one that grows at the end."""
        order = sorted(range(len(columns)), key=lambda index: columns[index].grow)
        widths = [max((cell_len(row.cells[i].text) for row in rows), default=0) for i in range(len(columns))]
        widths = [max(width, len(column.title)) for width, column in zip(widths, columns, strict=True)]
        self._row(order, columns, widths, [Cell(column.title, "header") for column in columns])
        for row in rows:
            self._row(order, columns, widths, row.cells)

    def paint(self, text: str, role: Role) -> str:
        """Return a text in the look of its role."""
        if self._ascii:
            text = text.translate(ASCII).encode("ascii", "replace").decode("ascii")
        return f"\x1b[{_SGR[role]}m{text}\x1b[0m" if self._colour and role and text else text

    def _row(
        self, order: Sequence[int], columns: Sequence[Column], widths: Sequence[int], cells: Sequence[Cell]
    ) -> None:
        parts: list[Cell] = []
        for index in order:
            cell, padding = cells[index], " " * (widths[index] - cell_len(cells[index].text))
            space = Cell("  " if parts else "")
            text = (Cell(padding), cell) if columns[index].right else (cell, Cell(padding))
            parts.extend((space, *text))
        self.line(parts)


def document(command: str, stack: Stack, **body: Any) -> str:
    """Return the JSON object of a command: what it says, and of what and when it says it."""
    head = {
        "schema": f"mediatui/{command}/v1",
        "context": stack.cluster.context,
        "namespaces": list(stack.cluster.namespaces),
        "observedAt": timestamp(stack.observed_at),
        "warnings": list(stack.cluster.warnings),
        "sources": {str(source): str(state.status) for source, state in sorted(stack.sources.items())},
    }
    return json.dumps(head | body, ensure_ascii=False, indent=2)


def timestamp(seconds: float) -> str | None:
    """Return seconds since the epoch as RFC 3339 in UTC, None for the 0 that means never."""
    if not seconds:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def narrate(text: str) -> None:
    """Say something to the operator that is no data."""
    print(text, file=sys.stderr)
