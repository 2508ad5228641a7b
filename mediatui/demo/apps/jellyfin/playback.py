"""Who plays what, and how far ffmpeg is: all of it follows from when the run began and what time it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from mediatui.demo.apps.jellyfin.instance import Instance
from mediatui.demo.apps.jellyfin.items import Item, episode, film

DIRECT, REMUX, DIRECT_STREAM, HARDWARE, SOFTWARE = "direct", "remux", "direct stream", "hardware", "software"
"""What is done with a file on its way to the player."""
IDLE: Final = "idle"
_PLAYING: Final = (DIRECT, REMUX, DIRECT_STREAM)
_TRANSCODING: Final = (HARDWARE, SOFTWARE)
_SPEEDS: Final = {HARDWARE: 2.4, SOFTWARE: 0.93, REMUX: 31.0, DIRECT_STREAM: 18.0}
"""Seconds of film that ffmpeg makes in a second."""
_TARGET: Final = 8_192_000
"""Bits a second of what ffmpeg makes anew."""
_WARM_UP: Final = 3.0
"""Seconds until ffmpeg says how it goes."""
_LONG_FILMS: Final = (2, 5, 3, 6, 7)
"""Indexes of films that take a while to transcode."""


@dataclass(frozen=True, slots=True)
class Job:
    """An ffmpeg at work, or one that has ended while its film still plays.

    Args:
        began: When, in seconds since the epoch.
        start: From where in the film, in seconds.
        speed: Seconds of film a second.
        done: Up to where in the film it is.
        killed: Whether somebody ended it.
    """

    began: float
    start: float
    speed: float
    done: float
    killed: bool = False

    def telling(self, now: float, length: float) -> bool:
        """Tell whether it says how it goes: it does not at first, and not once it has ended."""
        return not self.killed and now >= self.began + _WARM_UP and self.done < length


@dataclass(frozen=True, slots=True)
class Play:
    """One session at one moment.

    Args:
        slot: Which session.
        kind: What is done with the file, or ``idle``.
        item: What it plays, None for nothing.
        began: When it began to play that, in seconds since the epoch.
        position: Where in it, in seconds.
        job: The ffmpeg.
    """

    slot: int
    kind: str
    item: Item | None = None
    began: float = 0.0
    position: float = 0.0
    job: Job | None = None

    @property
    def copied(self) -> bool:
        """Whether the video goes to the player as it is."""
        return self.kind in _PLAYING

    @property
    def bitrate(self) -> int:
        """Bits a second that go to the player."""
        return self.item.bitrate if self.item is not None and self.copied else _TARGET

    @property
    def written(self) -> int:
        """Bytes that ffmpeg has written."""
        return int((self.job.done - self.job.start) * self.bitrate / 8) if self.job else 0


class Theatre:
    """Every session of a server.

    Args:
        instance: The server.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._stopped: dict[int, float] = {}
        self._killed: dict[int, float] = {}

    def plays(self) -> list[Play]:
        """Return every session as it is now."""
        library = self._instance.library
        software = self._instance.running.habits.software
        kinds = [_PLAYING[slot % len(_PLAYING)] for slot in range(library.playing)]
        kinds += [SOFTWARE if software else _TRANSCODING[slot % 2] for slot in range(library.transcoding)]
        kinds += [IDLE] * library.idle
        return [self._play(slot, kind, slot - library.playing) for slot, kind in enumerate(kinds)]

    def session(self, slot: int) -> str:
        """Return the id of a session."""
        return self._instance.identify("session", slot)

    def device(self, slot: int) -> str:
        """Return the id of the device that a session is on."""
        return self._instance.identify("device", slot)

    def play_session(self, slot: int) -> str:
        """Return what the player calls its playing; no list of sessions tells it."""
        return self._instance.identify("play", slot)

    def stop(self, slot: int) -> None:
        """Let a session play nothing from now on."""
        self._stopped[slot] = self._instance.now

    def kill(self, slot: int) -> None:
        """End a session's ffmpeg."""
        self._killed[slot] = self._instance.now

    def _play(self, slot: int, kind: str, among_transcoding: int) -> Play:
        if kind == IDLE or slot in self._stopped:
            return Play(slot, IDLE, began=self._stopped.get(slot, 0.0))
        started, now = self._instance.running.started, self._instance.now
        number, item = 0, self._item(slot, kind, among_transcoding, 0)
        # The players were in the middle of something when the server came back.
        began = started - item.length * (0.15 + 0.1 * (slot % 4))
        while now >= began + item.length:
            began += item.length
            number += 1
            item = self._item(slot, kind, among_transcoding, number)
        position = now - began
        job = self._job(slot, kind, item, began) if kind in _SPEEDS else None
        if job is not None and not job.killed:
            position = min(position, job.done)
        return Play(slot, kind, item, began, position, job)

    def _job(self, slot: int, kind: str, item: Item, began: float) -> Job:
        now = self._instance.now
        first = max(began, self._instance.running.started + slot)
        start = max(0.0, first - began)
        killed = self._killed.get(slot, 0.0) >= first
        until = self._killed[slot] if killed else now
        speed = _SPEEDS[kind] * (1 + 0.03 * math.sin(now / 7))
        done = min(item.length, start + max(0.0, until - first) * _SPEEDS[kind])
        return Job(first, start, speed, done, killed)

    def _item(self, slot: int, kind: str, among_transcoding: int, number: int) -> Item:
        library = self._instance.library
        if kind in _TRANSCODING or not library.series:
            place = (among_transcoding + number) % len(_LONG_FILMS)
            return film(self._instance, _LONG_FILMS[place])
        return episode(self._instance, slot % library.series, number % 20)
