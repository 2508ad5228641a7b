"""Which proxy leads to a server."""

from __future__ import annotations

import pytest

from mediatui.clients.kube.proxy import proxy_for
from mediatui.errors import KubeconfigError

SERVER = "https://api.lab.example:6443"


def test_the_kubeconfig_wins_and_knows_no_exceptions() -> None:
    environ = {"HTTPS_PROXY": "http://other:1", "NO_PROXY": "*"}
    assert proxy_for(SERVER, "socks5://jump:1080", environ) == "socks5://jump:1080"


def test_the_environment_counts_in_either_case_and_by_scheme() -> None:
    assert proxy_for(SERVER, "", {"https_proxy": "http://p:3128"}) == "http://p:3128"
    assert proxy_for(SERVER, "", {"HTTP_PROXY": "http://p:3128"}) is None
    assert proxy_for("http://api:80", "", {"HTTP_PROXY": "http://p:3128"}) == "http://p:3128"


def test_a_proxy_without_a_scheme_is_http() -> None:
    assert proxy_for(SERVER, "", {"HTTPS_PROXY": "p:3128"}) == "http://p:3128"


@pytest.mark.parametrize(
    ("server", "exceptions", "direct"),
    [
        (SERVER, "*", True),
        (SERVER, "lab.example", True),
        (SERVER, ".lab.example", True),
        (SERVER, "*.lab.example", True),
        (SERVER, "other, api.lab.example:6443", True),
        (SERVER, "api.lab.example:443", False),
        (SERVER, "ab.example", False),
        ("https://lab.example", ".lab.example", False),
        ("https://10.1.2.3:6443", "10.0.0.0/8", True),
        ("https://10.1.2.3:6443", "10.1.2.3", True),
        ("https://10.1.2.3:6443", "10.1.2.4,192.168.0.0/16,not/a/net", False),
        ("https://[fd00::1]:6443", "fd00::/8", True),
        ("https://127.0.0.1:6443", "", True),
        ("https://localhost:6443", "", True),
    ],
)
def test_exceptions_are_those_of_go(server: str, exceptions: str, direct: bool) -> None:
    environ = {"HTTPS_PROXY": "http://p:3128", "NO_PROXY": exceptions}
    assert proxy_for(server, "", environ) == (None if direct else "http://p:3128")


@pytest.mark.parametrize("url", ["ftp://p", "http://", "nonsense", "http://p:notaport"])
def test_a_proxy_that_is_none_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(KubeconfigError, match="proxy-url is not a proxy's URL"):
        proxy_for(SERVER, url, {})
