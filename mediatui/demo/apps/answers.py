"""Answers in the forms that the apps share."""

from __future__ import annotations

import json
from typing import Any, Final

from aiohttp import web

_STATUS_PAGE: Final = "https://tools.ietf.org/html/rfc9110#section-15.5."
_TITLES: Final = {400: ("1", "Bad Request"), 404: ("5", "Not Found"), 405: ("6", "Method Not Allowed")}


def reply(data: Any, status: int = 200, **headers: str) -> web.Response:
    """Return data as JSON."""
    text = json.dumps(data, ensure_ascii=False)
    return web.Response(text=text, status=status, content_type="application/json", charset="utf-8", headers=headers)


def empty(status: int, **headers: str) -> web.Response:
    """Return an answer without a body."""
    return web.Response(status=status, headers=headers)


def html(text: str, status: int = 200, **headers: str) -> web.Response:
    """Return a page."""
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)


def plain(text: str, status: int = 200) -> web.Response:
    """Return text."""
    return web.Response(text=text, status=status, content_type="text/plain", charset="utf-8")


def problem(status: int, **errors: str) -> web.Response:
    """Return ASP.NET's ProblemDetails.

    Args:
        status: The HTTP status.
        errors: What is wrong with which parameter.
    """
    section, title = _TITLES[status]
    body: dict[str, Any] = {"type": _STATUS_PAGE + section, "title": title, "status": status}
    if errors:
        body["title"] = "One or more validation errors occurred."
        body["errors"] = {name: [text] for name, text in errors.items()}
    text = json.dumps(body)
    return web.Response(text=text, status=status, content_type="application/problem+json", charset="utf-8")


def no_number(name: str, value: str) -> web.Response:
    """Return what ASP.NET says of a parameter that has to be a number."""
    return problem(400, **{name: f"The value '{value}' is not valid."})


def no_object() -> web.Response:
    """Return what ASP.NET says of a body that is no JSON object."""
    return problem(400, **{"$": "The JSON value could not be converted."})


def without_nulls(data: Any) -> Any:
    """Return data without the fields that are null, as both .NET apps write theirs."""
    if isinstance(data, dict):
        return {name: without_nulls(value) for name, value in data.items() if value is not None}
    if isinstance(data, list | tuple):
        return [without_nulls(value) for value in data]
    return data
