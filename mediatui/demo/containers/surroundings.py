"""Where a container's volumes and variables come from: a whole cluster's objects, or a lone node's own memory."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Final

from mediatui.demo.containers.files import Mount
from mediatui.demo.disks import Disks
from mediatui.demo.objects import Object, dig
from mediatui.demo.parts.quantities import amount
from mediatui.demo.resources import Resource, named
from mediatui.demo.store import MissingError

if TYPE_CHECKING:
    from mediatui.demo.world import World

_CLAIMS: Final = named("persistentvolumeclaims", "")
_VOLUMES: Final = named("persistentvolumes", "")
_SECRETS: Final = named("secrets", "")
_CONFIG: Final = named("configmaps", "")
_ROOM: Final = 20 << 30


class OfNode:
    """The volumes of a node that knows only its pods: each claim is a disk of its own.

    Args:
        disks: Where the data lies.
    """

    def __init__(self, disks: Disks) -> None:
        self._disks = disks
        self._scratch: dict[str, dict[str, bytes]] = {}

    def mounts(self, pod: Object, spec: Object) -> tuple[Mount, ...]:
        """Return the volumes of a container."""
        volumes = {one["name"]: one for one in pod["spec"].get("volumes") or []}
        return tuple(
            self._mount(pod, volumes[one["name"]], one)
            for one in spec.get("volumeMounts") or []
            if one["name"] in volumes
        )

    def environment(self, pod: Object, spec: Object) -> Mapping[str, str]:
        """Return the variables that are in the pod itself."""
        return {one["name"]: one["value"] for one in spec.get("env") or [] if "value" in one}

    def _mount(self, pod: Object, volume: Object, mount: Object) -> Mount:
        files, source, capacity, used = self._volume(pod, volume)
        if sub := mount.get("subPath"):
            files = _Below(files, sub)
        owner = dig(pod, "spec.securityContext.fsGroup") or 0
        read_only = bool(mount.get("readOnly"))
        path = mount["mountPath"].rstrip("/") or "/"
        return Mount(path, files, source, capacity, used, read_only=read_only, owner=owner)

    def _volume(self, pod: Object, volume: Object) -> tuple[MutableMapping[str, bytes], str, int, int]:
        claim = dig(volume, "persistentVolumeClaim.claimName")
        if claim:
            name = f"{pod['metadata']['namespace']}/{claim}"
            return self._disks.make(name).opened(), f"/dev/longhorn/{claim}", _ROOM, 0
        return self._scratch_of(pod, volume), "tmpfs", _ROOM, 0

    def _scratch_of(self, pod: Object, volume: Object) -> dict[str, bytes]:
        return self._scratch.setdefault(f"{pod['metadata']['uid']}/{volume['name']}", {})


class OfWorld(OfNode):
    """The volumes and variables that a cluster's objects say.

    Args:
        world: The cluster.
    """

    def __init__(self, world: World) -> None:
        super().__init__(world.disks)
        self._world = world

    def environment(self, pod: Object, spec: Object) -> Mapping[str, str]:
        """Return the variables, those from Secrets and ConfigMaps too."""
        namespace = pod["metadata"]["namespace"]
        found: dict[str, str] = {}
        for one in spec.get("envFrom") or []:
            for source, resource in (("secretRef", _SECRETS), ("configMapRef", _CONFIG)):
                if source in one:
                    found |= {key: data.decode() for key, data in self._data(resource, namespace, one[source]["name"])}
        for one in spec.get("env") or []:
            value = one.get("value", "")
            for source, resource in (("secretKeyRef", _SECRETS), ("configMapKeyRef", _CONFIG)):
                if reference := dig(one, f"valueFrom.{source}"):
                    data = dict(self._data(resource, namespace, reference["name"]))
                    value = data.get(reference["key"], b"").decode()
            found[one["name"]] = value
        return found

    def _volume(self, pod: Object, volume: Object) -> tuple[MutableMapping[str, bytes], str, int, int]:
        namespace = pod["metadata"]["namespace"]
        for source, field, resource in (("secret", "secretName", _SECRETS), ("configMap", "name", _CONFIG)):
            if source in volume:
                return dict(self._data(resource, namespace, volume[source][field])), "tmpfs", _ROOM, 0
        claim = self._get(_CLAIMS, namespace, dig(volume, "persistentVolumeClaim.claimName", ""))
        found = self._get(_VOLUMES, "", dig(claim or {}, "spec.volumeName", ""))
        if found is None:
            return super()._volume(pod, volume)
        capacity = amount(found["spec"]["capacity"]["storage"])
        handle = dig(found, "spec.csi.volumeHandle") or found["metadata"]["name"]
        server = dig(found, "spec.nfs.server")
        source = f"{server}:{found['spec']['nfs']['path']}" if server else f"/dev/longhorn/{handle}"
        disk = self._world.disks.make(handle)
        return disk.opened(), source, int(capacity), disk.used

    def _data(self, resource: Resource, namespace: str, name: str) -> Iterator[tuple[str, bytes]]:
        found = self._get(resource, namespace, name) or {}
        for key, value in (found.get("data") or {}).items():
            yield key, base64.b64decode(value) if resource is _SECRETS else value.encode()

    def _get(self, resource: Resource, namespace: str, name: str) -> Object | None:
        try:
            return self._world.store.get(resource, name, namespace).data
        except MissingError:
            return None


class _Below(MutableMapping[str, bytes]):
    """The part of a volume below a folder.

    Args:
        files: The volume's files.
        folder: The folder.
    """

    def __init__(self, files: MutableMapping[str, bytes], folder: str) -> None:
        self._files = files
        self._prefix = folder.strip("/") + "/"

    def __getitem__(self, path: str) -> bytes:
        return self._files[self._prefix + path]

    def __setitem__(self, path: str, data: bytes) -> None:
        self._files[self._prefix + path] = data

    def __delitem__(self, path: str) -> None:
        del self._files[self._prefix + path]

    def __iter__(self) -> Iterator[str]:
        for path in self._files:
            if path.startswith(self._prefix):
                yield path.removeprefix(self._prefix)

    def __len__(self) -> int:
        return sum(1 for _ in self)
