"""Reads kubeconfig files as kubectl does, and says in one line what is wrong with them.

Our own reader costs a few milliseconds where ``kubernetes.config`` costs 250 and 20 MiB; what it finds too special,
``library`` takes over. Files are only ever read. The rules for lists, merging and relative paths are those of
https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from mediatui.errors import KubeconfigError
from mediatui.text import printable

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # 15 times faster where libyaml is there
_SECTIONS: Final = (("clusters", "cluster"), ("contexts", "context"), ("users", "user"))
_PATHS: Final = {
    "cluster": ("certificate-authority",),
    "user": ("client-certificate", "client-key", "tokenFile"),
    "context": (),
}
_WITHOUT: Final = "`mediatui --demo` works without a cluster"


@dataclass(frozen=True, slots=True)
class KubeContext:
    """One context with everything that it names, every path absolute."""

    name: str
    namespace: str
    server: str
    cluster: Mapping[str, Any]
    user: Mapping[str, Any] = field(repr=False)
    """Credentials as written; empty for an anonymous context."""
    where: str
    """The file that names the user, or else the cluster: for error messages."""


@dataclass(slots=True)
class _Merged:
    entries: dict[str, dict[str, Mapping[str, Any]]]
    origin: dict[tuple[str, str], str]
    current: str = ""


def load(kubeconfig: str | None, context: str | None, environ: Mapping[str, str]) -> KubeContext | None:
    """Return the context to use, or None where there is no kubeconfig but a pod's service account is.

    Args:
        kubeconfig: One file, as ``--kubeconfig`` names it; None for ``KUBECONFIG`` and ``~/.kube/config``.
        context: The name of a context; None for the current one.
        environ: The environment, of which ``KUBECONFIG``, ``HOME`` and ``KUBERNETES_SERVICE_HOST`` are read.

    Raises:
        KubeconfigError: In one line: no file, a broken file, or an entry that is missing or makes no sense.
    """
    paths, chosen = _paths(kubeconfig, environ)
    merged = _Merged({kind: {} for _, kind in _SECTIONS}, {})
    found = [path for path in paths if _merge(merged, path, required=chosen == "--kubeconfig")]
    if not found:
        if environ.get("KUBERNETES_SERVICE_HOST") and not kubeconfig and not context:
            return None
        looked = ", ".join(str(path) for path in paths) or "nowhere: KUBECONFIG is empty"
        raise KubeconfigError(f"no kubeconfig found; looked for {looked} ({chosen})", _WITHOUT)
    return _resolve(merged, context, found)


def _paths(kubeconfig: str | None, environ: Mapping[str, str]) -> tuple[list[Path], str]:
    home = Path(environ.get("HOME") or os.path.expanduser("~"))

    def expand(name: str) -> Path:
        return home / name[2:] if name.startswith("~/") else Path(name)

    if kubeconfig:
        return [expand(kubeconfig)], "--kubeconfig"
    listed = environ.get("KUBECONFIG", "")
    if listed:
        names = dict.fromkeys(name for name in listed.split(os.pathsep) if name)
        return [expand(name) for name in names], "from KUBECONFIG"
    return [home / ".kube" / "config"], "the default"


def _merge(merged: _Merged, path: Path, *, required: bool) -> bool:
    """Add one file where nothing earlier has the same name; return whether it was there."""
    text = _read(path, required=required)
    if text is None:
        return False
    document = _parse(text, path)
    if document is None:
        return True
    if not isinstance(document, dict):
        raise KubeconfigError(f"{path}: a kubeconfig is a mapping, this is {_kind_of(document)}")
    for section, kind in _SECTIONS:
        for name, entry in _entries(document.get(section), section, kind, path):
            if name not in merged.entries[kind]:
                merged.entries[kind][name] = _absolute(entry, kind, path)
                merged.origin[kind, name] = str(path)
    current = document.get("current-context")
    if current is not None and not isinstance(current, str):
        raise KubeconfigError(f"{path}: current-context must be a name, this is {_kind_of(current)}")
    merged.current = merged.current or current or ""
    return True


def _read(path: Path, *, required: bool) -> str | None:
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        if required:
            raise KubeconfigError(f"kubeconfig {path} is not there", _WITHOUT) from None
        return None
    except UnicodeDecodeError as error:
        raise KubeconfigError(f"{path}: not UTF-8 text at byte {error.start}") from error
    except OSError as error:
        raise KubeconfigError(f"{path}: cannot be read: {error.strerror}") from error


def _parse(text: str, path: Path) -> Any:
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # Where something is missing, libyaml points behind the end.
        line = f", line {min(mark.line + 1, len(text.splitlines()))}" if mark else ""
        raise KubeconfigError(f"{path}{line}: {printable(error.problem or 'not YAML')}") from error
    except yaml.reader.ReaderError as error:
        line = f", line {text.count(chr(10), 0, error.position) + 1}" if isinstance(error.position, int) else ""
        raise KubeconfigError(f"{path}{line}: a character that YAML does not allow") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise KubeconfigError(f"{path}: not YAML: {printable(str(error))}") from error


def _entries(value: Any, section: str, kind: str, path: Path) -> list[tuple[str, Mapping[str, Any]]]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise KubeconfigError(f"{path}: {section} must be a list, this is {_kind_of(value)}")
    entries: list[tuple[str, Mapping[str, Any]]] = []
    for index, item in enumerate(value):
        where = f"{path}: {section}[{index}]"
        if not isinstance(item, dict):
            raise KubeconfigError(f"{where} must be a mapping, this is {_kind_of(item)}")
        name = item.get("name")
        if name is None or isinstance(name, (dict, list)):
            raise KubeconfigError(f"{where} has no name")
        entry = item.get(kind)
        if entry is not None and not isinstance(entry, dict):
            raise KubeconfigError(
                f"{where}.{kind} ({printable(str(name))}) must be a mapping, this is {_kind_of(entry)}"
            )
        entries.append((str(name), entry or {}))
    return entries


def _absolute(entry: Mapping[str, Any], kind: str, path: Path) -> Mapping[str, Any]:
    """Resolve what is relative to its file; a plugin without a slash is looked for in PATH."""
    folder = path.absolute().parent
    resolved = dict(entry)
    for key in _PATHS[kind]:
        if isinstance(resolved.get(key), str) and resolved[key]:
            resolved[key] = str(folder / resolved[key])
    plugin = resolved.get("exec") if kind == "user" else None
    if isinstance(plugin, dict) and isinstance(plugin.get("command"), str) and os.sep in plugin["command"]:
        resolved["exec"] = {**plugin, "command": str(folder / plugin["command"])}
    return resolved


def _resolve(merged: _Merged, wanted: str | None, files: Sequence[Path]) -> KubeContext:
    where = ", ".join(str(path) for path in files)
    contexts = merged.entries["context"]
    names = ", ".join(printable(name) for name in sorted(contexts)) or "none"
    name = wanted or merged.current
    if not name:
        raise KubeconfigError(f"{where}: no current-context is set", f"choose one with --context: {names}")
    if name not in contexts:
        asked = "context" if wanted else "current-context"
        raise KubeconfigError(f"{where}: {asked} {printable(name)!r} does not exist", f"there are: {names}")
    context = contexts[name]
    origin = merged.origin["context", name]
    cluster_name = text_of(context, "cluster", f"{origin}: context {name!r}")
    user_name = text_of(context, "user", f"{origin}: context {name!r}")
    cluster = _named(merged, "cluster", cluster_name, name, origin)
    user: Mapping[str, Any] = _named(merged, "user", user_name, name, origin) if user_name else {}
    server = text_of(cluster, "server", f"{merged.origin['cluster', cluster_name]}: cluster {cluster_name!r}")
    if not server:
        raise KubeconfigError(f"{merged.origin['cluster', cluster_name]}: cluster {cluster_name!r} has no server")
    return KubeContext(
        name=name,
        namespace=text_of(context, "namespace", f"{origin}: context {name!r}") or "default",
        server=server.rstrip("/"),
        cluster=cluster,
        user=user,
        where=merged.origin.get(("user", user_name)) or merged.origin["cluster", cluster_name],
    )


def _named(merged: _Merged, kind: str, name: str, context: str, origin: str) -> Mapping[str, Any]:
    if name not in merged.entries[kind]:
        known = ", ".join(printable(other) for other in sorted(merged.entries[kind])) or "none"
        lacking = f"names the {kind} {printable(name)!r}, which does not exist" if name else f"names no {kind}"
        raise KubeconfigError(f"{origin}: context {printable(context)!r} {lacking}", f"there are: {known}")
    return merged.entries[kind][name]


def text_of(entry: Mapping[str, Any], key: str, where: str) -> str:
    """Return a text of an entry, empty where it is not set.

    Raises:
        KubeconfigError: It is a list or a mapping.
    """
    value = entry.get(key)
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        raise KubeconfigError(f"{printable(where)}: {key} must be a text, this is {_kind_of(value)}")
    return str(value)


def _kind_of(value: Any) -> str:
    match value:
        case None:
            return "empty"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return "a text"
        case _:
            return f"a {type(value).__name__}"
