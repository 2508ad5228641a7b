"""Every error that mediatui raises on purpose.

The tree, and what an operator can do about each branch::

    MediatuiError
    |-- UsageError             a bad argument or configuration; nothing was touched
    |   |-- ConfigError        our own configuration file
    |   `-- KubeconfigError    the kubeconfig file, a context or a credential in it
    |-- ClusterError           the API server's answer, or the lack of one
    |   |-- Unreachable        no answer: network, TLS, timeout, a dead server
    |   |   `-- NotKubernetes  something answered, but it is not an API server
    |   |-- Unauthenticated    401: who we are was not accepted
    |   |-- NotPermitted       403: we are known, but may not do this
    |   |-- NotFound           404 with a Status
    |   |   `-- NotServed      404 without one: this API group is not installed
    |   |-- Conflict           409: somebody else changed the object
    |   |-- Invalid            400 or 422: the request itself is wrong
    |   |-- Expired            410: the resource version is too old
    |   |-- Throttled          429: come back later
    |   `-- ServerFailed       any other 5xx
    `-- Interrupted            the operator ended it

Errors from outside are translated once, in ``clients``; nothing above it sees a library's exception.
"""

from __future__ import annotations


class MediatuiError(Exception):
    """The root: a sentence for the operator, and what can be done about it.

    Args:
        message: What went wrong and where, in one line.
        hint: What the operator can do, in one line; empty when there is nothing to add.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Return the message and, after a dash, the hint."""
        return f"{self.message} - {self.hint}" if self.hint else self.message


class UsageError(MediatuiError):
    """An argument or a configuration that cannot be used; nothing was touched."""


class ConfigError(UsageError):
    """Our configuration file cannot be used; the message names file and key."""


class KubeconfigError(UsageError):
    """The kubeconfig cannot be used; the message names file, line or entry."""


class ClusterError(MediatuiError):
    """The API server refused, failed or did not answer.

    Args:
        message: The server's own message, made printable, or what the transport saw.
        hint: What the operator can do about it.
        status: The HTTP status, 0 where there was no answer.
        reason: The ``reason`` of a Kubernetes Status, for example ``Forbidden``.
        retry_after: Seconds the server asked us to wait, 0 where it did not.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        status: int = 0,
        reason: str = "",
        retry_after: float = 0.0,
    ) -> None:
        super().__init__(message, hint)
        self.status = status
        self.reason = reason
        self.retry_after = retry_after


class Unreachable(ClusterError):
    """Nobody answered, or the connection broke: network, TLS, timeout."""


class NotKubernetes(Unreachable):
    """Something answered that is no API server: a login page, a proxy's error."""


class Unauthenticated(ClusterError):
    """401: the credential was not accepted."""


class NotPermitted(ClusterError):
    """403: the credential is known, but may not do this."""


class NotFound(ClusterError):
    """404 with a Status: the object is not there."""


class NotServed(NotFound):
    """404 without a Status: this API group or version is not installed."""


class Conflict(ClusterError):
    """409: somebody else changed or made the object."""


class Invalid(ClusterError):
    """400 or 422: the server understood and refused the request."""


class Expired(ClusterError):
    """410: the resource version is too old; a new list is needed."""


class Throttled(ClusterError):
    """429: the server asked us to slow down."""


class ServerFailed(ClusterError):
    """5xx: the server could not do it."""


class Interrupted(MediatuiError):
    """The operator ended it with a signal."""
