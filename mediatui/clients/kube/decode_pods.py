"""Pods and pod templates to rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from mediatui.apps import SETTINGS
from mediatui.clients.kube import types
from mediatui.clients.kube.decode import Nameless, ref_of
from mediatui.clients.kube.sharing import Sharing, one_line
from mediatui.clients.kube.types import Meta, Pairs, Quantities
from mediatui.model.workload import (
    Condition,
    ContainerPort,
    ContainerSpec,
    ContainerStatus,
    Mount,
    Pod,
    PodVolume,
    Resources,
)

ANNOTATIONS: Final = (
    "argocd.argoproj.io/tracking-id",
    "meta.helm.sh/release-name",
    "meta.helm.sh/release-namespace",
    "kubectl.kubernetes.io/restartedAt",
)
"""What discovery and GitOps read; annotations of our own, ``mediatui...``, are kept besides."""

_SETTING: Final = re.compile(r"[A-Z0-9]+__(?:SERVER__PORT|SERVER__URLBASE|PORT|URLBASE|POSTGRES__HOST)")
_STATUS: Final[dict[str, Literal["True", "False", "Unknown"]]] = {"True": "True", "False": "False"}
# Every pod mounts its account's token from a volume with a name of its own: kept, no two specs would be equal.
_TOKEN_VOLUME: Final = "kube-api-access-"
_TOKEN_VOLUME_NAME: Final = re.compile(rb"(?<=\"kube-api-access-)[a-z0-9]{5}(?=\")")
_TOKEN_PATH: Final = "/var/run/secrets/kubernetes.io/serviceaccount"
_CONTAINERS: Final = msgspec.json.Decoder(list[types.Container] | None)
_VOLUMES: Final = msgspec.json.Decoder(list[types.VolumeSpec] | None)


def pod(raw: types.Pod, sharing: Sharing) -> Pod:
    """Return a pod."""
    meta = raw.metadata
    if meta is None:
        raise Nameless("a pod without metadata")
    spec, status = raw.spec or types.PodSpec(), raw.status or types.PodStatus()
    owner = next((owner for owner in meta.owner_references or () if owner.controller), None)
    text = sharing.text
    ready = False
    notable: list[Condition] = []
    for each in status.conditions or ():
        if each.status != "True":
            notable.append(condition(each, sharing))
        elif each.type == "Ready":
            ready = True
    return Pod(
        ref=ref_of(meta, sharing),
        uid=one_line(meta.uid),
        created=sharing.moment(meta.creation_timestamp),
        phase=text(status.phase),
        owner_kind=text(owner.kind) if owner else "",
        owner_name=text(owner.name) if owner else "",
        owner_uid=text(owner.uid) if owner else "",
        node=text(spec.node_name),
        ip=one_line(status.pod_ip),
        reason=text(status.reason),
        message=one_line(status.message),
        deleting_since=deleting_since(meta, sharing),
        ready=ready,
        containers=containers(spec, sharing),
        statuses=tuple(
            container_status(each, sharing)
            for each in (*(status.init_container_statuses or ()), *(status.container_statuses or ()))
        ),
        volumes=volumes(spec, sharing),
        conditions=tuple(notable),
        labels=sharing.pairs(meta.labels),
        annotations=kept_annotations(meta.annotations, sharing),
    )


def deleting_since(meta: Meta, sharing: Sharing) -> float:
    """Return when an object began to end: its deletionTimestamp lies a grace period later."""
    if not meta.deletion_timestamp:
        return 0.0
    return sharing.moment(meta.deletion_timestamp) - (meta.deletion_grace_period_seconds or 0)


def condition(raw: types.Condition, sharing: Sharing) -> Condition:
    """Return a condition."""
    return Condition(
        type=sharing.text(raw.type),
        status=_STATUS.get(raw.status or "", "Unknown"),
        reason=sharing.text(raw.reason),
        message=one_line(raw.message),
        since=sharing.moment(raw.last_transition_time),
    )


def kept_annotations(raw: Pairs | None, sharing: Sharing) -> tuple[tuple[str, str], ...]:
    """Return the annotations that somebody reads."""
    if not raw:
        return ()
    kept = {key: value for key, value in raw.items() if key in ANNOTATIONS or key.startswith("mediatui")}
    return sharing.pairs(kept) if kept else ()


def container_status(raw: types.ContainerStatus, sharing: Sharing) -> ContainerStatus:
    """Return what the kubelet says of a container."""
    state = raw.state or types.ContainerState()
    kind: Literal["waiting", "running", "terminated", "unknown"] = "unknown"
    reason, message, since, code = "", "", 0.0, None
    if state.running is not None:
        kind, since = "running", sharing.moment(state.running.started_at)
    elif state.terminated is not None:
        ended = state.terminated
        kind, reason, message = "terminated", sharing.text(ended.reason), one_line(ended.message)
        since, code = sharing.moment(ended.finished_at), ended.exit_code
    elif state.waiting is not None:
        kind, reason, message = "waiting", sharing.text(state.waiting.reason), one_line(state.waiting.message)
    last = raw.last_state.terminated if raw.last_state is not None else None
    return ContainerStatus(
        name=sharing.text(raw.name),
        state=kind,
        ready=bool(raw.ready),
        restarts=raw.restart_count or 0,
        reason=reason,
        message=message,
        since=since,
        exit_code=code,
        last_reason=sharing.text(last.reason) if last else "",
        last_exit_code=last.exit_code if last else None,
        last_ended=sharing.moment(last.finished_at) if last else 0.0,
    )


def containers(spec: types.PodSpec, sharing: Sharing) -> tuple[ContainerSpec, ...]:
    """Return the containers of a pod or a template, init containers first and marked so."""
    main = sharing.known(_without_token(spec.containers), _main_containers)
    init = bytes(spec.init_containers)
    if init in (b"null", b"[]"):
        return main
    return sharing.share(sharing.known(b"init" + _without_token(spec.init_containers), _init_containers) + main)


def _without_token(raw: msgspec.Raw) -> bytes:
    return _TOKEN_VOLUME_NAME.sub(b"", bytes(raw))


def _main_containers(raw: bytes, sharing: Sharing) -> tuple[ContainerSpec, ...]:
    return sharing.share(tuple(_container(each, sharing, init=False) for each in _CONTAINERS.decode(raw) or ()))


def _init_containers(raw: bytes, sharing: Sharing) -> tuple[ContainerSpec, ...]:
    listed = _CONTAINERS.decode(raw.removeprefix(b"init")) or ()
    return tuple(_container(each, sharing, init=True) for each in listed)


def _container(raw: types.Container, sharing: Sharing, *, init: bool) -> ContainerSpec:
    text = sharing.text
    return sharing.share(
        ContainerSpec(
            name=text(raw.name),
            image=text(raw.image),
            resources=_resources(raw.resources, sharing),
            ports=tuple(ContainerPort(port.container_port or 0, text(port.name)) for port in raw.ports or ()),
            settings=tuple(
                (text(variable.name), text(variable.value)) for variable in raw.env or () if _is_setting(variable)
            ),
            probe_port=_probe_port((raw.readiness_probe, raw.liveness_probe, raw.startup_probe), sharing),
            mounts=tuple(
                Mount(text(mount.name), text(mount.mount_path), text(mount.sub_path))
                for mount in raw.volume_mounts or ()
                if mount.mount_path != _TOKEN_PATH
            ),
            init=init,
        )
    )


def _is_setting(variable: types.EnvVar) -> bool:
    name = variable.name or ""
    if name not in SETTINGS and not _SETTING.fullmatch(name):
        return False
    # That the database's host is set says PostgreSQL, also where a Secret holds its name.
    return variable.value is not None or "POSTGRES" in name


def _probe_port(probes: Sequence[types.Probe | None], sharing: Sharing) -> int | str:
    for probe in probes:
        target = (probe.http_get or probe.tcp_socket) if probe is not None else None
        if target is not None and target.port:
            return sharing.text(target.port) if isinstance(target.port, str) else target.port
    return 0


def _resources(raw: types.ResourceSpec | None, sharing: Sharing) -> Resources:
    if raw is None:
        return _NO_RESOURCES
    requests, limits = raw.requests or {}, raw.limits or {}
    amount = sharing.amount
    return sharing.share(
        Resources(
            cpu_request=amount(requests.get("cpu")),
            cpu_limit=amount(limits.get("cpu")),
            memory_request=amount(requests.get("memory")),
            memory_limit=amount(limits.get("memory")),
            devices=extended({**requests, **limits}, sharing),
            claims=tuple(sharing.text(claim.name) for claim in raw.claims or ()),
        )
    )


_NO_RESOURCES: Final = Resources()


def extended(raw: Quantities | None, sharing: Sharing) -> tuple[tuple[str, float], ...]:
    """Return the extended resources among quantities: those whose name has a domain, as a GPU's."""
    found = ((name, sharing.amount(value)) for name, value in (raw or {}).items() if "/" in name)
    return tuple((sharing.text(name), value) for name, value in found if value is not None)


