"""``mediatui config``: what is configured, and where that came from."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from mediatui.cli.command import Command
from mediatui.cli.exit_codes import ExitCode
from mediatui.cli.options import Options

_PARTS = ("show", "path", "check", "themes", "keys")


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "part",
        nargs="?",
        choices=_PARTS,
        default="show",
        help="show what is in force (the default), the file's path, whether it is right, the themes, or the keys",
    )


def _run(arguments: argparse.Namespace, options: Options) -> int:
    from mediatui import config

    if arguments.part == "path":
        path = options.target.config or config.default_path()
        return _print(options, {"path": str(path), "exists": path.exists()}, [str(path)])
    if arguments.part == "themes":
        return _themes(options)
    if arguments.part == "keys":
        return _keys(options)
    settings = config.load(options.target.config)
    if arguments.part == "check":
        said = f"{settings.path}: fine" if settings.exists else f"{settings.path}: not there, so defaults are in force"
        return _print(options, {"path": str(settings.path), "exists": settings.exists, "valid": True}, [said])
    values = {key: value for key, value in asdict(settings).items() if key not in ("path", "exists")}
    origin = str(settings.path) if settings.exists else "defaults"
    lines = [f"# from {origin}", *(f"{_camel(key)}: {json.dumps(_plain(value))}" for key, value in values.items())]
    shown = {_camel(key): _plain(value) for key, value in values.items()}
    return _print(options, {"path": str(settings.path), "exists": settings.exists, "config": shown}, lines)


def _themes(options: Options) -> int:
    from mediatui.tui.themes import load_themes

    themes = load_themes()
    body = {
        "themes": [{"name": theme.name, "title": theme.title, "path": str(theme.path)} for theme in themes.loaded],
        "failed": list(themes.failed),
    }
    lines = [f"{theme.name:<12}  {theme.title}" for theme in themes.loaded]
    return _print(options, body, [*lines, *(f"failed: {why}" for why in themes.failed)])


def _keys(options: Options) -> int:
    from mediatui.tui.registry import COMMANDS

    body = {
        "commands": [
            {
                "id": command.id,
                "keys": list(command.keys),
                "title": command.title,
                "where": command.scope or "everywhere",
            }
            for command in COMMANDS
        ]
    }
    lines = [f"{', '.join(command.keys):<16}  {command.id:<22}  {command.help}" for command in COMMANDS]
    return _print(options, body, lines)


def _print(options: Options, body: dict[str, Any], lines: list[str]) -> int:
    if options.json:
        print(json.dumps({"schema": "mediatui/config/v1"} | body, indent=2))
    else:
        print("\n".join(lines))
    return ExitCode.OK


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {_camel(key): _plain(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return value


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


COMMAND = Command("config", "the configuration and where it came from", _configure, _run)
