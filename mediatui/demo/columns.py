"""The columns that ``kubectl get`` prints per resource, as the API server's printers fill them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from mediatui.demo.objects import Object, dig, seconds_of
from mediatui.text import age

Cells = list[Any]
Printer = Callable[[Object, float], Cells]

_UNKNOWN: Final = "<unknown>"
_NONE: Final = "<none>"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; those with a priority appear with ``-o wide`` only."""

    name: str
    type: str = "string"
    priority: int = 0

    def definition(self) -> dict[str, Any]:
        """Return the column as a TableColumnDefinition."""
        form = "name" if self.name == "Name" else ""
        return {"name": self.name, "type": self.type, "format": form, "description": "", "priority": self.priority}


def _columns(text: str) -> tuple[Column, ...]:
    """Read ``Name Ready Restarts:int +Node``: a plus makes a column wide only, ``_`` stands for a space."""
    columns = []
    for word in text.split():
        name, _, kind = word.lstrip("+").partition(":")
        columns.append(Column(name.replace("_", " "), "integer" if kind else "string", int(word[0] == "+")))
    return tuple(columns)


def _since(text: str | None, now: float) -> str:
    seconds = seconds_of(text)
    return _UNKNOWN if seconds is None else age(now - seconds)


def _born(obj: Object, now: float) -> str:
    return _since(obj["metadata"].get("creationTimestamp"), now)


def _join(values: list[str] | None, separator: str = ",") -> str:
    return separator.join(values or []) or _NONE


def _containers(obj: Object) -> tuple[str, str]:
    containers = dig(obj, "spec.template.spec.containers", [])
    return _join([item["name"] for item in containers]), _join([item["image"] for item in containers])


def _selector(obj: Object) -> str:
    return _join([f"{name}={value}" for name, value in (dig(obj, "spec.selector.matchLabels") or {}).items()])


def pod_status(obj: Object) -> tuple[str, int, int, str]:
    """Return what kubectl shows of a pod: status word, ready containers, restarts, end of the last run."""
    status = obj.get("status", {})
    word = status.get("reason") or status.get("phase", "Unknown")
    restarts, ready, ended, running = 0, 0, "", False
    for item in reversed(status.get("containerStatuses") or []):
        restarts += item.get("restartCount", 0)
        ended = max(ended, dig(item, "lastState.terminated.finishedAt", ""))
        state = item.get("state") or {}
        waiting, terminated = state.get("waiting"), state.get("terminated")
        if waiting and waiting.get("reason"):
            word = waiting["reason"]
        elif terminated:
            word = terminated.get("reason") or f"ExitCode:{terminated.get('exitCode', 0)}"
        elif state.get("running") and item.get("ready"):
            running, ready = True, ready + 1
    if word == "Completed" and running:
        word = "Running"
    if obj["metadata"].get("deletionTimestamp"):
        word = "Terminating"
    return word, ready, restarts, ended


def _pod(obj: Object, now: float) -> Cells:
    word, ready, restarts, ended = pod_status(obj)
    total = len(obj["spec"]["containers"])
    shown = f"{restarts} ({_since(ended, now)} ago)" if restarts and ended else restarts
    spec, status = obj["spec"], obj.get("status", {})
    where = [status.get("podIP", _NONE), spec.get("nodeName") or _NONE, _NONE, _NONE]
    return [obj["metadata"]["name"], f"{ready}/{total}", word, shown, _born(obj, now), *where]


def _deployment(obj: Object, now: float) -> Cells:
    status = obj.get("status", {})
    counts = [status.get("updatedReplicas", 0), status.get("availableReplicas", 0)]
    ready = f"{status.get('readyReplicas', 0)}/{obj['spec']['replicas']}"
    return [obj["metadata"]["name"], ready, *counts, _born(obj, now), *_containers(obj), _selector(obj)]


