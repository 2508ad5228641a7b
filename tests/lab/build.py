"""Building the laboratory's programs from published Go modules into a cache outside the checkout, each version once."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
PARTS: Final = ("control-plane", "node", "storage", "argocd", "metrics")
_COMPONENT: Final = "k8s.io/component-base/version"


class CannotBuildError(Exception):
    """A program is not there and cannot be made; the text says why in one line."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one program is made."""

    name: str
    part: str
    """What of the laboratory needs it."""
    module: str
    """The folder of its wrapper module, whose ``go.mod`` is the one place that says versions."""
    package: str
    minutes: float
    """About how long the first build takes on two cores, in the order of ``RECIPES``."""
    dependency: str = ""
    """Whose version it is named after; empty for a program of our own, which is named after its sources."""
    stamps: Callable[[str], Mapping[str, str]] = lambda _: {}
    """Variables to set at link time, by the version."""

    @property
    def version(self) -> str:
        """The version that the wrapper module pins, or the digest of our own sources."""
        return version_of(self.module, self.dependency) if self.dependency else _digest(HERE / self.module)

    @property
    def path(self) -> Path:
        """Where it lies once it is built."""
        return cache() / f"{self.module}-{self.version}" / self.name


def version_of(module: str, dependency: str) -> str:
    """Return the version that a wrapper module pins."""
    match = re.search(
        rf"^(?:require )?\s*{re.escape(dependency)} (v\S+)$", (HERE / module / "go.mod").read_text(), re.M
    )
    if match is None:
        raise CannotBuildError(f"tests/lab/{module}/go.mod does not require {dependency}")
    return match[1]


def _kubernetes(version: str) -> Mapping[str, str]:
    # Without its version the server calls itself v0.0.0-master, and clients and feature gates misjudge it.
    major, minor = version.removeprefix("v").split(".")[:2]
    return {
        f"{_COMPONENT}.gitVersion": version,
        f"{_COMPONENT}.gitMajor": major,
        f"{_COMPONENT}.gitMinor": minor,
    }


def _argocd(version: str) -> Mapping[str, str]:
    return {"github.com/argoproj/argo-cd/v3/common.version": version}


_KUBERNETES: Final = "k8s.io/kubernetes"
_CSI: Final = "github.com/kubernetes-csi"

RECIPES: Final = (
    Recipe("etcd", "control-plane", "etcd", ".", 1.0, "go.etcd.io/etcd/server/v3"),
    *(
        Recipe(name, part, "kube", f"{_KUBERNETES}/cmd/{name}", minutes, _KUBERNETES, _kubernetes)
        for name, part, minutes in (
            ("kube-apiserver", "control-plane", 3.0),
            ("kube-controller-manager", "control-plane", 0.7),
            ("kube-scheduler", "control-plane", 0.3),
            ("kubelet", "node", 1.5),
        )
    ),
    Recipe("pause", "node", "images/pause", ".", 0.1),
    Recipe("media", "node", "images/media", ".", 1.0),
    Recipe("csidir", "storage", "csi", ".", 0.3),
    Recipe(
        "csi-provisioner",
        "storage",
        "provisioner",
        f"{_CSI}/external-provisioner/v6/cmd/csi-provisioner",
        4.0,
        f"{_CSI}/external-provisioner/v6",
    ),
    Recipe(
        "csi-attacher",
        "storage",
        "attacher",
        f"{_CSI}/external-attacher/v4/cmd/csi-attacher",
        3.0,
        f"{_CSI}/external-attacher/v4",
    ),
    Recipe(
        "argocd",
        "argocd",
        "argocd",
        "github.com/argoproj/argo-cd/v3/cmd",
        6.0,
        "github.com/argoproj/argo-cd/v3",
        _argocd,
    ),
    Recipe(
        "metrics-server",
        "metrics",
        "metrics",
        "sigs.k8s.io/metrics-server/cmd/metrics-server",
        2.0,
        "sigs.k8s.io/metrics-server",
    ),
    Recipe(
        "kustomize",
        "argocd",
        "kustomize",
        "sigs.k8s.io/kustomize/kustomize/v5",
        0.5,
        "sigs.k8s.io/kustomize/kustomize/v5",
    ),
)


