"""Connecting for a command: the real cluster or the embedded one, one picture, and an orderly end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from mediatui.cli.options import Options
from mediatui.errors import NotPermitted, Unreachable
from mediatui.model.source import Kind, SourceStatus
from mediatui.model.stack import Stack
from mediatui.session import Session


@asynccontextmanager
async def connected(options: Options) -> AsyncIterator[Session]:
    """Yield a session to the cluster that the options name, started for it in the case of the demo."""
    from mediatui.bootstrap import open_session

    async with open_session(options.target) as session:
        yield session


async def read(session: Session, kinds: Iterable[Kind]) -> Stack:
    """Return one picture.

    Raises:
        ClusterError: Nothing at all could be read of the pods.
    """
    stack = await session.observer.read_once(kinds)
    state = stack.source(Kind.PODS)
    match state.status:
        case SourceStatus.UNREACHABLE | SourceStatus.STARTING:
            raise Unreachable(state.message or "the cluster did not answer")
        case SourceStatus.NO_PERMISSION if not stack.pods:
            raise NotPermitted(state.message, "name a namespace that you may read with -n, or ask for the viewer role")
        case _:
            return stack
