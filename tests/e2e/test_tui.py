"""The UI in a real terminal, on a real control plane."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from mediatui.demo.kubelet.agent import Kubelet
from tests.e2e.conftest import Place, workload
from tests.lab.controlplane import ControlPlane
from tests.support.terminal import Terminal

SONARR = "ghcr.io/home-operations/sonarr:4.0.17"


def ui(kubeconfig: Path, namespace: str, columns: int = 120, rows: int = 40) -> Terminal:
    command = [sys.executable, "-m", "mediatui", "--kubeconfig", str(kubeconfig), "-n", namespace]
    return Terminal(command, columns, rows)


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
async def test_the_status_pane_follows_the_server(place: Place, kubelet: Kubelet, columns: int, rows: int) -> None:
    place.post("apis/apps/v1/deployments", workload("Deployment", "sonarr", SONARR))
    with ui(place.kubeconfig, place.namespace, columns, rows) as terminal:
        await asyncio.to_thread(terminal.until, r"sonarr +✔ ok +1/1")
        assert f"namespace {place.namespace}" in terminal.text
        place.patch("apis/apps/v1/deployments", "sonarr", {"spec": {"replicas": 0}}, "/scale")
        await asyncio.to_thread(terminal.until, r"sonarr +▲ warn +0/0 .*scaled to 0 by hand")
        place.patch("apis/apps/v1/deployments", "sonarr", {"spec": {"replicas": 1}}, "/scale")
        await asyncio.to_thread(terminal.until, r"sonarr +✔ ok +1/1")


async def test_the_logs_pane_shows_lines_as_they_come_and_a_successors(place: Place, kubelet: Kubelet) -> None:
    place.post("apis/apps/v1/statefulsets", workload("StatefulSet", "sonarr", SONARR))
    with ui(place.kubeconfig, place.namespace) as terminal:
        await asyncio.to_thread(terminal.until, r"sonarr +✔ ok")
        kubelet.say(place.namespace, "sonarr-0", "sonarr", "[Info] before the pane was opened")
        terminal.send("l")
        await asyncio.to_thread(terminal.until, "before the pane was opened")
        kubelet.say(place.namespace, "sonarr-0", "sonarr", "[Error] [/foo] [@click=app.quit]x[/] \x1b]0;OWNED\x07 end")
        await asyncio.to_thread(terminal.until, r"\[/foo\] \[@click=app.quit\]x\[/\]  end")
        assert b"OWNED" not in bytes(terminal.output)
        place.client.delete(f"/api/v1/namespaces/{place.namespace}/pods/sonarr-0").raise_for_status()
        await asyncio.to_thread(_say_until_shown, kubelet, place, terminal)


def _say_until_shown(kubelet: Kubelet, place: Place, terminal: Terminal) -> None:
    for _ in range(40):
        kubelet.say(place.namespace, "sonarr-0", "sonarr", "[Info] said by the successor")
        try:
            terminal.until("said by the successor", 0.5)
        except AssertionError:
            continue
        return
    raise AssertionError("the successor was not followed")


def test_a_killed_api_server_greys_the_picture_and_a_restarted_one_brings_it_back(
    fresh_control_plane: ControlPlane,
) -> None:
    plane = fresh_control_plane
    with plane.client() as client, ui(plane.kubeconfig(), "default") as terminal:
        place = Place(plane.kubeconfig(), "default", client)
        place.post("apis/apps/v1/deployments", workload("Deployment", "sonarr", SONARR, replicas=0))
        terminal.until(r"sonarr +▲ warn")
        plane.kill_apiserver()
        terminal.until(r"stale for \d+s")
        assert "sonarr" in terminal.text, "what was known stays"
        plane.restart_apiserver()
        terminal.until(r"read-only  live", 60)
        place.post("apis/apps/v1/deployments", workload("Deployment", "radarr", "ghcr.io/x/radarr:6", replicas=0))
        terminal.until(r"radarr +▲ warn", 60)


def test_no_rights_are_told_in_the_pane_and_the_ui_goes_on(control_plane: ControlPlane) -> None:
    with ui(control_plane.kubeconfig("nobody"), "default") as terminal:
        terminal.until(r"pods: no permission")
        terminal.send("?")
        terminal.until("─ Help ─")
        terminal.send("\x1b")
        terminal.until_gone("─ Help ─")
        terminal.send("q")
        assert terminal.exit_code() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_the_terminal_restored(control_plane: ControlPlane, number: signal.Signals) -> None:
    with ui(control_plane.kubeconfig("viewer"), "default") as terminal:
        terminal.until("live")
        terminal.process.send_signal(number)
        assert terminal.exit_code() == 130
        assert b"\x1b[?1049l" in terminal.output[-200:], "the alternate screen was left"
        assert b"\x1b[?25h" in terminal.output[-200:], "the cursor is shown again"
