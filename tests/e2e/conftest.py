"""A real control plane, a playing kubelet, and a fresh namespace for each test."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import httpx
import pytest
import yaml

from mediatui.demo.kubelet.agent import Kubelet
from tests.lab.argocd import ArgoCD, CannotRunArgoError
from tests.lab.build import CannotBuildError
from tests.lab.controlplane import ControlPlane
from tests.lab.node import CannotRunError, Node
from tests.lab.storage import Storage
from tests.support.waiting import eventually

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """A fresh namespace of a cluster, and the way there."""

    kubeconfig: Path
    namespace: str
    client: httpx.Client
    logs: Callable[[], str] = str
    """Returns the last words of what serves it."""

    def post(self, path: str, body: Object) -> Object:
        """Create an object of the namespace; ``path`` is ``apis/apps/v1/deployments`` or ``api/v1/pods``."""
        base, _, plural = path.rpartition("/")
        answer = self.client.post(f"/{base}/namespaces/{self.namespace}/{plural}", json=body)
        assert answer.status_code == 201, answer.text
        created: Object = answer.json()
        return created

    def patch(self, path: str, name: str, body: Object, sub: str = "") -> None:
        """Merge a patch into an object of the namespace."""
        base, _, plural = path.rpartition("/")
        url = f"/{base}/namespaces/{self.namespace}/{plural}/{name}{sub}"
        headers = {"Content-Type": "application/merge-patch+json"}
        answer = self.client.patch(url, content=json.dumps(body), headers=headers)
        assert answer.status_code == 200, answer.text

    def run(self, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run mediatui on the namespace."""
        command = [sys.executable, "-m", "mediatui", "--kubeconfig", str(self.kubeconfig), "-n", self.namespace]
        return subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=timeout, check=False)

    def status(self, *arguments: str) -> Object:
        """Return what ``status --json`` says."""
        done = self.run("status", "--json", *arguments)
        assert done.returncode == 0, done.stderr
        said: Object = json.loads(done.stdout)
        return said


def workload(
    kind: str, name: str, image: str, *, behaviour: str = "run", replicas: int = 1, **container: Any
) -> Object:
    """Return a Deployment or StatefulSet of one container."""
    labels = {"app": name}
    spec: Object = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels, "annotations": {"demo.mediatui.dev/behaviour": behaviour}},
            "spec": {"containers": [{"name": name, "image": image, **container}], "terminationGracePeriodSeconds": 1},
        },
    }
    if kind == "StatefulSet":
        spec["serviceName"] = name
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "labels": labels}, "spec": spec}


class Part(Protocol):
    """A part of the laboratory."""

    def start(self) -> None:
        """Start it and return when it can be used."""

    def stop(self) -> None:
        """End it and remove what it left."""


_P = TypeVar("_P", bound=Part)


@contextmanager
def started(part: _P) -> Iterator[_P]:
    """Have a part of the laboratory for a while; the test is skipped where it cannot run."""
    try:
        part.start()
    except (CannotBuildError, CannotRunError, CannotRunArgoError) as error:
        pytest.skip(str(error))
    try:
        yield part
    finally:
        part.stop()


@pytest.fixture(scope="session")
def control_plane() -> Iterator[ControlPlane]:
    """A control plane that the whole session shares."""
    if os.environ.get("MEDIATUI_TEST_KUBECONFIG"):
        pytest.skip("needs the laboratory's own users, and MEDIATUI_TEST_KUBECONFIG names another cluster")
    with started(ControlPlane()) as plane:
        yield plane


@pytest.fixture
def fresh_control_plane() -> Iterator[ControlPlane]:
    """A control plane of one test's own, to be broken."""
    with started(ControlPlane()) as plane:
        yield plane


@pytest.fixture(scope="session")
def argocd() -> Iterator[ArgoCD]:
    """Argo CD beside a control plane of its own: what it installs would change what other tests see."""
    with started(ControlPlane()) as plane, started(ArgoCD(plane)) as argocd:
        yield argocd


@pytest.fixture
def argocd_place(argocd: ArgoCD) -> Iterator[Place]:
    """A fresh namespace on Argo CD's cluster."""
    yield from _place(argocd.plane.kubeconfig(), argocd.plane.client(), argocd.logs)


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    """A real node that the whole session shares."""
    with started(Node()) as node:
        yield node


