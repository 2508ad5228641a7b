"""From the kubeconfig to a cluster that can be asked; nothing is sent yet."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import httpx

from mediatui.clients.kube.auth import Credential, Credentials, Fixed, TokenFile, fixed_token, impersonation, password
from mediatui.clients.kube.cluster import KubeCluster
from mediatui.clients.kube.exec_plugin import ExecPlugin, plugin_command
from mediatui.clients.kube.http import KubeHttp, Timeouts
from mediatui.clients.kube.kubeconfig import KubeContext, load, text_of
from mediatui.clients.kube.library import auth_provider, service_account
from mediatui.clients.kube.proxy import proxy_for
from mediatui.clients.kube.tls import client_context
from mediatui.errors import KubeconfigError
from mediatui.interfaces import Clock
from mediatui.text import printable, redacted


@dataclass(frozen=True, slots=True)
class Place:
    """Where we are connected to."""

    context: str
    namespace: str
    """The context's namespace, or what was asked for instead."""
    server: str


async def connect(
    kubeconfig: str | None = None,
    context: str | None = None,
    *,
    namespace: str | None = None,
    request_timeout: float | None = None,
    impersonate: str | None = None,
    clock: Clock,
    environ: Mapping[str, str] | None = None,
) -> tuple[KubeCluster, Place]:
    """Return a cluster, and which one it is.

    Args:
        kubeconfig: A file; None for ``KUBECONFIG`` and the default.
        context: A context's name; None for the current one.
        namespace: Instead of the context's namespace.
        request_timeout: Seconds for one whole answer; None and 0 for no limit beyond that of silence.
        impersonate: Whom to act as (``--as``).
        clock: Time.
        environ: The environment; None for this process's.

    Raises:
        KubeconfigError: In one line: what is missing or wrong, and where.
    """
    surroundings = os.environ if environ is None else environ
    # Reading files and certificates takes tens of milliseconds: off the event loop, which has a screen to draw.
    credentials, found = await asyncio.to_thread(
        _credentials, kubeconfig, context, surroundings, impersonate or "", clock
    )
    http = KubeHttp(credentials, Timeouts(total=request_timeout or None))
    place = Place(printable(found.name), namespace or printable(found.namespace), printable(found.server))
    return KubeCluster(http, clock), place


def _credentials(
    kubeconfig: str | None, context: str | None, environ: Mapping[str, str], impersonate: str, clock: Clock
) -> tuple[Credentials, KubeContext]:
    found = load(kubeconfig, context, environ)
    account: Credential | None = None
    if found is None:
        found, account = service_account(environ, clock)
    where = f"{found.where}: context {found.name!r}"
    scheme = _scheme(found.server, where)
    server, account_in_url = _without_account(found.server)
    found = replace(found, server=server)
    tls = client_context(found) if scheme == "https" else None
    user = found.user
    if account is not None:
        credential = account
    elif user.get("tokenFile"):
        credential = TokenFile(text_of(user, "tokenFile", where), text_of(user, "token", where), clock)
    elif user.get("token"):
        credential = fixed_token(text_of(user, "token", where), where)
    elif user.get("exec") is not None:
        credential = ExecPlugin(plugin_command(user["exec"], found.cluster, environ, where), tls, clock)
    elif user.get("auth-provider") is not None:
        credential = auth_provider(found, clock)
    elif user.get("username"):
        credential = password(text_of(user, "username", where), text_of(user, "password", where))
    elif account_in_url is not None:
        credential = account_in_url
    else:
        credential = Fixed()
    credentials = Credentials(
        base_url=found.server,
        credential=credential,
        tls=tls,
        proxy=proxy_for(found.server, text_of(found.cluster, "proxy-url", where), environ),
        headers=impersonation(
            impersonate or text_of(user, "as", where),
            _texts(user.get("as-groups"), "as-groups", where),
            text_of(user, "as-uid", where),
            _extra(user.get("as-user-extra"), where),
        ),
    )
    return credentials, found


def _scheme(server: str, where: str) -> str:
    shown = printable(redacted(server))
    try:
        url = httpx.URL(server)
        urlsplit(server)  # is stricter about brackets
    except (httpx.InvalidURL, ValueError) as error:
        raise KubeconfigError(f"{where}: server {shown!r} is not a URL") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise KubeconfigError(f"{where}: server {shown!r} is not a URL", "it begins with https://")
    return url.scheme


def _without_account(server: str) -> tuple[str, Credential | None]:
    """Return a URL without the name and password in it, which nobody is to see, and those as a credential."""
    parts = urlsplit(server)
    if "@" not in parts.netloc:
        return server, None
    address = parts.netloc.rpartition("@")[2]
    account = password(unquote(parts.username or ""), unquote(parts.password or ""))
    return urlunsplit(parts._replace(netloc=address)), account


def _texts(value: Any, key: str, where: str) -> Sequence[str]:
    if value is None:
        return ()
    if not isinstance(value, list) or any(isinstance(each, (dict, list)) for each in value):
        raise KubeconfigError(f"{where}: {key} must be a list of texts")
    return [str(each) for each in value]


def _extra(value: Any, where: str) -> Sequence[tuple[str, str]]:
    if value is None:
        return ()
    if not isinstance(value, dict):
        raise KubeconfigError(f"{where}: as-user-extra must be a mapping")
    return [(str(key), each) for key, values in value.items() for each in _texts(values, "as-user-extra", where)]
