"""Commands, shells and connections in pods of a real node, through a real API server, kubelet and container runtime."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from mediatui.bootstrap import SystemClock
from mediatui.clients.kube.cluster import KubeCluster
from mediatui.clients.kube.connect import connect
from mediatui.clients.kube.streams.transport import pod_url
from mediatui.errors import ClusterError, Invalid, NotFound, NotPermitted, ServerFailed, Unreachable
from mediatui.interfaces import ExecResult
from mediatui.model.source import Ref
from tests.e2e.conftest import Object, Place
from tests.lab.images.catalogue import image
from tests.lab.node import Node
from tests.lab.objects import is_ready
from tests.support.terminal import Terminal
from tests.support.waiting import eventually

PORT = 8989
FILES = 3000
"""Where BusyBox serves the files of a pod."""
MIB = 1 << 20


def pod(name: str, **spec: object) -> Object:
    """Return a pod with a Sonarr on a volume of its own, ready when that answers."""
    container = {
        "name": "sonarr",
        "image": image("sonarr"),
        "volumeMounts": [{"name": "config", "mountPath": "/config"}],
        "readinessProbe": {"httpGet": {"path": "/ping", "port": PORT}, "periodSeconds": 1},
    }
    volumes = [{"name": "config", "emptyDir": {}}]
    body = {"terminationGracePeriodSeconds": 0, "containers": [container], "volumes": volumes, **spec}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": body}


def started(place: Place, name: str, **spec: object) -> Ref:
    """Make a pod and return which it is once it is ready."""
    place.post("api/v1/pods", pod(name, **spec))
    path = f"/api/v1/namespaces/{place.namespace}/pods/{name}"
    eventually(lambda: is_ready(place.client.get(path).json()), f"{name} is ready", 60)
    return Ref(place.namespace, name)


@pytest.fixture(scope="module")
def sonarr(node_place: Place) -> Iterator[Ref]:
    """A pod with a running app; its name has a dot, as a pod's may have."""
    ref = started(node_place, "sonarr.0")
    yield ref
    node_place.client.delete(f"/api/v1/namespaces/{ref.namespace}/pods/{ref.name}")


@asynccontextmanager
async def connected(kubeconfig: Path) -> AsyncIterator[KubeCluster]:
    cluster, _ = await connect(str(kubeconfig), clock=SystemClock(), environ={})
    try:
        yield cluster
    finally:
        await cluster.close()


@pytest.fixture
async def cluster(node_place: Place) -> AsyncIterator[KubeCluster]:
    """The node's cluster, as the product connects to it."""
    async with connected(node_place.kubeconfig) as cluster:
        yield cluster


Run = Callable[..., Awaitable[ExecResult]]


@pytest.fixture
def run(cluster: KubeCluster, sonarr: Ref) -> Run:
    """Runs a command in the app's pod."""

    async def run(*command: str, stdin: bytes | None = None, timeout: float = 30, limit: int = MIB) -> ExecResult:
        return await cluster.execute(sonarr, command, stdin=stdin, timeout=timeout, limit=limit)

    return run


async def at_last(true: Callable[[], Awaitable[object]], what: str, deadline: float = 30) -> None:
    """Return once something that has to be asked for is true."""
    try:
        async with asyncio.timeout(deadline):
            while not await true():
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"not within {deadline:.0f} s: {what}") from None


@pytest.mark.parametrize(
    ("script", "result"),
    [
        ("echo hello", ExecResult(b"hello\n", b"", 0, False)),
        ("echo no >&2; echo yes; exit 3", ExecResult(b"yes\n", b"no\n", 3, False)),
        ("kill -9 $$", ExecResult(b"", b"", 137, False)),
    ],
)
async def test_a_commands_output_and_exit_code_come_through(run: Run, script: str, result: ExecResult) -> None:
    assert await run("sh", "-c", script) == result


