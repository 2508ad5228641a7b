"""kubectl's writes against the demo."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mediatui.demo.server import DemoServer
from tests.demo.kubectl import Kubectl, needs_kubectl

pytestmark = needs_kubectl

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: whoami, namespace: media}
spec:
  replicas: 1
  selector: {matchLabels: {app: whoami}}
  template:
    metadata: {labels: {app: whoami}}
    spec:
      containers: [{name: whoami, image: "example/whoami:1", env: [{name: A, value: "1"}]}]
"""


@pytest.fixture
async def kubectl(tmp_path: Path) -> AsyncIterator[Kubectl]:
    """Kubectl on a cluster that lives, and in which no GitOps takes changes back."""
    async with DemoServer("healthy") as server:
        yield Kubectl(server, tmp_path)


async def read(kubectl: Kubectl, path: str, *what: str) -> str:
    return await kubectl("get", *what, "-o", f"jsonpath={{{path}}}")


async def test_apply_creates_changes_and_leaves_alone(kubectl: Kubectl, tmp_path: Path) -> None:
    file = tmp_path / "whoami.yaml"
    file.write_text(DEPLOYMENT)
    assert "created" in await kubectl("apply", "-f", str(file))
    assert "unchanged" in await kubectl("apply", "-f", str(file))
    assert "successfully rolled out" in await kubectl("rollout", "status", "deploy/whoami")
    file.write_text(DEPLOYMENT.replace(":1", ":2"))
    assert await kubectl("diff", "-f", str(file), code=1)
    assert "configured" in await kubectl("apply", "-f", str(file))
    assert "successfully rolled out" in await kubectl("rollout", "status", "deploy/whoami")
    image = ".spec.template.spec.containers[0].image"
    assert await read(kubectl, image, "deploy", "whoami") == "example/whoami:2"
    assert "deleted" in await kubectl("delete", "-f", str(file))
    await kubectl("wait", "--for=delete", "pod", "-l", "app=whoami", "--timeout=20s")
    assert await kubectl("get", "pods", "-l", "app=whoami", "-o", "name") == ""


async def test_server_side_apply_names_the_manager_and_the_field_of_a_conflict(
    kubectl: Kubectl, tmp_path: Path
) -> None:
    file = tmp_path / "whoami.yaml"
    file.write_text(DEPLOYMENT)
    assert "serverside-applied" in await kubectl("apply", "--server-side", "--field-manager=one", "-f", str(file))
    file.write_text(DEPLOYMENT.replace("replicas: 1", "replicas: 2"))
    refused = await kubectl("apply", "--server-side", "--field-manager=two", "-f", str(file), code=1)
    assert 'conflict with "one" using apps/v1: .spec.replicas' in refused
    forced = ("apply", "--server-side", "--force-conflicts", "--field-manager=two", "-f", str(file))
    assert "serverside-applied" in await kubectl(*forced)
    assert await read(kubectl, ".spec.replicas", "deploy", "whoami") == "2"


@pytest.mark.parametrize(
    ("kind", "patch"),
    [
        ("merge", {"spec": {"template": {"metadata": {"labels": {"tier": "media"}}}}}),
        ("strategic", {"spec": {"template": {"metadata": {"labels": {"tier": "media"}}}}}),
        ("json", [{"op": "add", "path": "/spec/template/metadata/labels/tier", "value": "media"}]),
    ],
)
async def test_all_three_kinds_of_patch(kubectl: Kubectl, kind: str, patch: object) -> None:
    assert "patched" in await kubectl("patch", "sts", "prowlarr", "--type", kind, "-p", json.dumps(patch))
    assert "roll out complete" in await kubectl("rollout", "status", "sts/prowlarr")
    assert await read(kubectl, ".metadata.labels.tier", "pod", "prowlarr-0") == "media"