def _stateful_set(obj: Object, now: float) -> Cells:
    ready = f"{dig(obj, 'status.readyReplicas', 0)}/{obj['spec']['replicas']}"
    return [obj["metadata"]["name"], ready, _born(obj, now), *_containers(obj)]


def _replica_set(obj: Object, now: float) -> Cells:
    counts = [obj["spec"]["replicas"], dig(obj, "status.replicas", 0), dig(obj, "status.readyReplicas", 0)]
    return [obj["metadata"]["name"], *counts, _born(obj, now), *_containers(obj), _selector(obj)]


def _daemon_set(obj: Object, now: float) -> Cells:
    names = (
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    )
    counts = [dig(obj, f"status.{name}", 0) for name in names]
    nodes = _join([f"{k}={v}" for k, v in (dig(obj, "spec.template.spec.nodeSelector") or {}).items()])
    return [obj["metadata"]["name"], *counts, nodes, _born(obj, now), *_containers(obj), _selector(obj)]


_MODES: Final = {"ReadWriteOnce": "RWO", "ReadWriteMany": "RWX", "ReadOnlyMany": "ROX", "ReadWriteOncePod": "RWOP"}


def _claim(obj: Object, now: float) -> Cells:
    spec, status = obj["spec"], obj.get("status", {})
    phase = "Terminating" if obj["metadata"].get("deletionTimestamp") else status.get("phase", "")
    modes = ",".join(_MODES[mode] for mode in status.get("accessModes") or [])
    volume, capacity = spec.get("volumeName", ""), dig(status, "capacity.storage", "")
    tail = [spec.get("storageClassName", ""), "<unset>", _born(obj, now), spec.get("volumeMode", "")]
    return [obj["metadata"]["name"], phase, volume, capacity, modes, *tail]


def _volume(obj: Object, now: float) -> Cells:
    spec, status = obj["spec"], obj.get("status", {})
    phase = "Terminating" if obj["metadata"].get("deletionTimestamp") else status.get("phase", "")
    claim = spec.get("claimRef")
    modes = ",".join(_MODES[mode] for mode in spec["accessModes"])
    return [
        obj["metadata"]["name"],
        spec["capacity"]["storage"],
        modes,
        spec["persistentVolumeReclaimPolicy"],
        phase,
        f"{claim['namespace']}/{claim['name']}" if claim else "",
        spec.get("storageClassName", ""),
        "<unset>",
        status.get("reason", ""),
        _born(obj, now),
        spec.get("volumeMode", ""),
    ]


def _service(obj: Object, now: float) -> Cells:
    spec = obj["spec"]
    ports = _join([f"{port['port']}/{port.get('protocol', 'TCP')}" for port in spec.get("ports", [])])
    selector = _join([f"{name}={value}" for name, value in (spec.get("selector") or {}).items()])
    return [
        obj["metadata"]["name"],
        spec["type"],
        spec.get("clusterIP", _NONE),
        _NONE,
        ports,
        _born(obj, now),
        selector,
    ]


def _node(obj: Object, now: float) -> Cells:
    ready = next((item["status"] for item in obj["status"].get("conditions", []) if item["type"] == "Ready"), "Unknown")
    word = "Ready" if ready == "True" else "NotReady"
    if obj["spec"].get("unschedulable"):
        word += ",SchedulingDisabled"
    prefix = "node-role.kubernetes.io/"
    labels = obj["metadata"].get("labels", {})
    roles = _join(sorted(name[len(prefix) :] for name in labels if name.startswith(prefix)))
    info = obj["status"].get("nodeInfo", {})
    inside = next(
        (item["address"] for item in obj["status"].get("addresses", []) if item["type"] == "InternalIP"), _NONE
    )
    wide = [info.get(name, _UNKNOWN) for name in ("osImage", "kernelVersion", "containerRuntimeVersion")]
    return [obj["metadata"]["name"], word, roles, _born(obj, now), info.get("kubeletVersion", ""), inside, _NONE, *wide]


