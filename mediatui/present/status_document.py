"""An app's status as the JSON that ``status --json`` prints; fields are only ever added."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mediatui.model.app import AppUnit, Datum
from mediatui.model.finding import Finding
from mediatui.model.source import Kind, Ref
from mediatui.model.stack import Stack
from mediatui.model.workload import Pod, Resources
from mediatui.present.status import AppStatus, absence, usage_of


def app_document(stack: Stack, status: AppStatus) -> dict[str, Any]:
    """Return everything that is known about an app, times in RFC 3339, CPU in cores, memory in bytes."""
    unit = status.unit
    workload = unit.workload
    own = unit.pod.status(unit.container.name) if unit.pod else None
    return {
        "app": unit.app,
        "level": str(status.health.level),
        "summary": status.health.summary,
        "findings": [_finding(finding) for finding in status.health.findings],
        "version": unit.version.value or None,
        "image": unit.container.image,
        "identifiedBy": unit.identified_by,
        "workload": {"kind": workload.kind, "namespace": workload.ref.namespace, "name": workload.ref.name},
        "container": unit.container.name,
        "replicas": {"desired": workload.desired, "ready": workload.ready},
        "restarts": own.restarts if own else None,
        "lastRestart": {"reason": own.last_reason, "exitCode": own.last_exit_code, "at": _time(own.last_ended)}
        if own and own.last_reason
        else None,
        "pods": [_pod(pod) for pod in unit.pods],
        "port": _datum(unit.port),
        "urlBase": _datum(unit.url_base),
        "database": _datum(unit.database),
        "resources": _resources(unit.container.resources),
        "expectedResources": _resources(unit.expected),
        "usage": _usage(stack, unit),
        "claims": [_claim(stack, ref) for ref in unit.claims],
        "routes": [
            {"name": route.ref.name, "hostnames": list(route.hostnames), "accepted": route.accepted}
            for route in unit.routes
        ],
        "scaledBy": {"kind": unit.autoscaler.kind, "name": unit.autoscaler.ref.name} if unit.autoscaler else None,
        "gitops": _gitops(stack, unit),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "level": str(finding.level),
        "reason": str(finding.reason) if finding.reason else None,
        "subject": finding.subject,
        "summary": finding.summary,
        "evidence": list(finding.evidence),
    }


def _pod(pod: Pod) -> dict[str, Any]:
    return {
        "name": pod.ref.name,
        "phase": pod.phase,
        "ready": pod.ready,
        "node": pod.node or None,
        "createdAt": _time(pod.created),
        "deletingSince": _time(pod.deleting_since),
    }


def _resources(resources: Resources) -> dict[str, Any]:
    return {
        "cpuRequest": resources.cpu_request,
        "cpuLimit": resources.cpu_limit,
        "memoryRequest": resources.memory_request,
        "memoryLimit": resources.memory_limit,
        "devices": dict(resources.devices),
    }


def _usage(stack: Stack, unit: AppUnit) -> dict[str, Any]:
    usage = usage_of(stack, unit)
    if usage is not None:
        return {"cpu": usage[0], "memory": usage[1]}
    missing = absence(stack, Kind.POD_METRICS, unit.namespace)
    return {"unknown": missing.text if missing else "not measured"}


def _claim(stack: Stack, ref: Ref) -> dict[str, Any]:
    claim = stack.claims.get(ref)
    if claim is None:
        missing = absence(stack, Kind.CLAIMS, ref.namespace)
        return {"name": ref.name, "unknown": missing.text if missing else "does not exist"}
    return {
        "name": ref.name,
        "phase": "Terminating" if claim.deleting_since else claim.phase,
        "volume": claim.volume or None,
        "storageClass": claim.storage_class,
        "capacity": claim.capacity,
    }


def _gitops(stack: Stack, unit: AppUnit) -> dict[str, Any] | None:
    owner, application = unit.gitops, unit.application
    if owner is None:
        return None
    body: dict[str, Any] = {"engine": owner.engine, "name": owner.name, "evidence": owner.evidence}
    if application is not None:
        return body | {
            "sync": application.sync,
            "health": application.health,
            "automated": application.automated,
            "selfHeal": application.self_heal,
            "madeBy": f"{application.owner_kind} {application.owner_name}" if application.owner_kind else None,
        }
    missing = absence(stack, Kind.APPLICATIONS) if owner.engine == "argocd" else None
    return body | ({"unknown": missing.text} if missing else {})


def _datum(datum: Datum[Any]) -> dict[str, Any]:
    return {"value": datum.value, "source": datum.source}


def _time(seconds: float) -> str | None:
    return (
        datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if seconds else None
    )
