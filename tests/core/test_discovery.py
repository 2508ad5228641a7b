"""The shapes in which eleven public repositories run their media stack, and how each is recognised."""

from __future__ import annotations

from typing import Any

import pytest

from mediatui.apps import APPS
from mediatui.apps.discovery import discover
from mediatui.apps.image import app_of_image, parse_image
from mediatui.apps.overrides import AppOverride
from mediatui.model.app import AppUnit
from mediatui.model.gitops import Application
from mediatui.model.network import Route, Service, ServicePort
from mediatui.model.source import Kind, Ref
from mediatui.model.stack import Stack
from mediatui.model.workload import Autoscaler, ClaimTemplate, Mount, PodVolume, Resources
from tests.support.rows import container, pod_of, stack, without, workload


def only(picture: Stack, *overrides: AppOverride) -> AppUnit:
    (unit,) = discover(picture, overrides)
    return unit


@pytest.mark.parametrize(
    ("image", "app"),
    [
        ("ghcr.io/home-operations/sonarr:4.0.17", "sonarr"),
        ("ghcr.io/onedr0p/prowlarr-develop:1.37", "prowlarr"),
        ("ghcr.io/hotio/bazarr:release-v1.5.5", "bazarr"),
        ("lscr.io/linuxserver/radarr:latest", "radarr"),
        ("docker.io/jellyfin/jellyfin:10.11.10", "jellyfin"),
        ("jellyfin/jellyfin", "jellyfin"),
        ("registry.home.arpa:5000/mirror/linuxserver-sonarr@sha256:abc", "sonarr"),
        ("ghcr.io/joryirving/Radarr:6.2.0@sha256:abc", "radarr"),
        ("ghcr.io/onedr0p/exportarr:v2.3", None),
        ("ghcr.io/rebelcore/jellyfin-exporter:1", None),
        ("ghcr.io/example/sonarr-exporter:1", None),
        ("fallenbagel/jellyseerr:preview-OIDC", None),
        ("ghcr.io/recyclarr/recyclarr:7", None),
        ("sonarr.example.com/tools/backup:1", None),
    ],
)
def test_an_image_is_told_by_the_basename_of_its_repository(image: str, app: str | None) -> None:
    found = app_of_image(image)
    assert (found.id if found else None) == app


def test_a_registrys_port_is_no_tag() -> None:
    assert parse_image("registry:5000/sonarr") == ("registry:5000/sonarr", "", "")
    assert parse_image("registry:5000/sonarr:4@sha256:ab") == ("registry:5000/sonarr", "4", "sha256:ab")


def test_port_80_by_environment_wins_over_the_apps_default() -> None:
    app = container("app", "ghcr.io/home-operations/sonarr:4.0.17", settings={"SONARR__SERVER__PORT": "80"})
    unit = only(stack(workload("Deployment", "default/sonarr", app)))
    assert (unit.port.value, unit.port.source) == (80, "env SONARR__SERVER__PORT")


def test_the_legacy_port_variable_is_read_too() -> None:
    app = container(
        "main", "lscr.io/linuxserver/sonarr:4", settings={"SONARR__PORT": "8080", "SONARR__SERVER__URLBASE": "/tv/"}
    )
    unit = only(stack(workload("Deployment", "media/sonarr", app)))
    assert (unit.port.value, unit.port.source) == (8080, "env SONARR__PORT")
    assert (unit.url_base.value, unit.url_base.source) == ("/tv", "env SONARR__SERVER__URLBASE")


def test_without_a_word_about_the_port_the_probe_the_service_and_the_default_are_asked_in_turn() -> None:
    bare = container("bazarr", "ghcr.io/hotio/bazarr:release-v1.5.5")
    app = workload("StatefulSet", "media/bazarr", bare)
    headless = Service(Ref("media", "bazarr"), "u", (("app", "bazarr"),), (ServicePort(80, "http"),), headless=True)
    assert only(stack(app, services=[headless])).port.source == "default"
    numbered = Service(Ref("media", "bazarr"), "u", (("app", "bazarr"),), (ServicePort(80, 6768),))
    assert only(stack(app, services=[numbered])).port.value == 6768
    probed = container("bazarr", "ghcr.io/hotio/bazarr:1", probe_port=6769)
    unit = only(stack(workload("StatefulSet", "media/bazarr", probed), services=[numbered]))
    assert (unit.port.value, unit.port.source) == (6769, "probe")


