"""Servers and certificates for the tests of the client."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.clients.kube.certificates import Authority
from tests.support.faulty_server import FaultyServer


@pytest.fixture
async def server() -> AsyncIterator[FaultyServer]:
    """A server on plain HTTP that knows nothing yet."""
    async with FaultyServer() as running:
        yield running


@pytest.fixture(scope="session")
def authority() -> Authority:
    """The authority that a kubeconfig trusts."""
    return Authority()
