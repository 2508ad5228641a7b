"""The demo as a process: it comes up, it says where, and nothing of it stays."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import textwrap
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from mediatui.demo.launch import DemoFailedError, DemoProcess
from mediatui.demo.scenarios import NAMES
from tests.demo.asking import DEADLINE, until

SERVE = [sys.executable, "-m", "mediatui.demo", "serve"]


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A runtime folder of this test's own, so that what stays behind is seen."""
    folder = tmp_path / "runtime"
    folder.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    return folder


def serve(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([*SERVE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def refused(*arguments: str) -> tuple[int, str]:
    """Return the exit code and the words of a demo that does not start."""
    result = subprocess.run([*SERVE, *arguments], capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert result.stdout == ""
    return result.returncode, result.stderr


def version_of(kubeconfig: Path) -> str:
    """Ask the server of a kubeconfig for its version, with what the kubeconfig says and nothing else."""
    import base64

    body = yaml.safe_load(kubeconfig.read_text())
    cluster = body["clusters"][0]["cluster"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    request = urllib.request.Request(
        f"{cluster['server']}/version", headers={"Authorization": f"Bearer {body['users'][0]['user']['token']}"}
    )
    context = ssl.create_default_context(cadata=authority)
    with urllib.request.urlopen(request, timeout=DEADLINE, context=context) as answer:
        return str(json.load(answer)["gitVersion"])


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A child of a parent that died is reaped by whoever adopts it, sooner or later: a zombie is gone too.
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has a demo and then waits for ever."""
    script = textwrap.dedent("""
        import json, sys
        from mediatui.demo.launch import DemoProcess
        demo = DemoProcess()
        address = demo.wait()
        print(json.dumps({"pid": address.pid, "folder": str(address.folder)}), flush=True)
        sys.stdin.read()
    """)
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    ) as process:
        yield process
        process.kill()


def test_a_demo_is_up_inside_the_block_and_gone_after_it(runtime: Path) -> None:
    with DemoProcess() as demo:
        address = demo.address
        assert address.folder.parent == runtime
        assert address.kubeconfig.parent == address.folder
        assert address.kubeconfig.stat().st_mode & 0o777 == 0o600
        assert address.folder.stat().st_mode & 0o777 == 0o700
        assert version_of(address.kubeconfig).startswith("v1.")
        assert os.getsid(address.pid) == address.pid
    assert not alive(address.pid)
    assert not list(runtime.iterdir())
    with pytest.raises(RuntimeError):
        _ = demo.address


async def test_a_demo_can_be_awaited() -> None:
    async with DemoProcess(seed=7) as demo:
        address = demo.address
        assert address.url.startswith("https://127.0.0.1:")
    assert not alive(address.pid)


async def test_it_goes_when_its_parent_is_killed(parent: subprocess.Popen[str], runtime: Path) -> None:
    assert parent.stdout is not None
    said = json.loads(parent.stdout.readline())
    assert alive(said["pid"])
    parent.send_signal(signal.SIGKILL)
    await until(lambda: not alive(said["pid"]), "the demo is gone")
    await until(lambda: not list(runtime.iterdir()), "its folder is gone")


def test_a_demo_that_cannot_start_says_why_in_one_line() -> None:
    with pytest.raises(DemoFailedError, match=r"^the demo cluster did not come up: unknown scenario 'nothing'"):
        DemoProcess("nothing").wait()


def test_a_demo_that_was_killed_leaves_no_folder(runtime: Path) -> None:
    demo = DemoProcess()
    os.kill(demo.wait().pid, signal.SIGKILL)
    demo.stop()
    assert not list(runtime.iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_served_demo_ends_cleanly(number: signal.Signals, runtime: Path) -> None:
    with serve() as process:
        assert process.stdout is not None
        kubeconfig = Path(process.stdout.readline().strip())
        assert version_of(kubeconfig)
        process.send_signal(number)
        assert process.wait(DEADLINE) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    assert not list(runtime.iterdir())


def test_a_served_demo_leaves_its_kubeconfig_where_it_was_asked_to(tmp_path: Path, runtime: Path) -> None:
    path = tmp_path / "config"
    for seed in ("1", "2"):  # the second replaces what the first left
        with serve("--write-kubeconfig", str(path), "--seed", seed) as process:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == str(path)
            assert version_of(path)
            process.terminate()
    assert not list(runtime.iterdir())


def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("apiVersion: v1\n")
    code, words = refused("--write-kubeconfig", str(path))
    assert (code, path.read_text()) == (2, "apiVersion: v1\n")
    assert words == (f"mediatui demo: {path} was not written by mediatui demo: name a file that does not exist yet\n")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, runtime: Path) -> None:
    code, words = refused("--write-kubeconfig", str(tmp_path / "nowhere" / "config"))
    assert code == 2
    assert words.count("\n") == 1
    assert "nowhere" in words
    assert not list(runtime.iterdir())


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, words = refused("--port", port)
    assert code == 2
    assert words.startswith(f"mediatui demo: port {port} on 127.0.0.1 cannot be used")
    assert words.count("\n") == 1


def test_an_unknown_scenario_is_answered_with_the_names() -> None:
    code, words = refused("--scenario", "nothing")
    assert (code, words) == (2, f"mediatui demo: unknown scenario 'nothing': there is {', '.join(NAMES)}\n")


def test_starting_a_demo_imports_nothing_heavy() -> None:
    script = "import sys, mediatui.demo.launch; print(*sorted(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=DEADLINE, check=True
    )
    assert not {"aiohttp", "cryptography", "yaml", "httpx", "textual"} & set(result.stdout.split())
