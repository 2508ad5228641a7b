from __future__ import annotations

import pytest

from mediatui.demo.objects import Object
from mediatui.demo.resources import named
from mediatui.demo.store import ExistsError, ExpiredError, MissingError, StaleError, Store
from tests.demo.asking import pod

PODS = named("pods", "")


def deployment(replicas: int = 1, **metadata: dict[str, str]) -> Object:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "sonarr", "namespace": "media", **metadata},
        "spec": {"replicas": replicas},
    }


def test_a_new_object_gets_identity_and_version() -> None:
    made = Store().create(pod("a"))["metadata"]
    assert made["uid"]
    assert made["creationTimestamp"].endswith("Z")
    assert int(made["resourceVersion"]) > 1
    assert made["generation"] == 1


def test_uids_are_the_same_for_the_same_seed_only() -> None:
    assert Store(seed=4).new_uid() == Store(seed=4).new_uid()
    assert Store(seed=4).new_uid() != Store(seed=5).new_uid()


def test_a_name_is_taken_once() -> None:
    store = Store()
    store.create(pod("a"))
    with pytest.raises(ExistsError):
        store.create(pod("a"))


def test_every_change_has_a_higher_version_and_no_change_has_none() -> None:
    store = Store()
    first = store.create(pod("a"))
    same = store.update(first)
    changed = store.update(pod("a", phase="Failed"))
    assert same is first
    assert int(changed["metadata"]["resourceVersion"]) == int(first["metadata"]["resourceVersion"]) + 1
    assert changed["metadata"]["uid"] == first["metadata"]["uid"]


def test_a_stale_update_is_refused() -> None:
    store = Store()
    first = store.create(pod("a"))
    store.update(pod("a", phase="Failed"))
    with pytest.raises(StaleError):
        store.update({**first, "status": {}})


def test_a_deployments_generation_counts_spec_and_annotations_but_not_labels() -> None:
    store = Store()
    store.create(deployment())
    assert store.update(deployment(labels={"a": "b"}))["metadata"]["generation"] == 1
    assert store.update(deployment(annotations={"a": "b"}))["metadata"]["generation"] == 2
    assert store.update(deployment(2, annotations={"a": "b"}))["metadata"]["generation"] == 3


def test_what_is_not_there_is_missing() -> None:
    store = Store()
    for act in (lambda: store.get(PODS, "a", "media"), lambda: store.delete(PODS, "a", "media")):
        with pytest.raises(MissingError):
            act()


def test_history_tells_what_happened_since() -> None:
    store = Store()
    store.create(pod("a"))
    since = store.revision
    store.update(pod("a", phase="Failed"))
    store.create(pod("b"))
    store.delete(PODS, "a", "media")
    assert [(entry.type, entry.item.key.name) for entry in store.since(PODS, since)] == [
        ("MODIFIED", "a"),
        ("ADDED", "b"),
        ("DELETED", "a"),
    ]


def test_a_bounded_history_expires() -> None:
    store = Store(history=2)
    start = store.revision
    for name in "abc":
        store.create(pod(name))
    with pytest.raises(ExpiredError):
        store.since(PODS, start)
    assert [entry.item.key.name for entry in store.since(PODS, start + 1)] == ["b", "c"]


def test_compaction_expires_those_who_come_back_but_not_those_who_are_there() -> None:
    store = Store()
    store.create(pod("a"))
    seen = store.revision
    store.expire()
    with pytest.raises(ExpiredError):
        store.since(PODS, seen)
    assert store.since(PODS, seen, live=True) == []
    assert store.since(PODS, store.revision) == []


def test_a_revision_from_before_the_cluster_has_expired() -> None:
    with pytest.raises(ExpiredError):
        Store().since(PODS, 1)


def test_pages_show_one_instant() -> None:
    store = Store()
    for name in "abcd":
        store.create(pod(name))
    first = store.page(PODS, limit=2)
    store.delete(PODS, "c", "media")
    store.create(pod("ca"))
    rest = store.page(PODS, limit=2, token=first.next)
    assert [item.key.name for item in (*first.items, *rest.items)] == ["a", "b", "c", "d"]
    assert rest.revision == first.revision
    assert (first.remaining, rest.next) == (2, "")


def test_a_page_of_a_forgotten_instant_has_expired_but_offers_to_go_on() -> None:
    store = Store()
    for name in "abcd":
        store.create(pod(name))
    first = store.page(PODS, limit=2)
    store.expire()
    store.delete(PODS, "c", "media")
    with pytest.raises(ExpiredError) as error:
        store.page(PODS, limit=2, token=first.next)
    assert [item.key.name for item in store.page(PODS, token=str(error.value)).items] == ["d"]
