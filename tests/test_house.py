"""The house rules that no linter knows: everything is registered, named, explained and of a readable size."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "mediatui"

LONGEST = 400
LONGEST_OF = {"mediatui/tui/app.py": 250}
"""Lines; every codebase that was looked at shows what happens to the application's file without a limit."""

NAMES_THAT_TELL_NOTHING = ("utils", "util", "helpers", "helper", "manager", "managers", "common", "misc")
KEYS_THAT_STAY = ("app.quit", "app.help")
"""No pane may take these commands' keys: there is always a way out and always an answer."""


@dataclass(frozen=True, slots=True)
class Registry:
    """A package whose modules each put something into one tuple."""

    package: str
    members: str
    besides: tuple[str, ...]
    """The modules that rightly put nothing into it."""

    @property
    def folder(self) -> Path:
        """Where the package lies."""
        return ROOT.joinpath(*self.package.split("."))

    def registered(self) -> tuple[object, ...]:
        """Return the tuple."""
        found = getattr(importlib.import_module(self.package), self.members)
        assert isinstance(found, tuple), f"{self.package}.{self.members} is an explicit tuple"
        return found

    def modules(self) -> list[str]:
        """Return the names of the modules, besides the package itself."""
        return [found.name for found in pkgutil.iter_modules([str(self.folder)])]


REGISTRIES = [
    registry
    for registry in (
        Registry(
            "mediatui.apps",
            "APPS",
            ("base", "discovery", "image", "overrides", "ownership", "relations", "settings"),
        ),
        Registry("mediatui.checks", "CHECKS", ("base",)),
        Registry("mediatui.actions", "ACTIONS", ("base", "engine", "journal")),
        Registry("mediatui.tui.panes", "PANES", ("base",)),
        Registry(
            "mediatui.cli",
            "COMMANDS",
            ("asynchronous", "command", "exit_codes", "options", "output", "reading", "run", "tui"),
        ),
    )
    if (registry.folder / "__init__.py").is_file()
]

by_package = pytest.mark.parametrize("registry", REGISTRIES, ids=[registry.package for registry in REGISTRIES])


def _contributes(module: ModuleType, members: Iterable[object]) -> bool:
    own = vars(module).values()
    return any(
        member is module
        or (isinstance(member, type) and member.__module__ == module.__name__)
        or any(member is value for value in own)
        for member in members
    )


def _id(member: object) -> str:
    """Return the id of what is registered: a pane keeps it in its ``SPEC``."""
    return str(getattr(getattr(member, "SPEC", member), "id"))  # noqa: B009 - of an object of any kind


@by_package
def test_every_module_is_registered(registry: Registry) -> None:
    members = registry.registered()
    forgotten = [
        name
        for name in registry.modules()
        if name not in registry.besides
        and not _contributes(importlib.import_module(f"{registry.package}.{name}"), members)
    ]
    assert not forgotten, f"add to {registry.package}.{registry.members}, or name the exception here: {forgotten}"


@by_package
def test_every_exception_is_one(registry: Registry) -> None:
    if registry.package != "mediatui.actions":
        assert not set(registry.besides) - set(registry.modules()), "an exception for a module that is gone"
    members = registry.registered()
    for name in set(registry.besides) & set(registry.modules()):
        module = importlib.import_module(f"{registry.package}.{name}")
        assert not _contributes(module, members), f"{module.__name__} is registered and needs no exception"


@by_package
def test_ids_are_unique_and_well_formed(registry: Registry) -> None:
    ids = [_id(member) for member in registry.registered()]
    assert len(ids) == len(set(ids)), ids
    assert [one for one in ids if not re.fullmatch(r"[a-z][a-z0-9]*([.-][a-z0-9]+)*", one)] == []


def test_every_pane_has_its_own_key() -> None:
    from mediatui.tui.panes import PANES

    keys = [pane.SPEC.key for pane in PANES]
    assert len(keys) == len(set(keys)), keys


def test_every_command_of_the_ui_has_its_own_id_and_keys() -> None:
    from mediatui.tui.registry import COMMANDS

    ids = [command.id for command in COMMANDS]
    assert len(ids) == len(set(ids)), ids
    for scope in {command.scope for command in COMMANDS}:
        keys = [key for command in COMMANDS if command.scope == scope for key in command.keys]
        assert len(keys) == len(set(keys)), f"one key, two commands in '{scope or 'app'}': {sorted(keys)}"
    kept = {key for command in COMMANDS if command.id in KEYS_THAT_STAY for key in command.keys}
    assert kept, f"{KEYS_THAT_STAY} are commands with keys"
    assert not [command.id for command in COMMANDS if command.scope and kept & set(command.keys)]


