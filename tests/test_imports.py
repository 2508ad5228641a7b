"""What is imported when: only a fresh interpreter's ``sys.modules`` proves that a deferral defers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

HEAVY = ("textual", "rich", "kubernetes", "httpx", "msgspec", "aiohttp", "yaml", "pydantic", "requests", "cryptography")
CLIENTS = tuple(name for name in HEAVY if name not in ("textual", "rich", "yaml"))
"""What the UI may not have imported before its first frame."""

CORE = ("model", "interfaces", "apps", "checks", "actions", "observe", "logtail", "present", "errors", "text")

_REPORT = """
import atexit, sys
atexit.register(lambda: print("imported:", *sorted({name.partition(".")[0] for name in sys.modules})))
"""


def _imported(code: str) -> frozenset[str]:
    """Run code in a fresh interpreter and return the packages that it imported."""
    ended = subprocess.run(
        [sys.executable, "-c", _REPORT + code], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    last = ended.stdout.splitlines()[-1]
    assert last.startswith("imported: "), ended.stdout
    return frozenset(last.split()[1:])


def _everything_in(package: str) -> str:
    return f"""
import importlib, pkgutil
package = importlib.import_module("{package}")
for found in pkgutil.walk_packages(getattr(package, "__path__", []), "{package}."):
    importlib.import_module(found.name)
"""


def _is_there(name: str) -> bool:
    return (ROOT / "mediatui" / name / "__init__.py").is_file() or (ROOT / "mediatui" / f"{name}.py").is_file()


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_import_nothing_heavy(argument: str) -> None:
    assert not _imported(f"import mediatui.cli\nmediatui.cli.main(['{argument}'])") & set(HEAVY)


def test_the_help_of_every_command_imports_nothing_heavy() -> None:
    code = """
import contextlib, mediatui.cli
for command in mediatui.cli.COMMANDS:
    with contextlib.suppress(SystemExit):
        mediatui.cli.main([command.id, "--help"])
"""
    assert not _imported(code) & set(HEAVY)


@pytest.mark.parametrize("name", [name for name in CORE if _is_there(name)])
def test_the_core_runs_without_ui_and_client_libraries(name: str) -> None:
    assert not _imported(_everything_in(f"mediatui.{name}")) & set(HEAVY)


def test_the_ui_is_imported_without_any_client() -> None:
    assert not _imported(_everything_in("mediatui.tui")) & set(CLIENTS)


def test_the_demo_is_started_without_its_server() -> None:
    assert not _imported("import mediatui.demo.launch") & set(HEAVY)
