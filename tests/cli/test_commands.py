"""The commands as a shell runs them, on the embedded cluster and in every kind of trouble."""

from __future__ import annotations

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

MEDIATUI = [sys.executable, "-m", "mediatui"]


def run(*arguments: str, timeout: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {key: value for key, value in os.environ.items() if key != "KUBECONFIG"}
    return subprocess.run(
        [*MEDIATUI, *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=timeout,
        check=False,
        env=inherited | {"HOME": "/nonexistent"} | environment,
    )


def kubeconfig(folder: Path, server: str, **user: object) -> str:
    path = folder / "kubeconfig"
    path.write_text(
        json.dumps(
            {
                "current-context": "c",
                "clusters": [{"name": "c", "cluster": {"server": server}}],
                "users": [{"name": "u", "user": user or {"token": "t"}}],
                "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            }
        )
    )
    return str(path)


def refused(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """One line on standard error, nothing on standard output, no traceback."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    for word in words:
        assert word in done.stderr


def test_status_of_the_demo_as_json() -> None:
    done = run("--demo", "status", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["schema"] == "mediatui/status/v1"
    assert {app["app"]: app["level"] for app in said["apps"]} == {
        "jellyfin": "ok",
        "sonarr": "ok",
        "radarr": "ok",
        "prowlarr": "ok",
        "bazarr": "fail",
    }
    assert set(said["sources"].values()) == {"synced"}
    assert said["observedAt"].endswith("Z")


def test_logs_of_the_demo_end_with_the_lines_asked_for() -> None:
    done = run("--demo", "logs", "sonarr", "--tail", "5")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 5)


def test_logs_of_several_apps_name_the_app_and_one_json_object_is_a_line() -> None:
    done = run("--demo", "logs", "sonarr", "radarr", "--tail", "2", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["app"] for line in lines} == {"sonarr", "radarr"}
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)


def test_options_may_stand_before_and_after_the_command() -> None:
    before, after = run("--json", "config", "path"), run("config", "path", "--json")
    assert json.loads(before.stdout) == json.loads(after.stdout)


def test_without_a_terminal_the_ui_prints_its_picture_and_says_so_in_one_line() -> None:
    done = run("demo")
    assert done.returncode == 0
    assert len(done.stderr.splitlines()) == 1
    assert "no terminal" in done.stderr
    assert "bazarr" in done.stdout


def test_a_command_runs_on_the_demo_by_its_name_too() -> None:
    done = run("demo", "status", "bazarr")
    assert done.returncode == 0
    assert done.stdout.startswith("bazarr  ✖ CrashLoopBackOff"), done.stdout


def test_global_options_before_demo_hold_for_the_command_behind_it() -> None:
    done = run("--json", "demo", "status", "bazarr")
    assert [app["app"] for app in json.loads(done.stdout)["apps"]] == ["bazarr"]


def test_global_options_behind_demo_hold_too() -> None:
    done = run("demo", "-n", "elsewhere", "--json", "status")
    said = json.loads(done.stdout)
    assert (said["namespaces"], said["apps"]) == (["elsewhere"], [])
    assert json.loads(run("demo", "--json").stdout)["schema"] == "mediatui/status/v1"


@pytest.mark.parametrize("words", [("demo", "--help"), ("demo", "status", "--help"), ("demo", "serve", "--help")])
def test_help_of_the_demo_is_about_what_was_asked(words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: mediatui {words[-2] if words[-2] == 'status' else ' '.join(words[:-1])} ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("status", "plex"), ("argument APP", "'plex'", "jellyfin")),
        (("logs",), ("APP",)),
        (("logs", "sonarr", "--since", "soon"), ("--since", "'soon' is not a duration")),
        (("logs", "sonarr", "--tail", "-1"), ("--tail",)),
        (("logs", "sonarr", "--grep", "["), ("--grep", "not a regular expression")),
        (("logs", "sonarr", "--grep", "a{99999999999}"), ("--grep", "not a regular expression")),
        (("nonsense",), ("nonsense",)),
        (("--request-timeout", "x", "status"), ("--request-timeout", "'x' is not a duration")),
        (("--demo=nowhere", "status"), ("nowhere", "homelab")),
        (("--config", "/nonexistent/config.yaml", "status"), ("/nonexistent/config.yaml", "no such file")),
        (("--kubeconfig", "/nonexistent/kubeconfig", "status"), ("/nonexistent/kubeconfig",)),
        (("demo", "serve", "--scenario", "nowhere"), ("nowhere", "homelab")),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    refused(run(*arguments), 2, *words)


def test_without_a_kubeconfig_it_says_where_it_looked_and_that_the_demo_needs_none() -> None:
    refused(run("status"), 2, "--demo")


def test_a_broken_kubeconfig_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text("a: b\nc: [d\n")
    refused(run("--kubeconfig", str(path), "status"), 2, f"{path}", "line")


def test_an_unknown_context_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    refused(run("--kubeconfig", kubeconfig(tmp_path, "https://127.0.0.1:1"), "--context", "x", "status"), 2, "'x'", "c")


def test_an_unknown_key_in_the_configuration_names_file_and_key(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("them: dark\n")
    refused(run("--config", str(path), "status"), 2, str(path), "'them'", "did you mean 'theme'")


def test_a_dead_server_is_exit_code_3(tmp_path: Path) -> None:
    refused(run("--kubeconfig", kubeconfig(tmp_path, "https://127.0.0.1:1"), "status"), 3, "127.0.0.1:1")


def test_an_exec_plugin_that_is_missing_is_told(tmp_path: Path) -> None:
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-plugin", "installHint": "install it"}
    done = run("--kubeconfig", kubeconfig(tmp_path, "https://127.0.0.1:1", exec=plugin), "status")
    assert done.returncode in (2, 3)
    assert len(done.stderr.splitlines()) == 1
    assert "no-such-plugin" in done.stderr


@pytest.fixture
def login_page() -> Iterator[str]:
    """A server that answers everything with a login page."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html>log in</html>")

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_login_page_instead_of_an_api_server_is_told_as_that(tmp_path: Path, login_page: str) -> None:
    refused(run("--kubeconfig", kubeconfig(tmp_path, login_page), "status"), 3, "text/html")


def test_a_reader_that_has_had_enough_is_no_failure() -> None:
    shell = f"{' '.join(MEDIATUI)} --demo logs sonarr radarr jellyfin 2>&1 | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines()[-1] == "0", done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_followed_logs_with_130_and_the_demo_with_them(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [*MEDIATUI, "--demo", "logs", "sonarr", "-f"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    process.send_signal(number)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in errors


def test_a_terminal_that_knows_only_ascii_gets_ascii() -> None:
    done = run("--demo", "status", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "x fail" in done.stdout


def test_kubectl_finds_it_as_a_plugin() -> None:
    from importlib.metadata import entry_points

    names = {entry.name for entry in entry_points(group="console_scripts") if entry.value == "mediatui.__main__:main"}
    assert names == {"mediatui", "kubectl-mediatui"}


def test_themes_and_keys_are_listed() -> None:
    assert [line.split()[0] for line in run("config", "themes").stdout.splitlines()] == ["ansi16", "dark", "light"]
    keys = json.loads(run("config", "keys", "--json").stdout)["commands"]
    assert {"id": "app.help", "keys": ["question_mark", "f1"], "title": "Help", "where": "everywhere"} in keys
