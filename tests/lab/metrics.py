"""metrics-server on a node, as the API that ``kubectl top`` and the usage columns read."""

from __future__ import annotations

from typing import Any, Final

from tests.lab.build import programs
from tests.lab.inside import BRIDGE
from tests.lab.node import Node
from tests.lab.objects import create
from tests.lab.waiting import wait_until

_NAME: Final = "metrics-server"
_API: Final = "/apis/metrics.k8s.io/v1beta1"
_PORT: Final = 4443
RESOLUTION: Final = 10
"""Seconds between two looks at the kubelet; metrics-server takes no less."""


class Metrics:
    """metrics-server for one node, behind the API server's aggregation.

    Args:
        node: Whose pods are measured.
    """

    def __init__(self, node: Node) -> None:
        self._node = node

    def start(self) -> None:
        """Start it and return when the API is served; figures come after two looks.

        Raises:
            CannotBuildError: It is missing and cannot be built.
            RuntimeError: It does not come up.
        """
        built = programs("metrics")
        admin = self._node.kubeconfig()
        options = [
            f"--kubeconfig={admin}",
            f"--authentication-kubeconfig={admin}",
            f"--authorization-kubeconfig={admin}",
            "--authentication-skip-lookup=true",
            "--kubelet-insecure-tls",
            "--kubelet-preferred-address-types=InternalIP",
            f"--metric-resolution={RESOLUTION}s",
            f"--kubelet-request-timeout={RESOLUTION // 2}s",
            f"--secure-port={_PORT}",
            f"--cert-dir={self._node.folder / 'metrics'}",
        ]
        server = self._node.launch(_NAME, [built[_NAME], *options])
        server.start()
        with self._node.client() as client:
            for path, body in _objects():
                create(client, path, body)
            wait_until(
                lambda: client.get(f"{_API}/nodes").status_code == 200,
                "metrics-server is not served",
                hopeless=lambda: server.ended,
                words=server.tail,
            )


def _objects() -> list[tuple[str, dict[str, Any]]]:
    """Return a Service without a selector, its endpoint on the node itself, and the API that it serves."""
    port = {"name": "https", "port": 443, "targetPort": _PORT}
    slice_ = {
        "metadata": {"name": _NAME, "labels": {"kubernetes.io/service-name": _NAME}},
        "addressType": "IPv4",
        "ports": [{"name": "https", "port": _PORT}],
        "endpoints": [{"addresses": [BRIDGE], "conditions": {"ready": True}}],
    }
    service = {
        "metadata": {"name": "v1beta1.metrics.k8s.io"},
        "spec": {
            "group": "metrics.k8s.io",
            "version": "v1beta1",
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            "insecureSkipTLSVerify": True,
            "service": {"name": _NAME, "namespace": "kube-system"},
        },
    }
    rules = [
        {"apiGroups": ["metrics.k8s.io"], "resources": ["*"], "verbs": ["get", "list"]},
        {"nonResourceURLs": ["*"], "verbs": ["get"]},
    ]
    binding = {
        "metadata": {"name": _NAME},
        "subjects": [{"kind": "User", "name": "system:anonymous", "apiGroup": "rbac.authorization.k8s.io"}],
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": _NAME},
    }
    return [
        # The API server has asked who it is; what it hands on has no name, for want of a certificate of its own.
        ("/apis/rbac.authorization.k8s.io/v1/clusterroles", {"metadata": {"name": _NAME}, "rules": rules}),
        ("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", binding),
        ("/api/v1/namespaces/kube-system/services", {"metadata": {"name": _NAME}, "spec": {"ports": [port]}}),
        ("/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices", slice_),
        ("/apis/apiregistration.k8s.io/v1/apiservices", service),
    ]
