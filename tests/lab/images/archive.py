"""Writes images as a docker archive, which containerd imports: one layer that all of them share."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath


@dataclass(frozen=True, slots=True)
class Image:
    """An image over a layer."""

    name: str
    """With its tag."""
    entrypoint: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


def layer(files: Mapping[str, Path | str]) -> bytes:
    """Return a layer of files by their path in it; a text makes a symbolic link to it."""
    buffer = io.BytesIO()
    made: set[PurePosixPath] = set()
    with tarfile.open(fileobj=buffer, mode="w") as tar:

        def folder(path: PurePosixPath, mode: int = 0o755) -> None:
            if path in made or path == path.parent:
                return
            folder(path.parent)
            made.add(path)
            entry = tarfile.TarInfo(str(path).lstrip("/"))
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            tar.addfile(entry)

        folder(PurePosixPath("/tmp"), 0o1777)
        for name, source in files.items():
            folder(PurePosixPath(name).parent)
            entry = tarfile.TarInfo(name.lstrip("/"))
            entry.mode = 0o755
            if isinstance(source, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, source
                tar.addfile(entry)
            else:
                content = source.read_bytes()
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def write(path: Path, content: bytes, images: Sequence[Image]) -> None:
    """Write an archive of images over one layer."""
    digest = hashlib.sha256(content).hexdigest()
    manifest = []
    with tarfile.open(path, "w") as tar:
        _add(tar, f"{digest}.tar", content)
        for image in images:
            config = json.dumps(
                {
                    "architecture": _architecture(),
                    "os": "linux",
                    "config": {
                        "Entrypoint": list(image.entrypoint),
                        "Env": ["PATH=/bin", *(f"{key}={value}" for key, value in image.environment.items())],
                    },
                    "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
                    "history": [{"created_by": image.name}],
                }
            ).encode()
            name = f"{hashlib.sha256(config).hexdigest()}.json"
            _add(tar, name, config)
            manifest.append({"Config": name, "RepoTags": [image.name], "Layers": [f"{digest}.tar"]})
        _add(tar, "manifest.json", json.dumps(manifest).encode())


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


def _architecture() -> str:
    import platform

    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
