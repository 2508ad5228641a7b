"""A media app that was found on the cluster, each datum with where it was learnt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from mediatui.model.gitops import Application, GitOpsOwner
from mediatui.model.network import Route
from mediatui.model.source import Ref
from mediatui.model.workload import Autoscaler, ContainerSpec, Pod, Resources, Workload, WorkloadKind

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Datum(Generic[T]):
    """A value and its provenance, for example ``8989`` from ``env SONARR__SERVER__PORT``."""

    value: T
    source: str


@dataclass(frozen=True, slots=True)
class AppUnit:
    """One media app: a container of a workload."""

    app: str
    """The id in ``apps``: ``sonarr``."""
    title: str
    workload: Workload
    container: ContainerSpec
    identified_by: str
    """How it was recognised: ``image ghcr.io/home-operations/sonarr``."""
    version: Datum[str]
    port: Datum[int]
    url_base: Datum[str]
    database: Datum[str]
    """``sqlite`` or ``postgres``."""
    expected: Resources
    """What the table of expected resources asks for."""
    pods: tuple[Pod, ...] = ()
    """Newest first, those that are terminating last."""
    claims: tuple[Ref, ...] = ()
    routes: tuple[Route, ...] = ()
    services: tuple[Ref, ...] = ()
    autoscaler: Autoscaler | None = None
    gitops: GitOpsOwner | None = None
    application: Application | None = None

    @property
    def namespace(self) -> str:
        """The namespace of the workload."""
        return self.workload.ref.namespace

    @property
    def kind(self) -> WorkloadKind:
        """The kind of the workload."""
        return self.workload.kind

    @property
    def key(self) -> str:
        """What identifies the unit on one cluster, for rows and selections."""
        workload = self.workload
        return f"{self.app}/{workload.ref.namespace}/{workload.kind}/{workload.ref.name}/{self.container.name}"

    @property
    def pod(self) -> Pod | None:
        """The pod that speaks for the app: the newest that is not ending, else the newest."""
        return self.pods[0] if self.pods else None
