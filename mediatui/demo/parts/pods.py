"""Pods as a kubelet reports them, and the templates that they are made from."""

from __future__ import annotations

from typing import Any, Final

from mediatui.demo.kubelet.behaviour import ANNOTATION
from mediatui.demo.objects import Object
from mediatui.demo.parts.cluster import Cluster, digest
from mediatui.demo.parts.unit import Container, Unit

_TOKEN_PATH: Final = "/var/run/secrets/kubernetes.io/serviceaccount"
TRACKING: Final = "argocd.argoproj.io/tracking-id"


def template_of(unit: Unit, labels: dict[str, str] | None = None) -> Object:
    """Return the pod template of a unit, with the defaults that the API server fills in."""
    context: dict[str, Any] = {}
    if any(item.hardened for item in unit.containers):
        context = {
            "runAsUser": unit.user,
            "runAsGroup": unit.user,
            "runAsNonRoot": True,
            "fsGroup": unit.user,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        }
    if unit.groups:
        context["supplementalGroups"] = list(unit.groups)
    spec: Object = {
        "volumes": [dict(volume) for volume in unit.volumes],
        "containers": [_container(item) for item in unit.containers],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "securityContext": context,
        "schedulerName": "default-scheduler",
    }
    if unit.node_selector:
        spec["nodeSelector"] = dict(unit.node_selector)
    metadata: Object = {"labels": {**unit.selector, **(labels or {})}}
    if unit.behaviour:
        metadata["annotations"] = {ANNOTATION: unit.behaviour}
    return {"metadata": metadata, "spec": spec}


def _container(item: Container) -> Object:
    body: Object = {"name": item.name, "image": item.image}
    if item.args:
        body["args"] = list(item.args)
    if item.ports:
        body["ports"] = [{"name": name, "containerPort": port, "protocol": "TCP"} for name, port in item.ports]
    if item.env_from:
        body["envFrom"] = [{"secretRef": {"name": item.env_from}}]
    if item.env:
        body["env"] = [{"name": name, "value": value} for name, value in item.env]
    body["resources"] = item.resources
    body["volumeMounts"] = [{"name": name, "mountPath": path} for name, path in item.mounts]
    if item.probe:
        path, port = item.probe
        probe = {
            "httpGet": {"path": path, "port": port, "scheme": "HTTP"},
            "timeoutSeconds": 5,
            "periodSeconds": 10,
            "successThreshold": 1,
            "failureThreshold": 3,
        }
        body["livenessProbe"] = {**probe, "initialDelaySeconds": 30}
        body["readinessProbe"] = probe
    body |= {
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
    }
    if item.hardened:
        body["securityContext"] = {
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
        }
    return body


def pod_of(cluster: Cluster, unit: Unit, template: Object, name: str, node: str, parent: dict[str, Any]) -> Object:
    """Return a running and ready pod of a unit.

    Args:
        cluster: Where addresses and times come from.
        unit: What it is a part of.
        template: The template of its controller, with the controller's labels.
        name: Its name.
        node: The node that it runs on.
        parent: The ownerReference to its controller.
    """
    spec: Object = {**template["spec"]}
    access = f"kube-api-access-{cluster.suffix()}"
    mount = {"name": access, "readOnly": True, "mountPath": _TOKEN_PATH}
    spec["volumes"] = [*_claimed(unit, name), *spec["volumes"], _token_volume(access)]
    spec["containers"] = [{**item, "volumeMounts": [*item["volumeMounts"], mount]} for item in spec["containers"]]
    spec |= {
        "serviceAccountName": "default",
        "serviceAccount": "default",
        "nodeName": node,
        "tolerations": _TOLERATIONS,
        "priority": 0,
        "enableServiceLinks": True,
        "preemptionPolicy": "PreemptLowerPriority",
    }
    if unit.kind == "StatefulSet":
        spec |= {"hostname": name, "subdomain": f"{unit.name}-headless"}
    metadata: Object = {
        "name": name,
        "namespace": unit.namespace,
        "ownerReferences": [parent],
        **template["metadata"],
    }
    if unit.kind == "Deployment":
        metadata["generateName"] = name[: -len(name.rsplit("-", 1)[1])]
    elif unit.kind == "StatefulSet":
        metadata["generateName"] = f"{unit.name}-"
    host, ip = cluster.hosts[node], cluster.pod_address(node)
    if unit.kind == "DaemonSet":
        spec["hostNetwork"], ip = True, host
    where = {"hostIP": host, "hostIPs": [{"ip": host}], "podIP": ip, "podIPs": [{"ip": ip}]}
    status = running_status(cluster, unit, name) | where | {"qosClass": _quality(unit)}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}