def volumes(spec: types.PodSpec, sharing: Sharing) -> tuple[PodVolume, ...]:
    """Return the volumes of a pod or a template, without the token that each pod gets."""
    return sharing.known(b"volumes" + _without_token(spec.volumes), _all_volumes)


def _all_volumes(raw: bytes, sharing: Sharing) -> tuple[PodVolume, ...]:
    listed = _VOLUMES.decode(raw.removeprefix(b"volumes")) or ()
    found = (each for each in listed if not (each.name or "").startswith(_TOKEN_VOLUME))
    return sharing.share(tuple(sharing.share(_volume(each, sharing)) for each in found))


def _volume(raw: types.VolumeSpec, sharing: Sharing) -> PodVolume:
    text = sharing.text
    name = text(raw.name)
    if raw.persistent_volume_claim is not None:
        return PodVolume(name, "claim", text(raw.persistent_volume_claim.claim_name))
    if raw.empty_dir is not None:
        return PodVolume(name, "emptyDir")
    if raw.host_path is not None:
        return PodVolume(name, "hostPath", text(raw.host_path.path))
    if raw.nfs is not None:
        return PodVolume(name, "nfs", f"{text(raw.nfs.server)}:{text(raw.nfs.path)}")
    if raw.ephemeral is not None:
        return PodVolume(name, "ephemeral")
    if raw.config_map is not None:
        return PodVolume(name, "configMap", text(raw.config_map.name))
    if raw.secret is not None:
        return PodVolume(name, "secret", text(raw.secret.secret_name))
    return PodVolume(name, "other")