def _event(obj: Object, now: float) -> Cells:
    target = obj["involvedObject"]
    series = obj.get("series") or {}
    first = obj.get("firstTimestamp") or obj.get("eventTime")
    last = series.get("lastObservedTime") or obj.get("lastTimestamp") or first
    source = obj.get("source") or {}
    by = ", ".join(filter(None, (source.get("component") or obj.get("reportingComponent"), source.get("host"))))
    return [
        _since(last, now),
        obj["type"],
        obj["reason"],
        f"{target['kind'].lower()}/{target['name']}",
        target.get("fieldPath", ""),
        by,
        obj["message"].strip(),
        _since(first, now),
        series.get("count") or obj.get("count") or 1,
        obj["metadata"]["name"],
    ]


def _slice(obj: Object, now: float) -> Cells:
    ports = _join([str(port["port"]) for port in obj.get("ports") or []])
    ends = _join([address for end in obj.get("endpoints") or [] for address in end["addresses"]])
    return [obj["metadata"]["name"], obj["addressType"], ports, ends, _born(obj, now)]


def _class(obj: Object, now: float) -> Cells:
    default = (obj["metadata"].get("annotations") or {}).get("storageclass.kubernetes.io/is-default-class") == "true"
    name = obj["metadata"]["name"] + (" (default)" if default else "")
    expands = "true" if obj.get("allowVolumeExpansion") else "false"
    return [name, obj["provisioner"], obj["reclaimPolicy"], obj["volumeBindingMode"], expands, _born(obj, now)]


def _autoscaler(obj: Object, now: float) -> Cells:
    spec, status = obj["spec"], obj.get("status", {})
    target = f"{spec['scaleTargetRef']['kind']}/{spec['scaleTargetRef']['name']}"
    metrics = []
    for wanted, current in zip(spec.get("metrics", []), status.get("currentMetrics", []), strict=False):
        kind = wanted["type"][0].lower() + wanted["type"][1:]
        name = dig(wanted, f"{kind}.name") or dig(wanted, f"{kind}.metric.name")
        have, want = dig(current, f"{kind}.current", {}), dig(wanted, f"{kind}.target", {})
        if "averageUtilization" in want:
            metrics.append(f"{name}: {have.get('averageUtilization', _UNKNOWN)}%/{want['averageUtilization']}%")
        else:
            metrics.append(f"{have.get('averageValue', _UNKNOWN)}/{want.get('averageValue', _UNKNOWN)} (avg)")
    bounds = [spec.get("minReplicas", 1), spec["maxReplicas"], status.get("currentReplicas", 0)]
    return [obj["metadata"]["name"], target, _join(metrics, ", "), *bounds, _born(obj, now)]


def _fields(*paths: str) -> Printer:
    """Return a printer for a custom resource: its name, the given fields, its age."""

    def cells(obj: Object, now: float) -> Cells:
        return [obj["metadata"]["name"], *(_plain(dig(obj, path, "")) for path in paths), _born(obj, now)]

    return cells


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return "[" + ",".join(f'"{item}"' for item in value) + "]"
    return value


def _namespace(obj: Object, now: float) -> Cells:
    return [obj["metadata"]["name"], dig(obj, "status.phase", "Active"), _born(obj, now)]


def _keyed(obj: Object, now: float) -> Cells:
    return [obj["metadata"]["name"], len(obj.get("data") or {}), _born(obj, now)]


def _secret(obj: Object, now: float) -> Cells:
    return [obj["metadata"]["name"], obj.get("type", "Opaque"), len(obj.get("data") or {}), _born(obj, now)]


def _plain_row(obj: Object, now: float) -> Cells:
    return [obj["metadata"]["name"], obj["metadata"].get("creationTimestamp", "")]


