"""Everything that some parts need, made before they are started, where its progress is seen."""

from __future__ import annotations

from collections.abc import Collection

from tests.lab.build import programs
from tests.lab.images import catalogue
from tests.lab.packages import NODE, REDIS, unpacked


def prepare(parts: Collection[str]) -> None:
    """Build programs and images and fetch packages, as far as they are missing.

    Raises:
        CannotBuildError: Something is missing and cannot be had: what would help.
    """
    programs(*parts)
    if "node" in parts:
        unpacked(NODE)
        catalogue.archive()
    if "argocd" in parts:
        unpacked(REDIS)
