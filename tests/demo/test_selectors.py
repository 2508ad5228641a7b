from __future__ import annotations

import pytest

from mediatui.demo.resources import named
from mediatui.demo.selectors import BadSelectorError, field_matcher, label_matcher
from tests.demo.asking import pod

PODS = named("pods", "")
SONARR = pod("sonarr-0", labels={"app": "sonarr", "tier": "media"})


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ("app=sonarr", True),
        ("app==sonarr", True),
        ("app!=sonarr", False),
        ("app=radarr", False),
        ("app in (sonarr, radarr)", True),
        ("app notin (sonarr,radarr)", False),
        ("missing notin (a)", True),
        ("missing!=a", True),
        ("tier", True),
        ("!tier", False),
        ("!missing", True),
        ("app=sonarr,tier in (media),!missing", True),
        ("app=sonarr,tier=other", False),
        ("tier=", False),
    ],
)
def test_a_label_selector_chooses_as_the_real_one(selector: str, matches: bool) -> None:
    test = label_matcher(selector)
    assert test is not None
    assert test(SONARR) is matches


def test_an_empty_selector_tests_nothing() -> None:
    assert label_matcher("") is None
    assert field_matcher(PODS, "") is None


def test_a_selector_that_cannot_be_read_is_named() -> None:
    with pytest.raises(BadSelectorError, match="unable to parse requirement"):
        label_matcher("app in sonarr")


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ("metadata.name=sonarr-0", True),
        ("metadata.namespace!=media", False),
        ("spec.nodeName=kube-1,status.phase==Running", True),
        ("status.phase!=Running", False),
    ],
)
def test_a_field_selector_chooses_as_the_real_one(selector: str, matches: bool) -> None:
    test = field_matcher(PODS, selector)
    assert test is not None
    assert test(SONARR) is matches


def test_a_field_that_cannot_be_selected_by_is_refused_in_the_servers_words() -> None:
    with pytest.raises(BadSelectorError, match=r"field label not supported: spec\.hostname"):
        field_matcher(PODS, "spec.hostname=x")
