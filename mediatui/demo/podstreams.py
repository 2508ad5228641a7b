"""``pods/NAME/exec`` and ``pods/NAME/portforward``: which container is meant, and whether it runs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from aiohttp import web

from mediatui.demo import statuses
from mediatui.demo.containers.insides import runs, sandbox_of
from mediatui.demo.objects import Object, dig
from mediatui.demo.requestinfo import Target
from mediatui.demo.store import MissingError
from mediatui.demo.streams.execution import Order, serve_exec
from mediatui.demo.streams.forwarding import serve_forward
from mediatui.demo.world import World

STREAMS = ("exec", "portforward")


async def serve_stream(world: World, request: web.Request, target: Target) -> web.StreamResponse:
    """Run a command in a pod, or connect to its ports.

    Raises:
        Refusal: The pod or container is not there, or no WebSocket was asked for; nothing was sent then.
    """
    assert target.resource is not None
    try:
        pod = world.store.get(target.resource, target.name, target.namespace).data
    except MissingError:
        raise statuses.not_found(target.resource, target.name) from None
    if not pod["spec"].get("nodeName"):
        raise statuses.bad_request(f"pod {target.name} does not have a host assigned")
    query = request.query
    if target.subresource == "exec":
        name = container_of(pod, query)
        _check_asked(request)
        if not runs(pod, name):
            return web.Response(status=500, text=f'container not found ("{name}")')
        _check_spoken(request)
        order = Order(query.getall("command", []), _yes(query, "stdin"), _yes(query, "tty"))
        return await serve_exec(request, world.insides.container(pod, name), order)
    _check_asked(request)
    if dig(pod, "status.phase") != "Running":
        text = f'pod not found ("{target.name}_{target.namespace}")'
        return web.Response(status=500, text=text)
    _check_spoken(request)
    ports = [int(port) for word in query.getall("ports", []) for port in word.split(",") if port.isdigit()]
    return await serve_forward(request, partial(world.insides.connect, pod), ports, sandbox_of(pod))


def container_of(pod: Object, query: Mapping[str, str]) -> str:
    """Return the name of the container that a query means.

    Raises:
        Refusal: There is none of that name, or there are several and none is named.
    """
    name = pod["metadata"]["name"]
    names = [item["name"] for item in pod["spec"]["containers"]]
    container = query.get("container", "")
    if not container:
        if len(names) > 1:
            choices = " ".join(names)
            raise statuses.bad_request(f"a container name must be specified for pod {name}, choose one of: [{choices}]")
        container = names[0]
    if container not in names:
        raise statuses.bad_request(f"container {container} is not valid for pod {name}")
    return str(container)


def _check_asked(request: web.Request) -> None:
    if "Upgrade" not in request.headers:
        raise statuses.bad_request("Upgrade request required")


def _check_spoken(request: web.Request) -> None:
    asked = request.headers["Upgrade"].lower()
    if asked != "websocket":
        raise statuses.not_built(f"speak {asked}")


def _yes(query: Mapping[str, Any], name: str) -> bool:
    return query.get(name) in ("true", "1")