@pytest.mark.parametrize("size", [0, 1, 3 * MIB])
async def test_standard_input_arrives_whole_and_ends(run: Run, size: int) -> None:
    assert (await run("wc", "-c", stdin=bytes(size))).stdout == f"{size}\n".encode()


async def test_what_is_sent_comes_back_unchanged(run: Run) -> None:
    everything = os.urandom(2 * MIB)
    assert (await run("cat", stdin=everything, limit=3 * MIB)).stdout == everything


async def test_a_large_output_is_complete(run: Run) -> None:
    result = await run("head", "-c", str(50 * MIB), "/dev/zero", limit=64 * MIB, timeout=60)
    assert (len(result.stdout), result.exit_code, result.truncated) == (50 * MIB, 0, False)


async def test_an_endless_output_is_cut_off_and_its_command_ends_by_its_own_bound(run: Run) -> None:
    result = await run("busybox", "timeout", "3", "cat", "/dev/zero", limit=MIB)
    assert (len(result.stdout), result.exit_code, result.truncated) == (MIB, None, True)

    async def gone() -> bool:
        return b"/dev/zero" not in (await run("ps")).stdout

    await at_last(gone, "its time is over")


async def test_commands_that_cannot_be_run_are_named(cluster: KubeCluster, sonarr: Ref, run: Run) -> None:
    for command in ("/nonexistent", "nonexistent"):
        with pytest.raises(NotFound, match=f"there is no `{command}` in pod sonarr.0"):
            await run(command)
    with pytest.raises(Invalid, match=r"`/config` in pod sonarr.0 cannot be executed: "):
        await run("/config")
    with pytest.raises(Invalid, match="container other is not valid for pod"):
        await cluster.execute(sonarr, ["ls"], container="other", timeout=10, limit=1)
    with pytest.raises(NotFound, match='pods "nobody" not found'):
        await cluster.execute(Ref(sonarr.namespace, "nobody"), ["ls"], timeout=10, limit=1)


async def test_a_command_that_takes_too_long_is_left(run: Run) -> None:
    with pytest.raises(Unreachable, match=r"`sleep` in pod sonarr.0 did not end within 1 s"):
        await run("sleep", "20", timeout=1)


async def test_a_pod_that_does_not_run_is_said_to(cluster: KubeCluster, node_place: Place) -> None:
    path = f"/api/v1/namespaces/{node_place.namespace}/pods"
    done = pod("done", restartPolicy="Never")
    done["spec"]["containers"][0] |= {"command": ["true"], "readinessProbe": None}
    node_place.post("api/v1/pods", done)
    eventually(lambda: node_place.client.get(f"{path}/done").json()["status"]["phase"] == "Succeeded", "it ends", 60)
    ref = Ref(node_place.namespace, "done")
    with pytest.raises(NotFound) as command:
        await cluster.execute(ref, ["ls"], timeout=10, limit=1)
    assert command.value.hint == "it does not run"
    async with httpx.AsyncClient(transport=cluster.pod_transport()) as apps:
        with pytest.raises(NotFound):
            await apps.get(pod_url(ref, PORT))


async def test_a_role_that_may_not_is_told_what_it_lacks(node: Node, sonarr: Ref) -> None:
    async with connected(node.kubeconfig("viewer")) as cluster:
        with pytest.raises(NotPermitted) as command:
            await cluster.execute(sonarr, ["ls"], timeout=10, limit=1)
        assert command.value.hint.startswith("a Role must allow get and create on pods/exec")
        async with httpx.AsyncClient(transport=cluster.pod_transport()) as apps:
            with pytest.raises(NotPermitted, match="pods/portforward"):
                await apps.get(pod_url(sonarr, PORT))


@pytest.fixture
async def apps(cluster: KubeCluster, sonarr: Ref) -> AsyncIterator[httpx.AsyncClient]:
    """A client for the app."""
    async with httpx.AsyncClient(
        transport=cluster.pod_transport(), base_url=pod_url(sonarr, PORT), timeout=30
    ) as client:
        yield client