def test_one_pod_with_six_apps_gives_one_unit_for_each_of_ours() -> None:
    six = [
        container("main", "docker.io/jellyfin/jellyfin:10.11.10", 8096),
        container("sonarr", "lscr.io/linuxserver/sonarr:4", 8989),
        container("radarr", "lscr.io/linuxserver/radarr:6", 7878),
        container("prowlarr", "lscr.io/linuxserver/prowlarr:2", 9696),
        container("jellyseerr", "fallenbagel/jellyseerr:2", 5055),
        container("transmission", "lscr.io/linuxserver/transmission:4", 9091),
    ]
    units = discover(stack(workload("Deployment", "jellyfin/jellyfin", *six)))
    assert [(unit.app, unit.container.name) for unit in units] == [
        ("jellyfin", "main"),
        ("sonarr", "sonarr"),
        ("radarr", "radarr"),
        ("prowlarr", "prowlarr"),
    ]


def test_an_exporter_beside_the_app_is_not_the_app() -> None:
    app = container("app", "ghcr.io/onedr0p/sonarr:4", 8989)
    exporter = container("exporter", "ghcr.io/onedr0p/exportarr:v2", 9707)
    assert only(stack(workload("Deployment", "media/sonarr", exporter, app))).container.name == "app"


def test_of_two_containers_with_the_apps_image_the_one_that_listens_is_the_app() -> None:
    helper = container("backup", "lscr.io/linuxserver/sonarr:4")
    app = container("server", "lscr.io/linuxserver/sonarr:4", 8989)
    assert only(stack(workload("Deployment", "media/tv", helper, app))).container.name == "server"


def test_an_init_container_with_the_apps_image_is_not_the_app() -> None:
    init = container("copy", "lscr.io/linuxserver/sonarr:4", init=True)
    app = container("app", "lscr.io/linuxserver/sonarr:4", 8989)
    assert only(stack(workload("Deployment", "media/sonarr", init, app))).container.name == "app"


def test_an_own_image_is_recognised_by_label_and_port_together() -> None:
    own = container("app", "registry.home.arpa/tv:1", 8989)
    labels = (("app.kubernetes.io/name", "sonarr"),)
    unit = only(stack(workload("Deployment", "media/tv", own, template_labels=labels)))
    assert unit.identified_by == "label app.kubernetes.io/name=sonarr and port 8989"
    portless = container("app", "registry.home.arpa/tv:1")
    assert discover(stack(workload("Deployment", "media/tv", portless, template_labels=labels))) == ()


def test_workloads_without_labels_are_found_by_their_image() -> None:
    app = container("x", "ghcr.io/home-operations/radarr:6.2.0", 7878)
    assert only(stack(workload("StatefulSet", "films/whatever", app, template_labels=(), selector=()))).app == "radarr"


def test_a_postgres_host_means_no_sqlite() -> None:
    app = container(
        "app", "ghcr.io/joryirving/sonarr:4", settings={"SONARR__POSTGRES__HOST": "sonarr-rw.downloads.svc"}
    )
    unit = only(stack(workload("Deployment", "downloads/sonarr", app)))
    assert (unit.database.value, unit.database.source) == ("postgres", "env SONARR__POSTGRES__HOST")


@pytest.mark.parametrize("table", ["autoscalers", "scaled_objects"])
def test_zero_replicas_under_an_autoscaler_name_the_autoscaler(table: str) -> None:
    app = workload("Deployment", "media/sonarr", container("app", "ghcr.io/onedr0p/sonarr:4"), desired=0)
    kind = "HorizontalPodAutoscaler" if table == "autoscalers" else "ScaledObject"
    scaler = Autoscaler(kind, Ref("media", "sonarr-nfs"), "Deployment", "sonarr", minimum=0, maximum=1)  # type: ignore[arg-type]
    tables: dict[str, Any] = {table: [scaler]}
    assert only(stack(app, **tables)).autoscaler == scaler


