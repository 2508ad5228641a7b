"""Which handler answers which path: ASP.NET's rules, by which case does not matter."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

_PART: Final = re.compile(r"\\{(\w+)(:int)?\\}")


@dataclass(frozen=True, slots=True)
class Call:
    """A request and what its path says."""

    request: web.Request
    parts: Mapping[str, str]

    def number(self, name: str) -> int:
        """Return a part that is a number."""
        return int(self.parts[name])

    def count(self, name: str, default: int) -> int | None:
        """Return a query parameter that is a number, None where it is something else."""
        text = self.request.query.get(name, "")
        return default if not text else int(text) if text.isdecimal() else None

    async def body(self) -> dict[str, Any] | None:
        """Return the JSON object that was sent, an empty one for nothing, None where it is something else."""
        try:
            found = json.loads(await self.request.text() or "{}")
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    def yes(self, name: str) -> bool:
        """Tell whether a query parameter is true."""
        return self.request.query.get(name, "").lower() == "true"


Handler = Callable[[Call], Awaitable[web.StreamResponse]]


class Routes:
    """The paths of an app, without its URL base."""

    def __init__(self) -> None:
        self._rows: list[tuple[re.Pattern[str], str, Handler]] = []

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Add a path.

        Args:
            method: The HTTP method.
            path: The path; ``{name}`` stands for a part of it, ``{name:int}`` for one that is a number.
            handler: What answers.
        """
        pattern = _PART.sub(lambda part: f"(?P<{part[1]}>{'[0-9]+' if part[2] else '[^/]+'})", re.escape(path))
        self._rows.append((re.compile(pattern, re.IGNORECASE), method, handler))

    def get(self, path: str, handler: Handler) -> None:
        """Add a path that is read."""
        self.add("GET", path, handler)

    def post(self, path: str, handler: Handler) -> None:
        """Add a path that is posted to."""
        self.add("POST", path, handler)

    def delete(self, path: str, handler: Handler) -> None:
        """Add a path that can be deleted."""
        self.add("DELETE", path, handler)

    def knows(self, path: str) -> bool:
        """Tell whether something answers a path, by whatever method."""
        return any(row[0].fullmatch(path.rstrip("/") or "/") for row in self._rows)

    async def answer(self, request: web.Request, path: str) -> web.StreamResponse | None:
        """Answer a request, None where there is no such path.

        Args:
            request: The request.
            path: Its path without the URL base.
        """
        method = "GET" if request.method == "HEAD" else request.method
        found = [(match, row) for row in self._rows if (match := row[0].fullmatch(path.rstrip("/") or "/"))]
        for match, (_, of, handler) in found:
            if of == method:
                return await handler(Call(request, match.groupdict()))
        if found:
            return web.Response(status=405, headers={"Allow": ", ".join(sorted({row[1] for _, row in found}))})
        return None
