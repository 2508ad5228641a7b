"""Laboratories that stay up for a developer: each is kept by a process in the background, and known by a note."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from tests.lab import scenarios, schema
from tests.lab.argocd import ArgoCD
from tests.lab.build import cache, programs
from tests.lab.controlplane import ControlPlane
from tests.lab.credentials import USERS
from tests.lab.leftovers import new_name
from tests.lab.node import Node
from tests.lab.storage import Storage

SCENARIOS: Final = ("media",)
_CHECKOUT: Final = Path(__file__).parents[2]


@dataclass(slots=True)
class Note:
    """What is known of a laboratory."""

    name: str
    pid: int
    parts: list[str]
    kubeconfigs: dict[str, str]
    """By user; empty until it is ready."""
    failed: str = ""


def up(given: argparse.Namespace) -> int:
    """Start a laboratory in the background and return when it is ready."""
    programs(*_parts(given))  # here, where its progress is seen
    name = new_name()
    options = [f"--{part}" for part in ("node", "storage", "argocd") if getattr(given, part)]
    options += ["--scenario", given.scenario] if given.scenario else []
    command = [sys.executable, "-m", "tests.lab", "keep", *options, name]
    log = _folder() / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=_CHECKOUT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    while process.poll() is None:
        note = _read(name)
        if note is not None and note.kubeconfigs:
            for user, path in note.kubeconfigs.items():
                print(f"{user:<8} export KUBECONFIG={path}")
            return 0
        threading.Event().wait(0.1)
    print(f"lab: it did not come up:\n{log.read_text(errors='replace')[-4000:]}", file=sys.stderr)
    return 1


def keep(given: argparse.Namespace) -> None:
    """Be the process that a laboratory lives with."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    note = Note(given.name, os.getpid(), _parts(given), {})
    _write(note)
    with ExitStack() as parts:
        parts.callback(_forget, given.name)
        plane = _start(given, parts)
        if given.argocd:
            argocd = ArgoCD(plane)
            parts.callback(argocd.stop)
            argocd.start()
        note.kubeconfigs = {user: str(plane.kubeconfig(user)) for user in USERS}
        _write(note)
        ended.wait()


def down(name: str) -> int:
    """End a laboratory."""
    notes = [note for note in _notes() if name in ("", note.name)]
    if len(notes) != 1:
        there = ", ".join(note.name for note in _notes()) or "none"
        print(f"lab: name the one to end; up: {there}", file=sys.stderr)
        return 2
    os.kill(notes[0].pid, signal.SIGTERM)
    while _read(notes[0].name) is not None and _runs(notes[0].pid):
        threading.Event().wait(0.05)
    return 0


def status() -> None:
    """Say what is up."""
    notes = _notes()
    for note in notes:
        state = "ready" if note.kubeconfigs else "starting"
        print(f"{note.name}  {state}  {', '.join(note.parts)}  {note.kubeconfigs.get('admin', '')}")
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
    except FileNotFoundError:
        return None
    return Note(**found)


def _forget(name: str) -> None:
    for path in _folder().glob(f"{name}.*"):
        path.unlink(missing_ok=True)


def _notes() -> list[Note]:
    """Return what is up; what was killed is forgotten."""
    found = []
    for path in sorted(_folder().glob("*.json")):
        note = _read(path.stem)
        if note is not None and _runs(note.pid):
            found.append(note)
        else:
            _forget(path.stem)
    return found


def _runs(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
