"""What the API server answers when it does not answer with an object: Status errors in its own words."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from mediatui.demo.resources import Resource


class Refusal(Exception):
    """A request that ends in a Status; raised by handlers, answered in one place.

    Args:
        code: The HTTP status.
        reason: The machine-readable reason of the Status.
        message: The sentence that clients show.
        details: The ``details`` of the Status.
        headers: Extra response headers, for example ``Retry-After``.
        extra: More fields for the ``metadata`` of the Status.
    """

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        details: dict[str, Any] | None = None,
        *,
        headers: dict[str, str] | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.headers = headers or {}
        self.extra = extra or {}

    @property
    def body(self) -> dict[str, Any]:
        """The Status object."""
        status: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": self.extra,
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
        }
        if self.details:
            status["details"] = self.details
        status["code"] = self.code
        return status

    def response(self) -> web.Response:
        """Return the Status as a response."""
        return web.Response(
            body=json.dumps(self.body).encode() + b"\n",
            status=self.code,
            content_type="application/json",
            headers=self.headers,
        )


def path_not_found() -> web.Response:
    """Return the plain-text 404 of a group, version or resource that is not installed; it is no Status."""
    return web.Response(
        text="404 page not found\n",
        status=404,
        content_type="text/plain",
        charset="utf-8",
        headers={"X-Content-Type-Options": "nosniff"},
    )


def _details(resource: Resource, name: str = "") -> dict[str, Any]:
    details: dict[str, Any] = {}
    if name:
        details["name"] = name
    if resource.group:
        details["group"] = resource.group
    details["kind"] = resource.plural
    return details


def not_found(resource: Resource, name: str) -> Refusal:
    """Return the 404 of an object that is not there."""
    return Refusal(404, "NotFound", f'{resource.qualified} "{name}" not found', _details(resource, name))


def already_exists(resource: Resource, name: str) -> Refusal:
    """Return the 409 of a create for a name that is taken."""
    return Refusal(409, "AlreadyExists", f'{resource.qualified} "{name}" already exists', _details(resource, name))


def conflict(resource: Resource, name: str, why: str = "") -> Refusal:
    """Return the 409 of a write against a state that has moved on."""
    why = why or "the object has been modified; please apply your changes to the latest version and try again"
    message = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {why}'
    return Refusal(409, "Conflict", message, _details(resource, name))


def precondition_failed(resource: Resource, name: str, why: str) -> Refusal:
    """Return the 409 of a deletion whose preconditions do not hold; it names the kind, unlike other conflicts."""
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    details = {**_details(resource, name), "kind": resource.kind}
    return Refusal(409, "Conflict", f'Operation cannot be fulfilled on {kind} "{name}": {why}', details)


def no_field_manager() -> Refusal:
    """Return the 422 of an apply that does not say who applies."""
    message = "Required value: is required for apply patch"
    causes = [{"reason": "FieldValueRequired", "message": message, "field": "fieldManager"}]
    details = {"group": "meta.k8s.io", "kind": "PatchOptions", "causes": causes}
    return Refusal(422, "Invalid", f'PatchOptions.meta.k8s.io "" is invalid: fieldManager: {message}', details)


def rejected() -> Refusal:
    """Return the 422 of a JSON patch that cannot be carried out; the server does not say why."""
    return Refusal(422, "Invalid", "the server rejected our request due to an error in our request", {})


def terminating(resource: Resource, name: str, namespace: str) -> Refusal:
    """Return the 403 of a create in a namespace that is being deleted."""
    why = f"unable to create new content in namespace {namespace} because it is being terminated"
    cause = {
        "reason": "NamespaceTerminating",
        "message": f"namespace {namespace} is being terminated",
        "field": "metadata.namespace",
    }
    details = {**_details(resource, name), "causes": [cause]}
    return Refusal(403, "Forbidden", f'{resource.qualified} "{name}" is forbidden: {why}', details)


def bad_request(message: str) -> Refusal:
    """Return a 400."""
    return Refusal(400, "BadRequest", message)


def unauthorized() -> Refusal:
    """Return the 401 of a missing or wrong token."""
    return Refusal(401, "Unauthorized", "Unauthorized")


def forbidden(
    user: str, verb: str, resource: Resource, namespace: str, name: str = "", *, subresource: str = ""
) -> Refusal:
    """Return the 403 that RBAC gives, with verb, resource and namespace in its message."""
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    what = f'{resource.qualified} "{name}"' if name else resource.qualified
    asked = f"{resource.plural}/{subresource}" if subresource else resource.plural
    message = (
        f'{what} is forbidden: User "{user}" cannot {verb} resource "{asked}" in API group "{resource.group}" {where}'
    )
    return Refusal(403, "Forbidden", message, _details(resource, name))


def method_not_allowed() -> Refusal:
    """Return the 405 of a method that a path does not know."""
    message = "the server does not allow this method on the requested resource"
    return Refusal(405, "MethodNotAllowed", message, {})


def expired(revision: str, oldest: int) -> Refusal:
    """Return the 410 of a watch that starts before the history that is kept."""
    return Refusal(410, "Expired", f"too old resource version: {revision} ({oldest})")


def expired_continue(token: str) -> Refusal:
    """Return the 410 of a continue token whose snapshot is gone, with a token that goes on inconsistently."""
    message = (
        "The provided continue parameter is too old to display a consistent list result. You can start a new list "
        "without the continue parameter, or use the continue token in this response to retrieve the remainder of "
        "the results. Continuing with the provided token results in an inconsistent list - objects that were "
        "created, modified, or deleted between the time the first chunk was returned and now may show up in the list."
    )
    return Refusal(410, "Expired", message, extra={"continue": token})


def ahead(revision: str, current: int) -> Refusal:
    """Return the 504 of a list at a resource version that does not exist yet."""
    details = {
        "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
        "retryAfterSeconds": 1,
    }
    message = f"Timeout: Too large resource version: {revision}, current: {current}"
    return Refusal(504, "Timeout", message, details, headers={"Retry-After": "1"})


def invalid(message: str) -> Refusal:
    """Return a 422."""
    return Refusal(422, "Invalid", message)


def not_acceptable() -> Refusal:
    """Return the 406 of a client that takes neither JSON nor a Table."""
    message = (
        "only the following media types are accepted: application/json, "
        "application/json;as=Table;g=meta.k8s.io;v=v1, application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
    )
    return Refusal(406, "NotAcceptable", message)


def unsupported_media_type(accepted: str) -> Refusal:
    """Return the 415 of a body in a format that is not read."""
    message = f"the body of the request was in an unknown format - accepted media types include: {accepted}"
    return Refusal(415, "UnsupportedMediaType", message)


def not_built(what: str) -> Refusal:
    """Return the 501 of something that a real cluster does and the demo does not: refused, never invented."""
    return Refusal(501, "NotImplemented", f"the demo cluster does not {what}: it refuses what it could only pretend")


def internal(message: str) -> Refusal:
    """Return a 500."""
    return Refusal(500, "InternalError", f"Internal error occurred: {message}")


def too_many_requests(seconds: int = 1) -> Refusal:
    """Return a 429 with ``Retry-After``."""
    return Refusal(
        429,
        "TooManyRequests",
        "the server has received too many requests and has asked us to try again later",
        {"retryAfterSeconds": seconds},
        headers={"Retry-After": str(seconds)},
    )
