"""Image references taken apart, and the app that an image is."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from mediatui.apps import APPS, MediaApp

# What publishers put before or after the app's name in a repository: linuxserver-sonarr, sonarr-develop.
_PUBLISHERS = ("docker", "linuxserver", "hotio", "binhex")
_CHANNELS = ("develop", "development", "nightly", "testing", "master", "stable", "beta", "preview")


class Image(NamedTuple):
    """An image reference in its parts."""

    repository: str
    """Registry included, tag and digest left out."""
    tag: str
    digest: str

    @property
    def basename(self) -> str:
        """The last part of the repository."""
        return self.repository.rpartition("/")[2]


@lru_cache(maxsize=4096)
def parse_image(reference: str) -> Image:
    """Take an image reference apart; a registry's port is no tag."""
    rest, _, digest = reference.partition("@")
    head, slash, last = rest.rpartition("/")
    name, _, tag = last.partition(":")
    return Image(f"{head}{slash}{name}", tag, digest)


@lru_cache(maxsize=4096)
def app_of_image(reference: str) -> MediaApp | None:
    """Return the app whose image this is, by the repository's basename alone; exporters are no app."""
    basename = parse_image(reference).basename.lower()
    for publisher in _PUBLISHERS:
        basename = basename.removeprefix(f"{publisher}-")
    for channel in _CHANNELS:
        basename = basename.removesuffix(f"-{channel}")
    return next((app for app in APPS if basename in app.images), None)
