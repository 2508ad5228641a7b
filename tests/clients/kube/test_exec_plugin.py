"""Credential plugins: what they are told, what they may do, and what is said when they fail."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from mediatui.clients.kube.auth import Credentials
from mediatui.clients.kube.exec_plugin import ExecPlugin, PluginCommand, plugin_command
from mediatui.clients.kube.http import KubeHttp
from mediatui.clients.kube.kubeconfig import KubeContext
from mediatui.clients.kube.tls import client_context
from mediatui.errors import KubeconfigError, Unauthenticated
from tests.clients.kube.certificates import Authority
from tests.clients.kube.doubles import HandClock, http_to
from tests.support.faulty_server import FaultyServer, answer, status
from tests.support.waiting import until

V1 = "client.authentication.k8s.io/v1"
CLUSTER = {
    "server": "https://lab:6443",
    "certificate-authority-data": "Q0E=",
    "extensions": [{"name": "client.authentication.k8s.io/exec", "extension": {"audience": "lab"}}],
}


class Plugin:
    """A plugin as a script; every run leaves a line in ``runs``."""

    def __init__(self, folder: Path, body: str) -> None:
        self.folder = folder
        self.runs = folder / "runs"
        self.path = folder / "login"
        self.path.write_text(
            f"#!{sys.executable}\n"
            "import json, os, sys, time\n"
            f"with open({str(self.runs)!r}, 'a') as runs: runs.write('run\\n')\n"
            "def issue(**status):\n"
            f"    print(json.dumps({{'apiVersion': {V1!r}, 'kind': 'ExecCredential', 'status': status}}))\n"
            f"{body}\n"
        )
        self.path.chmod(0o755)

    @property
    def count(self) -> int:
        return len(self.runs.read_text().splitlines()) if self.runs.exists() else 0

    def command(self, **entry: Any) -> PluginCommand:
        return plugin_command(
            {"command": str(self.path), "apiVersion": V1, **entry}, CLUSTER, {"PATH": os.environ["PATH"]}, "config: me"
        )

    def credential(self, clock: HandClock | None = None, timeout: float = 10.0, **entry: Any) -> ExecPlugin:
        return ExecPlugin(self.command(**entry), None, clock or HandClock(), timeout)


async def failure(credential: ExecPlugin) -> str:
    with pytest.raises(Unauthenticated) as refused:
        await credential.authorization()
    assert "\n" not in str(refused.value)
    return str(refused.value)


async def test_the_token_it_issues_is_used(tmp_path: Path) -> None:
    assert await Plugin(tmp_path, "issue(token='abc')").credential().authorization() == "Bearer abc"


async def test_it_gets_its_arguments_its_environment_and_no_terminal(tmp_path: Path) -> None:
    body = """
info = json.loads(os.environ['KUBERNETES_EXEC_INFO'])
json.dump([sys.argv[1:], os.environ['AUDIENCE'], info, sys.stdin.read(), os.getsid(0) == os.getpid()],
          open('SEEN', 'w'))
