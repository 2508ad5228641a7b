"""The events that concern an app, whichever of its objects they are about."""

from __future__ import annotations

from mediatui.checks.base import events_of
from mediatui.model.app import AppUnit
from mediatui.model.stack import Stack
from mediatui.model.workload import Event


def events_of_app(stack: Stack, unit: AppUnit) -> list[Event]:
    """Return the events of an app's workload, its ReplicaSets, pods and claims, newest first."""
    uids = [unit.workload.uid, *(pod.uid for pod in unit.pods)]
    uids.extend(one.uid for one in stack.replicasets.values() if one.owner_uid == unit.workload.uid)
    uids.extend(stack.claims[ref].uid for ref in unit.claims if ref in stack.claims)
    return sorted((event for uid in uids for event in events_of(stack, uid)), key=lambda event: -event.last_seen)
