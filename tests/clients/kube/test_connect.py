"""Every way to say who we are, against a server that looks at what arrives."""

from __future__ import annotations

import base64
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec

from mediatui.clients.kube.cluster import KubeCluster
from mediatui.clients.kube.connect import Place, connect
from mediatui.clients.kube.library import service_account
from mediatui.errors import ClusterError, KubeconfigError, Unauthenticated
from tests.clients.kube.certificates import Authority, private
from tests.clients.kube.doubles import FastClock, HandClock, write
from tests.support.faulty_server import FaultyServer, Step, answer, status

VERSION = answer({"gitVersion": "v1.36.2", "major": "1", "minor": "36+"})


def kubeconfig(folder: Path, server: str, user: dict[str, Any], **cluster: Any) -> str:
    document = {
        "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "lab", "user": "me", "namespace": "media"}}],
        "clusters": [{"name": "lab", "cluster": {"server": server, **cluster}}],
        "users": [{"name": "me", "user": user}],
    }
    return str(write(folder / "config", json.dumps(document)))


def only(*accepted: str) -> Step:
    """Answer with the version to those who bring one of these Authorization headers."""

    async def step(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") in accepted:
            return await VERSION(request)
        return await status(401, "Unauthorized", reason="Unauthorized")(request)

    return step


async def connected(path: str, **more: Any) -> tuple[KubeCluster, Place]:
    more.setdefault("clock", FastClock())
    return await connect(path, environ={"PATH": os.environ["PATH"]}, **more)


async def asked(path: str, **more: Any) -> str:
    cluster, _ = await connected(path, **more)
    try:
        return (await cluster.version()).version
    finally:
        await cluster.close()


async def test_a_connection_says_where_it_leads(tmp_path: Path) -> None:
    cluster, place = await connected(kubeconfig(tmp_path, "https://lab:6443", {}))
    assert place == Place("it", "media", "https://lab:6443")
    await cluster.close()


async def test_a_token_is_sent(server: FaultyServer, tmp_path: Path) -> None:
    server.script("/version", only("Bearer abc"))
    assert await asked(kubeconfig(tmp_path, server.url, {"token": "abc"})) == "v1.36.2"


async def test_a_path_in_the_servers_url_stays_before_every_path(server: FaultyServer, tmp_path: Path) -> None:
    server.script("/k8s/clusters/c-1/version", VERSION)
    assert await asked(kubeconfig(tmp_path, f"{server.url}/k8s/clusters/c-1/", {})) == "v1.36.2"


async def test_a_password_is_sent(server: FaultyServer, tmp_path: Path) -> None:
    server.script("/version", only("Basic " + base64.b64encode(b"me:secret").decode()))
    assert await asked(kubeconfig(tmp_path, server.url, {"username": "me", "password": "secret"})) == "v1.36.2"


async def test_an_expired_token_is_said_once_and_asked_once(server: FaultyServer, tmp_path: Path) -> None:
    server.script("/version", only("Bearer new"))
    with pytest.raises(Unauthenticated) as refused:
        await asked(kubeconfig(tmp_path, server.url, {"token": "old"}))
    assert "Unauthorized" in refused.value.message
    assert "expired" in refused.value.hint
    assert len(server.requests) == 1


@pytest.mark.parametrize("token", ["two\nlines", "café", "with blank"])
async def test_a_token_that_no_header_takes_is_refused_without_showing_it(tmp_path: Path, token: str) -> None:
    with pytest.raises(KubeconfigError) as refused:
        await connected(kubeconfig(tmp_path, "https://lab", {"token": token}))
    assert "the token contains characters" in str(refused.value)
    assert token not in str(refused.value)


async def test_a_token_file_that_rotates_is_read_again(server: FaultyServer, tmp_path: Path) -> None:
    clock = HandClock()
    token = write(tmp_path / "token", "one\n")
    server.script("/version", only("Bearer one", "Bearer two"))
    cluster, _ = await connected(kubeconfig(tmp_path, server.url, {"tokenFile": "token"}), clock=clock)
    await cluster.version()
    token.write_text("two")
    await cluster.version()
    clock.turn(11)
    await cluster.version()
    await cluster.close()
    assert [seen.headers["Authorization"] for seen in server.requests] == ["Bearer one", "Bearer one", "Bearer two"]


async def test_a_token_file_is_read_again_at_once_after_a_401(server: FaultyServer, tmp_path: Path) -> None:
    token = write(tmp_path / "token", "one")
    server.script("/version", only("Bearer one"), only("Bearer two"))
    cluster, _ = await connected(kubeconfig(tmp_path, server.url, {"tokenFile": "token"}), clock=HandClock())
    await cluster.version()
    token.write_text("two")
    assert (await cluster.version()).minor == 36
    await cluster.close()
    assert len(server.requests) == 3


async def test_a_token_file_that_is_missing_leaves_the_token_beside_it(server: FaultyServer, tmp_path: Path) -> None:
    server.script("/version", only("Bearer spare"))
    assert await asked(kubeconfig(tmp_path, server.url, {"tokenFile": "none", "token": "spare"}))
    with pytest.raises(Unauthenticated, match=r"token file .*/none cannot be read: No such file"):
        await asked(kubeconfig(tmp_path, server.url, {"tokenFile": "none"}))


async def test_acting_as_somebody_else(server: FaultyServer, tmp_path: Path) -> None:
    server.script("/version", VERSION)
    user = {"as": "bob", "as-groups": ["ops", "dev"], "as-uid": "7", "as-user-extra": {"reason/x": ["späť"]}}
    await asked(kubeconfig(tmp_path, server.url, user))
    await asked(kubeconfig(tmp_path, server.url, user), impersonate="eve")
    first, second = (seen.headers for seen in server.requests)
    assert first["Impersonate-User"] == "bob"
    assert first.getall("Impersonate-Group") == ["ops", "dev"]  # type: ignore[attr-defined]
    assert first["Impersonate-Uid"] == "7"
    assert first["Impersonate-Extra-reason%2Fx"] == "späť"
    assert second["Impersonate-User"] == "eve"


@pytest.mark.parametrize(
    ("user", "said"),
    [
        ({"as-groups": ["ops"]}, "need a user to act as"),
        ({"as": "a\r\nX: y"}, "contains a control character"),
        ({"as": "a", "as-groups": "ops"}, "as-groups must be a list"),
        ({"as": "a", "as-user-extra": []}, "as-user-extra must be a mapping"),
        ({"token": ["a"]}, "token must be a text"),
        ({"auth-provider": {"name": "azure"}}, "auth-provider 'azure' is not supported"),
        ({"client-certificate-data": "!!", "client-key-data": "!!"}, "client-certificate-data is not base64"),
        ({"client-certificate": "gone.crt", "client-key": "gone.key"}, "gone.crt cannot be read: No such file"),
        ({"client-certificate-data": "YQ=="}, "client-key is missing"),
        ({"client-certificate-data": "YQ==", "client-key-data": "YQ=="}, "certificate and key cannot be used"),
    ],
)
async def test_a_user_that_makes_no_sense_is_said_in_one_line(tmp_path: Path, user: dict[str, Any], said: str) -> None:
    with pytest.raises(KubeconfigError) as refused:
        await connected(kubeconfig(tmp_path, "https://lab", user))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_a_password_in_the_servers_url_is_sent_and_never_shown(server: FaultyServer, tmp_path: Path) -> None:
    server.script("/version", only("Basic " + base64.b64encode(b"bob:s3cr@t").decode()))
    path = kubeconfig(tmp_path, server.url.replace("//", "//bob:s3cr%40t@"), {})
    cluster, place = await connected(path)
    assert (await cluster.version()).version == "v1.36.2"
    await cluster.close()
    assert place.server == server.url
    with pytest.raises(KubeconfigError) as refused:
        await connected(kubeconfig(tmp_path, "ftp://bob:s3cret@lab", {}))
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("url", ["lab:6443", "ftp://lab", "https://", "https://[bad"])
async def test_a_server_that_is_no_url_is_said(tmp_path: Path, url: str) -> None:
    with pytest.raises(KubeconfigError, match="is not a URL"):
        await connected(kubeconfig(tmp_path, url, {}))


@pytest.mark.parametrize(
    ("cluster", "said"),
    [
        ({"certificate-authority-data": "%%"}, "certificate-authority-data is not base64"),
        ({"certificate-authority-data": "YQ=="}, "certificate-authority holds no PEM certificate"),
        ({"certificate-authority": "/gone/ca.crt"}, "certificate-authority /gone/ca.crt cannot be read"),
    ],
)
async def test_an_authority_that_cannot_be_used_is_said(tmp_path: Path, cluster: dict[str, Any], said: str) -> None:
    with pytest.raises(KubeconfigError, match=said):
        await connected(kubeconfig(tmp_path, "https://lab", {}, **cluster))


async def test_a_client_certificate_is_presented_and_leaves_no_file(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    mine = authority.issue("me")

    async def who(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        peer = request.transport.get_extra_info("peercert")
        return await answer({"gitVersion": peer["subject"][0][0][1]})(request)

    async with FaultyServer(authority.issue().server_context(tmp_path, client_ca=authority.pem)) as server:
        server.script("/version", who)
        user = {
            "client-certificate-data": base64.b64encode(mine.certificate).decode(),
            "client-key-data": base64.b64encode(mine.key).decode(),
        }
        trust = {"certificate-authority-data": base64.b64encode(authority.pem).decode()}
        assert await asked(kubeconfig(tmp_path, server.url, user, **trust)) == "me"
    assert list((tmp_path / "temporary").iterdir()) == []


async def test_a_key_with_a_passphrase_is_refused_and_asks_nobody(authority: Authority, tmp_path: Path) -> None:
    write(tmp_path / "me.crt", authority.issue("me").certificate.decode())
    write(tmp_path / "me.key", private(ec.generate_private_key(ec.SECP256R1()), b"secret").decode())
    with pytest.raises(KubeconfigError, match="the client key has a passphrase"):
        await connected(kubeconfig(tmp_path, "https://lab", {"client-certificate": "me.crt", "client-key": "me.key"}))


async def test_the_kubeconfig_is_never_written(server: FaultyServer, tmp_path: Path) -> None:
    server.script("/version", VERSION)
    path = Path(kubeconfig(tmp_path, server.url, {"auth-provider": {"name": "oidc", "config": oidc("https://idp")}}))
    before = path.read_bytes(), path.stat().st_mtime_ns
    path.chmod(0o400)
    await asked(str(path))
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def oidc(issuer: str, lifetime: float = 3600.0) -> dict[str, str]:
    return {"client-id": "me", "id-token": jwt(lifetime), "refresh-token": "again", "idp-issuer-url": issuer}


def jwt(lifetime: float) -> str:
    parts = ({"alg": "none"}, {"exp": int(time.time() + lifetime)})
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join((*coded, "c2ln"))


async def test_oidc_goes_through_the_library(server: FaultyServer, tmp_path: Path) -> None:
    config = oidc("https://idp")
    server.script("/version", only(f"Bearer {config['id-token']}"))
    assert await asked(kubeconfig(tmp_path, server.url, {"auth-provider": {"name": "oidc", "config": config}}))


async def test_an_identity_provider_that_does_not_answer_is_said(server: FaultyServer, tmp_path: Path) -> None:
    server.script("/version", VERSION)
    config = oidc("https://127.0.0.1:1", lifetime=-60)
    with pytest.raises(Unauthenticated, match=r"auth-provider oidc of .* gave no token"):
        await asked(kubeconfig(tmp_path, server.url, {"auth-provider": {"name": "oidc", "config": config}}))


async def test_the_identity_provider_is_verified(authority: Authority, tmp_path: Path) -> None:
    """The library verifies nobody where the kubeconfig names no authority for the provider; we do."""
    async with FaultyServer(authority.issue().server_context(tmp_path)) as provider:
        config = oidc(provider.url, lifetime=-60)
        path = kubeconfig(tmp_path, provider.url, {"auth-provider": {"name": "oidc", "config": config}})
        with pytest.raises(Unauthenticated, match=r"(?i)certificate"):
            await asked(path)
        assert provider.requests == []


async def test_in_a_pod_the_service_account_is_used_and_its_token_read_again(
    authority: Authority, tmp_path: Path
) -> None:
    write(tmp_path / "token", "one")
    write(tmp_path / "ca.crt", authority.pem.decode())
    write(tmp_path / "namespace", "media\n")
    environ = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": "6443"}
    context, credential = service_account(environ, FastClock(), tmp_path)
    assert (context.server, context.namespace) == ("https://127.0.0.1:6443", "media")
    assert (await credential.authorization()).lower() == "bearer one"
    write(tmp_path / "token", "two")
    assert await credential.renew(await credential.authorization())
    assert (await credential.authorization()).lower() == "bearer two"


def test_a_pod_without_a_service_account_is_said(tmp_path: Path) -> None:
    with pytest.raises(KubeconfigError, match=r"the pod has no service account: .*token is not there"):
        service_account({}, FastClock(), tmp_path)


async def test_tls_is_not_needed_for_a_server_without_it(server: FaultyServer, tmp_path: Path) -> None:
    server.script("/version", VERSION)
    assert await asked(kubeconfig(tmp_path, server.url, {}, **{"certificate-authority": "/gone"})) == "v1.36.2"


async def test_a_self_signed_servers_own_certificate_can_be_the_authority(authority: Authority, tmp_path: Path) -> None:
    pair = authority.issue()
    async with FaultyServer(pair.server_context(tmp_path)) as server:
        server.script("/version", VERSION)
        trust = {"certificate-authority-data": base64.b64encode(pair.certificate).decode()}
        assert await asked(kubeconfig(tmp_path, server.url, {}, **trust)) == "v1.36.2"


async def test_another_authority_is_refused(authority: Authority, tmp_path: Path) -> None:
    async with FaultyServer(Authority("other").issue().server_context(tmp_path)) as server:
        trust = {"certificate-authority-data": base64.b64encode(authority.pem).decode()}
        with pytest.raises(ClusterError, match="is not trusted: its certificate is signed by an unknown authority"):
            await asked(kubeconfig(tmp_path, server.url, {}, **trust))
        assert server.requests == []


async def test_verification_can_be_switched_off_in_the_kubeconfig_alone(tmp_path: Path) -> None:
    async with FaultyServer(Authority("other").issue("elsewhere", days=-1).server_context(tmp_path)) as server:
        server.script("/version", VERSION)
        assert await asked(kubeconfig(tmp_path, server.url, {}, **{"insecure-skip-tls-verify": True})) == "v1.36.2"
        with pytest.raises(ClusterError):
            await asked(kubeconfig(tmp_path, server.url, {}))
