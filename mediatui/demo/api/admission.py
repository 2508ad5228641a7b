"""What a new object gets from what is already there: its first status, finalizers, account, class and address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from mediatui.demo.api import podsecurity, quotas
from mediatui.demo.objects import Object, dig, stamp
from mediatui.demo.parts.quantities import amount
from mediatui.demo.resources import named, of_object
from mediatui.demo.statuses import Refusal
from mediatui.demo.store import MissingError, Store

_CLASSES: Final = named("storageclasses")
_ACCOUNTS: Final = named("serviceaccounts")
_SERVICES: Final = named("services")
_QUOTAS: Final = named("resourcequotas", "")
_DEFAULT_CLASS: Final = "storageclass.kubernetes.io/is-default-class"
_TOKEN_PATH: Final = "/var/run/secrets/kubernetes.io/serviceaccount"
_ALPHABET: Final = "bcdfghjklmnpqrstvwxz2456789"
_AWAY: Final = ("not-ready", "unreachable")


def admit(store: Store, obj: Object) -> None:
    """Complete a private copy of an object that is about to be created.

    Raises:
        Refusal: It may not be created.
    """
    _OF.get((obj["apiVersion"], obj["kind"]), _plain)(store, obj)
    _check_quotas(store, obj)


def kept(obj: Object, before: Object) -> None:
    """Give a private copy what the cluster has allotted to the object that it replaces, where it does not say."""
    if obj["kind"] == "Service" and obj["spec"].get("type") != "ExternalName":
        for name in ("clusterIP", "clusterIPs"):
            if name in before["spec"]:
                obj["spec"].setdefault(name, before["spec"][name])


def check_change(store: Store, obj: Object, before: Object) -> None:
    """Make sure that an object may become what it is to be.

    Raises:
        Refusal: A claim is to grow whose class does not let it.
    """
    if obj["kind"] != "PersistentVolumeClaim":
        return
    size, was = (amount(dig(one, "spec.resources.requests.storage", 0)) for one in (obj, before))
    if size <= was:
        return
    try:
        grows = store.get(_CLASSES, before["spec"].get("storageClassName") or "").data.get("allowVolumeExpansion")
    except MissingError:
        grows = False
    if not grows:
        why = (
            "only dynamically provisioned pvc can be resized and "
            "the storageclass that provisions the pvc must support resize"
        )
        raise _forbidden("persistentvolumeclaims", obj, why)


def warnings(store: Store, obj: Object) -> tuple[str, ...]:
    """Return what the server wants to be heard of an object that it takes: that its pods will be refused."""
    if obj["kind"] not in ("Deployment", "StatefulSet", "DaemonSet"):
        return ()
    found = podsecurity.violation(store, obj["metadata"]["namespace"], dig(obj, "spec.template.spec", {}))
    return (f"would {found}",) if found else ()


def suffix(store: Store, length: int = 5) -> str:
    """Return a random end of a name, in the alphabet that Kubernetes uses: no vowels, no words."""
    return "".join(store.random.choice(_ALPHABET) for _ in range(length))


def _check_quotas(store: Store, obj: Object) -> None:
    namespace = obj["metadata"].get("namespace", "")
    limiting = store.all(_QUOTAS, namespace) if namespace else []
    if not limiting:
        return
    resource = of_object(obj)
    there = [item.data for item in store.all(resource, namespace)]
    for quota in limiting:
        why = quotas.exceeded(quota.data, obj, there)
        if why:
            raise _forbidden(resource.qualified, obj, why)


def _forbidden(plural: str, obj: Object, why: str) -> Refusal:
    name = obj["metadata"]["name"]
    return Refusal(403, "Forbidden", f'{plural} "{name}" is forbidden: {why}', {"name": name, "kind": plural})


def _plain(store: Store, obj: Object) -> None:
    pass


def _pod(store: Store, obj: Object) -> None:
    spec, metadata = obj["spec"], obj["metadata"]
    account = spec.setdefault("serviceAccountName", "default")
    spec["serviceAccount"] = account
    try:
        store.get(_ACCOUNTS, account, metadata["namespace"])
    except MissingError:
        why = (
            f'error looking up service account {metadata["namespace"]}/{account}: serviceaccount "{account}" not found'
        )
        raise _forbidden("pods", obj, why) from None
    found = podsecurity.violation(store, metadata["namespace"], spec)
    if found:
        raise _forbidden("pods", obj, found.replace("violate", "violates", 1))
    if spec.get("automountServiceAccountToken") is not False:
        _mount_token(store, spec)
    for what in _AWAY:
        toleration = {
            "key": f"node.kubernetes.io/{what}",
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": 300,
        }
        if toleration not in spec.setdefault("tolerations", []):
            spec["tolerations"].append(toleration)
    spec.setdefault("priority", 0)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    obj["status"] = {"phase": "Pending", "qosClass": quality(spec)}


def _mount_token(store: Store, spec: Object) -> None:
    if any(mount["mountPath"] == _TOKEN_PATH for item in spec["containers"] for mount in item.get("volumeMounts", [])):
        return
    name = f"kube-api-access-{suffix(store)}"
    field = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
    sources = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": field}]}},
    ]
    projected = {"sources": sources, "defaultMode": 420}
    spec["volumes"] = [*spec.get("volumes", []), {"name": name, "projected": projected}]
    for container in spec["containers"]:
        mount = {"name": name, "readOnly": True, "mountPath": _TOKEN_PATH}
        container["volumeMounts"] = [*container.get("volumeMounts", []), mount]


def quality(spec: Object) -> str:
    """Return a pod's quality of service class."""
    resources = [item.get("resources") or {} for item in spec["containers"]]
    if not any(one.get("requests") or one.get("limits") for one in resources):
        return "BestEffort"
    whole = all(
        set(one.get("limits") or {}) >= {"cpu", "memory"} and one.get("limits") == one.get("requests")
        for one in resources
    )
    return "Guaranteed" if whole else "Burstable"


