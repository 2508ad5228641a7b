"""Exec and port-forward through the official client on a real node: what our own streams will be measured against."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Place
from tests.lab.node import Node
from tests.lab.objects import is_ready
from tests.lab.scenarios import PORTS, claim, deployment
from tests.lab.storage import Storage
from tests.support.waiting import eventually

# The official client closes neither its web sockets nor the threads behind them.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def sonarr(node: Node, storage: Storage, node_place: Place) -> Iterator[tuple[Place, str]]:
    """A running Sonarr and its pod's name."""
    node_place.post("api/v1/persistentvolumeclaims", claim("sonarr-config"))
    body = deployment("sonarr")
    body["metadata"]["name"] = "streamed"
    node_place.post("apis/apps/v1/deployments", body)
    path = f"/api/v1/namespaces/{node_place.namespace}/pods"

    def ready() -> str:
        pods = node_place.client.get(path, params={"labelSelector": "app.kubernetes.io/name=sonarr"}).json()["items"]
        return next((pod["metadata"]["name"] for pod in pods if is_ready(pod)), "")

    yield node_place, eventually(ready, "sonarr is ready", 60)
    node_place.client.delete(f"/apis/apps/v1/namespaces/{node_place.namespace}/deployments/streamed")


@pytest.fixture
def api(sonarr: tuple[Place, str]) -> Iterator[Any]:
    """The official client."""
    from kubernetes import client, config

    connection = config.new_client_from_config(str(sonarr[0].kubeconfig))  # type: ignore[no-untyped-call]
    with connection:
        yield client.CoreV1Api(connection)
    gc.collect()  # what the library has left open is to be noticed here, where it is expected


def execute(api: Any, sonarr: tuple[Place, str], *command: str) -> tuple[str, str, int]:
    from kubernetes.stream import stream

    place, pod = sonarr
    opened = stream(
        api.connect_get_namespaced_pod_exec,
        pod,
        place.namespace,
        command=list(command),
        stdin=False,
        stdout=True,
        stderr=True,
        tty=False,
        _preload_content=False,
    )
    with closing(opened):
        opened.run_forever(timeout=20)
        out, err = opened.read_stdout(timeout=1) or "", opened.read_stderr(timeout=1) or ""
        return out, err, opened.returncode


def test_a_commands_output_and_exit_code_come_through(api: Any, sonarr: tuple[Place, str]) -> None:
    assert execute(api, sonarr, "echo", "hello") == ("hello\n", "", 0)
    assert execute(api, sonarr, "sh", "-c", "echo no >&2; exit 3") == ("", "no\n", 3)


def test_a_missing_command_is_no_exit_code_but_an_error_of_the_runtime(api: Any, sonarr: tuple[Place, str]) -> None:
    # The client takes the failure's details for an exit code; ours has to look at the status first.
    with pytest.raises(ValueError, match="invalid literal"):
        execute(api, sonarr, "/nonexistent")


def test_a_port_is_forwarded_without_any_listening_socket(api: Any, sonarr: tuple[Place, str]) -> None:
    before = _listening()
    port = PORTS["sonarr"]
    with _forward(api, sonarr, port) as forward, closing(forward.socket(port)) as connection:
        connection.setblocking(True)
        connection.sendall(b"GET /ping HTTP/1.1\r\nHost: sonarr\r\nConnection: close\r\n\r\n")
        answer = b""
        while block := connection.recv(65536):
            answer += block
        assert _listening() == before
    assert b"200 OK" in answer
    assert b'{"status":"OK"}' in answer


def test_a_port_that_nobody_listens_on_ends_the_stream_with_an_error(api: Any, sonarr: tuple[Place, str]) -> None:
    with _forward(api, sonarr, 1) as forward, closing(forward.socket(1)):
        assert "refused" in eventually(lambda: forward.error(1), "the kubelet's words", 10)


@contextmanager
def _forward(api: Any, sonarr: tuple[Place, str], port: int) -> Iterator[Any]:
    from kubernetes.stream import portforward

    place, pod = sonarr
    forward = portforward(api.connect_get_namespaced_pod_portforward, pod, place.namespace, ports=str(port))
    try:
        yield forward
    finally:
        forward.websocket.close()


def _listening() -> set[str]:
    """Return the sockets of this machine that listen, as the kernel lists them."""
    tables = [Path(f"/proc/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
    lines = [line.split() for table in tables for line in table]
    return {f"{fields[1]} {fields[9]}" for fields in lines if fields[3] == "0A"}
