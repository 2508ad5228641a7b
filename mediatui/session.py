"""What a front end works with once it is connected: handed to the terminal UI and the commands by bootstrap."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line needs a Target long before there is anything to connect with
    from mediatui.config import Config
    from mediatui.interfaces import Clock, Cluster, Pods
    from mediatui.observe import Observer


@dataclass(frozen=True, slots=True)
class Target:
    """What to connect to, as the operator said it; what is empty is left to the configuration and the kubeconfig."""

    context: str = ""
    kubeconfig: str = ""
    namespace: str = ""
    request_timeout: float | None = None
    """Seconds."""
    impersonate: str = ""
    config: Path | None = None
    demo: str | None = None
    """The scenario of the embedded cluster, None for a real one; empty for the default scenario."""
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Session:
    """A connection to one cluster and the picture of it."""

    cluster: Cluster
    pods: Pods
    observer: Observer
    clock: Clock
    config: Config

    async def close(self) -> None:
        """Stop reading and end every connection."""
        await self.observer.close()
        await self.cluster.close()
