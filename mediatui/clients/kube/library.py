"""What the ``kubernetes`` library knows and our own reader does not: auth providers (OIDC) and a pod's own account.

The library is imported when a credential is first needed, in a thread: it costs a quarter of a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from mediatui.clients.kube.kubeconfig import KubeContext
from mediatui.errors import KubeconfigError, Unauthenticated
from mediatui.interfaces import Clock
from mediatui.text import printable

T = TypeVar("T")

ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
PROVIDERS: Final = ("oidc", "gcp")
_TIMEOUT: Final = 30.0
_KEPT: Final = 10.0
"""Seconds between two questions to the library whether its token is still good."""


class LibraryToken:
    """A bearer token that ``kubernetes.config`` loads and refreshes; the kubeconfig is never written back.

    Args:
        load: Returns a loaded ``kubernetes.client.Configuration``; runs in a thread.
        name: What it is, for messages.
        clock: Time.
    """

    epoch = 0

    def __init__(self, load: Callable[[], Any], name: str, clock: Clock) -> None:
        self._load = load
        self._name = name
        self._clock = clock
        self._configuration: Any = None
        self._value = ""
        self._asked_at = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    async def authorization(self) -> str:
        """Return the header's value.

        Raises:
            Unauthenticated: The library found no token, or could not refresh it.
        """
        async with self._one_at_a_time:
            if self._clock.now() - self._asked_at > _KEPT:
                self._value = await self._ask(anew=False)
                self._asked_at = self._clock.now()
            return self._value

    async def renew(self, rejected: str) -> bool:
        """Load everything again and tell whether there is another token now."""
        async with self._one_at_a_time:
            if self._value == rejected:
                self._value = await self._ask(anew=True)
                self._asked_at = self._clock.now()
            return self._value != rejected

    async def _ask(self, *, anew: bool) -> str:
        def token() -> str:
            if anew or self._configuration is None:
                self._configuration = self._load()
            return str(self._configuration.get_api_key_with_prefix("BearerToken") or "")

        try:
            async with asyncio.timeout(_TIMEOUT):
                value = await _in_thread(_translated(token, self._name))
        except TimeoutError:
            raise Unauthenticated(f"{self._name} gave no token within {_TIMEOUT:g} s") from None
        if not value:
            raise Unauthenticated(f"{self._name} gave no token", "sign in again with kubectl")
        return value


def auth_provider(context: KubeContext, clock: Clock) -> LibraryToken:
    """Return the token of a kubeconfig's ``auth-provider``.

    Raises:
        KubeconfigError: The provider is none that the library knows.
    """
    provider = context.user.get("auth-provider")
    name = provider.get("name") if isinstance(provider, dict) else None
    if not isinstance(provider, dict) or name not in PROVIDERS:
        raise KubeconfigError(
            f"{context.where}: auth-provider {printable(str(name))!r} is not supported",
            "today's kubectl takes it only as a credential plugin (exec)",
        )
    document = _document(context, provider)

    def load() -> Any:
        from kubernetes import config
        from kubernetes.client import Configuration

        configuration = Configuration()
        config.load_kube_config_from_dict(  # type: ignore[no-untyped-call]
            document, context=context.name, client_configuration=configuration, persist_config=False
        )
        return configuration

    return LibraryToken(load, f"auth-provider {name} of {context.where}", clock)


def _document(context: KubeContext, provider: Mapping[str, Any]) -> dict[str, Any]:
    """Return the least that the library needs: no key material, which it would leave in temporary files."""
    settings = dict(provider.get("config") or {})
    if provider["name"] == "oidc":
        import certifi

        settings.setdefault("client-secret", "")
        # Without an authority of its own the library would not verify the identity provider at all.
        if not settings.get("idp-certificate-authority-data") and not settings.get("idp-certificate-authority"):
            settings["idp-certificate-authority"] = certifi.where()
    return {
        "current-context": context.name,
        "contexts": [{"name": context.name, "context": {"cluster": "it", "user": "it"}}],
        "clusters": [{"name": "it", "cluster": {"server": context.server}}],
        "users": [{"name": "it", "user": {"auth-provider": {"name": provider["name"], "config": settings}}}],
    }


def service_account(
    environ: Mapping[str, str], clock: Clock, folder: Path = ACCOUNT
) -> tuple[KubeContext, LibraryToken]:
    """Return the API server and the token of the pod that we run in.

    Raises:
        KubeconfigError: The pod has no service account mounted.
    """
    for name in ("token", "ca.crt"):
        if not (folder / name).is_file():
            raise KubeconfigError(
                f"no kubeconfig found, and the pod has no service account: {folder / name} is not there",
                "`mediatui --demo` works without a cluster",
            )
    try:
        namespace = (folder / "namespace").read_text().strip()
    except OSError:
        namespace = ""
    host, port = environ.get("KUBERNETES_SERVICE_HOST", ""), environ.get("KUBERNETES_SERVICE_PORT", "443")
    server = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    context = KubeContext(
        name="in-cluster",
        namespace=namespace or "default",
        server=server,
        cluster={"server": server, "certificate-authority": str(folder / "ca.crt")},
        user={},
        where=str(folder),
    )
    named = {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}

    def load() -> Any:
        from kubernetes.client import Configuration
        from kubernetes.config.incluster_config import InClusterConfigLoader

        configuration = Configuration()
        token, authority = str(folder / "token"), str(folder / "ca.crt")
        loader = InClusterConfigLoader(token, authority, environ=named)  # type: ignore[no-untyped-call]
        loader.load_and_set(configuration)  # type: ignore[no-untyped-call]
        return configuration

    return context, LibraryToken(load, f"service account {folder}", clock)


def _translated(call: Callable[[], T], name: str) -> Callable[[], T]:
    def run() -> T:
        from kubernetes.client.exceptions import OpenApiException
        from kubernetes.config import ConfigException
        from oauthlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
        from urllib3.exceptions import HTTPError

        try:
            return call()
        except (
            ConfigException,
            OpenApiException,
            OAuth2Error,
            HTTPError,
            OSError,
            LookupError,
            TypeError,
            ValueError,
        ) as error:
            said = printable(" ".join(str(error).split())) or type(error).__name__
            raise Unauthenticated(f"{name} gave no token: {said[:300]}", "sign in again with kubectl") from error

    return run


async def _in_thread(call: Callable[[], T]) -> T:
    """Run in a daemon thread: an identity provider that hangs must not keep the process from ending."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result: T | None = None
        failure: BaseException | None = None
        try:
            result = call()
        except BaseException as error:  # noqa: BLE001  # handed to whoever waits, never swallowed
            failure = error
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits any more
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, name="mediatui-credential", daemon=True).start()
    return await future
