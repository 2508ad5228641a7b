"""HTTP to apps in pods, through forwards that begin, end and break when a test wants it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest
from aiohttp import web

from mediatui.clients.kube.cluster import KubeCluster
from mediatui.clients.kube.http import Timeouts
from mediatui.clients.kube.streams.forward import PodNetwork, host_of, pod_of
from mediatui.clients.kube.streams.transport import LIMITS, pod_url
from mediatui.errors import ClusterError, Invalid, NotFound, NotPermitted, NotServed, Unreachable
from mediatui.model.source import Ref
from tests.clients.kube.certificates import Authority
from tests.clients.kube.doubles import HandClock, cluster_at
from tests.clients.kube.kubelet_streams import FORWARD, SONARR, V4, Forwarder, raw, server_frame, talking, trust
from tests.clients.kube.test_trouble import listening
from tests.support.faulty_server import FaultyServer, Feed, Step, abort, answer, hang, status, stream, text
from tests.support.waiting import until

URL = pod_url(SONARR, 8989)
PORT = (8989).to_bytes(2, "little")


class Place:
    """An API server, an app in a pod, the forward between them, and a client."""

    def __init__(self, api: FaultyServer, app: FaultyServer, cluster: KubeCluster) -> None:
        self.api = api
        self.app = app
        self.cluster = cluster
        self.forwarder = Forwarder(app.port)
        self.client = self.another()
        api.script(FORWARD, self.forwarder.step)

    def another(self, limits: httpx.Limits = LIMITS, timeout: float = 5.0) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self.cluster.pod_transport(limits), base_url=URL, timeout=timeout)

    async def refused(self, path: str = "/x", **more: Any) -> ClusterError:
        """Send a request and return why it failed."""
        with pytest.raises(ClusterError) as caught:
            await asyncio.wait_for(self.client.request(**{"method": "GET", "url": path, **more}), 20)
        assert "\n" not in str(caught.value)
        return caught.value


@pytest.fixture
async def place(authority: Authority, tmp_path: Path) -> AsyncIterator[Place]:
    """An app that is reached; it knows nothing yet."""
    async with FaultyServer(authority.issue().server_context(tmp_path)) as api, FaultyServer() as app:
        cluster = cluster_at(api.url, HandClock(), tls=trust(authority), timeouts=Timeouts(connect=5, read=5))
        place = Place(api, app, cluster)
        yield place
        await place.client.aclose()
        await until(lambda: not place.forwarder.open, "every forward is closed")
        await cluster.close()


async def test_an_app_is_asked_and_its_connection_kept(place: Place) -> None:
    place.app.script("/x", answer({"status": "OK"}))
    for _ in range(3):
        assert (await place.client.get("/x", params={"a": "b c"})).json() == {"status": "OK"}
    assert place.forwarder.opened == 1
    assert place.app.requests[0].query == {"a": "b c"}
    assert place.app.requests[0].headers["Host"] == "sonarr.media:8989"
    assert dict(place.api.requests[0].query) == {"ports": "8989"}
    assert place.api.requests[0].headers["Sec-WebSocket-Protocol"] == V4


async def test_an_error_of_the_app_is_an_answer(place: Place) -> None:
    place.app.script("/x", text("no key", code=401))
    answer = await place.client.get("/x")
    assert (answer.status_code, answer.text) == (401, "no key")


async def test_many_at_once_share_few_connections(place: Place) -> None:
    place.app.script("/x", answer({}))
    answers = await asyncio.gather(*(place.client.get("/x") for _ in range(50)))
    assert [one.status_code for one in answers] == [200] * 50
    assert place.forwarder.most <= 16
    assert place.forwarder.opened <= 16


@pytest.mark.parametrize("size", [0, 1, 5_000_000])
async def test_bodies_go_both_ways_unchanged(place: Place, size: int) -> None:
    async def echo(request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"".join([part async for part in request.content.iter_any()]))

    place.app.script("/x", echo)
    body = (bytes(range(256)) * (size // 256 + 1))[:size]
    assert (await place.client.post("/x", content=body)).content == body


async def test_a_slow_reader_makes_the_app_wait(place: Place) -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(64 * 1024))
            sent += 64 * 1024

    place.app.script("/x", endless)
    async with place.client.stream("GET", "/x") as answer:
        body = answer.aiter_raw()
        await anext(body)
        seen = -1

        def stalled() -> bool:
            nonlocal seen
            before, seen = seen, sent
            return before == seen

        for _ in range(3):  # an app that waits has waited at two looks in a row
            await until(stalled, "the app waits")
        assert sent < 32 * 1024 * 1024
        stalled_at = sent
        for _ in range(1000):
            await anext(body)
        await until(lambda: sent > stalled_at, "the app goes on")


async def test_a_port_that_nothing_listens_on(place: Place) -> None:
    place.forwarder.port = 1
    error = await place.refused()
    assert type(error) is Unreachable
    assert str(error) == "nothing listens on port 8989 in pod sonarr - is the app still starting?"
    error = await place.refused(method="POST", content=bytes(2_000_000))
    assert error.message == "nothing listens on port 8989 in pod sonarr"


async def test_a_refusal_is_heard_while_writing_to_who_does_not_read(place: Place) -> None:
    pieces = [b"\x00" + PORT, b"\x01" + PORT, b"\x01" + place.forwarder.refusal.encode()]
    place.api.script(FORWARD, raw(*(server_frame(2, piece) for piece in pieces)))
    error = await place.refused(method="POST", content=bytes(50_000_000))
    assert error.message == "nothing listens on port 8989 in pod sonarr"


async def test_an_answer_before_the_request_is_complete_is_kept(place: Place) -> None:
    http = b"HTTP/1.1 413 Too Large\r\nContent-Length: 500000\r\n\r\n" + bytes(500_000)
    pieces = [
        server_frame(2, b"\x00" + part) for part in (PORT, *(http[at:][:9000] for at in range(0, len(http), 9000)))
    ]
    place.api.script(FORWARD, raw(*pieces, server_frame(8, b"\x03\xe8")))
    answer = await place.client.post("/x", content=bytes(50_000_000))
    assert (answer.status_code, len(answer.content)) == (413, 500_000)


async def test_another_failure_of_the_forward_is_told_in_its_words(place: Place) -> None:
    place.forwarder.port = 1
    place.forwarder.refusal = "error forwarding port 8989 to pod 0025, uid : netns \x1b[1mis\x1b[0m\n gone"
    error = await place.refused()
    assert type(error) is Unreachable
    assert error.message == "the connection to port 8989 of pod sonarr failed: netns is gone"


async def test_the_ports_at_the_beginning_may_come_in_pieces(place: Place) -> None:
    http = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    pieces = [b"\x00" + PORT[:1], b"\x01" + PORT, b"\x00" + PORT[1:] + http[:9], b"\x00", b"\x00" + http[9:], b"\x05?"]
    place.api.script(FORWARD, raw(*(server_frame(2, piece) for piece in pieces)))
    assert (await place.client.get("/x")).text == "hi"


@pytest.mark.parametrize("said", [b"", b"part of it"])
async def test_an_app_that_dies_in_mid_answer(place: Place, said: bytes) -> None:
    place.app.script("/x", abort(said))
    error = await place.refused(method="POST")
    assert type(error) is Unreachable
    assert str(error) == (
        "port 8989 of pod sonarr: the connection ended before the answer was complete - did the app restart?"
    )
    place.app.script("/x", answer({}))
    assert (await place.client.get("/x")).status_code == 200


@pytest.mark.parametrize("ends", ["the API server", "its connection"])
async def test_a_connection_that_breaks_in_mid_answer_is_no_end_of_the_body(place: Place, ends: str) -> None:
    http = b"HTTP/1.0 200 OK\r\n\r\nhalf of"  # complete when the connection ends, as far as HTTP is concerned
    frames = [server_frame(2, b"\x00" + PORT), server_frame(2, b"\x00" + http)]
    place.api.script(FORWARD, raw(*frames, end="abort" if ends == "the API server" else "close"))
    error = await place.refused()
    assert type(error) is Unreachable
    assert error.message == "port 8989 of pod sonarr: the connection broke before the answer was complete"


async def test_an_answer_may_end_with_its_connection(place: Place) -> None:
    http = b"HTTP/1.0 200 OK\r\n\r\nall of it"
    frames = [server_frame(2, b"\x00" + PORT), server_frame(2, b"\x00" + http), server_frame(8, b"\x03\xe8")]
    place.api.script(FORWARD, raw(*frames))
    assert (await place.client.get("/x")).text == "all of it"


async def test_garbage_between(place: Place) -> None:
    place.api.script(FORWARD, raw(server_frame(2, b"\x00" + PORT), b"HTTP/1.1 502 Bad Gateway\r\n"))
    error = await place.refused()
    assert type(error) is Unreachable
    assert "no WebSocket frame but an extension" in error.message


async def test_a_restarted_app_is_reached_by_a_new_connection(place: Place) -> None:
    place.app.script("/x", answer({}))
    for opened in range(1, 4):
        assert (await place.client.get("/x")).status_code == 200
        assert place.forwarder.opened == opened
        await place.app.stop()
        await until(lambda: not place.forwarder.open, "the forward has ended")
        await place.app.start()


async def test_a_connection_that_ends_at_that_moment_is_replaced_for_what_can_be_repeated(place: Place) -> None:
    def once_more() -> None:
        place.app.script("/x", answer({}), abort(), answer({}))

    once_more()
    for _ in range(2):
        assert (await place.client.get("/x")).status_code == 200
    assert len(place.app.requests) == 3
    once_more()
    assert (await place.client.get("/x")).status_code == 200
    assert (await place.refused(method="POST")).message.endswith("the connection ended before the answer was complete")
    assert len(place.app.requests) == 5


@pytest.mark.parametrize(
    ("step", "kind", "sentence"),
    [
        (status(404, 'pods "sonarr" not found', reason="NotFound"), NotFound, 'pods "sonarr" not found'),
        (text('pod not found ("sonarr_media")', code=500), NotFound, "pod not found"),
        (status(403, 'User "v" cannot create resource "pods/portforward" in API group ""'), NotPermitted, 'User "v"'),
        (talking(lambda socket: asyncio.sleep(0), "v1.other"), NotServed, "https://127.0.0.1:"),
        (abort(), Unreachable, "https://127.0.0.1:"),
    ],
)
async def test_a_forward_that_is_refused(place: Place, step: Step, kind: type[ClusterError], sentence: str) -> None:
    place.api.script(FORWARD, step)
    error = await place.refused()
    assert type(error) is kind
    assert error.message.startswith(sentence)
    if kind is NotPermitted:
        assert error.hint.startswith("a Role must allow get and create on pods/portforward")


async def test_what_takes_too_long_is_named(place: Place) -> None:
    place.client = place.another(httpx.Limits(max_connections=1), timeout=0.2)
    place.app.script("/x", hang())
    error = await place.refused()
    assert str(error) == "port 8989 of pod sonarr: no answer in time - is the app busy, or does it hang?"
    place.app.script("/x", stream(b"a", end="hang"))
    async with place.client.stream("GET", "/x"):
        assert (await place.refused()).message == "port 8989 of pod sonarr: every connection is busy"
    place.api.script(FORWARD, hang())
    assert (await place.refused()).message == "port 8989 of pod sonarr: no connection in time"


async def test_what_cannot_be_sent(place: Place) -> None:
    error = await place.refused(headers={"X-Api-Key": "a\nb"})
    assert type(error) is Invalid
    assert error.message.startswith("port 8989 of pod sonarr: Illegal header value")
    error = await place.refused(url="https://sonarr.media:8989/x")
    assert type(error) is Invalid
    assert error.message == "port 8989 of pod sonarr is spoken to in plain HTTP"


async def test_a_port_that_does_not_speak_http(place: Place) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK IMAP4rev1 ready\r\n\r\n")
        await reader.read()

    async with listening(greet) as place.forwarder.port:
        error = await place.refused()
        assert type(error) is Unreachable
        assert error.message.startswith("port 8989 of pod sonarr does not speak HTTP: illegal")


async def test_who_is_cancelled_in_mid_answer_ends_the_forward(place: Place) -> None:
    feed = Feed()
    place.app.script("/x", feed.step)
    asking = asyncio.ensure_future(place.client.get("/x"))
    await until(lambda: feed.opened == 1)
    feed.send(b"part")
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await until(lambda: not place.forwarder.open, "the forward has ended")


async def test_who_reads_no_further_ends_the_forward(place: Place) -> None:
    place.app.script("/x", stream(bytes(5_000_000), end="hang"))
    async with place.client.stream("GET", "/x") as answer:
        await anext(answer.aiter_raw())
    await until(lambda: not place.forwarder.open, "the forward has ended")


async def test_the_network_carries_whatever_speaks_first(place: Place) -> None:
    async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.readline()).upper())
        writer.close()

    async with listening(shout) as place.forwarder.port, connected(place) as stream:
        await stream.write(b"hello\n")
        assert await stream.read(3) == b"HEL"
        assert stream.get_extra_info("is_readable") is True
        assert await stream.read(100) == b"LO\n"
        assert stream.get_extra_info("socket") is None
        assert await stream.read(100) == b""
        assert stream.get_extra_info("is_readable") is True
        with pytest.raises(httpcore.WriteError):  # noqa: PT012 - what is on its way already is taken
            for _ in range(100):
                await stream.write(bytes(1 << 20))


async def test_a_network_that_is_silent(place: Place) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(silent) as place.forwarder.port, connected(place) as stream:
        assert stream.get_extra_info("is_readable") is False
        for _ in range(2):
            with pytest.raises(httpcore.ReadTimeout):
                await stream.read(1, timeout=0.05)
        await stream.aclose()
        with pytest.raises(httpcore.ReadError):
            await stream.read(1)


@asynccontextmanager
async def connected(place: Place) -> AsyncIterator[httpcore.AsyncNetworkStream]:
    stream = await PodNetwork(place.cluster._sockets).connect_tcp(host_of(SONARR), 8989, timeout=5)
    try:
        yield stream
    finally:
        await stream.aclose()


@pytest.mark.parametrize("pod", [Ref("media", "sonarr-0"), Ref("a", "b.c.d"), Ref("1", "10.0.0")])
def test_a_pods_name_survives_the_url(pod: Ref) -> None:
    assert pod_of(httpx.URL(pod_url(pod, 80)).host) == pod
