from __future__ import annotations

import stat
from pathlib import Path

import pytest
import yaml

from mediatui.demo.kubeconfig import (
    ForeignFileError,
    check_replaceable,
    kubeconfig_text,
    private_folder,
    write_kubeconfig,
)

TEXT = kubeconfig_text("https://127.0.0.1:1", "secret", "-----BEGIN CERTIFICATE-----")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_a_kubeconfig_for_one_context(tmp_path: Path) -> None:
    body = yaml.safe_load(TEXT)
    (context,) = body["contexts"]
    assert (body["current-context"], context["context"]["namespace"]) == (context["name"], "media")
    assert body["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:1"
    assert body["users"][0]["user"] == {"token": "secret"}


def test_it_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "config"
    write_kubeconfig(path, TEXT)
    assert mode(path) == 0o600
    assert path.read_text() == TEXT
    assert [item.name for item in tmp_path.iterdir()] == ["config"]


def test_it_replaces_its_own(tmp_path: Path) -> None:
    path = tmp_path / "config"
    write_kubeconfig(path, TEXT)
    path.chmod(0o644)
    write_kubeconfig(path, kubeconfig_text("https://127.0.0.1:2", "secret", ""))
    assert "127.0.0.1:2" in path.read_text()
    assert mode(path) == 0o600


FOREIGN = [
    "",
    "not: a kubeconfig",
    "{broken",
    "apiVersion: v1\nkind: Config\nclusters:\n- name: mediatui-demo\n  cluster: {server: https://real}\n",
    yaml.safe_dump(
        {**yaml.safe_load(TEXT), "clusters": [*yaml.safe_load(TEXT)["clusters"], {"name": "b", "cluster": {}}]}
    ),
]


@pytest.mark.parametrize("content", FOREIGN)
def test_it_never_replaces_what_it_did_not_write(tmp_path: Path, content: str) -> None:
    path = tmp_path / "config"
    path.write_text(content)
    with pytest.raises(ForeignFileError, match="was not written by mediatui demo"):
        write_kubeconfig(path, TEXT)
    assert path.read_text() == content


def test_it_follows_no_link_and_takes_no_folder(tmp_path: Path) -> None:
    write_kubeconfig(tmp_path / "own", TEXT)
    (tmp_path / "link").symlink_to(tmp_path / "own")
    for path in (tmp_path / "link", tmp_path):
        with pytest.raises(ForeignFileError, match="is not a plain file"):
            check_replaceable(path)


def test_the_private_folder_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = private_folder()
    assert folder.parent == tmp_path
    assert mode(folder) == 0o700


def test_a_runtime_folder_that_is_not_there_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "nothing"))
    folder = private_folder()
    assert folder.is_dir()
    folder.rmdir()
