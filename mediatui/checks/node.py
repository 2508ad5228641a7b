"""The node under an app that has gone quiet: what its pods say is then only what was last heard."""

from __future__ import annotations

from collections.abc import Iterator

from mediatui.checks.base import Check
from mediatui.model.app import AppUnit
from mediatui.model.finding import Finding, Level
from mediatui.model.source import Ref
from mediatui.model.stack import Stack


def _run(stack: Stack, unit: AppUnit) -> Iterator[Finding]:
    pod = unit.pod
    node = stack.nodes.get(Ref("", pod.node)) if pod is not None and pod.node else None
    if node is not None and not node.ready:
        yield Finding(
            id="app.node",
            level=Level.FAIL,
            subject=unit.key,
            summary=f"node {node.name} is not ready: {node.reason or 'no reason given'}",
            evidence=(f"condition Ready of node {node.name}",),
        )


CHECK = Check("app.node", "Its node answers", _run)