async def test_scale_and_wait(kubectl: Kubectl) -> None:
    assert "scaled" in await kubectl("scale", "sts/radarr", "--replicas=0")
    await kubectl("wait", "pod/radarr-0", "--for=delete", "--timeout=20s")
    assert "(NotFound)" in await kubectl("get", "pod", "radarr-0", code=1)
    assert "scaled" in await kubectl("scale", "sts/radarr", "--replicas=1")
    assert "condition met" in await kubectl("wait", "sts/radarr", "--for=jsonpath={.status.readyReplicas}=1")
    assert "scaled" in await kubectl("scale", "deploy/jellyseerr", "--replicas=2")
    assert "successfully rolled out" in await kubectl("rollout", "status", "deploy/jellyseerr")
    refused = await kubectl("scale", "sts/radarr", "--replicas=2", "--current-replicas=7", code=1)
    assert "Expected replicas to be 7, was 1" in refused


async def test_restart_makes_new_pods(kubectl: Kubectl) -> None:
    before = await read(kubectl, ".metadata.uid", "pod", "prowlarr-0")
    assert "restarted" in await kubectl("rollout", "restart", "sts/prowlarr")
    assert "roll out complete" in await kubectl("rollout", "status", "sts/prowlarr")
    assert await read(kubectl, ".metadata.uid", "pod", "prowlarr-0") != before


async def test_labels_annotations_and_images(kubectl: Kubectl) -> None:
    assert "labeled" in await kubectl("label", "pvc", "sonarr-config", "keep=yes")
    assert "annotated" in await kubectl("annotate", "pvc", "sonarr-config", "note=mine")
    assert "image updated" in await kubectl("set", "image", "sts/prowlarr", "prowlarr=example/prowlarr:9")
    assert await read(kubectl, ".metadata.labels.keep", "pvc", "sonarr-config") == "yes"


async def test_a_dry_run_of_the_server_changes_nothing(kubectl: Kubectl) -> None:
    assert "(server dry run)" in await kubectl("delete", "pvc", "sonarr-config", "--dry-run=server")
    assert await read(kubectl, ".metadata.deletionTimestamp", "pvc", "sonarr-config") == ""


@pytest.mark.parametrize(
    ("user", "question", "answer"),
    [
        ("mediatui-demo", ("delete", "pvc"), "yes"),
        ("demo-viewer", ("list", "pods"), "yes"),
        ("demo-viewer", ("delete", "pods"), "no"),
        ("demo-viewer", ("get", "secrets"), "no"),
        ("demo-viewer", ("create", "pods/exec"), "no"),
        ("demo-narrow", ("list", "pods"), "yes"),
        ("demo-narrow", ("list", "pods", "-A"), "no"),
        ("demo-nobody", ("list", "pods"), "no"),
    ],
)
async def test_each_user_may_what_it_is_for(
    demo: DemoServer, tmp_path: Path, user: str, question: tuple[str, ...], answer: str
) -> None:
    kubectl = Kubectl(demo, tmp_path)
    said = await kubectl("--context", user, "auth", "can-i", *question, code=int(answer == "no"))
    assert said.splitlines()[0] == answer


async def test_who_may_not_is_refused_as_rbac_does(demo: DemoServer, tmp_path: Path) -> None:
    kubectl = Kubectl(demo, tmp_path)
    refused = await kubectl("--context", "demo-viewer", "delete", "pod", "radarr-0", code=1)
    words = 'pods "radarr-0" is forbidden: User "demo-viewer" cannot delete resource "pods" in API group "" in the '
    assert f'{words}namespace "media"' in refused
    refused = await kubectl("--context", "demo-viewer", "exec", "radarr-0", "--", "ls", code=1)
    assert 'resource "pods/exec" in API group ""' in refused
    assert "pods" in await kubectl("--context", "demo-viewer", "auth", "can-i", "--list")
    assert "demo-nobody" in await kubectl("--context", "demo-nobody", "auth", "whoami")
