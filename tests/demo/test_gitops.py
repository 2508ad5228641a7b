"""The demo's Argo CD, with the behaviour that was seen on a real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mediatui.demo.api.ownership import Writer
from mediatui.demo.gitops.applications import APPLICATIONS, FINALIZER, REFRESH
from mediatui.demo.gitops.sets import APPLICATION_SETS
from mediatui.demo.objects import Object, dig
from mediatui.demo.resources import Resource, named
from mediatui.demo.server import DemoServer
from tests.demo.asking import TurnedClock

STATEFUL_SETS = named("statefulsets")
DEPLOYMENTS = named("deployments")
CLAIMS = named("persistentvolumeclaims")
REPOSITORY = "https://git.example.internal/home/cluster.git"
FOLDER = "k8s/applications/media"
ME = Writer("kubectl-edit")


class Home:
    """A home lab whose controllers work when they are told to."""

    def __init__(self) -> None:
        self.clock = TurnedClock()
        self.server = DemoServer("homelab", live=False, clock=self.clock)
        self.world = self.server.world

    def settle(self) -> None:
        """Let the controllers do what is to be done now."""
        self.server.loop.work()

    def app(self) -> Object:
        """Return the Application."""
        return self.world.store.get(APPLICATIONS, "apps-media", "argocd").data

    def edit(self, resource: Resource, name: str, change: Callable[[Any], Any], namespace: str = "media") -> None:
        """Change an object by hand, and let the controllers answer."""
        self.world.api.edit(resource, namespace, name, ME, change)
        self.settle()

    def pause(self) -> None:
        """Switch automated sync off, as an operator does before a migration."""
        self.edit(APPLICATIONS, "apps-media", lambda app: _automated(app).update(enabled=False), "argocd")

    def ignore_pauses(self) -> None:
        """Give the ApplicationSet the rule that lets a pause stay."""
        rule = [{"jsonPointers": ["/spec/syncPolicy"]}]
        self.edit(
            APPLICATION_SETS,
            "applications",
            lambda one: one["spec"].update(ignoreApplicationDifferences=rule),
            "argocd",
        )

    def scale(self, replicas: int) -> None:
        """Scale Radarr by hand."""
        self.edit(STATEFUL_SETS, "radarr", lambda one: one["spec"].update(replicas=replicas))

    def replicas(self) -> int:
        """Return how many Radarrs are wanted."""
        found: int = self.world.store.get(STATEFUL_SETS, "radarr", "media").data["spec"]["replicas"]
        return found

    def order(self, **sync: Any) -> Object:
        """Order a sync through ``.operation`` and return how it went."""
        operation = {"sync": sync, "initiatedBy": {"username": "me"}}
        self.edit(APPLICATIONS, "apps-media", lambda app: app.update(operation=operation), "argocd")
        state: Object = self.app()["status"]["operationState"]
        return state

    def manifests(self) -> list[Object]:
        """Return what Git has."""
        return list(self.world.repositories.at(REPOSITORY, "main").folders[FOLDER])


def _automated(app: Object) -> Object:
    found: Object = app["spec"]["syncPolicy"]["automated"]
    return found


@pytest.fixture
def home() -> Home:
    return Home()


def test_a_change_by_hand_is_healed(home: Home) -> None:
    assert home.app()["status"]["sync"]["status"] == "Synced"
    home.scale(0)
    assert home.replicas() == 1
    assert home.app()["status"]["operationState"]["operation"]["initiatedBy"] == {"automated": True}


def test_healing_again_and_again_waits_longer_each_time(home: Home) -> None:
    home.scale(0)
    home.scale(0)
    assert home.replicas() == 0, "the second time it waits"
    home.clock._now += 2
    home.settle()
    assert home.replicas() == 1


def test_an_applicationset_takes_a_pause_back_unless_it_ignores_it(home: Home) -> None:
    home.pause()
    assert "enabled" not in _automated(home.app())
    home.ignore_pauses()
    home.pause()
    assert _automated(home.app())["enabled"] is False
    home.scale(0)
    assert home.replicas() == 0
    assert home.app()["status"]["sync"]["status"] == "OutOfSync"


def test_a_sync_of_one_object_touches_no_other_and_leaves_no_history(home: Home) -> None:
    home.ignore_pauses()
    home.pause()
    home.scale(0)
    home.edit(STATEFUL_SETS, "prowlarr", lambda one: one["spec"].update(replicas=0))
    before = home.app()["status"]["history"]
    state = home.order(resources=[{"group": "apps", "kind": "StatefulSet", "name": "radarr"}])
    assert (state["phase"], [row["name"] for row in state["syncResult"]["resources"]]) == ("Succeeded", ["radarr"])
    assert home.replicas() == 1
    assert home.world.store.get(STATEFUL_SETS, "prowlarr", "media").data["spec"]["replicas"] == 0
    assert home.app()["status"]["history"] == before


def test_a_commit_arrives_and_leaves_history(home: Home) -> None:
    changed = [_scaled(one, 2) if one["metadata"]["name"] == "prowlarr" else one for one in home.manifests()]
    revision = home.world.repositories.commit(REPOSITORY, FOLDER, changed)
    home.edit(APPLICATIONS, "apps-media", _refreshed, "argocd")
    assert REFRESH not in (home.app()["metadata"].get("annotations") or {})
    assert home.world.store.get(STATEFUL_SETS, "prowlarr", "media").data["spec"]["replicas"] == 2
    assert home.app()["status"]["history"][-1]["revision"] == revision


def test_what_git_has_no_more_is_pruned_unless_it_says_that_it_is_not(home: Home) -> None:
    home.edit(DEPLOYMENTS, "sonarr", _kept)
    left = [one for one in home.manifests() if one["metadata"]["name"] not in ("sonarr", "jellyseerr")]
    home.world.repositories.commit(REPOSITORY, FOLDER, left)
    home.edit(APPLICATIONS, "apps-media", _refreshed, "argocd")
    names = {item.data["metadata"]["name"] for item in home.world.store.all(DEPLOYMENTS, "media")}
    assert "sonarr" in names
    assert "jellyseerr" not in names
    rows = {row["name"]: row for row in home.app()["status"]["resources"]}
    assert rows["sonarr"]["requiresPruning"] is True


def test_a_lost_claim_degrades_and_an_annotation_hides_it(home: Home) -> None:
    mark = {"argocd.argoproj.io/tracking-id": "apps-media:/PersistentVolumeClaim:media/sonarr-config"}
    home.ignore_pauses()
    home.pause()
    claim = home.world.store.get(CLAIMS, "sonarr-config", "media").data
    names = {"name": "sonarr-config", "namespace": "media"}
    manifest = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": names, "spec": claim["spec"]}
    home.world.repositories.commit(REPOSITORY, FOLDER, [*home.manifests(), manifest])
    volume = claim["spec"]["volumeName"]
    home.world.api.delete(named("persistentvolumes"), "", volume, {})
    home.edit(named("persistentvolumes"), volume, lambda one: one["metadata"].pop("finalizers", None), "")
    home.edit(CLAIMS, "sonarr-config", lambda one: one["metadata"].setdefault("annotations", {}).update(mark))
    assert dig(home.app(), "status.health.status") == "Degraded"
    hidden = {"argocd.argoproj.io/ignore-healthcheck": "true"}
    home.edit(CLAIMS, "sonarr-config", lambda one: one["metadata"]["annotations"].update(hidden))
    assert dig(home.app(), "status.health.status") == "Progressing"


def test_an_application_that_is_deleted_takes_everything_with_it_because_of_its_finalizer(home: Home) -> None:
    assert home.app()["metadata"]["finalizers"] == [FINALIZER]
    home.world.api.delete(APPLICATION_SETS, "argocd", "applications", {"propagationPolicy": "Orphan"})
    home.settle()
    home.world.api.delete(APPLICATIONS, "argocd", "apps-media", {})
    home.settle()
    assert home.world.store.all(STATEFUL_SETS, "media") == []


def test_a_branch_that_is_not_there_is_said(home: Home) -> None:
    home.ignore_pauses()
    home.edit(
        APPLICATION_SETS,
        "applications",
        lambda one: one["spec"]["template"]["spec"]["source"].update(targetRevision="nope"),
        "argocd",
    )
    (condition,) = home.app()["status"]["conditions"]
    assert condition["type"] == "ComparisonError"


def _scaled(manifest: Object, replicas: int) -> Object:
    return {**manifest, "spec": {**manifest["spec"], "replicas": replicas}}


def _refreshed(app: Object) -> None:
    app["metadata"].setdefault("annotations", {})[REFRESH] = "normal"


def _kept(one: Object) -> None:
    one["metadata"].setdefault("annotations", {})["argocd.argoproj.io/sync-options"] = "Prune=false"