def test_kedas_scaled_object_is_named_rather_than_the_autoscaler_it_makes() -> None:
    app = workload("Deployment", "media/sonarr", container("app", "ghcr.io/onedr0p/sonarr:4"))
    made = Autoscaler("HorizontalPodAutoscaler", Ref("media", "keda-hpa-sonarr"), "Deployment", "sonarr")
    maker = Autoscaler("ScaledObject", Ref("media", "sonarr"), "Deployment", "sonarr", 0, 1)
    assert only(stack(app, autoscalers=[made], scaled_objects=[maker])).autoscaler == maker


def test_argo_cds_tracking_id_names_the_owner_and_a_copied_one_does_not() -> None:
    image = container("app", "lscr.io/linuxserver/sonarr:4")
    key = "argocd.argoproj.io/tracking-id"
    tracked = workload(
        "Deployment", "media/sonarr", image, annotations=((key, "apps-media:apps/Deployment:media/sonarr"),)
    )
    application = Application(
        Ref("argocd", "apps-media"), "u", "Synced", "Healthy", owner_kind="ApplicationSet", owner_name="apps"
    )
    unit = only(stack(tracked, applications=[application]))
    assert unit.gitops is not None
    assert (unit.gitops.engine, unit.gitops.name) == ("argocd", "apps-media")
    assert unit.application == application
    copied = workload(
        "Deployment", "media/sonarr2", image, annotations=((key, "apps-media:apps/Deployment:media/sonarr"),)
    )
    assert only(stack(copied, applications=[application])).gitops is None


def test_a_tracking_id_with_the_applications_namespace_is_read() -> None:
    key = "argocd.argoproj.io/tracking-id"
    app = workload(
        "StatefulSet",
        "media/sonarr",
        container("app", "lscr.io/linuxserver/sonarr:4"),
        annotations=((key, "team_media:apps/StatefulSet:media/sonarr"),),
    )
    here, elsewhere = (Application(Ref(place, "media"), place) for place in ("team", "other"))
    assert only(stack(app, applications=[here, elsewhere])).application == here


def test_fluxs_labels_name_the_owner() -> None:
    labels = (("helm.toolkit.fluxcd.io/name", "sonarr"), ("helm.toolkit.fluxcd.io/namespace", "media"))
    unit = only(
        stack(workload("Deployment", "media/sonarr", container("app", "ghcr.io/onedr0p/sonarr:4"), labels=labels))
    )
    assert unit.gitops is not None
    assert (unit.gitops.engine, unit.gitops.name, unit.gitops.namespace) == ("flux-helmrelease", "sonarr", "media")


def test_routes_are_found_through_the_services_of_the_pods() -> None:
    app = workload("StatefulSet", "media/jellyfin", container("jellyfin", "ghcr.io/jellyfin/jellyfin:10.11.10", 8096))
    service = Service(Ref("media", "jellyfin"), "u", (("app", "jellyfin"),), headless=True)
    other = Service(Ref("media", "sonarr"), "v", (("app", "sonarr"),))
    route = Route(Ref("media", "film"), ("film.example.org",), (("media", "jellyfin", 8096),), accepted=True)
    stray = Route(Ref("media", "tv"), ("tv.example.org",), (("media", "sonarr", 80),))
    unit = only(stack(app, services=[service, other], routes=[route, stray]))
    assert unit.routes == (route,)
    assert unit.services == (service.ref,)


def test_claims_are_those_that_the_container_mounts() -> None:
    app = container(
        "app", "ghcr.io/x/sonarr:4", mounts=(Mount("config", "/config"), Mount("media", "/data"), Mount("tmp", "/tmp"))
    )
    volumes = (
        PodVolume("media", "claim", "media-share"),
        PodVolume("tmp", "emptyDir"),
        PodVolume("other", "claim", "not-mounted"),
    )
    owner = workload("StatefulSet", "media/sonarr", app, volumes=volumes, claim_templates=(ClaimTemplate("config"),))
    assert only(stack(owner)).claims == (Ref("media", "config-sonarr-0"), Ref("media", "media-share"))
    pod = pod_of(owner, volumes=(*volumes, PodVolume("config", "claim", "config-sonarr-0")))
    assert only(stack(owner, pods=(pod,))).claims == (Ref("media", "config-sonarr-0"), Ref("media", "media-share"))


