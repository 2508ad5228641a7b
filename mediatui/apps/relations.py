"""What belongs to a workload without being part of it: claims, Services, routes, autoscalers, the owner in Git."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from mediatui.model.gitops import Application, GitOpsOwner
from mediatui.model.network import Route, Service
from mediatui.model.source import Ref
from mediatui.model.stack import Stack
from mediatui.model.workload import Autoscaler, ContainerSpec, Pod, Workload

TRACKING_ID = "argocd.argoproj.io/tracking-id"
_ARGO_LABELS = ("argocd.argoproj.io/instance", "app.kubernetes.io/instance")
_FLUX = (
    ("flux-helmrelease", "helm.toolkit.fluxcd.io"),
    ("flux-kustomization", "kustomize.toolkit.fluxcd.io"),
)


class Relations:
    """Look-ups over one stack, indexed once."""

    def __init__(self, stack: Stack) -> None:
        self._services: dict[str, list[Service]] = defaultdict(list)
        for service in stack.services.values():
            if service.selector:
                self._services[service.ref.namespace].append(service)
        self._routes: dict[Ref, list[Route]] = defaultdict(list)
        for route in stack.routes.values():
            for namespace, name, _port in route.backends:
                self._routes[Ref(namespace, name)].append(route)
        self._autoscalers: dict[tuple[str, str, str], Autoscaler] = {}
        for scaler in (*stack.autoscalers.values(), *stack.scaled_objects.values()):
            # KEDA makes a HorizontalPodAutoscaler of its own: the ScaledObject, read last, is the one to name.
            self._autoscalers[scaler.ref.namespace, scaler.target_kind, scaler.target_name] = scaler
        self._applications: dict[str, list[Application]] = defaultdict(list)
        for application in stack.applications.values():
            self._applications[application.ref.name].append(application)

    def services_of(self, workload: Workload) -> tuple[Service, ...]:
        """Return the Services whose selector matches the workload's pods, and the governing one."""
        labels = set(workload.template_labels)
        return tuple(
            service
            for service in self._services[workload.ref.namespace]
            if labels.issuperset(service.selector) or (service.ref.name == workload.service_name != "")
        )

    def routes_of(self, services: Sequence[Service]) -> tuple[Route, ...]:
        """Return the routes that lead to any of the Services, each once."""
        routes = {route.ref: route for service in services for route in self._routes[service.ref]}
        return tuple(routes.values())

    def autoscaler_of(self, workload: Workload) -> Autoscaler | None:
        """Return who decides on the replicas of a workload, None if nobody does."""
        return self._autoscalers.get((workload.ref.namespace, workload.kind, workload.ref.name))

    def claims_of(self, workload: Workload, container: ContainerSpec, pods: Sequence[Pod]) -> tuple[Ref, ...]:
        """Return the claims that the container mounts: of its pod, else as its workload would."""
        mounted = [mount.volume for mount in container.mounts]
        namespace = workload.ref.namespace
        volumes = pods[0].volumes if pods else workload.volumes
        by_volume = {volume.name: volume.source for volume in volumes if volume.kind == "claim"}
        if not pods:
            for template in workload.claim_templates:
                by_volume[template.name] = f"{template.name}-{workload.ref.name}-0"
        return tuple(dict.fromkeys(Ref(namespace, by_volume[name]) for name in mounted if name in by_volume))

    def gitops_of(self, workload: Workload) -> GitOpsOwner | None:
        """Return what manages the workload in Git: Argo CD's tracking id or label, Flux's labels, Helm's annotation.

        A tracking id that names another object is a copy and says nothing, as Argo CD itself holds.
        """
        annotations, labels = dict(workload.annotations), dict(workload.labels)
        tracking = annotations.get(TRACKING_ID, "")
        if tracking:
            name, _, identity = tracking.partition(":")
            if identity == f"apps/{workload.kind}:{workload.ref.namespace}/{workload.ref.name}":
                namespace, _, name = name.rpartition("_")
                return GitOpsOwner("argocd", name, namespace, f"annotation {TRACKING_ID}")
        for engine, prefix in _FLUX:
            name = labels.get(f"{prefix}/name", "")
            if name:
                namespace = labels.get(f"{prefix}/namespace", "")
                if engine == "flux-helmrelease":
                    return GitOpsOwner("flux-helmrelease", name, namespace, f"label {prefix}/name")
                return GitOpsOwner("flux-kustomization", name, namespace, f"label {prefix}/name")
        for label in _ARGO_LABELS:
            name = labels.get(label, "")
            if name and (name in self._applications or label == _ARGO_LABELS[0]):
                return GitOpsOwner("argocd", name, "", f"label {label}")
        release = annotations.get("meta.helm.sh/release-name", "")
        if release:
            namespace = annotations.get("meta.helm.sh/release-namespace", "")
            return GitOpsOwner("helm", release, namespace, "annotation meta.helm.sh/release-name")
        return None

    def application_of(self, owner: GitOpsOwner | None) -> Application | None:
        """Return the Argo CD Application that an owner names, None if it cannot be told apart or is not there."""
        if owner is None or owner.engine != "argocd":
            return None
        named = self._applications.get(owner.name, [])
        if owner.namespace:
            named = [application for application in named if application.ref.namespace == owner.namespace]
        return named[0] if len(named) == 1 else None