def cache() -> Path:
    """Return the folder of everything that is built or fetched, by name and version."""
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.environ.get("MEDIATUI_LAB_CACHE") or f"{home}/mediatui/lab").expanduser()


def programs(*parts: str) -> dict[str, Path]:
    """Return the programs of some parts by name, built first where they are missing.

    ``MEDIATUI_KUBE_BIN`` names a folder that has the control plane already.

    Raises:
        CannotBuildError: One is missing and cannot be built: what would help.
    """
    given = os.environ.get("MEDIATUI_KUBE_BIN")
    found: dict[str, Path] = {}
    wanted: list[Recipe] = []
    for recipe in RECIPES:
        if recipe.part not in parts:
            continue
        if given and recipe.part == "control-plane":
            found[recipe.name] = Path(given) / recipe.name
            if not found[recipe.name].is_file():
                raise CannotBuildError(f"MEDIATUI_KUBE_BIN={given} lacks {recipe.name}")
        else:
            found[recipe.name] = recipe.path
            wanted.append(recipe)
    _build_missing(wanted)
    return found


def build(parts: Iterable[str]) -> None:
    """Build what is missing of some parts, and say before what it costs.

    Raises:
        CannotBuildError: Go is missing, or it failed.
    """
    if not _build_missing([recipe for recipe in RECIPES if recipe.part in parts]):
        print(f"nothing to build: {', '.join(parts)} are in {cache()}")


def _build_missing(recipes: Iterable[Recipe]) -> bool:
    recipes = list(recipes)
    if all(recipe.path.is_file() for recipe in recipes):
        return False
    if shutil.which("go") is None:
        lacking = ", ".join(recipe.name for recipe in recipes if not recipe.path.is_file())
        raise CannotBuildError(f"not built: {lacking}; Go 1.26 or later is not on the PATH")
    cache().mkdir(parents=True, exist_ok=True)
    with _alone(cache() / "lock"):
        missing = [recipe for recipe in recipes if not recipe.path.is_file()]
        minutes = sum(recipe.minutes for recipe in missing)
        print(f"building {', '.join(recipe.name for recipe in missing)} into {cache()}")
        print(f"about {minutes:.0f} minutes and {_caches(missing)} GB of Go caches on two cores; then never again")
        for number, recipe in enumerate(missing, 1):
            begun = time.monotonic()
            print(f"[{number}/{len(missing)}] {recipe.name} ...", end=" ", flush=True)
            _build(recipe)
            print(f"{time.monotonic() - begun:.0f} s", flush=True)
    return True


def _caches(recipes: Iterable[Recipe]) -> int:
    return 1 + sum({"kube": 3, "argocd": 3}.get(module, 0) for module in {recipe.module for recipe in recipes})


def _build(recipe: Recipe) -> None:
    recipe.path.parent.mkdir(parents=True, exist_ok=True)
    made = recipe.path.with_name(f".{recipe.name}.{os.getpid()}")
    stamps = recipe.stamps(recipe.version)
    flags = ["-s", "-w", *(part for name, value in stamps.items() for part in ("-X", f"{name}={value}"))]
    command = [
        "go",
        "build",
        "-trimpath",
        "-buildvcs=false",
        "-ldflags",
        " ".join(flags),
        "-o",
        str(made),
        recipe.package,
    ]
    done = subprocess.run(
        command,
        cwd=HERE / recipe.module,
        env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        made.unlink(missing_ok=True)
        raise CannotBuildError(f"{recipe.name} could not be built:\n{done.stderr[-4000:]}")
    made.replace(recipe.path)


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def go_module(module: str, dependency: str) -> Path:
    """Return the folder of a published module's sources, for files that are not programs.

    Raises:
        CannotBuildError: Go is missing, or the module cannot be fetched.
    """
    if shutil.which("go") is None:
        raise CannotBuildError(f"{dependency} is needed, and Go is not on the PATH")
    command = ["go", "list", "-m", "-f", "{{.Dir}}", dependency]
    done = subprocess.run(command, cwd=HERE / module, capture_output=True, text=True)
    if done.returncode:
        raise CannotBuildError(f"{dependency}: {done.stderr.strip()}")
    return Path(done.stdout.strip())


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
