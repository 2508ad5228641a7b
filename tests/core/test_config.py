from __future__ import annotations

from pathlib import Path

import pytest

from mediatui.config import Config, default_path, load, parse
from mediatui.errors import ConfigError

PATH = Path("/etc/mediatui.yaml")


def complaint(text: str) -> str:
    with pytest.raises(ConfigError) as raised:
        parse(text, PATH)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_a_missing_file_at_the_default_place_is_an_empty_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert load() == Config(tmp_path / "mediatui" / "config.yaml")


def test_a_missing_file_that_was_named_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "missing.yaml")


def test_an_empty_file_is_fine() -> None:
    assert parse("", PATH).exists


def test_the_default_place_follows_the_xdg_specification() -> None:
    assert default_path({"XDG_CONFIG_HOME": "/x"}) == Path("/x/mediatui/config.yaml")
    assert default_path({}) == Path.home() / ".config/mediatui/config.yaml"


def test_everything_that_can_be_set() -> None:
    config = parse(
        """
        theme: light
        context: home
        namespaces: [media, downloads]
        requestTimeout: 5s
        logs: {lines: 50000, tail: 10}
        apps:
          - app: sonarr
            namespace: media
            workload: tv
            container: main
            port: 80
            urlBase: /tv
            expected: {memoryLimit: 2Gi}
          - {app: bazarr, ignore: true}
        """,
        PATH,
    )
    assert (config.theme, config.context, config.namespaces, config.request_timeout) == (
        "light",
        "home",
        ("media", "downloads"),
        5.0,
    )
    assert (config.logs.lines, config.logs.tail) == (50000, 10)
    tv, off = config.apps
    assert (tv.workload, tv.port, tv.url_base, off.ignore) == ("tv", 80, "/tv", True)
    assert tv.expected is not None
    assert (tv.expected.memory_limit, tv.expected.cpu_limit) == (2 * 2.0**30, 1.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("themes: dark", "/etc/mediatui.yaml: unknown key 'themes' - did you mean 'theme'?"),
        ("theme: [dark", "/etc/mediatui.yaml:1: is not YAML"),
        ("- a", "/etc/mediatui.yaml: the file is '['a']' - it must be a mapping of keys"),
        ("requestTimeout: soon", "requestTimeout is 'soon' - it must be a duration"),
        ("namespaces: media", "namespaces is 'media' - it must be a list of texts"),
        ("apps: [{app: plex}]", "apps[0].app is 'plex' - it must be one of jellyfin, sonarr"),
        ("apps: [{app: sonarr, port: 99999}]", "apps[0].port is '99999' - it must be a whole number from 1 to 65535"),
        ("apps: [{app: sonarr, prot: 1}]", "unknown key 'apps[0].prot' - did you mean 'port'?"),
        (
            "apps: [{app: sonarr, expected: {cpuLimit: lots}}]",
            "apps[0].expected.cpuLimit is 'lots' - it must be a quantity",
        ),
        ("logs: {tail: true}", "logs.tail is 'True' - it must be a whole number"),
        ("theme: \x1b]0;x\x07", "/etc/mediatui.yaml"),
    ],
)
def test_what_is_wrong_is_told_in_one_line_with_file_and_key(text: str, said: str) -> None:
    assert said in complaint(text)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="is not UTF-8 text"):
        load(path)
