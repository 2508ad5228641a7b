"""Claims, volumes and what Longhorn says of them."""

from __future__ import annotations

from dataclasses import dataclass

from mediatui.model.source import Ref


@dataclass(frozen=True, slots=True)
class Claim:
    """A PersistentVolumeClaim."""

    ref: Ref
    uid: str
    created: float
    phase: str
    """As stored: a claim that is being deleted still says ``Bound``."""
    volume: str = ""
    storage_class: str | None = None
    access_modes: tuple[str, ...] = ()
    volume_mode: str = "Filesystem"
    request: float | None = None
    """Bytes."""
    capacity: float | None = None
    deleting_since: float = 0.0
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Volume:
    """A PersistentVolume."""

    name: str
    uid: str
    created: float
    phase: str
    reclaim_policy: str
    storage_class: str = ""
    capacity: float | None = None
    access_modes: tuple[str, ...] = ()
    volume_mode: str = "Filesystem"
    claim: Ref | None = None
    claim_uid: str = ""
    driver: str = ""
    """The CSI driver, or the in-tree type: ``nfs``, ``hostPath``, ``local``."""
    handle: str = ""
    deleting_since: float = 0.0


@dataclass(frozen=True, slots=True)
class LonghornVolume:
    """A volumes.longhorn.io object."""

    ref: Ref
    state: str
    robustness: str
    replicas: int
    actual_size: float | None = None
    last_backup_at: str = ""
