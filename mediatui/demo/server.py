"""The embedded API server: TLS on loopback, token auth, and one way through which every request goes."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections import deque
from typing import Any, Final, Self

from aiohttp import web

from mediatui.demo import access, discovery, openapi, protobuf, reviews, statuses
from mediatui.demo.access import ADMIN, User, Users
from mediatui.demo.api import scale
from mediatui.demo.api.verbs import Written
from mediatui.demo.certificates import loopback_certificate
from mediatui.demo.clock import Clock
from mediatui.demo.control import control
from mediatui.demo.controllers.binder import RESYNC
from mediatui.demo.controllers.standard import settled_loop
from mediatui.demo.faults import Faults
from mediatui.demo.objects import Object
from mediatui.demo.podlogs import serve_log
from mediatui.demo.podstreams import STREAMS, serve_stream
from mediatui.demo.reading import face_bytes, matcher_of, read_list, read_object
from mediatui.demo.requestinfo import RequestRecord, read_target
from mediatui.demo.scenarios import find_scenario
from mediatui.demo.store import Store
from mediatui.demo.tables import content_type, face_of
from mediatui.demo.watching import Watches
from mediatui.demo.world import new_world
from mediatui.demo.writing import read_body, write

_GZIP_FROM: Final = 128 * 1024  # as the real server: smaller answers are not worth it
_REQUESTS_KEPT: Final = 20_000
_REVIEWS: Final = ("selfsubjectaccessreviews", "selfsubjectrulesreviews")
_WHO: Final = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
_HEALTH: Final = ("/healthz", "/livez", "/readyz")


class DemoServer:
    """A cluster in this process; its own event loop serves it.

    Args:
        scenario: The name of what it shows; None for an empty cluster.
        seed: Makes names, uids and chance repeatable.
        port: The port on 127.0.0.1; 0 for a free one. It stays the same when the server is stopped and started again.
        live: Whether things go on happening: log lines, a crash loop. Without it the picture stands still.
        clock: The time, for tests.
        bookmark_every: Seconds between the bookmarks of a watch.
        history: Changes kept per resource before a watch has expired.
        resync: Seconds between two looks of the volume binder at what nobody told it.
    """

    def __init__(
        self,
        scenario: str | None = "homelab",
        *,
        seed: int = 0,
        port: int = 0,
        live: bool = True,
        clock: Clock | None = None,
        bookmark_every: float = 60.0,
        history: int = 1000,
        resync: float = RESYNC,
    ) -> None:
        self.world = new_world(seed, clock, history=history)
        self.faults = Faults()
        self.requests: deque[RequestRecord] = deque(maxlen=_REQUESTS_KEPT)
        self.users = Users()
        self.token = self.users.named(ADMIN).token
        self.port = port
        self.watches = Watches(self.world, self.faults, bookmark_every)
        self._live = live
        self._certificate = loopback_certificate()
        self._runner: web.AppRunner | None = None
        self._stories: list[asyncio.Task[None]] = []
        if scenario is not None:
            find_scenario(scenario).build(self.world)
        self.loop = settled_loop(self.world, resync=resync)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def ca(self) -> str:
        """The certificate that clients must trust, as PEM."""
        return self._certificate.ca_pem

    @property
    def store(self) -> Store:
        """The objects, for tests that change them behind the server's back."""
        return self.world.store

    async def start(self) -> Self:
        """Listen, and let the scenario go on.

        Raises:
            OSError: The port is in use.
        """
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._handle)
        app.on_response_prepare.append(self._warn)
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port, ssl_context=self._certificate.context())
        try:
            await site.start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self.port = runner.addresses[0][1]
        if self._live:
            self._stories = [asyncio.ensure_future(story()) for story in (self.loop.run, *self.world.stories)]
        return self

    async def stop(self) -> None:
        """Close every connection and end what goes on; the objects stay, and ``start`` takes it up again.

        Raises:
            Exception: What a part of the scenario failed with, if one did.
        """
        for task in self._stories:
            task.cancel()
        ended = await asyncio.gather(*self._stories, return_exceptions=True)
        self._stories = []
        self.faults.thaw()
        self.watches.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        await self.world.insides.close()
        for outcome in ended:
            if isinstance(outcome, Exception):
                raise outcome

    async def __aenter__(self) -> Self:
        """Start."""
        return await self.start()

    async def __aexit__(self, *failure: object) -> None:
        """Stop."""
        await self.stop()

    def close_watches(self, resource: str = "*", *, abrupt: bool = False) -> int:
        """End the open watches of a resource (its plural name) and return how many there were."""
        return self.watches.close(resource, abrupt=abrupt)

    def drop_connections(self) -> None:
        """Abort every connection, as a network that dies does."""
        if self._runner is not None and self._runner.server is not None:
            for protocol in list(self._runner.server.connections):
                if protocol.transport is not None:
                    protocol.transport.abort()

    def count(self, verb: str = "", resource: str = "") -> int:
        """Return how many requests of a verb and a resource (its plural name) came in; empty stands for all."""
        return sum(1 for item in self.requests if verb in ("", item.verb) and resource in ("", item.resource))

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        target = read_target(request.method, request.path, request.query)
        agent = request.headers.get("User-Agent", "")
        now = self.world.clock.now()
        record = RequestRecord(now, request.method, request.path, dict(request.query), target, agent)
        record.headers = dict(request.headers)
        self.requests.append(record)
        try:
            response = await self._answer(request, record)
        except statuses.Refusal as refusal:
            response = refusal.response()
        record.status = response.status
        if isinstance(response, web.Response) and isinstance(response.body, bytes):
            record.sent = len(response.body)
            _compress(request, response)
        return response

    async def _warn(self, _: web.Request, response: web.StreamResponse) -> None:
        if self.faults.warning:
            response.headers.add("Warning", f'299 - "{self.faults.warning}"')

    async def _answer(self, request: web.Request, record: RequestRecord) -> web.StreamResponse:
        user = self.users.of(request.headers.get("Authorization", ""))
        if request.path.startswith("/demo/"):
            self.requests.pop()  # a test that counts does not count its own looking
            return await control(self, request)
        target = record.target
        struck = await self.faults.strike(target)
        if struck is not None:
            return struck
        if target.resource is None:
            return await self._about(request, user)
        access.check(user, target, request.method)
        if target.subresource in STREAMS and target.resource.plural == "pods" and request.method in ("GET", "POST"):
            return await serve_stream(self.world, request, target)
        if target.verb in ("create", "update", "patch", "delete", "deletecollection"):
            chosen = matcher_of(target.resource, request.query) if target.verb == "deletecollection" else None
            return self._written(request, record, await write(self.world, target, request, chosen))
        if target.subresource == "log" and target.resource.plural == "pods":
            return await serve_log(self.world, request, record)
        if target.subresource and target.subresource not in target.resource.subresources:
            raise statuses.not_built(f"serve {target.resource.qualified}/{target.subresource}")
        if target.subresource == "scale":
            return _json(scale.read(self.world.api, target.resource, target.namespace, target.name))
        face = face_of(request.headers.get("Accept", ""))
        if target.verb == "watch":
            return await self.watches.serve(request, record, face)
        read = read_object if target.name else read_list
        return _response(*read(self.world, target, face, request.query))

    def _written(self, request: web.Request, record: RequestRecord, written: Written | Object) -> web.Response:
        if not isinstance(written, Written):
            return _json(written)
        resource = record.target.resource
        assert resource is not None
        face = face_of(request.headers.get("Accept", ""))
        if record.target.subresource == "scale":
            response = _response(written.item.encoded, "application/json")
        else:
            body = face_bytes(self.world, resource, written.item, face, request.query)
            response = _response(body, content_type(face, many=False), 201 if written.is_new else 200)
        for text in written.warnings:
            response.headers.add("Warning", f"299 - {json.dumps(text)}")
        return response

    async def _about(self, request: web.Request, user: User) -> web.Response:
        path = request.path.rstrip("/")
        review = path.removeprefix(f"/apis/{reviews.GROUP}/v1/")
        if request.method == "POST":
            body = await _review(request, review) if review in _REVIEWS else {}
            if review == "selfsubjectaccessreviews":
                return _json(reviews.access_review(user, body, self.faults), 201)
            if review == "selfsubjectrulesreviews":
                return _json(reviews.rules_review(user, body), 201)
            if path == _WHO:
                return _json(reviews.subject_review(user), 201)
        if request.method != "GET":
            raise statuses.method_not_allowed()
        if path in _HEALTH:
            return web.Response(text="ok")
        if path in ("/api", "/apis") and discovery.aggregated(request.headers.get("Accept", "")):
            listing = json.dumps(discovery.aggregate(core=path == "/api")).encode()
            return _response(listing, discovery.aggregated_type())
        return _json_or_404(_discover(path))


