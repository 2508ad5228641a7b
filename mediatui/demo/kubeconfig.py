"""The demo's own kubeconfig: private, recognisable, and never written over somebody else's."""

from __future__ import annotations

import base64
import contextlib
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

NAME: Final = "mediatui-demo"
"""The name of the context, the cluster and the user."""

_MARKER: Final = "demo.mediatui"


class ForeignFileError(Exception):
    """There is a file already, and the demo did not write it."""


def kubeconfig_text(
    url: str, token: str, ca: str, namespace: str = "media", others: Mapping[str, str] | None = None
) -> str:
    """Return a kubeconfig for one demo cluster.

    Args:
        url: Where the server listens.
        token: The bearer token of the current context.
        ca: The certificate to trust, PEM.
        namespace: The namespace of the contexts.
        others: More users with their tokens; each has a context of their name.
    """
    users = {NAME: token, **(others or {})}
    marker = {
        "name": _MARKER,
        "extension": {"pid": os.getpid(), "note": "written by mediatui demo; replaced by the next"},
    }
    cluster = {
        "server": url,
        "certificate-authority-data": base64.b64encode(ca.encode()).decode(),
        "extensions": [marker],
    }
    body: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": NAME, "cluster": cluster}],
        "users": [{"name": name, "user": {"token": secret}} for name, secret in users.items()],
        "contexts": [
            {"name": name, "context": {"cluster": NAME, "user": name, "namespace": namespace}} for name in users
        ],
        "current-context": NAME,
    }
    return yaml.safe_dump(body, sort_keys=False)


def private_folder() -> Path:
    """Make a folder that only this user can enter, in XDG_RUNTIME_DIR or the temporary folder."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    parent = runtime if runtime and _mine(runtime) else None
    return Path(tempfile.mkdtemp(prefix="mediatui-demo-", dir=parent))


def write_kubeconfig(path: Path, text: str) -> None:
    """Write a kubeconfig readable by its owner alone, in one step.

    Raises:
        ForeignFileError: The path holds something that the demo did not write; the text says what.
        OSError: It cannot be written.
    """
    check_replaceable(path)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:  # mkstemp made it 0600
            file.write(text)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def check_replaceable(path: Path) -> None:
    """Make sure that a path is free, or holds a kubeconfig of the demo's own.

    Raises:
        ForeignFileError: It does not; the text says what would be right.
    """
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return
    if not stat.S_ISREG(status.st_mode):
        raise ForeignFileError(f"{path} is not a plain file: name one that does not exist yet")
    if not _ours(path):
        raise ForeignFileError(f"{path} was not written by mediatui demo: name a file that does not exist yet")


def _ours(path: Path) -> bool:
    try:
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
        names = [item["name"] for row in body["clusters"] for item in row["cluster"]["extensions"]]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError):
        return False
    return len(body["clusters"]) == 1 and names == [_MARKER]


def _mine(folder: str) -> bool:
    try:
        status = os.stat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and os.access(folder, os.W_OK | os.X_OK)
