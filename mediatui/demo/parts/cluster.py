"""The bench that the parts are made on: a world that is being filled, its names, and how old things are."""

from __future__ import annotations

import copy
import hashlib
import json
import random
from typing import Any, Final

from mediatui.demo.api import defaults
from mediatui.demo.objects import Object, stamp
from mediatui.demo.parts.ownership import managed_fields
from mediatui.demo.world import World

_ALPHABET: Final = "bcdfghjklmnpqrstvwxz2456789"  # what Kubernetes makes names from: no vowels, no words
MINUTE: Final = 60.0
HOUR: Final = 3600.0
DAY: Final = 86400.0
_NETWORKS: Final = 64
"""How many /24 networks a node's pods have."""


class Cluster:
    """A world under construction.

    Args:
        world: What is filled.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.hosts: dict[str, str] = {}
        """The addresses of the nodes, by name."""
        self._random = random.Random(world.random.random())
        self._addresses: dict[str, int] = {}

    def ago(self, seconds: float) -> str:
        """Return the time stamp of that long ago."""
        return stamp(self.world.clock.now() - seconds)

    def suffix(self, length: int = 5) -> str:
        """Return a random name suffix, as ``generateName`` makes it."""
        return "".join(self._random.choice(_ALPHABET) for _ in range(length))

    def jitter(self, low: float, high: float) -> float:
        """Return a number between two, so that things made together are not equal to the second."""
        return self._random.uniform(low, high)

    def pod_address(self, node: str) -> str:
        """Return the next free address of a node's pod network."""
        return self.address(f"10.42.{list(self.hosts).index(node) * _NETWORKS}")

    def address(self, network: str) -> str:
        """Return the next free address of a network given by its first three parts: ``10.43.0``."""
        number = self._addresses.get(network, self._random.randrange(10, 60)) + self._random.randrange(1, 4)
        self._addresses[network] = number
        first, _, third = network.rpartition(".")
        return f"{first}.{int(third) + number // 256}.{number % 256}"

    def add(self, obj: Object, *, age: float, manager: str = "", status_manager: str = "", at: float = 0.0) -> Object:
        """Store an object that is that many seconds old, with the field managers that left their mark on it.

        Args:
            obj: The object; its metadata needs a name.
            age: Seconds since its creation.
            manager: Who wrote the spec, for ``managedFields``; nothing is recorded without one.
            status_manager: Who wrote the status.
            at: How long ago the status was written, in seconds.
        """
        created = self.ago(age)
        obj = copy.deepcopy(obj)
        defaults.complete(obj)
        metadata: dict[str, Any] = {**obj["metadata"], "creationTimestamp": created}
        if manager:
            body = {**obj, "metadata": metadata}
            metadata["managedFields"] = managed_fields(body, manager, created, status_manager, self.ago(at or age))
        return self.world.store.create({**obj, "metadata": metadata})


def owner(obj: Object, *, controller: bool = True) -> dict[str, Any]:
    """Return an ownerReference to an object."""
    reference = {
        "apiVersion": obj["apiVersion"],
        "kind": obj["kind"],
        "name": obj["metadata"]["name"],
        "uid": obj["metadata"]["uid"],
    }
    if controller:
        reference |= {"controller": True, "blockOwnerDeletion": True}
    return reference


def digest(*words: str, length: int = 64) -> str:
    """Return a hexadecimal digest of words, for image and container ids that are the same in every run."""
    return hashlib.sha256("/".join(words).encode()).hexdigest()[:length]


def template_hash(*parts: Any) -> str:
    """Return the hash of a pod template and whatever else tells two apart."""
    return short_hash(json.dumps(parts, sort_keys=True))


def short_hash(*words: str, length: int = 10) -> str:
    """Return a hash in the alphabet of names, for ``pod-template-hash`` and its like."""
    number = int(digest(*words), 16)
    letters = []
    for _ in range(length):
        number, index = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[index])
    return "".join(letters)
