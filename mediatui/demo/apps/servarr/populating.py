"""A volume as an app leaves it that has been in use for most of a year."""

from __future__ import annotations

from typing import Final

from mediatui.demo.apps.database import Database
from mediatui.demo.apps.servarr.backups import Backups
from mediatui.demo.apps.servarr.configfile import ConfigFile
from mediatui.demo.apps.servarr.instance import Instance, new_state
from mediatui.demo.apps.servarr.kind import Kind
from mediatui.demo.apps.setting import Setting, run
from mediatui.demo.apps.times import DAY, HOUR, MINUTE

_AGE: Final = 310 * DAY
_LATEST_BACKUP: Final = 2.3 * DAY
_BLOCKED: Final = ((9, 9 * HOUR), (6, 2 * HOUR))
"""Level, and how long ago it failed first; by turns."""
_LINES: Final = (
    ("Info", "RssSyncService", "RSS Sync Completed. Reports found: 214, Reports grabbed: 0"),
    ("Warn", "HttpClient", "HTTP Error - Res: HTTP/2.0 [GET] https://vault.example/api?t=search: 429.TooManyRequests"),
    ("Info", "DownloadService", "Report sent to SABnzbd from indexer Harbour NZB. Charade 1963 1080p WEB-DL"),
    ("Error", "DownloadedMediaImportService", "Import failed, path does not exist or is not accessible"),
    ("Info", "HousekeepingService", "Running housecleaning tasks"),
)


def populate(kind: Kind, setting: Setting) -> None:
    """Fill an empty volume with what ``setting.library`` says."""
    running = run(setting)
    now, library = running.now, setting.library
    config = ConfigFile(setting, kind)
    config.set("AuthenticationMethod", "Forms")
    config.save()
    database = Database(setting.files, kind.database)
    state = new_state(setting.new_id(), library, now - _AGE)
    database.create(state, library.items)
    instance = Instance(kind, running, config, database)
    for name, minutes in kind.tasks.items():
        passed = setting.random.uniform(0.1, 0.9) * minutes * MINUTE
        length = round(setting.random.uniform(0.1, 4.0), 3)
        state["tasks"][name] = {"last": now - passed, "length": length}
    state["tasks"]["Backup"]["last"] = now - _LATEST_BACKUP
    for number in range(min(library.blocked, library.indexers)):
        level, ago = _BLOCKED[number % len(_BLOCKED)]
        row = {"level": level, "first": now - ago, "latest": now - 20 * MINUTE, "until": now + 5 * HOUR}
        state["back_off"].setdefault("indexer", {})[str(library.indexers - number)] = row
    for number, line in enumerate(_LINES * 3):
        instance.log(*line, at=now - DAY + number * HOUR)
    instance.save()
    backups = Backups(instance)
    for number in range(library.backups):
        backups.make(now - _LATEST_BACKUP - number * kind.tasks["Backup"] * MINUTE, "scheduled")