async def _review(request: web.Request, review: str) -> Object:
    if request.content_type != protobuf.MEDIA:
        return await read_body(request)
    try:
        return {"spec": protobuf.review_spec(await request.read(), review)}
    except ValueError as error:
        raise statuses.bad_request(f"error decoding the body: {error}") from None


def _discover(path: str) -> dict[str, Any] | None:
    match path.strip("/").split("/"):
        case ["version"]:
            return discovery.version()
        case ["api"]:
            return discovery.core_versions()
        case ["api", version]:
            return discovery.resource_list("", version)
        case ["apis"]:
            return discovery.group_list()
        case ["apis", name]:
            return discovery.group(name)
        case ["apis", name, version]:
            return discovery.resource_list(name, version)
        case ["openapi", "v3"]:
            return openapi.index()
        case ["openapi", "v3", *rest]:
            return openapi.document("/".join(rest))
        case _:
            return None


def _json_or_404(body: dict[str, Any] | None) -> web.Response:
    return statuses.path_not_found() if body is None else _json(body)


def _json(body: dict[str, Any], status: int = 200) -> web.Response:
    return _response(json.dumps(body).encode() + b"\n", "application/json", status)


def _response(body: bytes, media: str, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, headers={"Content-Type": media, "Cache-Control": "no-cache, private"})


def _compress(request: web.Request, response: web.Response) -> None:
    body = response.body
    if isinstance(body, bytes) and len(body) >= _GZIP_FROM and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.body = gzip.compress(body, 1, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