issue(token='abc')
""".replace("SEEN", str(tmp_path / "seen"))
    plugin = Plugin(tmp_path, body)
    entry: dict[str, Any] = {
        "args": ["get", 5],
        "env": [{"name": "AUDIENCE", "value": "lab"}],
        "provideClusterInfo": True,
    }
    await plugin.credential(**entry).authorization()
    arguments, audience, info, read, own_session = json.loads((tmp_path / "seen").read_text())
    assert (arguments, audience, read, own_session) == (["get", "5"], "lab", "", True)
    assert info["spec"]["interactive"] is False
    assert info["spec"]["cluster"]["server"] == "https://lab:6443"
    assert info["spec"]["cluster"]["certificate-authority-data"] == "Q0E="
    assert info["spec"]["cluster"]["config"] == {"audience": "lab"}


async def test_cluster_information_is_given_only_where_it_is_asked_for(tmp_path: Path) -> None:
    info = json.loads(Plugin(tmp_path, "").command().environment["KUBERNETES_EXEC_INFO"])
    assert info == {"apiVersion": V1, "kind": "ExecCredential", "spec": {"interactive": False}}


async def test_what_it_prints_to_stderr_stays_off_the_terminal_and_is_told_when_it_fails(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    plugin = Plugin(tmp_path, "print('\\x1b[31mtoken has expired\\nrun: sso login', file=sys.stderr)\nsys.exit(3)")
    said = await failure(plugin.credential())
    assert said == "the credential plugin login failed with code 3: token has expired / run: sso login"
    assert capfd.readouterr() == ("", "")


async def test_it_is_ended_with_all_it_started_when_it_hangs(tmp_path: Path) -> None:
    body = "import subprocess\nchild = subprocess.Popen(['sleep', '600'])\n"
    body += f"open({str(tmp_path / 'child')!r}, 'w').write(str(child.pid))\n"
    body += "print('waiting for your browser', file=sys.stderr, flush=True)\ntime.sleep(600)"
    said = await failure(Plugin(tmp_path, body).credential(timeout=2.0))
    assert "gave no answer within 2 s and was ended: waiting for your browser" in said
    assert "sign-in" in said
    child = int((tmp_path / "child").read_text())
    await until(lambda: not _alive(child), "the plugin's child is gone")


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_a_helper_that_it_leaves_behind_keeps_nobody_waiting(tmp_path: Path) -> None:
    body = f"import subprocess\nissue(token='abc')\nopen({str(tmp_path / 'child')!r}, 'w')"
    body += ".write(str(subprocess.Popen(['sleep', '600']).pid))"
    async with asyncio.timeout(8):
        assert await Plugin(tmp_path, body).credential(timeout=60).authorization() == "Bearer abc"
    os.kill(int((tmp_path / "child").read_text()), 9)


async def test_who_is_cancelled_while_it_runs_does_not_wait_for_it(tmp_path: Path) -> None:
    plugin = Plugin(tmp_path, "time.sleep(600)")
    task = asyncio.ensure_future(plugin.credential(timeout=600).authorization())
    await until(lambda: plugin.count)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 2)


async def test_however_many_ask_it_runs_once(tmp_path: Path) -> None:
    plugin = Plugin(tmp_path, "issue(token='abc')")
    credential = plugin.credential()
    assert set(await asyncio.gather(*(credential.authorization() for _ in range(16)))) == {"Bearer abc"}
    assert plugin.count == 1


async def test_it_runs_again_once_its_credential_has_expired(tmp_path: Path) -> None:
    clock = HandClock(1_800_000_000.0)  # 2027-01-15T08:00:00Z
    plugin = Plugin(tmp_path, "issue(token='abc', expirationTimestamp='2027-01-15T08:15:00Z')")
    credential = plugin.credential(clock)
    await credential.authorization()
    clock.turn(880)
    await credential.authorization()
    assert plugin.count == 1
    clock.turn(15)
    await credential.authorization()
    assert plugin.count == 2


async def test_a_credential_that_lives_a_minute_is_used_for_most_of_it(tmp_path: Path) -> None:
    clock = HandClock(1_800_000_000.0)
    plugin = Plugin(tmp_path, "issue(token='abc', expirationTimestamp='2027-01-15T08:01:00Z')")
    credential = plugin.credential(clock)
    for _ in range(5):
        await credential.authorization()
        clock.turn(10)
    assert plugin.count == 1


async def test_a_failure_is_said_again_for_a_while_before_it_runs_again(tmp_path: Path) -> None:
    clock = HandClock()
    plugin = Plugin(tmp_path, "sys.exit(1)")
    credential = plugin.credential(clock)
    for _ in range(16):
        await failure(credential)
    assert plugin.count == 1
    clock.turn(6)
    await failure(credential)
    assert plugin.count == 2


async def test_after_a_401_it_runs_once_more_and_the_new_token_is_used(server: FaultyServer, tmp_path: Path) -> None:
    async def step(request: web.Request) -> web.StreamResponse:
        if request.headers["Authorization"] == "Bearer token-2":
            return await answer({})(request)
        return await status(401, "Unauthorized")(request)

    server.script("/x", step)
    plugin = Plugin(tmp_path, f"issue(token='token-' + str(len(open({str(tmp_path / 'runs')!r}).readlines())))")
    http = http_to(server.url, plugin.credential())
    assert await http.get("/x") == b"{}"
    await http.close()
    assert plugin.count == 2
    assert len(server.requests) == 2


async def test_a_plugin_whose_tokens_are_refused_does_not_run_for_every_request(
    server: FaultyServer, tmp_path: Path
) -> None:
    server.script("/x", status(401, "Unauthorized"))
    plugin = Plugin(tmp_path, "issue(token=str(time.time()))")
    http = http_to(server.url, plugin.credential())
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            await http.get("/x")
    await http.close()
    assert plugin.count == 2
    assert len(server.requests) == 6


async def test_a_certificate_that_it_issues_is_presented_and_renewed_after_a_401(
    authority: Authority, tmp_path: Path
) -> None:
    for number in (1, 2):
        pair = authority.issue(f"me-{number}")
        (tmp_path / f"{number}.crt").write_bytes(pair.certificate)
        (tmp_path / f"{number}.key").write_bytes(pair.key)
    body = f"number = min(2, len(open({str(tmp_path / 'runs')!r}).readlines()))\n"
    body += f"read = lambda end: open({str(tmp_path)!r} + f'/{{number}}.{{end}}').read()\n"
    body += "issue(clientCertificateData=read('crt'), clientKeyData=read('key'))"
    plugin = Plugin(tmp_path, body)
    names: list[str] = []
    expired = False

    async def step(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        name = request.transport.get_extra_info("peercert")["subject"][0][0][1]
        names.append(name)
        return await (status(401, "certificate has expired") if expired and name == "me-1" else answer({}))(request)

    async with FaultyServer(authority.issue().server_context(tmp_path, client_ca=authority.pem)) as server:
        server.script("/x", step)
        (tmp_path / "ca.crt").write_bytes(authority.pem)
        cluster = {"certificate-authority": str(tmp_path / "ca.crt")}
        tls = client_context(KubeContext("it", "media", server.url, cluster, {}, "config"))
        credential = ExecPlugin(plugin.command(), tls, HandClock())
        http = KubeHttp(Credentials(server.url, credential, tls))
        await http.get("/x")
        expired = True
        assert await http.get("/x") == b"{}"
        assert await http.get("/x") == b"{}"
        await http.close()
    assert names == ["me-1", "me-1", "me-2", "me-2"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("print('hello')", "printed no ExecCredential"),
        ("print('[]')", "printed no ExecCredential"),
        ("print(json.dumps({'apiVersion': 'v9', 'status': {}}))", "answered in v9"),
        ("issue()", "issued neither a token nor a certificate"),
        ("issue(token='a', expirationTimestamp='tomorrow')", "printed no ExecCredential"),
        ("issue(token='a\\nb')", "issued a token that cannot be sent"),
    ],
)
async def test_an_answer_that_makes_no_sense_is_said(tmp_path: Path, body: str, said: str) -> None:
    assert said in await failure(Plugin(tmp_path, body).credential())


async def test_a_plugin_that_is_no_program_is_said(tmp_path: Path) -> None:
    plugin = Plugin(tmp_path, "")
    plugin.path.write_text("no program")
    assert "cannot be run: Exec format error" in await failure(plugin.credential())


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"command": "no-such-login", "installHint": "install\n  it"}, "no-such-login is not installed - install it"),
        ({"apiVersion": "client.authentication.k8s.io/v1alpha1"}, "v1alpha1' is not supported"),
        ({"interactiveMode": "Always"}, "asks for a terminal"),
        ({"command": ""}, "exec names no command"),
        ({"args": "get"}, "args and env must be lists"),
        ({"env": ["A=b"]}, "env must be a list of name and value"),
        ({"env": [{"name": "A=B", "value": "c"}]}, "exec env 'A=B' cannot be a variable's name"),
    ],
)
def test_an_entry_that_cannot_work_is_refused_at_once(entry: dict[str, Any], said: str) -> None:
    with pytest.raises(KubeconfigError) as refused:
        plugin_command(
            {"command": "sh", "apiVersion": V1, **entry}, {}, {"PATH": os.environ["PATH"]}, "config: user me"
        )
    assert said in str(refused.value)
    assert str(refused.value).startswith("config: user me: ")
