"""Building the control plane's binaries into a cache outside the checkout, each version once."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")


class CannotBuildError(Exception):
    """The binaries are not there and cannot be made; the text says why in one line."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one binary is made."""

    name: str
    module: str
    """The folder of its wrapper module."""
    package: str
    minutes: float
    """About how long the first build takes on two cores, with those that share its module."""


def version_of(module: str, dependency: str) -> str:
    """Return the version that a wrapper module pins; its go.mod is the one place that says it."""
    match = re.search(
        rf"^(?:require )?\s*{re.escape(dependency)} (v\S+)$", (HERE / module / "go.mod").read_text(), re.M
    )
    if match is None:
        raise CannotBuildError(f"tests/lab/{module}/go.mod does not require {dependency}")
    return match[1]


KUBERNETES = version_of("kube", "k8s.io/kubernetes")
ETCD = version_of("etcd", "go.etcd.io/etcd/server/v3")

RECIPES = (
    Recipe("etcd", "etcd", ".", 1.0),
    Recipe("kube-apiserver", "kube", "k8s.io/kubernetes/cmd/kube-apiserver", 3.0),
    Recipe("kube-controller-manager", "kube", "k8s.io/kubernetes/cmd/kube-controller-manager", 0.7),
    Recipe("kube-scheduler", "kube", "k8s.io/kubernetes/cmd/kube-scheduler", 0.3),
)


def cache() -> Path:
    """Return the folder of the binaries of these versions."""
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    root = os.environ.get("MEDIATUI_LAB_CACHE") or f"{home}/mediatui/lab"
    return Path(root).expanduser() / f"kubernetes-{KUBERNETES}-etcd-{ETCD}" / "bin"


def binaries() -> Path:
    """Return a folder that has the control plane's binaries.

    Raises:
        CannotBuildError: There is none: what is missing, and what would help.
    """
    given = os.environ.get("MEDIATUI_KUBE_BIN")
    folder = Path(given) if given else cache()
    missing = [name for name in CONTROL_PLANE if not (folder / name).is_file()]
    if missing and given:
        raise CannotBuildError(f"MEDIATUI_KUBE_BIN={given} lacks {', '.join(missing)}")
    if missing:
        raise CannotBuildError(f"no real control plane: {', '.join(missing)} not built; run `make lab` (needs Go)")
    return folder


def build() -> None:
    """Build what is missing.

    Raises:
        CannotBuildError: Go is missing, or it failed.
    """
    folder = cache()
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder.parent / "lock"):
        missing = [recipe for recipe in RECIPES if not (folder / recipe.name).is_file()]
        if not missing:
            print(f"nothing to build: Kubernetes {KUBERNETES} and etcd {ETCD} are in {folder}")
            return
        if shutil.which("go") is None:
            raise CannotBuildError("Go is not on the PATH; install Go 1.26 or later, or set MEDIATUI_KUBE_BIN")
        minutes = sum(recipe.minutes for recipe in missing)
        print(f"building {', '.join(recipe.name for recipe in missing)} into {folder}")
        print(f"about {minutes:.0f} minutes on two cores and 4 GB of Go caches the first time; then never again")
        for number, recipe in enumerate(missing, 1):
            begun = time.monotonic()
            print(f"[{number}/{len(missing)}] {recipe.name} ...", end=" ", flush=True)
            _build(recipe, folder)
            print(f"{time.monotonic() - begun:.0f} s")


def _build(recipe: Recipe, folder: Path) -> None:
    made = folder / f".{recipe.name}.{os.getpid()}"
    component = "k8s.io/component-base/version"
    major, minor = KUBERNETES.removeprefix("v").split(".")[:2]
    # Without its version the server calls itself v0.0.0-master, and clients and feature gates misjudge it.
    stamps = [f"{component}.gitVersion={KUBERNETES}", f"{component}.gitMajor={major}", f"{component}.gitMinor={minor}"]
    flags = ["-s", "-w", *(part for stamp in stamps for part in ("-X", stamp))]
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
        command, cwd=HERE / recipe.module, env={**os.environ, "CGO_ENABLED": "0"}, capture_output=True, text=True
    )
    if done.returncode:
        made.unlink(missing_ok=True)
        raise CannotBuildError(f"{recipe.name} could not be built:\n{done.stderr[-4000:]}")
    made.replace(folder / recipe.name)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
