"""EndpointSlices: where a Service leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from mediatui.demo.api.admission import suffix
from mediatui.demo.controllers.base import MANAGER, PODS, Hands, is_ending, own
from mediatui.demo.controllers.loop import Keys
from mediatui.demo.objects import Key, Object, dig, key_of
from mediatui.demo.parts.cluster import owner
from mediatui.demo.parts.network import endpoint
from mediatui.demo.resources import Resource, named
from mediatui.demo.world import World

_SERVICES: Final = named("services")
_SLICES: Final = named("endpointslices")
_SERVICE: Final = "kubernetes.io/service-name"
_BY: Final = "endpointslice.kubernetes.io/managed-by"


class EndpointSliceController:
    """Keeps the slices of Services that select pods; its keys are Services.

    Args:
        world: The cluster.
    """

    def __init__(self, world: World) -> None:
        self._hands = Hands(world, "endpoint-slice-controller")

    @property
    def watches(self) -> Mapping[Resource, Keys]:
        """Services and the pods that they select."""
        return {_SERVICES: own, PODS: self._of_pod}

    def reconcile(self, key: Key) -> float | None:
        """Bring the slice of one Service up to date."""
        service = self._hands.get(_SERVICES, key)
        if service is None or is_ending(service) or not dig(service, "spec.selector"):
            return None
        pods = [pod for pod in self._hands.all(PODS, key.namespace) if _selected(service, pod)]
        endpoints = [endpoint(pod) for pod in pods if dig(pod, "status.podIP")]
        slices = self._hands.all(_SLICES, key.namespace)
        known = next((one for one in slices if one["metadata"]["labels"].get(_SERVICE) == key.name), None)
        if known is None:
            self._make(service, endpoints)
        elif known.get("endpoints") != endpoints:
            there = key_of(known)
            self._hands.api.edit(
                _SLICES, there.namespace, there.name, MANAGER, lambda copy: copy.update(endpoints=endpoints)
            )
        return None

    def _of_pod(self, pod: Object) -> Iterable[Key]:
        services = self._hands.all(_SERVICES, pod["metadata"]["namespace"])
        return [key_of(one) for one in services if _selected(one, pod)]

    def _make(self, service: Object, endpoints: list[Object]) -> None:
        metadata = service["metadata"]
        ports = [
            {"name": port.get("name", ""), "port": port["targetPort"], "protocol": port["protocol"]}
            for port in dig(service, "spec.ports", [])
            if isinstance(port["targetPort"], int)
        ]
        body: Object = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": f"{metadata['name']}-{suffix(self._hands.store)}",
                "namespace": metadata["namespace"],
                "labels": {_SERVICE: metadata["name"], _BY: "endpointslice-controller.k8s.io"},
                "ownerReferences": [owner(service)],
            },
            "addressType": "IPv4",
            "endpoints": endpoints,
            "ports": ports,
        }
        self._hands.create(_SLICES, body)


def _selected(service: Object, pod: Object) -> bool:
    wanted: Object = dig(service, "spec.selector", {})
    labels: Object = pod["metadata"].get("labels") or {}
    return bool(wanted) and wanted.items() <= labels.items()