@pytest.fixture
def fresh_node() -> Iterator[Node]:
    """A real node of one test's own, to be broken."""
    with started(Node()) as node:
        yield node


@pytest.fixture(scope="session")
def storage(node: Node) -> Iterator[Storage]:
    """CSI volumes on the shared node."""
    with started(Storage(node)) as storage:
        yield storage


@pytest.fixture(scope="session")
def node_place(node: Node) -> Iterator[Place]:
    """A namespace on the shared node."""
    yield from _place(node.kubeconfig(), node.client(), node.logs)


@pytest.fixture
def node_namespace(node: Node) -> Iterator[Place]:
    """A fresh namespace on the shared node."""
    yield from _place(node.kubeconfig(), node.client(), node.logs)


@pytest.fixture
def quiet_place(fresh_node: Node) -> Iterator[Place]:
    """A namespace on a node of the test's own."""
    yield from _place(fresh_node.kubeconfig(), fresh_node.client(), fresh_node.logs)


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """A fresh namespace: on the cluster of ``MEDIATUI_TEST_KUBECONFIG``, else on the laboratory's."""
    given = os.environ.get("MEDIATUI_TEST_KUBECONFIG")
    if given:
        yield from _place(Path(given), access_of(Path(given)).client())
    else:
        plane: ControlPlane = request.getfixturevalue("control_plane")
        yield from _place(plane.kubeconfig(), plane.client(), plane.logs)


def _place(kubeconfig: Path, client: httpx.Client, logs: Callable[[], str] = str) -> Iterator[Place]:
    name = f"mediatui-test-{secrets.token_hex(4)}"
    with client:
        answer = client.post("/api/v1/namespaces", json={"metadata": {"name": name}})
        assert answer.status_code == 201, answer.text
        account = f"/api/v1/namespaces/{name}/serviceaccounts/default"
        eventually(lambda: client.get(account).status_code == 200, "the namespace's service account", 30)
        try:
            yield Place(kubeconfig, name, client, logs)
        finally:
            client.delete(f"/api/v1/namespaces/{name}")


@dataclass(frozen=True, slots=True)
class Access:
    """What a kubeconfig with a token or a client certificate in files says."""

    context: str
    server: str
    token: str
    tls: ssl.SSLContext

    def client(self) -> httpx.Client:
        """Return a plain HTTP client."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return httpx.Client(base_url=self.server, headers=headers, verify=self.tls, timeout=20, trust_env=False)


def access_of(path: Path) -> Access:
    """Read the current context of a kubeconfig."""
    config = yaml.safe_load(path.read_text())
    current = config["current-context"]
    context = next(one["context"] for one in config["contexts"] if one["name"] == current)
    cluster = next(one["cluster"] for one in config["clusters"] if one["name"] == context["cluster"])
    user = next(one["user"] for one in config["users"] if one["name"] == context["user"])
    tls = ssl.create_default_context(cafile=cluster.get("certificate-authority"))
    if "client-certificate" in user:
        tls.load_cert_chain(user["client-certificate"], user["client-key"])
    return Access(current, cluster["server"], user.get("token", ""), tls)


@pytest.fixture
async def kubelet(place: Place) -> AsyncIterator[Kubelet]:
    """A node for the pods; it changes the cluster, so a foreign one has to be named as one that may be changed."""
    access = access_of(place.kubeconfig)
    if os.environ.get("MEDIATUI_TEST_KUBECONFIG") and os.environ.get("MEDIATUI_TEST_DESTRUCTIVE") != access.context:
        pytest.skip(f"registers a node: only with MEDIATUI_TEST_DESTRUCTIVE={access.context}")
    name = f"node-{secrets.token_hex(3)}"
    async with Kubelet(access.server, access.token, access.tls, name) as running:
        yield running
    place.client.delete(f"/api/v1/nodes/{name}")


@pytest.fixture
def kubectl() -> str:
    """The path of kubectl."""
    path = shutil.which("kubectl")
    if path is None:
        pytest.skip("kubectl is not on the PATH")
    return path


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Show the last words of what a test used beside its failure."""
    report: Any = yield
    if report.when == "call" and report.failed:
        for name, used in getattr(item, "funcargs", {}).items():
            if isinstance(used, (ControlPlane, ArgoCD, Node, Place)):
                report.sections.append((name, used.logs()))
    return report