def listening() -> set[str]:
    """Return the sockets of this process that listen, as the kernel lists them."""
    mine = set()
    for entry in os.scandir("/proc/self/fd"):
        try:
            mine.add(os.readlink(entry.path))
        except FileNotFoundError:
            continue
    tables = [Path(f"/proc/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
    lines = [line.split() for table in tables for line in table]
    return {fields[1] for fields in lines if fields[3] == "0A" and f"socket:[{fields[9]}]" in mine}


async def test_an_app_is_asked_fifty_times_at_once_and_nothing_listens_here(apps: httpx.AsyncClient) -> None:
    before = listening()
    asking = [asyncio.ensure_future(apps.get("/ping")) for _ in range(50)]
    await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
    assert listening() == before
    answers = await asyncio.gather(*asking)
    assert [(one.status_code, one.json()) for one in answers] == [(200, {"status": "OK"})] * 50
    assert listening() == before


async def test_a_port_that_nothing_listens_on(apps: httpx.AsyncClient, sonarr: Ref) -> None:
    with pytest.raises(Unreachable, match=r"^nothing listens on port 1 in pod sonarr\.0"):
        await apps.get(pod_url(sonarr, 1))
    with pytest.raises(Unreachable, match=r"^nothing listens on port 1 in pod sonarr\.0"):
        await apps.post(pod_url(sonarr, 1), content=bytes(5 * MIB))


@pytest.fixture
async def files(run: Run, sonarr: Ref) -> str:
    """A URL below which the pod's volume is served."""
    await run("sh", "-c", f"busybox httpd -h /config -p {FILES} || true")
    return pod_url(sonarr, FILES)


async def test_a_body_of_fifty_megabytes_is_complete(apps: httpx.AsyncClient, run: Run, files: str) -> None:
    said = await run("sh", "-c", f"head -c {50 * MIB} /dev/urandom > /config/blob; sha256sum < /config/blob")
    digest, size = hashlib.sha256(), 0
    async with apps.stream("GET", f"{files}/blob") as answer:
        async for part in answer.aiter_raw():
            digest.update(part)
            size += len(part)
    assert size == 50 * MIB
    assert digest.hexdigest().encode() == said.stdout.split()[0]


SERVE = """
busybox dd if=/dev/zero of=/config/large bs=1M seek=300 count=0 2>/dev/null
(printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 314572800\\r\\n\\r\\n'
exec busybox dd if=/config/large bs=32k) 2>/dev/null |
busybox nc -l -p 3001 >/dev/null 2>&1 &
until busybox netstat -ltn | grep -q :3001; do busybox usleep 50000; done
"""
POSITION = "for f in /proc/[0-9]*/fd/0; do [ $(busybox readlink $f) = /config/large ] && cat ${f%/fd/0}/fdinfo/0; done"


async def test_a_slow_reader_fills_no_memory(apps: httpx.AsyncClient, run: Run, sonarr: Ref) -> None:
    await run("sh", "-c", SERVE)
    seen = b"nothing"

    async def stalled() -> bool:
        nonlocal seen
        before, seen = seen, (await run("sh", "-c", POSITION)).stdout
        return before == seen != b""

    tracemalloc.start()
    try:
        async with apps.stream("GET", pod_url(sonarr, 3001)) as answer:
            body = answer.aiter_raw()
            await anext(body)
            begun, _ = tracemalloc.get_traced_memory()
            for _ in range(3):
                await at_last(stalled, "the sender waits")
            sent = int(seen.split()[1])
            read = 0
            while read < 2 * sent:
                read += len(await anext(body))
            assert tracemalloc.get_traced_memory()[1] - begun < 4 * MIB
    finally:
        tracemalloc.stop()
    assert 0 < sent < 100 * MIB, "of 300 MiB"


async def test_a_pod_that_is_killed_in_mid_answer(
    cluster: KubeCluster, node_place: Place, apps: httpx.AsyncClient
) -> None:
    doomed = await asyncio.to_thread(started, node_place, "doomed")
    script = f"head -c {200 * MIB} /dev/zero > /config/blob; busybox httpd -h /config -p {FILES}"
    await cluster.execute(doomed, ["sh", "-c", script], timeout=30, limit=1)
    async with apps.stream("GET", pod_url(doomed, FILES) + "/blob") as answer:
        body = answer.aiter_raw()
        await anext(body)
        path = f"/api/v1/namespaces/{doomed.namespace}/pods/{doomed.name}"
        await asyncio.to_thread(node_place.client.delete, path)
        with pytest.raises(Unreachable, match=f"^port {FILES} of pod doomed: the connection "):
            async for _ in body:
                pass
    with pytest.raises(ClusterError):
        await apps.get(pod_url(doomed, FILES))


async def test_an_app_that_was_restarted_is_reached_again(apps: httpx.AsyncClient, run: Run) -> None:
    async def answers() -> bool:
        try:
            return (await apps.get("/ping")).status_code == 200
        except Unreachable:
            return False

    for _ in range(2):
        assert await answers()
        with pytest.raises(Unreachable, match="the connection ended before the answer was complete"):
            await apps.post("/lab/exit?code=3")
        await at_last(answers, "it answers again", 60)


async def test_a_node_that_is_gone_is_named(fresh_node: Node, quiet_place: Place) -> None:
    ref = await asyncio.to_thread(started, quiet_place, "sonarr")
    async with connected(quiet_place.kubeconfig) as cluster:
        running = asyncio.ensure_future(cluster.execute(ref, ["sleep", "60"], timeout=60, limit=1))

        async def begun() -> bool:
            return b"sleep 60" in (await cluster.execute(ref, ["ps"], timeout=10, limit=MIB)).stdout

        await at_last(begun, "it runs")
        await asyncio.to_thread(fresh_node.kubelet.kill)
        with pytest.raises(Unreachable, match=r"^`sleep` in pod sonarr: .*the connection"):
            await running
        with pytest.raises(ServerFailed) as refused:
            await cluster.execute(ref, ["ls"], timeout=10, limit=1)
        assert refused.value.hint == "the API server does not reach the node's kubelet: is the node up?"


SHELL = """
import asyncio, sys
from mediatui.bootstrap import SystemClock
from mediatui.clients.kube.connect import connect
from mediatui.rawterminal import raw_terminal
from mediatui.model.source import Ref

async def main(kubeconfig, namespace, pod):
    cluster, _ = await connect(kubeconfig, clock=SystemClock(), environ={})
    with raw_terminal() as terminal:
        code = await cluster.shell(Ref(namespace, pod), ["sh"], terminal)
    await cluster.close()
    print("it ended with", code)
    print("and", input(), "is a line again")

asyncio.run(main(*sys.argv[1:]))
"""


def test_a_shell_in_a_real_terminal(node_place: Place, sonarr: Ref) -> None:
    command = [sys.executable, "-c", SHELL, str(node_place.kubeconfig), sonarr.namespace, sonarr.name]
    with Terminal(command, 100, 30) as terminal:
        terminal.until(r"/ #")
        terminal.send("stty size; echo $((20 + 22)) in $HOSTNAME\r")
        terminal.until(r"30 100\n42 in sonarr")
        terminal.resize(120, 40)
        terminal.send('until [ "$(stty size)" = "40 120" ]; do sleep 0.1; done; echo larger\r')
        terminal.until(r"\nlarger")
        terminal.send("echo begun; sleep 1000\r")
        terminal.until(r"\nbegun")
        terminal.send("\x03")
        terminal.send("echo it was $?\r")
        terminal.until(r"\nit was 130")
        terminal.send("exit 7\r")
        terminal.until(r"\nit ended with 7")
        terminal.send("this\r")
        terminal.until(r"\nand this is a line again")
