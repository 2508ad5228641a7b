"""The parts that Sonarr and Radarr have and Prowlarr has not, put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mediatui.demo.apps.routing import Call
from mediatui.demo.apps.servarr.filesystem import FileSystem
from mediatui.demo.apps.servarr.folders import Folders
from mediatui.demo.apps.servarr.health import Finding
from mediatui.demo.apps.servarr.instance import Instance
from mediatui.demo.apps.servarr.providers import Providers, clients, synced_indexers
from mediatui.demo.apps.servarr.queue import Queue, Subject
from mediatui.demo.apps.servarr.server import Part
from mediatui.demo.objects import Object

UNREACHABLE_CLIENT = ("Host", "Unable to connect to the download client: Connection refused")
"""What a download client's failed test says."""
UNREACHABLE_INDEXER = ("", "Unable to connect to indexer: The operation has timed out. Check the log for more details")
"""What an indexer's failed test says."""


class MediaParts:
    """Folders, queue, download clients and indexers of an app that keeps media.

    Args:
        instance: The app.
        items: The names of the folders in its root folder.
        subject: Returns what the queue item of a number is for.
        of: ``Series`` or ``Movie``.
        whole: Adds to a queue item what the request asks for.
    """

    def __init__(
        self,
        instance: Instance,
        items: list[str],
        subject: Callable[[int], Subject],
        of: str,
        whole: Callable[[Call, Object], Object],
    ) -> None:
        self._instance = instance
        self._folders = Folders(instance, items)
        self._file_system = FileSystem(instance, self._folders.paths)
        self._queue = Queue(instance, subject, of, whole, self._folders.downloads)
        self._clients = Providers(instance, "downloadclient", lambda: clients(instance), UNREACHABLE_CLIENT)
        self._indexers = Providers(instance, "indexer", lambda: synced_indexers(instance), UNREACHABLE_INDEXER)

    @property
    def parts(self) -> tuple[Part, ...]:
        """What serves paths."""
        return self._folders, self._file_system, self._queue, self._clients, self._indexers

    def look(self) -> Iterator[Finding]:
        """Yield the health checks that fail."""
        library = self._instance.library
        if not library.indexers:
            yield from (Finding("IndexerRssCheck"), Finding("IndexerSearchCheck"))
        if not library.clients:
            yield Finding("DownloadClientCheck")
        if not library.fresh and not self._folders.reachable:
            yield Finding("RootFolderCheck", self._folders.root)
        yield from unavailable("DownloadClientStatusCheck", self._clients)
        yield from unavailable("IndexerStatusCheck", self._indexers)


def unavailable(source: str, providers: Providers) -> Iterator[Finding]:
    """Yield that providers do not work: an error where none of them does."""
    failing = providers.failing()
    if failing:
        level = "error" if len(failing) == len(providers.names()) else "warning"
        yield Finding(source, ", ".join(failing), level)
