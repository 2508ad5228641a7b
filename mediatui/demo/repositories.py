"""Git repositories as GitOps sees them: folders of manifests, and a revision for every change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from mediatui.demo.objects import Object

_BRANCHES: Final = ("HEAD", "main", "master")


class UnknownRevisionError(Exception):
    """The repository has no such revision, or there is no such repository."""


@dataclass(frozen=True, slots=True)
class Commit:
    """The whole of a repository at one moment."""

    revision: str
    message: str
    folders: Mapping[str, tuple[Object, ...]]
    """The manifests of each folder, as rendered."""


@dataclass(slots=True)
class Repositories:
    """Every repository that a cluster can reach, by URL."""

    _commits: dict[str, list[Commit]] = field(default_factory=dict)

    def commit(self, url: str, folder: str, manifests: Iterable[Object], message: str = "") -> str:
        """Give a folder other manifests, none to remove it, and return the new revision."""
        history = self._commits.setdefault(url, [])
        folders = dict(history[-1].folders) if history else {}
        folders[folder] = tuple(json.loads(json.dumps(one)) for one in manifests)
        if not folders[folder]:
            del folders[folder]
        text = json.dumps([len(history), url, message, sorted(folders.items())])
        revision = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        history.append(Commit(revision, message, folders))
        return revision

    def at(self, url: str, revision: str) -> Commit:
        """Return a commit by the name of a branch or its revision.

        Raises:
            UnknownRevisionError: There is none.
        """
        history = self._commits.get(url, [])
        if history and revision in ("", *_BRANCHES):
            return history[-1]
        for commit in history:
            if len(revision) >= 7 and commit.revision.startswith(revision):
                return commit
        raise UnknownRevisionError(f"unable to resolve '{revision}' to a commit SHA")