def _claim(store: Store, obj: Object) -> None:
    _finalize(obj, "kubernetes.io/pvc-protection")
    if "storageClassName" not in obj["spec"]:
        for item in store.all(_CLASSES):
            if (item.data["metadata"].get("annotations") or {}).get(_DEFAULT_CLASS) == "true":
                obj["spec"]["storageClassName"] = item.key.name
    obj["status"] = {"phase": "Pending"}


def _volume(store: Store, obj: Object) -> None:
    _finalize(obj, "kubernetes.io/pv-protection")
    obj["status"] = {"phase": "Pending", "lastPhaseTransitionTime": stamp(store.clock.now())}


def _finalize(obj: Object, finalizer: str) -> None:
    finalizers = obj["metadata"].setdefault("finalizers", [])
    if finalizer not in finalizers:
        finalizers.append(finalizer)


def _namespace(store: Store, obj: Object) -> None:
    obj["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = obj["metadata"]["name"]
    obj["spec"] = {"finalizers": ["kubernetes"]}
    obj["status"] = {"phase": "Active"}


def _service(store: Store, obj: Object) -> None:
    spec = obj["spec"]
    if spec["type"] == "ExternalName":
        return
    if "clusterIP" not in spec:
        taken = {item.data["spec"].get("clusterIP") for item in store.all(_SERVICES)}
        numbers = range(store.random.randrange(60_000), 62_500)
        addresses = (f"10.43.{number // 250}.{number % 250 + 2}" for number in numbers)
        spec["clusterIP"] = next(address for address in addresses if address not in taken)
    spec.setdefault("clusterIPs", [spec["clusterIP"]])
    obj["status"] = {"loadBalancer": {}}


def _status(store: Store, obj: Object) -> None:
    obj["status"] = {}


def _counting(store: Store, obj: Object) -> None:
    obj["status"] = {"replicas": 0}


_OF: Final[Mapping[tuple[str, str], Callable[[Store, Object], None]]] = {
    ("v1", "Pod"): _pod,
    ("v1", "PersistentVolumeClaim"): _claim,
    ("v1", "PersistentVolume"): _volume,
    ("v1", "Namespace"): _namespace,
    ("v1", "Service"): _service,
    ("apps/v1", "Deployment"): _status,
    ("apps/v1", "ReplicaSet"): _counting,
    ("apps/v1", "StatefulSet"): _counting,
    ("apps/v1", "DaemonSet"): _status,
}
