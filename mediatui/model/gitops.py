"""Who owns a workload in Git, and in what state that owner is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mediatui.model.source import Ref


@dataclass(frozen=True, slots=True)
class Application:
    """An Argo CD Application."""

    ref: Ref
    uid: str
    sync: str = ""
    health: str = ""
    automated: bool = False
    self_heal: bool = False
    prune: bool = False
    owner_kind: str = ""
    """``ApplicationSet`` when one generated it."""
    owner_name: str = ""
    operation: str = ""
    """The phase of the last or running operation."""


@dataclass(frozen=True, slots=True)
class GitOpsOwner:
    """What manages a workload, and how we know."""

    engine: Literal["argocd", "flux-kustomization", "flux-helmrelease", "helm"]
    name: str
    namespace: str
    evidence: str
    """The annotation or label that says so."""
