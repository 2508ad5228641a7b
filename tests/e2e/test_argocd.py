"""What mediatui says of an app that a real Argo CD owns, and what Argo CD does with changes behind its back."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import yaml

from tests.e2e.conftest import Object, Place
from tests.lab.argocd import NAMESPACE, ArgoCD, application, application_set, parent
from tests.lab.repository import Repository
from tests.lab.scenarios import deployment
from tests.support.waiting import eventually

APPLICATIONS = f"/apis/argoproj.io/v1alpha1/namespaces/{NAMESPACE}/applications"
MERGE = {"Content-Type": "application/merge-patch+json"}


class Owned:
    """Sonarr in a repository, and an Application of its own for it."""

    def __init__(self, argocd: ArgoCD, place: Place) -> None:
        self.name = f"app-{secrets.token_hex(3)}"
        self.argocd = argocd
        self.place = place
        self.repository: Repository = argocd.repository(self.name)
        self.commit(replicas=1)
        self.body = application(self.name, self.repository, namespace=place.namespace)

    def commit(self, **spec: Any) -> str:
        body = deployment("sonarr")
        body["spec"].update(spec)
        files: dict[str, str | None] = {
            "sonarr.yaml": yaml.safe_dump(body),
            "kustomization.yaml": "resources: [sonarr.yaml]\n",
        }
        return self.repository.commit("sonarr", files)

    def gitops(self) -> Object:
        apps: list[Object] = self.place.status()["apps"]
        return (apps[0]["gitops"] or {}) if apps else {}

    def synced(self) -> Object:
        return eventually(lambda: said if (said := self.gitops()).get("sync") == "Synced" else {}, "it is synced", 60)

    def automated(self) -> bool:
        return "automated" in self.argocd.application(self.name)["spec"].get("syncPolicy", {})

    def pause(self) -> None:
        """Take self-heal away from the live Application, as an operator does for a migration."""
        self._patch(f"{APPLICATIONS}/{self.name}", {"spec": {"syncPolicy": {"automated": None}}})

    def scale(self, replicas: int) -> None:
        path = f"/apis/apps/v1/namespaces/{self.place.namespace}/deployments/sonarr"
        self._patch(path, {"spec": {"replicas": replicas}})

    def replicas(self) -> int:
        path = f"/apis/apps/v1/namespaces/{self.place.namespace}/deployments/sonarr"
        found: int = self.place.client.get(path).json()["spec"]["replicas"]
        return found

    def refresh(self) -> None:
        body = {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}}
        self._patch(f"{APPLICATIONS}/{self.name}", body)

        def looked() -> bool:
            annotations = self.argocd.application(self.name)["metadata"].get("annotations") or {}
            return "argocd.argoproj.io/refresh" not in annotations

        eventually(looked, "Argo CD has looked again", 60)

    def _patch(self, path: str, body: Object) -> None:
        answer: httpx.Response = self.place.client.patch(path, content=json.dumps(body), headers=MERGE)
        assert answer.status_code == 200, answer.text


@pytest.fixture
def owned(argocd: ArgoCD, argocd_place: Place) -> Iterator[Owned]:
    """Sonarr in a repository; nothing is applied yet."""
    one = Owned(argocd, argocd_place)
    yield one
    argocd_place.client.delete(f"{APPLICATIONS}/{one.name}")


def test_an_application_of_its_own_is_told_with_its_state_and_healed_by_itself(owned: Owned) -> None:
    owned.argocd.apply(owned.body)
    said = owned.synced()
    assert (said["engine"], said["name"], said["automated"], said["selfHeal"]) == ("argocd", owned.name, True, True)
    assert said["madeBy"] is None
    owned.scale(0)
    eventually(lambda: owned.replicas() == 1, "Argo CD takes it back", 60)
    owned.pause()
    owned.scale(0)
    eventually(lambda: owned.gitops().get("sync") == "OutOfSync", "mediatui says that it differs", 60)
    assert owned.gitops()["automated"] is False
    assert owned.replicas() == 0


@pytest.mark.parametrize("ignores", [True, False], ids=["with the ignore rule", "without it"])
def test_an_applicationset_takes_a_pause_back_unless_it_ignores_it(owned: Owned, ignores: bool) -> None:
    owner = f"set-{owned.name}"
    owned.argocd.apply(application_set(owner, owned.body, ignores_sync_policy=ignores))
    assert owned.synced()["madeBy"] == f"ApplicationSet {owner}"
    owned.pause()
    if ignores:
        # It is looked at again when its own object changes: a pause that lasts has survived that.
        owned.argocd.apply(application_set(owner, owned.body, ignores_sync_policy=ignores) | _touched(owner))
        owned.refresh()
        assert not owned.automated()
    else:
        eventually(owned.automated, "the ApplicationSet takes the pause back", 60)
    path = f"/apis/argoproj.io/v1alpha1/namespaces/{NAMESPACE}/applicationsets/{owner}"
    owned.place.client.delete(path)


def test_a_parent_application_takes_a_pause_back(owned: Owned) -> None:
    above = f"parent-{owned.name}"
    owned.argocd.apply(parent(above, owned.argocd.repository(above), [owned.body]))
    owned.synced()
    owned.pause()
    eventually(owned.automated, "the parent takes the pause back", 90)
    owned.place.client.delete(f"{APPLICATIONS}/{above}")


def test_a_commit_arrives(owned: Owned) -> None:
    owned.argocd.apply(owned.body)
    owned.synced()
    revision = owned.commit(replicas=2)
    eventually(lambda: owned.replicas() == 2, "the new manifest is applied", 90)
    assert owned.argocd.application(owned.name)["status"]["sync"]["revision"] == revision


def _touched(name: str) -> Object:
    return {"metadata": {"name": name, "namespace": NAMESPACE, "annotations": {"lab": secrets.token_hex(4)}}}
