"""TLS as kubectl does it: the kubeconfig's CA, client certificate and server name in one context."""

from __future__ import annotations

import base64
import binascii
import os
import ssl
import tempfile
from pathlib import Path
from typing import Any

from mediatui.clients.kube.kubeconfig import KubeContext, text_of
from mediatui.errors import KubeconfigError
from mediatui.text import printable


class _NamedServer(ssl.SSLContext):
    """Asks for, and checks, another name than the URL's: ``tls-server-name``.

    httpx can do this by a request extension, but not through a proxy's tunnel.
    """

    server_name: str

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        return super().wrap_bio(incoming, outgoing, server_side, self.server_name, session)


def client_context(context: KubeContext) -> ssl.SSLContext:
    """Return how to talk TLS to a context's server, its client certificate included.

    Raises:
        KubeconfigError: A certificate or a key is missing or cannot be read.
    """
    cluster, user = context.cluster, context.user
    where = f"{context.where}: context {context.name!r}"
    server_name = text_of(cluster, "tls-server-name", where)
    tls = (_NamedServer if server_name else ssl.SSLContext)(ssl.PROTOCOL_TLS_CLIENT)
    if isinstance(tls, _NamedServer):
        tls.server_name = server_name
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    # As Go does: whatever the kubeconfig trusts is an anchor, be it an intermediate or the server's own certificate;
    # and no RFC 5280 pedantry (on by default since Python 3.13), which clusters' own CAs often fail.
    tls.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    tls.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if _truth(cluster.get("insecure-skip-tls-verify")):
        tls.check_hostname = False
        tls.verify_mode = ssl.CERT_NONE
    else:
        _trust(tls, material(cluster, "certificate-authority", where), where)
    certificate = material(user, "client-certificate", where)
    key = material(user, "client-key", where)
    if bool(certificate) != bool(key):
        missing = "client-key" if certificate else "client-certificate"
        raise KubeconfigError(f"{where}: {missing} is missing beside its other half")
    if certificate and key:
        load_pair(tls, certificate, key, where)
    return tls


def material(entry: Any, key: str, where: str) -> bytes:
    """Return a certificate or key given as ``KEY-data`` (base64) or by the path in ``KEY``; empty without either.

    Raises:
        KubeconfigError: It is no base64, or the file cannot be read.
    """
    encoded = text_of(entry, f"{key}-data", where)
    if encoded:
        try:
            return base64.b64decode("".join(encoded.split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise KubeconfigError(f"{where}: {key}-data is not base64: {error}") from error
    path = text_of(entry, key, where)
    if not path:
        return b""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise KubeconfigError(f"{where}: {key} {path} cannot be read: {error.strerror}") from error


def load_pair(tls: ssl.SSLContext, certificate: bytes, key: bytes, where: str) -> None:
    """Make a client certificate part of a context; new connections use it.

    ``ssl`` takes keys from files only: they lie in a private temporary file for the moment of the call.

    Raises:
        KubeconfigError: They are no PEM, do not belong together, or the key has a passphrase.
    """

    def no_passphrase() -> str:
        raise KubeconfigError(f"{where}: the client key has a passphrase, which nobody can be asked for")

    handle, name = tempfile.mkstemp(prefix="mediatui-")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(certificate.rstrip() + b"\n" + key)
        tls.load_cert_chain(name, password=no_passphrase)
    except ssl.SSLError as error:
        raise KubeconfigError(f"{where}: client certificate and key cannot be used: {_reason(error)}") from error
    finally:
        os.unlink(name)


def _trust(tls: ssl.SSLContext, authority: bytes, where: str) -> None:
    if authority:
        try:
            tls.load_verify_locations(cadata=authority.decode("ascii"))
        except (ssl.SSLError, UnicodeDecodeError, ValueError) as error:
            raise KubeconfigError(f"{where}: certificate-authority holds no PEM certificate") from error
        return
    tls.load_default_certs()
    paths = ssl.get_default_verify_paths()
    if paths.cafile is None and paths.capath is None:
        import certifi  # a Python that brings no trust of its own; httpx depends on it anyway

        tls.load_verify_locations(certifi.where())


def _reason(error: ssl.SSLError) -> str:
    return printable((error.reason or error.strerror or str(error)).lower().replace("_", " "))


def _truth(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.lower() == "true")