def test_a_pod_belongs_to_its_deployment_also_where_replicasets_may_not_be_read() -> None:
    owner = workload("Deployment", "media/sonarr", container("app", "ghcr.io/x/sonarr:4"))
    picture = without(stack(owner, pods=(pod_of(owner, "6d4cf56db6-abcde"),), replicasets=[]), Kind.REPLICASETS)
    assert [pod.ref.name for pod in only(picture).pods] == ["sonarr-6d4cf56db6-abcde"]


def test_a_pod_whose_workload_may_not_be_read_stands_for_itself() -> None:
    owner = workload("Deployment", "media/sonarr", container("app", "ghcr.io/x/sonarr:4", 8989))
    unit = only(stack(pods=(pod_of(owner, "6d4cf56db6-abcde"),)))
    assert (unit.kind, unit.workload.ref.name, unit.port.value) == ("Pod", "sonarr-6d4cf56db6-abcde", 8989)


def test_a_jobs_pod_with_an_apps_image_is_not_the_app() -> None:
    owner = workload("Deployment", "media/vacuum", container("app", "ghcr.io/x/sonarr:4"))
    assert discover(stack(pods=(pod_of(owner, owner_kind="Job", owner_uid="job"),))) == ()


def test_the_pod_that_lives_speaks_for_the_app_not_the_one_that_ends() -> None:
    owner = workload("Deployment", "media/sonarr", container("app", "ghcr.io/x/sonarr:4"))
    old, new = pod_of(owner, "old", created=1.0), pod_of(owner, "new", created=2.0)
    ending = pod_of(owner, "ending", created=3.0, deleting_since=4.0)
    assert [pod.ref.name for pod in only(stack(owner, pods=(old, ending, new))).pods] == [
        "sonarr-new",
        "sonarr-old",
        "sonarr-ending",
    ]


def test_the_configuration_wins_over_everything() -> None:
    owner = workload("Deployment", "media/tv", container("main", "registry.home.arpa/tv:1", 5000))
    entry = AppOverride("sonarr", "media", "tv", port=9000, url_base="/tv", expected=Resources(cpu_request=9.0))
    unit = only(stack(owner), entry)
    assert (unit.app, unit.port.value, unit.port.source, unit.url_base.value) == (
        "sonarr",
        9000,
        "configuration",
        "/tv",
    )
    assert unit.expected.cpu_request == 9.0


def test_the_configuration_can_leave_an_app_out() -> None:
    owner = workload("Deployment", "media/sonarr", container("app", "ghcr.io/x/sonarr:4"))
    assert discover(stack(owner), [AppOverride("sonarr", "media", "sonarr", ignore=True)]) == ()


def test_the_same_app_twice_gives_two_units_with_different_keys() -> None:
    image = container("app", "ghcr.io/x/sonarr:4")
    units = discover(stack(workload("Deployment", "a/sonarr", image), workload("Deployment", "b/sonarr", image)))
    assert len({unit.key for unit in units}) == 2


@pytest.mark.parametrize(
    ("image", "version", "source"),
    [
        ("ghcr.io/hotio/bazarr:release-v1.5.5", "release-v1.5.5", "image tag"),
        ("ghcr.io/x/bazarr@sha256:abc", "", "image is pinned by digest alone"),
        ("ghcr.io/x/bazarr", "latest", "image without a tag"),
    ],
)
def test_the_version_says_where_it_comes_from(image: str, version: str, source: str) -> None:
    unit = only(stack(workload("Deployment", "media/bazarr", container("app", image))))
    assert (unit.version.value, unit.version.source) == (version, source)


def test_expected_resources_are_the_stacks_table() -> None:
    Gi, Mi = 2.0**30, 2.0**20
    table = {app.id: app.expected for app in APPS}
    assert table["jellyfin"] == Resources(2, 4, 2 * Gi, 5 * Gi)
    assert table["sonarr"] == table["radarr"] == Resources(0.5, 1, 512 * Mi, Gi)
    assert table["prowlarr"] == Resources(0.25, 0.5, 256 * Mi, 512 * Mi)