_DEFAULT: Final = (_columns("Name Created_At"), _plain_row)
_WIDE_TEMPLATE: Final = "+Containers +Images"
_TABLES: Final[dict[str, tuple[tuple[Column, ...], Printer]]] = {
    "pods": (_columns("Name Ready Status Restarts Age +IP +Node +Nominated_Node +Readiness_Gates"), _pod),
    "deployments.apps": (
        _columns(f"Name Ready Up-to-date:int Available:int Age {_WIDE_TEMPLATE} +Selector"),
        _deployment,
    ),
    "statefulsets.apps": (_columns(f"Name Ready Age {_WIDE_TEMPLATE}"), _stateful_set),
    "replicasets.apps": (
        _columns(f"Name Desired:int Current:int Ready:int Age {_WIDE_TEMPLATE} +Selector"),
        _replica_set,
    ),
    "daemonsets.apps": (
        _columns(
            "Name Desired:int Current:int Ready:int Up-to-date:int Available:int Node_Selector Age "
            f"{_WIDE_TEMPLATE} +Selector"
        ),
        _daemon_set,
    ),
    "persistentvolumeclaims": (
        _columns("Name Status Volume Capacity Access_Modes StorageClass VolumeAttributesClass Age +VolumeMode"),
        _claim,
    ),
    "persistentvolumes": (
        _columns(
            "Name Capacity Access_Modes Reclaim_Policy Status Claim StorageClass VolumeAttributesClass Reason Age "
            "+VolumeMode"
        ),
        _volume,
    ),
    "services": (_columns("Name Type Cluster-IP External-IP Port(s) Age +Selector"), _service),
    "nodes": (
        _columns(
            "Name Status Roles Age Version +Internal-IP +External-IP +OS-Image +Kernel-Version +Container-Runtime"
        ),
        _node,
    ),
    "events": (
        _columns("Last_Seen Type Reason Object +Subobject +Source Message +First_Seen +Count:int +Name"),
        _event,
    ),
    "endpointslices.discovery.k8s.io": (_columns("Name AddressType Ports Endpoints Age"), _slice),
    "storageclasses.storage.k8s.io": (
        _columns("Name Provisioner ReclaimPolicy VolumeBindingMode AllowVolumeExpansion Age"),
        _class,
    ),
    "horizontalpodautoscalers.autoscaling": (
        _columns("Name Reference Targets MinPods MaxPods Replicas:int Age"),
        _autoscaler,
    ),
    "namespaces": (_columns("Name Status Age"), _namespace),
    "configmaps": (_columns("Name Data:int Age"), _keyed),
    "secrets": (_columns("Name Type Data:int Age"), _secret),
    "leases.coordination.k8s.io": (_columns("Name Holder Age"), _fields("spec.holderIdentity")),
    "applications.argoproj.io": (
        _columns("Name Sync_Status Health_Status +Revision Age"),
        _fields("status.sync.status", "status.health.status", "status.sync.revision"),
    ),
    "gateways.gateway.networking.k8s.io": (
        _columns("Name Class Age"),
        _fields("spec.gatewayClassName"),
    ),
    "httproutes.gateway.networking.k8s.io": (_columns("Name Hostnames Age"), _fields("spec.hostnames")),
    "scaledobjects.keda.sh": (
        _columns("Name ScaleTargetKind ScaleTargetName Min:int Max:int Age"),
        _fields("status.scaleTargetKind", "spec.scaleTargetRef.name", "spec.minReplicaCount", "spec.maxReplicaCount"),
    ),
    "volumes.longhorn.io": (
        _columns("Name Data_Engine State Robustness Size Node Age"),
        _fields("spec.dataEngine", "status.state", "status.robustness", "spec.size", "status.currentNodeID"),
    ),
    "volumeattachments.storage.k8s.io": (
        _columns("Name Attacher PV Node Attached Age"),
        _fields("spec.attacher", "spec.source.persistentVolumeName", "spec.nodeName", "status.attached"),
    ),
}


def table_of(qualified: str) -> tuple[tuple[Column, ...], Printer]:
    """Return columns and printer of a resource; one without its own prints name and creation time."""
    return _TABLES.get(qualified, _DEFAULT)
