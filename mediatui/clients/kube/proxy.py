"""Which proxy leads to a server, by the kubeconfig or by the environment, as Go's net/http decides it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from mediatui.errors import KubeconfigError

_SCHEMES = ("http", "https", "socks5", "socks5h")


def proxy_for(server: str, configured: str, environ: Mapping[str, str]) -> str | None:
    """Return the proxy's URL, None to go there directly.

    Args:
        server: The API server's URL.
        configured: ``proxy-url`` of the kubeconfig; it wins and knows no exceptions.
        environ: ``HTTPS_PROXY``, ``HTTP_PROXY`` and ``NO_PROXY`` in either case are read; the rules are those of
            golang.org/x/net/http/httpproxy.

    Raises:
        KubeconfigError: The proxy is no URL of a kind that can be used.
    """
    if configured:
        return _checked(configured, "proxy-url")
    scheme = urlsplit(server).scheme
    name = f"{scheme}_proxy"
    value = environ.get(name.upper()) or environ.get(name) or ""
    if not value or _excepted(server, environ.get("NO_PROXY") or environ.get("no_proxy") or ""):
        return None
    return _checked(value if "://" in value else f"http://{value}", name.upper())


def _checked(url: str, origin: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise KubeconfigError(f"{origin} is not a proxy's URL", f"it begins with one of {', '.join(_SCHEMES)}")
    return url


def _excepted(server: str, exceptions: str) -> bool:
    parts = urlsplit(server)
    host = (parts.hostname or "").rstrip(".").lower()
    port = str(parts.port or (443 if parts.scheme == "https" else 80))
    address = _address(host)
    if host == "localhost" or (address is not None and address.is_loopback):
        return True
    return any(_matches(entry.strip().lower(), host, port, address) for entry in exceptions.split(",") if entry.strip())


def _matches(entry: str, host: str, port: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address | None) -> bool:
    if entry == "*":
        return True
    if "/" in entry:
        try:
            return address is not None and address in ipaddress.ip_network(entry, strict=False)
        except ValueError:
            return False
    name, _, wanted = entry.rpartition(":") if entry.count(":") == 1 or "]:" in entry else (entry, "", "")
    if wanted and wanted != port:
        return False
    name = name.strip("[]")
    if address is not None:
        return _address(name) == address
    name = name.removeprefix("*")
    return host.endswith(name) if name.startswith(".") else host == name or host.endswith(f".{name}")


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
