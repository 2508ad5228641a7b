"""The workloads of a media stack at home, and those around it."""

from __future__ import annotations

from typing import Final

from mediatui.demo.parts.cluster import DAY, MINUTE
from mediatui.demo.parts.unit import Container, Spec, Template, Unit

BIRTH: Final = 412 * DAY
"""Seconds since the cluster was made."""
NODES: Final = ("kube-1", "kube-2", "kube-3")
APPLICATION: Final = "apps-media"
_MEDIA: Final = {"name": "media", "persistentVolumeClaim": {"claimName": "media-share"}}
_SCRATCH: Final[tuple[Spec, ...]] = (
    {"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}},
    {"name": "run", "emptyDir": {"sizeLimit": "100Mi"}},
)
_SCRATCH_MOUNTS: Final = (("tmp", "/tmp"), ("run", "/run"))

_EXPORTARR: Final = Container(
    "exportarr",
    "ghcr.io/onedr0p/exportarr:v2.3.0",
    ports=(("metrics", 9707),),
    requests={"cpu": "10m", "memory": "32Mi"},
    limits={"memory": "64Mi"},
    args=("sonarr",),
    env=(("PORT", "9707"), ("URL", "http://localhost:8989")),
    env_from="sonarr-secret",
)


def _servarr(
    name: str, image: str, port: int, requests: tuple[str, str], limits: tuple[str, str], *, media: bool = True
) -> Container:
    prefix = name.upper()
    settings = ((f"{prefix}__AUTH__METHOD", "External"), (f"{prefix}__LOG__DBENABLED", "false"))
    mounts = (("config", "/config"), *((("media", "/media"),) if media else ()), *_SCRATCH_MOUNTS)
    return Container(
        name,
        image,
        ports=(("http", port),),
        requests={"cpu": requests[0], "memory": requests[1]},
        limits={"cpu": limits[0], "memory": limits[1]},
        env=(("TZ", "Europe/Berlin"), *settings),
        env_from=f"{name}-secret",
        mounts=mounts,
        probe=("/ping", "http"),
    )


def _claim(claim: str) -> Spec:
    return {"name": "config", "persistentVolumeClaim": {"claimName": claim}}


_BIG: Final = (("500m", "512Mi"), ("1", "1Gi"))
_SMALL: Final = (("250m", "256Mi"), ("500m", "512Mi"))

JELLYFIN: Final = Unit(
    "jellyfin",
    "StatefulSet",
    (
        Container(
            "jellyfin",
            "ghcr.io/jellyfin/jellyfin:10.11.10",
            ports=(("http", 8096),),
            requests={"cpu": "2", "memory": "2Gi", "gpu.intel.com/i915": "1"},
            limits={"cpu": "4", "memory": "5Gi", "gpu.intel.com/i915": "1"},
            env=(("TZ", "Europe/Berlin"), ("JELLYFIN_PublishedServerUrl", "https://jellyfin.example.internal")),
            mounts=(
                ("config", "/config"),
                ("cache", "/cache"),
                ("media", "/media"),
                ("transcode", "/transcode"),
                ("tmp", "/tmp"),
            ),
            probe=("/health", "http"),
        ),
    ),
    nodes=("kube-2",),
    volumes=(_MEDIA, {"name": "transcode", "emptyDir": {"sizeLimit": "20Gi"}}, _SCRATCH[0]),
    templates=(Template("config", "10Gi"), Template("cache", "10Gi")),
    age=160 * DAY,
    pod_age=9 * DAY,
    application=APPLICATION,
    groups=(44, 104),
    node_selector={"intel.feature.node.kubernetes.io/gpu": "true"},
)
SONARR: Final = Unit(
    "sonarr",
    "Deployment",
    (_servarr("sonarr", "ghcr.io/home-operations/sonarr:4.0.17", 8989, *_BIG), _EXPORTARR),
    nodes=("kube-3",),
    volumes=(_claim("sonarr-config"), _MEDIA, *_SCRATCH),
    age=310 * DAY,
    pod_age=12 * DAY,
    application=APPLICATION,
    recreate=True,
)
RADARR: Final = Unit(
    "radarr",
    "StatefulSet",
    (_servarr("radarr", "ghcr.io/home-operations/radarr:6.2.0", 7878, *_BIG),),
    nodes=("kube-3",),
    volumes=(_MEDIA, *_SCRATCH),
    templates=(Template("config", "10Gi"),),
    age=160 * DAY,
    pod_age=35 * MINUTE,
    application=APPLICATION,
)
PROWLARR: Final = Unit(
    "prowlarr",
    "StatefulSet",
    (_servarr("prowlarr", "ghcr.io/home-operations/prowlarr:2.4.0", 9696, *_SMALL, media=False),),
    nodes=("kube-1",),
    volumes=_SCRATCH,
    templates=(Template("config", "5Gi"),),
    age=160 * DAY,
    pod_age=12 * DAY,
    restarts=1,
    application=APPLICATION,
)
BAZARR: Final = Unit(
    "bazarr",
    "Deployment",
    (
        Container(
            "bazarr",
            "ghcr.io/home-operations/bazarr:1.5.5",
            ports=(("http", 6767),),
            requests={"cpu": "100m", "memory": "256Mi"},
            limits={"cpu": "500m", "memory": "512Mi"},
            env=(("TZ", "Europe/Berlin"),),
            mounts=(("config", "/config"), ("media", "/media"), *_SCRATCH_MOUNTS),
            probe=("/", "http"),
        ),
    ),
    nodes=("kube-1",),
    volumes=(_claim("bazarr-config"), _MEDIA, *_SCRATCH),
    age=310 * DAY,
    pod_age=12 * DAY,
    application=APPLICATION,
    recreate=True,
)
SABNZBD: Final = Unit(
    "sabnzbd",
    "StatefulSet",
    (
        Container(
            "sabnzbd",
            "ghcr.io/home-operations/sabnzbd:4.5.5",
            ports=(("http", 8080),),
            requests={"cpu": "100m", "memory": "128Mi"},
            limits={"memory": "1Gi"},
            mounts=(("config", "/config"), ("media", "/media"), *_SCRATCH_MOUNTS),
        ),
    ),
    nodes=("kube-3",),
    volumes=(_MEDIA, *_SCRATCH),
    templates=(Template("config", "6Gi"),),
    age=160 * DAY,
    application=APPLICATION,
)
JELLYSEERR: Final = Unit(
    "jellyseerr",
    "Deployment",
    (
        Container(
            "jellyseerr",
            "ghcr.io/fallenbagel/jellyseerr:2.7.3",
            ports=(("http", 5055),),
            requests={"cpu": "150m", "memory": "256Mi"},
            limits={"memory": "768Mi"},
            env=(("JELLYFIN_TYPE", "jellyfin"),),
            mounts=_SCRATCH_MOUNTS,
        ),
    ),
    nodes=("kube-1",),
    volumes=_SCRATCH,
    application=APPLICATION,
)


def _system(name: str, kind: str, namespace: str, image: str, *nodes: str) -> Unit:
    container = Container(name, image, requests={"cpu": "100m", "memory": "70Mi"}, hardened=False)
    where = nodes or (NODES if kind == "DaemonSet" else NODES[:1])
    return Unit(name, kind, (container,), where, namespace, "app.kubernetes.io/name", age=BIRTH, pod_age=21 * DAY)  # type: ignore[arg-type]


AROUND: Final = (
    _system("coredns", "Deployment", "kube-system", "registry.k8s.io/coredns/coredns:v1.13.1", "kube-1", "kube-3"),
    _system("cilium", "DaemonSet", "kube-system", "quay.io/cilium/cilium:v1.18.4"),
    _system("metrics-server", "Deployment", "kube-system", "registry.k8s.io/metrics-server/metrics-server:v0.8.0"),
    _system("intel-gpu-plugin", "DaemonSet", "kube-system", "docker.io/intel/intel-gpu-plugin:0.34.0", "kube-2"),
    _system("longhorn-manager", "DaemonSet", "longhorn-system", "docker.io/longhornio/longhorn-manager:v1.10.1"),
    _system("csi-attacher", "Deployment", "longhorn-system", "docker.io/longhornio/csi-attacher:v4.10.0"),
    _system("csi-provisioner", "Deployment", "longhorn-system", "docker.io/longhornio/csi-provisioner:v5.3.0"),
    _system("argocd-application-controller", "StatefulSet", "argocd", "quay.io/argoproj/argocd:v3.2.1"),
    _system("argocd-applicationset-controller", "Deployment", "argocd", "quay.io/argoproj/argocd:v3.2.1"),
    _system("argocd-repo-server", "Deployment", "argocd", "quay.io/argoproj/argocd:v3.2.1", "kube-3"),
    _system("keda-operator", "Deployment", "keda", "ghcr.io/kedacore/keda:2.18.1", "kube-3"),
)