def running_status(cluster: Cluster, unit: Unit, pod: str) -> Object:
    """Return the status of a pod whose containers have all been running and ready for as long as the unit says."""
    scheduled, started = cluster.ago(unit.pod_age), cluster.ago(max(0.0, unit.pod_age - 6))
    rows = [container_status(item, pod, {"running": {"startedAt": started}}) for item in unit.containers]
    ready = started
    if unit.restarts:
        ready, again = cluster.ago(unit.restart_age - 20), cluster.ago(unit.restart_age - 2)
        ended = {
            "exitCode": 0,
            "reason": "Completed",
            "startedAt": started,
            "finishedAt": cluster.ago(unit.restart_age),
            "containerID": container_id(pod, unit.containers[0].name, unit.restarts - 1),
        }
        state, last = {"running": {"startedAt": again}}, {"terminated": ended}
        rows[0] = container_status(unit.containers[0], pod, state, unit.restarts, last)
    return {
        "phase": "Running",
        "observedGeneration": 1,
        "conditions": conditions("True", scheduled, ready),
        "startTime": scheduled,
        "containerStatuses": sorted(rows, key=lambda row: str(row["name"])),
    }


def conditions(ready: str, scheduled: str, started: str, unready: str = "") -> list[Object]:
    """Return a pod's conditions.

    Args:
        ready: ``True`` or ``False``.
        scheduled: When it got its node, RFC 3339.
        started: When its readiness last changed.
        unready: The names of the containers that are not ready, separated by spaces.
    """
    rows: list[Object] = []
    for kind in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"):
        changing = kind in ("Ready", "ContainersReady")
        row: Object = {
            "type": kind,
            "observedGeneration": 1,
            "status": ready if changing else "True",
            "lastProbeTime": None,
            "lastTransitionTime": started if changing or kind.startswith("PodReady") else scheduled,
        }
        if changing and ready == "False":
            row |= {"reason": "ContainersNotReady", "message": f"containers with unready status: [{unready}]"}
        rows.append(row)
    return rows


def container_status(item: Container, pod: str, state: Object, restarts: int = 0, last: Object | None = None) -> Object:
    """Return what a kubelet says of one container; it is ready when it runs.

    Args:
        item: The container.
        pod: The pod's name, from which ids are made.
        state: ``running``, ``waiting`` or ``terminated`` and its body.
        restarts: How often it was restarted.
        last: The state before, if there was one.
    """
    runs = "running" in state
    repository = item.image.rsplit(":", 1)[0]
    status: Object = {
        "name": item.name,
        "state": state,
        "lastState": last or {},
        "ready": runs,
        "restartCount": restarts,
        "image": item.image,
        "imageID": f"{repository}@sha256:{digest(item.image)}",
        "started": runs,
    }
    if "waiting" not in state or restarts:
        status["containerID"] = container_id(pod, item.name, restarts)
    return status


def container_id(pod: str, container: str, run: int) -> str:
    """Return the id of a container's nth run."""
    return f"containerd://{digest(pod, container, str(run))}"


def _quality(unit: Unit) -> str:
    if not any(item.requests or item.limits for item in unit.containers):
        return "BestEffort"
    return "Guaranteed" if all(item.requests == item.limits for item in unit.containers) else "Burstable"


def _claimed(unit: Unit, pod: str) -> list[Object]:
    return [
        {"name": item.name, "persistentVolumeClaim": {"claimName": f"{item.name}-{pod}"}} for item in unit.templates
    ]


def _token_volume(name: str) -> Object:
    field = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
    sources = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": field}]}},
    ]
    return {"name": name, "projected": {"sources": sources, "defaultMode": 420}}


_TOLERATIONS: Final = [
    {"key": f"node.kubernetes.io/{what}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
    for what in ("not-ready", "unreachable")
]
