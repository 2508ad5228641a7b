"""Users of the laboratory, and what each of them may do."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

USERS = ("admin", "viewer", "narrow", "nobody")
"""admin may everything; viewer reads everything that mediatui reads; narrow reads in namespaces that are opened for it;
nobody may nothing."""
NODE = "system:node:lab"
"""Who the kubelet of a node is."""

_READ = ["get", "list", "watch"]
READABLE: list[dict[str, Any]] = [
    {"apiGroups": [""], "resources": ["pods", "services", "persistentvolumeclaims", "events"], "verbs": _READ},
    {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]},
    {"apiGroups": ["apps"], "resources": ["deployments", "statefulsets", "replicasets"], "verbs": _READ},
    {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": _READ},
    {"apiGroups": ["autoscaling"], "resources": ["horizontalpodautoscalers"], "verbs": _READ},
    {"apiGroups": ["metrics.k8s.io"], "resources": ["pods"], "verbs": _READ},
    {"apiGroups": ["gateway.networking.k8s.io"], "resources": ["httproutes"], "verbs": _READ},
    {"apiGroups": ["argoproj.io"], "resources": ["applications"], "verbs": _READ},
    {"apiGroups": ["longhorn.io"], "resources": ["volumes"], "verbs": _READ},
    {"apiGroups": ["keda.sh"], "resources": ["scaledobjects"], "verbs": _READ},
]
CLUSTER_READABLE: list[dict[str, Any]] = [
    *READABLE,
    {"apiGroups": [""], "resources": ["nodes", "persistentvolumes", "namespaces"], "verbs": _READ},
    {"apiGroups": ["storage.k8s.io"], "resources": ["storageclasses"], "verbs": _READ},
]
NARROW: list[dict[str, Any]] = [
    {"apiGroups": [""], "resources": ["pods", "services", "persistentvolumeclaims", "events"], "verbs": _READ},
    {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]},
    {"apiGroups": ["apps"], "resources": ["deployments", "statefulsets"], "verbs": _READ},
]


@dataclass(frozen=True, slots=True)
class Tokens:
    """A secret token for each user."""

    of: dict[str, str] = field(default_factory=lambda: {user: secrets.token_hex(16) for user in (*USERS, NODE)})

    def csv(self) -> str:
        """Return the API server's token file."""
        groups = {"admin": "system:masters", NODE: "system:nodes"}
        return "".join(f'{token},{user},{user},"{groups.get(user, "")}"\n' for user, token in self.of.items())


def kubeconfig(server: str, user: str, token: str, authority: Path, namespace: str = "default") -> dict[str, Any]:
    """Return a kubeconfig that trusts the server's own authority."""
    context = {"cluster": "lab", "user": user, "namespace": namespace}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": f"lab-{user}",
        "clusters": [{"name": "lab", "cluster": {"server": server, "certificate-authority": str(authority)}}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": f"lab-{user}", "context": context}],
    }


def write_private(path: Path, text: str) -> Path:
    """Write a file that only its owner may read."""
    path.touch(mode=0o600)
    path.write_text(text)
    return path


def write_kubeconfig(path: Path, body: dict[str, Any]) -> Path:
    """Write a kubeconfig, which JSON is too."""
    return write_private(path, json.dumps(body, indent=1))


def service_account_keys(folder: Path) -> tuple[Path, Path]:
    """Make the key pair that service account tokens are signed with; return private and public file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return (
        write_private(folder / "sa.key", private.decode()),
        write_private(folder / "sa.pub", public.decode()),
    )
