"""The data that lies beside the code: titles, texts and the like."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from mediatui.demo.objects import Object


@cache
def data(name: str) -> Any:
    """Return what is in ``data/NAME.yaml``; it must not be changed."""
    return yaml.safe_load((files("mediatui.demo.apps") / f"data/{name}.yaml").read_text("utf-8"))


def nth(rows: list[Object], index: int) -> Object:
    """Return a row; past the last one the list begins anew, with a number behind the title or name."""
    again, place = divmod(index, len(rows))
    row = dict(rows[place])
    if again:
        field = "title" if "title" in row else "name"
        row[field] = f"{row[field]} {again + 1}"
    return row
