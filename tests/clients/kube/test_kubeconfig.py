"""Reading kubeconfig files, and saying in one line what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediatui.clients.kube.kubeconfig import KubeContext, load
from mediatui.errors import KubeconfigError
from tests.clients.kube.doubles import write

GOOD = """
apiVersion: v1
kind: Config
current-context: home
contexts:
- {name: home, context: {cluster: lab, user: me, namespace: media}}
- {name: away, context: {cluster: far, user: me}}
clusters:
- {name: lab, cluster: {server: "https://lab:6443/", certificate-authority: certs/ca.crt}}
- {name: far, cluster: {server: "https://far:6443"}}
users:
- {name: me, user: {client-certificate: me.crt, client-key: /abs/me.key, tokenFile: token}}
"""


def found(path: Path | str | None, context: str | None = None, **environ: str) -> KubeContext:
    context_found = load(str(path) if path else None, context, {"HOME": "/nowhere", **environ})
    assert context_found is not None
    return context_found


def refusal(path: Path | str | None, context: str | None = None, **environ: str) -> str:
    with pytest.raises(KubeconfigError) as refused:
        load(str(path) if path else None, context, {"HOME": "/nowhere", **environ})
    said = str(refused.value)
    assert "\n" not in said
    return said


def test_the_current_context_is_used_with_its_cluster_user_and_namespace(tmp_path: Path) -> None:
    context = found(write(tmp_path / "config", GOOD))
    assert (context.name, context.namespace, context.server) == ("home", "media", "https://lab:6443")
    assert context.user["client-key"] == "/abs/me.key"


def test_another_context_can_be_named_and_has_the_default_namespace(tmp_path: Path) -> None:
    context = found(write(tmp_path / "config", GOOD), "away")
    assert (context.server, context.namespace) == ("https://far:6443", "default")


def test_paths_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    context = found(write(tmp_path / "sub" / "config", GOOD))
    assert context.cluster["certificate-authority"] == str(tmp_path / "sub" / "certs" / "ca.crt")
    assert context.user["tokenFile"] == str(tmp_path / "sub" / "token")


def test_a_plugin_with_a_slash_is_relative_to_its_file_and_one_without_is_looked_for_in_path(tmp_path: Path) -> None:
    text = GOOD.replace("client-certificate: me.crt", "exec: {command: ./bin/login}")
    assert found(write(tmp_path / "a", text)).user["exec"]["command"] == str(tmp_path / "bin" / "login")
    text = GOOD.replace("client-certificate: me.crt", "exec: {command: aws}")
    assert found(write(tmp_path / "b", text)).user["exec"]["command"] == "aws"


def test_of_a_list_the_first_file_wins_and_missing_ones_are_skipped(tmp_path: Path) -> None:
    first = write(tmp_path / "1", "contexts: [{name: home, context: {cluster: other, user: me}}]")
    second = write(tmp_path / "2" / "config", GOOD + "- {name: you, user: {}}\n")
    third = write(
        tmp_path / "3",
        "clusters: [{name: other, cluster: {server: https://other}}, {name: lab, cluster: {server: https://no}}]",
    )
    context = found(None, KUBECONFIG=f"{first}:{tmp_path / 'missing'}:{second}:{third}:")
    assert (context.name, context.server) == ("home", "https://other")
    assert context.user["tokenFile"] == str(tmp_path / "2" / "token")
    assert context.where == str(second)


def test_an_empty_file_is_no_trouble_in_a_list(tmp_path: Path) -> None:
    assert found(None, KUBECONFIG=f"{write(tmp_path / 'e', '')}:{write(tmp_path / 'c', GOOD)}").name == "home"


def test_the_default_is_in_the_home_folder(tmp_path: Path) -> None:
    write(tmp_path / ".kube" / "config", GOOD)
    assert found(None, HOME=str(tmp_path)).name == "home"


def test_a_tilde_stands_for_the_home_folder(tmp_path: Path) -> None:
    write(tmp_path / "mine", GOOD)
    assert found("~/mine", HOME=str(tmp_path)).name == "home"


def test_without_any_file_it_says_where_it_looked_and_that_there_is_a_demo(tmp_path: Path) -> None:
    said = refusal(None, HOME=str(tmp_path))
    assert f"no kubeconfig found; looked for {tmp_path}/.kube/config" in said
    assert "mediatui --demo" in said


def test_a_list_of_missing_files_is_no_kubeconfig(tmp_path: Path) -> None:
    said = refusal(None, KUBECONFIG=f"{tmp_path}/a:{tmp_path}/b")
    assert f"{tmp_path}/a, {tmp_path}/b (from KUBECONFIG)" in said


def test_a_named_file_that_is_missing_is_named(tmp_path: Path) -> None:
    assert f"kubeconfig {tmp_path}/none is not there" in refusal(tmp_path / "none")


def test_a_folder_is_no_kubeconfig(tmp_path: Path) -> None:
    assert f"{tmp_path}: cannot be read" in refusal(tmp_path)


def test_in_a_pod_without_a_kubeconfig_the_service_account_is_for_the_caller_to_take() -> None:
    assert load(None, None, {"HOME": "/nowhere", "KUBERNETES_SERVICE_HOST": "10.96.0.1"}) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1", "line 1"),
        ("a: b\nc: d: e\n", "line 2"),
        ("a: b\n\tc: d\n", "line 2"),
        ("a: \x07\n", "line 1: a character that YAML does not allow"),
        ("- a\n", "a kubeconfig is a mapping, this is a list"),
        ("just words", "a kubeconfig is a mapping, this is a text"),
        ("contexts: {}\n", "contexts must be a list, this is a mapping"),
        ("contexts: [words]\n", "contexts[0] must be a mapping, this is a text"),
        ("users: [{user: {}}]\n", "users[0] has no name"),
        ("clusters: [{name: x, cluster: 3}]\n", "clusters[0].cluster (x) must be a mapping"),
        ("current-context: [a]\n", "current-context must be a name, this is a list"),
    ],
)
def test_what_is_broken_is_named_with_its_file_and_its_line_or_entry(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path / "config", text)
    refused = refusal(path)
    assert refused.startswith(str(path))
    assert said in refused


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_bytes(b"a: \xff\n")
    assert "not UTF-8 text at byte 3" in refusal(path)


@pytest.mark.parametrize(
    ("change", "context", "said"),
    [
        (("x", "x"), "nope", "context 'nope' does not exist - there are: away, home"),
        (("current-context: home", "current-context: gone"), None, "current-context 'gone' does not exist"),
        (("current-context: home", ""), None, "no current-context is set - choose one with --context: away, home"),
        (("cluster: lab,", "cluster: gone,"), None, "names the cluster 'gone', which does not exist - there are: far"),
        (("cluster: lab,", ""), None, "names no cluster"),
        (("user: me,", "user: gone,"), None, "names the user 'gone', which does not exist - there are: me"),
        (('server: "https://lab:6443/",', ""), None, "cluster 'lab' has no server"),
        (('"https://lab:6443/"', "[a]"), None, "server must be a text, this is a list"),
    ],
)
def test_entries_that_lead_nowhere_are_named_with_what_there_is(
    tmp_path: Path, change: tuple[str, str], context: str | None, said: str
) -> None:
    assert said in refusal(write(tmp_path / "config", GOOD.replace(*change, 1)), context)


def test_hostile_names_are_shown_harmlessly(tmp_path: Path) -> None:
    text = GOOD.replace("name: away", 'name: "a\\e[2Jb"')
    assert "\x1b" not in refusal(write(tmp_path / "config", text), "nope")


def test_credentials_do_not_show_in_a_repr(tmp_path: Path) -> None:
    assert "me.key" not in repr(found(write(tmp_path / "config", GOOD)))
