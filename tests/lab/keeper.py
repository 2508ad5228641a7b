"""Laboratories that stay up for a developer: each is kept by a process in the background, and known by a note."""

from __future__ import annotations

import argparse
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from tests.lab import scenarios, schema
from tests.lab.argocd import ArgoCD, CannotRunArgoError
from tests.lab.build import CannotBuildError, cache
from tests.lab.controlplane import ControlPlane
from tests.lab.credentials import USERS
from tests.lab.leftovers import new_name, sweep
from tests.lab.node import CannotRunError, Node, check
from tests.lab.prepare import prepare
from tests.lab.storage import Storage
from tests.lab.waiting import wait_until

SCENARIOS: Final = ("media",)
_CHECKOUT: Final = Path(__file__).parents[2]
_PATIENCE: Final = 30.0


@dataclass(slots=True)
class Note:
    """What is known of a laboratory."""

    name: str
    pid: int
    began: str
    """When its process began, as the kernel counts: another process may get the same id."""
    parts: list[str]
    kubeconfigs: dict[str, str]
    """By user; empty until it is ready."""
    failed: str = ""
    """Why it did not come up."""
    impossible: bool = False
    """Whether that is because it cannot be run here."""

    @property
    def runs(self) -> bool:
        """Whether its process is still there."""
        return _began(self.pid) == self.began


def up(given: argparse.Namespace) -> int:
    """Start a laboratory in the background and return when it is ready."""
    parts = _parts(given)
    if "node" in parts:
        check()
    prepare(parts)
    name = new_name()
    options = [f"--{part}" for part in ("node", "storage", "argocd") if getattr(given, part)]
    options += ["--scenario", given.scenario] if given.scenario else []
    command = [sys.executable, "-m", "tests.lab", "keep", *options, name]
    log = _folder() / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=_CHECKOUT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        while not ((note := _read(name)) and (note.kubeconfigs or note.failed)) and process.poll() is None:
            threading.Event().wait(0.1)
        if note is not None and note.kubeconfigs and process.poll() is None:
            for user, path in note.kubeconfigs.items():
                print(f"export KUBECONFIG={path}  # {user}")
            print(f"# python -m tests.lab down {name}", flush=True)
            return 0
    except BaseException:
        process.terminate()
        process.wait(_PATIENCE)
        raise
    process.wait(_PATIENCE)
    why = note.failed if note is not None else f"its process ended with {process.returncode}; {log.read_text()[-2000:]}"
    print(f"lab: it did not come up: {why or 'it was ended'}", file=sys.stderr)
    _forget(name)
    return 3 if note is not None and note.impossible else 1


def keep(given: argparse.Namespace) -> None:
    """Be the process that a laboratory lives with."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    note = Note(given.name, os.getpid(), _began(os.getpid()), _parts(given), {})
    _write(note)
    try:
        with ExitStack() as parts:
            plane = _start(given, parts)
            if given.argocd:
                argocd = ArgoCD(plane)
                parts.callback(argocd.stop)
                argocd.start()
            note.kubeconfigs = {user: str(plane.kubeconfig(user)) for user in USERS}
            _write(note)
            while True:
                signal.pause()
    except Exception as error:
        note.failed = str(error) or type(error).__name__
        note.impossible = isinstance(error, (CannotRunError, CannotBuildError, CannotRunArgoError))
        note.kubeconfigs = {}
        _write(note)  # whoever waits for it reads why, and removes it
        raise
    except SystemExit:
        _forget(given.name)


def down(name: str) -> int:
    """End a laboratory."""
    notes = [note for note in _notes() if name in ("", note.name)]
    if len(notes) != 1:
        there = ", ".join(note.name for note in _notes()) or "none"
        why = f"none is called {name}" if name else "name the one to end"
        print(f"lab: {why}; up: {there}", file=sys.stderr)
        return 2
    (note,) = notes
    for number in (signal.SIGTERM, signal.SIGCONT):
        os.kill(note.pid, number)
    try:
        wait_until(lambda: not note.runs, "it does not end", _PATIENCE)
    except RuntimeError:
        print(f"lab: {note.name} did not end within {_PATIENCE:.0f} s and was killed", file=sys.stderr)
        os.kill(note.pid, signal.SIGKILL)
        wait_until(lambda: not note.runs, f"process {note.pid} cannot be killed")
    _forget(note.name)
    sweep()
    return 0


def status() -> None:
    """Say what is up."""
    notes = _notes()
    for note in notes:
        admin = note.kubeconfigs.get("admin", "")
        state = "starting" if not admin else "ready" if _answers(Path(admin)) else "does not answer"
        print(f"{note.name}  {state}  {', '.join(note.parts)}  {admin}")
    if not notes:
        print("nothing is up")


def write_schema() -> None:
    """Start a control plane for as long as it takes to read the types of its API."""
    plane = ControlPlane()
    plane.start()
    try:
        with plane.client() as client:
            schema.write(client)
    finally:
        plane.stop()


def _start(given: argparse.Namespace, parts: ExitStack) -> ControlPlane:
    if "node" not in _parts(given):
        plane = ControlPlane()
        parts.callback(plane.stop)
        plane.start()
        return plane
    node = Node()
    parts.callback(node.stop)
    node.start()
    if given.storage:
        storage = Storage(node)
        parts.callback(storage.stop)
        storage.start()
    if given.scenario:
        with node.client() as client:
            scenarios.media(client)
        node.plane.open_for_narrow("media")
    return node.plane


def _parts(given: argparse.Namespace) -> list[str]:
    given.storage = given.storage or bool(given.scenario)
    node = given.node or given.storage
    wanted = {"control-plane": True, "node": node, "storage": given.storage, "argocd": given.argocd}
    return [part for part, is_wanted in wanted.items() if is_wanted]


def _folder() -> Path:
    folder = cache() / "up"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write(note: Note) -> None:
    path = _folder() / f"{note.name}.json"
    part = path.with_suffix(".part")
    part.write_text(json.dumps(asdict(note)))
    part.replace(path)


def _read(name: str) -> Note | None:
    try:
        found: dict[str, Any] = json.loads((_folder() / f"{name}.json").read_text())
        return Note(**found)
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _forget(name: str) -> None:
    for path in _folder().glob(f"{name}.*"):
        path.unlink(missing_ok=True)


def _notes() -> list[Note]:
    """Return what is up; what was killed is forgotten, and what it left is removed."""
    found = []
    for path in sorted(_folder().glob("*.json")):
        note = _read(path.stem)
        if note is not None and note.runs:
            found.append(note)
        else:
            _forget(path.stem)
    sweep()
    return found


def _began(pid: int) -> str:
    """Return when a process began, in clock ticks since the machine did; empty where there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]


def _answers(kubeconfig: Path) -> bool:
    try:
        access = json.loads(kubeconfig.read_text())
        server, token = access["clusters"][0]["cluster"]["server"], access["users"][0]["user"]["token"]
        headers = {"Authorization": f"Bearer {token}"}
        trust = ssl.create_default_context(cafile=access["clusters"][0]["cluster"]["certificate-authority"])
        return httpx.get(f"{server}/readyz", headers=headers, verify=trust, timeout=3, trust_env=False).text == "ok"
    except (OSError, httpx.HTTPError):
        return False


def _end(*_: object) -> None:
    raise SystemExit(0)
