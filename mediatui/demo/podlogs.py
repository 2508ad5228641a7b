"""``pods/NAME/log``: which run of which container is meant, and its lines."""

from __future__ import annotations

import re
from collections.abc import Mapping

from aiohttp import web

from mediatui.demo import statuses
from mediatui.demo.containerlogs import LogOptions, Run, stream
from mediatui.demo.objects import Object, dig, seconds_of
from mediatui.demo.podstreams import container_of
from mediatui.demo.reading import number
from mediatui.demo.requestinfo import RequestRecord
from mediatui.demo.store import MissingError
from mediatui.demo.world import World


async def serve_log(world: World, request: web.Request, record: RequestRecord) -> web.StreamResponse:
    """Stream a container's log.

    Raises:
        Refusal: The pod or container is not there, or has not run; nothing was sent then.
    """
    target, query = record.target, request.query
    assert target.resource is not None
    try:
        pod = world.store.get(target.resource, target.name, target.namespace).data
    except MissingError:
        raise statuses.not_found(target.resource, target.name) from None
    run = _run(world, pod, query)
    options = _options(query, world.clock.now())
    response = web.StreamResponse(headers={"Content-Type": "text/plain", "Cache-Control": "no-cache, private"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    record.status = 200
    async for block in stream(run, options):
        record.sent += len(block)
        await response.write(block)
    await response.write_eof()
    return response


def _run(world: World, pod: Object, query: Mapping[str, str]) -> Run:
    name = pod["metadata"]["name"]
    container = container_of(pod, query)
    rows = dig(pod, "status.containerStatuses", [])
    status: Object = next((row for row in rows if row["name"] == container), {"state": {}, "lastState": {}})
    previous = _yes(query, "previous")
    ended_before = "terminated" in status["lastState"]
    if previous and not ended_before:
        raise statuses.bad_request(f'previous terminated container "{container}" in pod "{name}" not found')
    if "running" not in status["state"] and "terminated" not in status["state"]:
        if not ended_before:
            reason = dig(status, "state.waiting.reason", "ContainerCreating")
            raise statuses.bad_request(f'container "{container}" in pod "{name}" is waiting to start: {reason}')
        previous = False  # while it waits to be restarted, both names stand for the run that ended last
    run = world.logs.run(pod["metadata"]["namespace"], name, container, previous=previous)
    if run is None:
        raise statuses.bad_request(f'previous terminated container "{container}" in pod "{name}" not found')
    return run


def _options(query: Mapping[str, str], now: float) -> LogOptions:
    since: float | None = None
    if query.get("sinceTime"):
        try:
            moment = seconds_of(query["sinceTime"])
        except ValueError:
            raise statuses.bad_request(f'parsing time "{query["sinceTime"]}" as RFC 3339: cannot parse') from None
        # On its way to the kubelet the time loses its fraction: metav1.Time is written in whole seconds.
        since = float(int(moment or 0))
    elif query.get("sinceSeconds"):
        since = now - number(query, "sinceSeconds")
    tail = query.get("tailLines")
    if tail is not None and not re.fullmatch(r"\d+", tail):
        raise statuses.invalid(
            'PodLogOptions "" is invalid: tailLines: Invalid value: must be greater than or equal to 0'
        )
    limit = number(query, "limitBytes")
    return LogOptions(
        follow=_yes(query, "follow"),
        timestamps=_yes(query, "timestamps"),
        since=since,
        tail_lines=None if tail is None else int(tail),
        limit_bytes=limit or None,
    )


def _yes(query: Mapping[str, str], name: str) -> bool:
    return query.get(name) in ("true", "1")
