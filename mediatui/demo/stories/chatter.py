"""Log lines that keep arriving, and those that had arrived before anybody looked."""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from mediatui.demo.objects import Object, dig, seconds_of
from mediatui.demo.resources import named
from mediatui.demo.stories.voices import VOICES, Said, Voice
from mediatui.demo.world import World

_PODS: Final = named("pods", "")


class Speaker(NamedTuple):
    """A container that talks: whichever pod of the workload is running is the one that says it."""

    namespace: str
    label: str
    """The label key that selects the workload's pods."""
    unit: str
    container: str
    pace: float = 1.0
    """1 for a line every one to three seconds, 10 for ten times slower."""


@dataclass(slots=True)
class _Mouth:
    """One speaker in the middle of an episode."""

    speaker: Speaker
    voice: Voice
    chance: random.Random
    pending: deque[Said] = field(default_factory=deque)

    def next(self, at: float) -> str:
        """Return the next line, as written at that time."""
        if not self.pending:
            self.pending.extend(self.voice.episode(self.chance))
        return self.voice.line(self.pending.popleft(), at, self.chance)

    def pause(self) -> float:
        """Return the seconds until the next line."""
        return self.chance.uniform(1.0, 3.0) * self.speaker.pace


class Chatter:
    """Every talking container of a cluster.

    Args:
        world: Where the lines go.
        speakers: Who talks.
    """

    def __init__(self, world: World, speakers: Sequence[Speaker]) -> None:
        self._world = world
        seed = world.random.random()
        self._mouths = [
            _Mouth(speaker, VOICES.get(speaker.container, VOICES[""]), random.Random(f"{seed}-{speaker}"))
            for speaker in speakers
        ]

    def remember(self, hours: float, lines: int) -> None:
        """Write the last hours: about that many lines per speaker at a pace of 1, in episodes with gaps between."""
        now = self._world.clock.now()
        for mouth in self._mouths:
            pod = self._pod(mouth.speaker)
            if pod is None:
                continue
            oldest = seconds_of(pod["status"]["startTime"]) or now
            wanted = max(2, round(lines / mouth.speaker.pace / 3))
            ages = sorted((mouth.chance.random() ** 1.3 * hours * 3600 + 20 for _ in range(wanted)), reverse=True)
            for age in ages:
                at = max(oldest + 6, now - age)
                while True:
                    self._write(mouth, pod, at)
                    at += mouth.chance.uniform(0.2, 2.0)
                    if not mouth.pending:
                        break

    async def talk(self) -> None:
        """Write lines as time goes by, until cancelled."""
        now = self._world.clock.now()
        due = [(now + mouth.pause(), index) for index, mouth in enumerate(self._mouths)]
        heapq.heapify(due)
        while due:
            at, index = due[0]
            await self._world.clock.sleep(at - self._world.clock.now())
            mouth = self._mouths[index]
            pod = self._pod(mouth.speaker)
            if pod is not None:
                self._write(mouth, pod, self._world.clock.now())
            heapq.heapreplace(due, (self._world.clock.now() + mouth.pause(), index))

    def _write(self, mouth: _Mouth, pod: Object, at: float) -> None:
        metadata = pod["metadata"]
        self._world.logs.write(metadata["namespace"], metadata["name"], mouth.speaker.container, mouth.next(at), at)

    def _pod(self, speaker: Speaker) -> Object | None:
        """Return the pod whose container runs now, None while there is none."""
        for item in self._world.store.all(_PODS, speaker.namespace):
            if item.data["metadata"]["labels"].get(speaker.label) == speaker.unit and _runs(
                item.data, speaker.container
            ):
                return item.data
        return None


def _runs(pod: Object, container: str) -> bool:
    return any(
        row["name"] == container and "running" in row["state"] for row in dig(pod, "status.containerStatuses", [])
    )
