"""Argo CD's application controller: compares with Git, syncs when told or allowed, and heals what was changed by hand.

Its rules are those that were seen on Argo CD 3.2: automated sync acts on a revision that was not tried yet, or with
``selfHeal`` on any difference; ``automated.enabled: false`` stops both; a sync of single resources leaves no history;
pruning spares what says ``Prune=false``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from mediatui.demo.api.ownership import Writer
from mediatui.demo.api.patching import APPLY
from mediatui.demo.api.verbs import Options
from mediatui.demo.controllers.base import Hands, is_ending, own
from mediatui.demo.controllers.loop import Keys
from mediatui.demo.gitops.comparison import TRACKED, TRACKING, Row, application_of, compared, overall, tracking_id
from mediatui.demo.objects import Key, Object, dig, key_of, seconds_of, stamp
from mediatui.demo.repositories import UnknownRevisionError
from mediatui.demo.resources import Resource, named, of_object
from mediatui.demo.statuses import Refusal
from mediatui.demo.world import World

APPLICATIONS: Final = named("applications", "argoproj.io")
NAMESPACE: Final = "argocd"
FINALIZER: Final = "resources-finalizer.argocd.argoproj.io"
REFRESH: Final = "argocd.argoproj.io/refresh"
_MANAGER: Final = Writer("argocd-controller")
_APPLY: Final = Writer("argocd-controller", "Apply")
_RECONCILE: Final = 180.0
"""Seconds between two looks at Git: ``timeout.reconciliation`` and its jitter."""
_BACKOFF: Final = (2.0, 3.0, 300.0)
"""Self-heal: the first pause in seconds, its factor, the longest."""
_COOLDOWN: Final = 330.0
"""Seconds without healing after which the pauses begin anew."""


class ApplicationController:
    """Follows Applications and everything that carries their mark.

    Args:
        world: The cluster.
    """

    def __init__(self, world: World) -> None:
        self._hands = Hands(world, "argocd-application-controller")
        self._healed: dict[Key, tuple[int, float]] = {}
        """How often in a row an Application was healed, and when last."""

    @property
    def watches(self) -> Mapping[Resource, Keys]:
        """Applications, and what they track."""
        return {APPLICATIONS: _itself_and_parent, **{one: _of_tracked for one in TRACKED if one is not APPLICATIONS}}

    def reconcile(self, key: Key) -> float | None:
        """Look at one Application."""
        app = self._hands.get(APPLICATIONS, key)
        if app is None:
            return None
        if is_ending(app):
            return self._end(app)
        if "operation" in app:
            self._operate(app)
            return 0.0
        now = self._hands.world.clock.now()
        try:
            revision, rows = self._compare(app)
        except UnknownRevisionError as error:
            self._note(app, {"conditions": [_condition("ComparisonError", str(error), now)]}, now)
            return _RECONCILE
        differs = any(row.differs for row in rows)
        sync = {
            "status": "OutOfSync" if differs else "Synced",
            "revision": revision,
            "comparedTo": {"source": app["spec"]["source"], "destination": app["spec"]["destination"]},
        }
        status: Object = {
            "sync": sync,
            "health": {"status": overall(rows)},
            "resources": [row.described() for row in rows],
            "sourceType": "Kustomize",
            "summary": {"images": _images(rows)},
            "conditions": None,
        }
        self._note(app, status, now)
        wait = self._automate(key_of(app), revision, rows, now)
        return _RECONCILE if wait is None else wait

    def _compare(self, app: Object) -> tuple[str, list[Row]]:
        source, destination = app["spec"]["source"], app["spec"]["destination"]
        commit = self._hands.world.repositories.at(source["repoURL"], source.get("targetRevision", "HEAD"))
        manifests = [_placed(one, destination.get("namespace", "")) for one in commit.folders.get(source["path"], ())]
        return commit.revision, compared(app, manifests, self._live(app, manifests))

    def _live(self, app: Object, manifests: Iterable[Object]) -> dict[tuple[Resource, Key], Object]:
        found = {}
        for manifest in manifests:
            place = (of_object(manifest), key_of(manifest))
            there = self._hands.get(*place)
            if there is not None:
                found[place] = there
        name = app["metadata"]["name"]
        for resource in TRACKED:
            for item in self._hands.store.all(resource):
                if application_of(item.data) == name:
                    found[resource, key_of(item.data)] = item.data
        return found

    def _note(self, app: Object, status: Object, now: float) -> None:
        """Write what was seen, when it is news or a look was asked for or is due."""
        before = app.get("status") or {}
        asked = REFRESH in (app["metadata"].get("annotations") or {})
        last = seconds_of(before.get("reconciledAt")) or 0.0
        health = status.get("health")
        if health is not None:
            since = dig(before, "health.lastTransitionTime")
            same = dig(before, "health.status") == health["status"]
            health["lastTransitionTime"] = since if same and since else stamp(now)
        after = {**before, **status}
        after = {name: value for name, value in after.items() if value is not None}
        if after == before and not asked and now - last < _RECONCILE:
            return
        after["reconciledAt"] = stamp(now)

        def change(copy: Object) -> None:
            copy["status"] = after
            (copy["metadata"].get("annotations") or {}).pop(REFRESH, None)

        self._edit(app, change)

    def _automate(self, key: Key, revision: str, rows: Sequence[Row], now: float) -> float | None:
        """Order a sync where the policy asks for it; return seconds until it may, if it has to wait."""
        app = self._hands.get(APPLICATIONS, key)
        policy = dig(app or {}, "spec.syncPolicy.automated")
        if app is None or policy is None or policy.get("enabled") is False:
            return None
        prune = bool(policy.get("prune"))
        ahead = [row for row in rows if row.differs and (not row.must_go or (prune and not row.is_kept))]
        if not ahead:
            return None
        tried = dig(app, "status.operationState.syncResult.revision") or dig(
            app, "status.operationState.operation.sync.revision"
        )
        if tried == revision:
            if not policy.get("selfHeal"):
                return None
            times, last = self._healed.get(key, (0, 0.0))
            if now - last > _COOLDOWN:
                times = 0
            first, factor, most = _BACKOFF
            rest = last + min(first * factor ** (times - 1), most) - now if times else 0.0
            if rest > 0:
                return rest
            self._healed[key] = (times + 1, now)
        sync: Object = {"revision": revision}
        if prune:
            sync["prune"] = True
        if options := dig(app, "spec.syncPolicy.syncOptions"):
            sync["syncOptions"] = options
        operation = {"sync": sync, "initiatedBy": {"automated": True}, "retry": {"limit": 5}}
        self._edit(app, lambda copy: copy.update(operation=operation))
        return 0.0

    def _operate(self, app: Object) -> None:
        """Carry out ``.operation`` and say how it went."""
        operation = app["operation"]
        sync = operation.get("sync") or {}
        started = stamp(self._hands.world.clock.now())
        state: Object = {"operation": operation, "startedAt": started, "phase": "Succeeded"}
        try:
            revision, results = self._sync(app, sync)
        except UnknownRevisionError as error:
            state |= {"phase": "Error", "message": str(error)}
        else:
            failed = [row for row in results if row["status"] == "SyncFailed"]
            state["message"] = "successfully synced (all tasks run)"
            if failed:
                why = ", ".join(row["message"] for row in failed)
                state |= {"phase": "Failed", "message": f"one or more objects failed to apply, reason: {why}"}
            state["syncResult"] = {"revision": revision, "source": app["spec"]["source"], "resources": results}
        state["finishedAt"] = stamp(self._hands.world.clock.now())

        def change(copy: Object) -> None:
            copy.pop("operation", None)
            status = copy.setdefault("status", {})
            status["operationState"] = state
            if state["phase"] == "Succeeded" and not sync.get("resources") and not sync.get("dryRun"):
                history = status.setdefault("history", [])
                number = history[-1]["id"] + 1 if history else 0
                entry = {"id": number, "revision": revision, "deployedAt": state["finishedAt"]}
                history.append({**entry, "source": app["spec"]["source"]})
                del history[:-10]

        self._edit(app, change)

    def _sync(self, app: Object, sync: Object) -> tuple[str, list[Object]]:
        source = app["spec"]["source"] | ({"targetRevision": sync["revision"]} if sync.get("revision") else {})
        revision, rows = self._compare({**app, "spec": {**app["spec"], "source": source}})
        chosen = sync.get("resources")
        results = []
        for row in rows:
            if chosen is not None and not any(_is_chosen(row, one) for one in chosen):
                continue
            if row.must_go:
                results.append(self._prune(row, allowed=bool(sync.get("prune")), dry=bool(sync.get("dryRun"))))
            else:
                results.append(self._apply(app, row, dry=bool(sync.get("dryRun"))))
        return revision, results

    def _apply(self, app: Object, row: Row, *, dry: bool) -> Object:
        assert row.desired is not None
        body = row.desired | {"metadata": dict(row.desired["metadata"])}
        mark = {TRACKING: tracking_id(app["metadata"]["name"], row.resource, row.key)}
        body["metadata"]["annotations"] = {**(body["metadata"].get("annotations") or {}), **mark}
        options = Options(_APPLY, dry_run=dry, force=True)
        word = f"{row.resource.qualified}/{row.key.name}"
        try:
            self._hands.api.patch(row.resource, APPLY, body, row.key.namespace, row.key.name, options)
        except Refusal as refusal:
            return _result(row, "SyncFailed", refusal.message)
        return _result(row, "Synced", f"{word} {'configured' if row.live else 'created'}")

    def _prune(self, row: Row, *, allowed: bool, dry: bool) -> Object:
        assert row.live is not None
        if row.is_kept:
            return _result(row, "PruneSkipped", "ignored (no prune)")
        if not allowed:
            return _result(row, "PruneSkipped", "ignored (requires pruning)")
        if not dry:
            self._hands.delete(row.resource, row.live)
        return _result(row, "Pruned", "pruned")

    def _end(self, app: Object) -> float | None:
        """Delete what an Application tracks, if its finalizer says so, and let it go."""
        if FINALIZER not in (app["metadata"].get("finalizers") or []):
            return None
        left = False
        for resource in TRACKED:
            for item in self._hands.store.all(resource):
                if application_of(item.data) == app["metadata"]["name"]:
                    left = True
                    if not is_ending(item.data):
                        self._hands.delete(resource, item.data)
        if left:
            return 1.0
        self._edit(app, lambda copy: copy["metadata"]["finalizers"].remove(FINALIZER))
        return None

    def _edit(self, app: Object, change: Any) -> None:
        key = key_of(app)
        self._hands.api.edit(APPLICATIONS, key.namespace, key.name, _MANAGER, change)


def _itself_and_parent(obj: Object) -> Iterable[Key]:
    return (*own(obj), *_of_tracked(obj))


def _of_tracked(obj: Object) -> Iterable[Key]:
    name = application_of(obj)
    return (Key(NAMESPACE, name),) if name else ()


def _placed(manifest: Object, namespace: str) -> Object:
    """Return a manifest with a namespace, where its kind has one and it says none."""
    if not of_object(manifest).namespaced or manifest["metadata"].get("namespace"):
        return manifest
    return {**manifest, "metadata": {**manifest["metadata"], "namespace": namespace}}


def _images(rows: Iterable[Row]) -> list[str]:
    found = {
        container["image"]
        for row in rows
        if row.live is not None
        for container in dig(row.live, "spec.template.spec.containers", [])
    }
    return sorted(found)


def _is_chosen(row: Row, chosen: Object) -> bool:
    return (
        chosen.get("kind") == row.resource.kind
        and chosen.get("name") == row.key.name
        and chosen.get("group", "") == row.resource.group
        and chosen.get("namespace", row.key.namespace) == row.key.namespace
    )


def _result(row: Row, status: str, message: str) -> Object:
    described = row.described()
    names: Object = {
        name: described[name] for name in ("group", "version", "kind", "namespace", "name") if name in described
    }
    return {**names, "status": status, "message": message, "syncPhase": "Sync"}


def _condition(kind: str, message: str, now: float) -> Object:
    return {"type": kind, "message": message, "lastTransitionTime": stamp(now)}