def test_every_command_of_the_ui_can_be_carried_out() -> None:
    from mediatui.tui.panes import PANES
    from mediatui.tui.registry import COMMANDS
    from mediatui.tui.screens.main import MainScreen

    owners: dict[str, type] = {"": MainScreen, **{pane.SPEC.id: pane for pane in PANES}}
    lost = [
        command.id
        for command in COMMANDS
        if command.shows not in owners
        or not (command.shows or callable(getattr(owners.get(command.scope), f"action_{command.action}", None)))
    ]
    assert not lost, f"no action_ method carries out {lost}"


def test_every_command_that_the_ui_names_exists() -> None:
    from mediatui.tui.registry import COMMANDS

    ids = {command.id for command in COMMANDS}
    shape = re.compile(rf"({'|'.join(sorted({one.partition('.')[0] for one in ids}))})\.[a-z]+(-[a-z]+)*")
    unknown = [
        f"{_name(path)}:{node.lineno} {node.value}"
        for path in (PACKAGE / "tui").rglob("*.py")
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and shape.fullmatch(node.value)
        and node.value not in ids
    ]
    assert not unknown


def test_every_remedy_resolves() -> None:
    actions = [member for registry in REGISTRIES if registry.members == "ACTIONS" for member in registry.registered()]
    known = {"", *map(_id, actions)}
    unknown = [
        f"{_name(path)}:{call.lineno} {ast.unparse(value)}"
        for path in PACKAGE.rglob("*.py")
        for call in ast.walk(_tree(path))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Remedy"
        for value in (*call.args[1:2], *(word.value for word in call.keywords if word.arg == "action"))
        if not (isinstance(value, ast.Constant) and value.value in known)
    ]
    assert not unknown, f"a remedy names an action by its id, as a literal: {unknown}"


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def _files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".tcss") and "__pycache__" not in path.parts:
                yield path


def test_no_file_is_longer_than_can_be_read() -> None:
    lengths = {_name(path): len(path.read_text("utf-8").splitlines()) for path in _files("mediatui", "tests", "bench")}
    assert lengths
    too_long = {name: lines for name, lines in lengths.items() if lines > LONGEST_OF.get(name, LONGEST)}
    assert not too_long


def test_no_name_tells_nothing() -> None:
    names = [_name(path) for path in _files("mediatui", "tests", "bench")]
    assert not [name for name in names if set(re.split(r"[/_.]", name)) & set(NAMES_THAT_TELL_NOTHING)]


Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _public(node: Documented, name: str) -> Iterator[tuple[str, Documented]]:
    yield name, node
    if isinstance(node, ast.Module | ast.ClassDef):
        for child in node.body:
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and child.name[0] != "_":
                yield from _public(child, f"{name}.{child.name}")


def _is_variant(node: Documented) -> bool:
    """Say whether it belongs to a function that is explained elsewhere: an overload, or a property's setter."""
    if isinstance(node, ast.Module | ast.ClassDef):
        return False
    words = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    return bool(words & {"overload", "override", "setter", "deleter"})


def test_every_public_thing_says_what_it_is_for() -> None:
    silent = [
        name
        for path in _files("mediatui")
        if path.suffix == ".py"
        for name, node in _public(_tree(path), _name(path))
        if not ast.get_docstring(node) and not _is_variant(node)
    ]
    assert not silent


def _shipped() -> Iterator[tuple[Path, str]]:
    """Yield every text file of the checkout that is not made by a tool."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        made = {"__pycache__", "dist", "build", "snapshot_report.html"} & set(parts) or (
            parts[0].startswith(".") and parts[0] != ".ci"
        )
        if path.is_file() and not path.is_symlink() and not made:
            try:
                yield path, path.read_text("utf-8")
            except UnicodeDecodeError:
                continue


def test_no_file_names_the_machine_that_it_was_written_on() -> None:
    # A checkout at /src would be found in many a text that means no machine at all.
    if len(ROOT.parts) < 3:
        pytest.skip(f"a checkout directly at {ROOT} cannot be told from a word")
    # Split, so that this file does not name what it looks for.
    folder = re.compile(rf"{re.escape(str(ROOT))}\b|/(?:Use" + r"rs|ho" + r"me)/[a-z][\w.-]*/[\w.-]*mediatui")
    named = [_name(path) for path, text in _shipped() if folder.search(text)]
    assert not named


def test_the_lock_holds_nothing_but_pinned_packages_and_their_hashes() -> None:
    line = re.compile(r"[a-z0-9][\w.-]*(\[[\w,]+\])?==\S+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    assert lines
    assert [one for one in lines if not line.fullmatch(one)] == []


def test_every_theme_can_be_used() -> None:
    from mediatui.tui.themes import load_themes

    themes = load_themes(iter([ROOT / "themes"]))
    assert themes.failed == ()
    names = [theme.name for theme in themes.loaded]
    assert [theme.path.stem for theme in themes.loaded] == names, "a theme is named as its file is"
    assert {"dark", "light", "ansi16"} <= set(names)
    for theme in themes.loaded:
        if theme.ansi:
            own = [*theme.colors.values(), *theme.variables.values()]
            assert [value for value in own if not value.startswith("ansi_")] == [], theme.name
