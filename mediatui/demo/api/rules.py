"""What an object of each kind may be and may become; the sentences are those of kube-apiserver 1.36."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from mediatui.demo.api.problems import Problem, invalid_value
from mediatui.demo.objects import Object

_LABEL: Final = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN: Final = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_NAME: Final = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_POD: Final = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)
_STATEFUL_SET: Final = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)
_CLAIM: Final = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
)
_STATEFUL_SET_FREE: Final = frozenset(
    {
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    }
)
_POD_FREE: Final = frozenset({"containers", "initContainers", "activeDeadlineSeconds", "tolerations"})
_VOLUME_PLAIN: Final = frozenset(
    {
        "accessModes",
        "capacity",
        "claimRef",
        "mountOptions",
        "nodeAffinity",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "volumeAttributesClassName",
        "volumeMode",
    }
)


def problems(obj: Object, before: Object | None) -> list[Problem]:
    """Return what is wrong with an object, also as the successor of what it was.

    Args:
        obj: The object, complete.
        before: What it replaces; None for a new one.
    """
    rules = _OF.get((obj["apiVersion"], obj["kind"]))
    found = list(_name(obj)) if before is None else list(_identity(obj, before))
    return [*found, *(rules(obj, before) if rules else ())]


def _name(obj: Object) -> Iterator[Problem]:
    name = obj["metadata"].get("name")
    if not name:
        yield Problem("metadata.name", "Required value", "name or generateName is required")
    elif not _SUBDOMAIN.fullmatch(name) and not obj["apiVersion"].startswith("rbac."):
        yield invalid_value("metadata.name", name, _NAME)


def _identity(obj: Object, before: Object) -> Iterator[Problem]:
    wanted = obj["metadata"].get("uid")
    if wanted and wanted != before["metadata"]["uid"]:
        yield invalid_value("metadata.uid", wanted, "field is immutable")


def _template(obj: Object) -> Iterator[Problem]:
    spec = obj.get("spec") or {}
    selector = spec.get("selector")
    if not selector:
        yield Problem("spec.selector", "Required value")
    labels = (spec.get("template", {}).get("metadata") or {}).get("labels")
    if not selector or not (selector.get("matchLabels") or {}).items() <= (labels or {}).items():
        yield invalid_value("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")
    yield from _pod_spec(spec.get("template", {}).get("spec") or {}, "spec.template.spec")
    if spec.get("replicas", 1) < 0:
        yield invalid_value("spec.replicas", spec["replicas"], "must be greater than or equal to 0")


def _pod_spec(spec: Object, path: str) -> Iterator[Problem]:
    if not spec.get("containers"):
        yield Problem(f"{path}.containers", "Required value")
    volumes = {volume.get("name") for volume in spec.get("volumes") or []}
    for index, container in enumerate(spec.get("containers") or []):
        here = f"{path}.containers[{index}]"
        for name in ("name", "image"):
            if not container.get(name):
                yield Problem(f"{here}.{name}", "Required value")
        for number, mount in enumerate(container.get("volumeMounts") or []):
            if mount.get("name") not in volumes:
                yield Problem(f"{here}.volumeMounts[{number}].name", "Not found", f'"{mount.get("name")}"')


def _workload(obj: Object, before: Object | None) -> Iterator[Problem]:
    yield from _template(obj)
    selector = obj["spec"].get("selector")
    if before is not None and selector != before["spec"].get("selector"):
        yield invalid_value("spec.selector", selector, "field is immutable")


def _stateful_set(obj: Object, before: Object | None) -> Iterator[Problem]:
    volumes = [
        *(obj["spec"].get("template", {}).get("spec", {}).get("volumes") or []),
        *({"name": claim["metadata"].get("name")} for claim in obj["spec"].get("volumeClaimTemplates") or []),
    ]
    template = obj["spec"].get("template", {})
    seen = {**obj, "spec": {**obj["spec"], "template": {**template, "spec": {**template["spec"], "volumes": volumes}}}}
    yield from _template(seen)
    if before is not None and _rest(obj["spec"], _STATEFUL_SET_FREE) != _rest(before["spec"], _STATEFUL_SET_FREE):
        yield Problem("spec", "Forbidden", _STATEFUL_SET)


def _pod(obj: Object, before: Object | None) -> Iterator[Problem]:
    if before is None:
        yield from _pod_spec(obj.get("spec") or {}, "spec")
    elif _rest(obj["spec"], _POD_FREE) != _rest(before["spec"], _POD_FREE) or (
        [_rest(one, {"image"}) for one in obj["spec"]["containers"]]
        != [_rest(one, {"image"}) for one in before["spec"]["containers"]]
    ):
        yield Problem("spec", "Forbidden", _POD)


def _claim(obj: Object, before: Object | None) -> Iterator[Problem]:
    spec = obj.get("spec") or {}
    if before is None:
        if not spec.get("accessModes"):
            yield Problem("spec.accessModes", "Required value", "at least 1 access mode is required")
        if not ((spec.get("resources") or {}).get("requests") or {}).get("storage"):
            yield Problem("spec.resources[storage]", "Required value")
        return
    old = before["spec"]
    free = set()
    if not old.get("volumeName"):
        free.add("volumeName")
    if old.get("storageClassName") is None:
        free.add("storageClassName")
    if before["status"].get("phase") == "Bound":
        free.add("resources")
    if _rest(spec, free) != _rest(old, free):
        yield Problem("spec", "Forbidden", _CLAIM)


def _volume(obj: Object, before: Object | None) -> Iterator[Problem]:
    spec = obj.get("spec") or {}
    if before is None:
        for name in ("accessModes", "capacity"):
            if not spec.get(name):
                yield Problem(f"spec.{name}", "Required value")
        if not _rest(spec, _VOLUME_PLAIN):
            yield Problem("spec", "Required value", "must specify a volume type")
    elif _rest(spec, _VOLUME_PLAIN) != _rest(before["spec"], _VOLUME_PLAIN):
        why = "spec.persistentvolumesource is immutable after creation"
        yield Problem("spec.persistentvolumesource", "Forbidden", why)


def _rest(spec: Mapping[str, Any], free: frozenset[str] | set[str]) -> dict[str, Any]:
    return {name: value for name, value in spec.items() if name not in free}


_OF: Final[Mapping[tuple[str, str], Callable[[Object, Object | None], Iterator[Problem]]]] = {
    ("v1", "Pod"): _pod,
    ("v1", "PersistentVolumeClaim"): _claim,
    ("v1", "PersistentVolume"): _volume,
    ("apps/v1", "Deployment"): _workload,
    ("apps/v1", "ReplicaSet"): _workload,
    ("apps/v1", "DaemonSet"): _workload,
    ("apps/v1", "StatefulSet"): _stateful_set,
}
