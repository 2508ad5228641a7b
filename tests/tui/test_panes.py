"""The panes over the demo cluster, as a person sees and uses them."""

from __future__ import annotations

import base64
import re
import sys
from functools import partial
from pathlib import Path

import pytest

from mediatui.demo.faults import Fault
from tests.support.terminal import Terminal
from tests.tui.conftest import StillCluster, ui


@pytest.mark.parametrize(("columns", "rows"), [(40, 10), (80, 24), (120, 40), (200, 50)])
def test_the_status_pane_shows_every_app_at_any_size(still: StillCluster, columns: int, rows: int) -> None:
    with ui(still.kubeconfig, columns, rows) as terminal:
        screen = terminal.until(r"bazarr +✖")
        for app in ("jellyfin", "sonarr", "radarr", "prowlarr"):
            assert f"{app} " in screen
        terminal.send("G")
        terminal.until("CrashLoopB")


def test_the_details_say_everything_about_the_selected_app(still: StillCluster) -> None:
    with ui(still.kubeconfig, 120, 50) as terminal:
        screen = terminal.until(r"live[\s\S]*Route +jellyfin[\s\S]*argocd apps-media")
        for said in (
            "StatefulSet media/jellyfin",
            "ghcr.io/jellyfin/jellyfin:10.11.10",
            "2 to 4  as expected",
            "2Gi to 5Gi  as expected",
            "gpu.intel.com/i915: 1",
            "config-jellyfin-0  Bound, 10Gi longhorn",
            "jellyfin.example.internal  accepted",
            "argocd apps-media, made by ApplicationSet applications",
        ):
            assert said in screen
        terminal.send("G")
        terminal.until("its last run ended")


def test_a_filter_shows_what_matches_and_esc_takes_it_back(still: StillCluster) -> None:
    with ui(still.kubeconfig) as terminal:
        terminal.until(r"bazarr +✖")
        terminal.send("/crash")
        terminal.until_gone(r"sonarr +✔")
        terminal.send("\r")
        terminal.send("\x1b")
        terminal.until(r"sonarr +✔")


def test_sorting_by_level_puts_trouble_first(still: StillCluster) -> None:
    with ui(still.kubeconfig) as terminal:
        terminal.until(r"bazarr +✖")
        terminal.send("s")
        terminal.until(r"STATE▾[^\n]*\nbazarr")


def test_the_drawer_describes_shows_yaml_and_events_without_managed_fields(still: StillCluster) -> None:
    with ui(still.kubeconfig, 120, 60) as terminal:
        terminal.until(r"bazarr +✖")
        terminal.send("G")
        terminal.until("✖ CrashLoopBackOff")
        terminal.send("d")
        terminal.until(r"bazarr: describe[\s\S]*last state terminated")
        terminal.send("y")
        screen = terminal.until(r"bazarr: yaml[\s\S]*kind: Pod")
        assert "managedFields" not in screen
        terminal.send("e")
        terminal.until(r"bazarr: events[\s\S]*BackOff")
        terminal.send("\x1b")
        terminal.until_gone("bazarr: events")


def test_help_lists_every_command_and_says_why_one_cannot_be_used(still: StillCluster) -> None:
    with ui(still.kubeconfig, 160, 60) as terminal:
        terminal.until(r"bazarr +✖")
        terminal.send("2")
        terminal.until("following")
        terminal.send("?")
        terminal.until("─ Help ─")
        terminal.until("not now: nothing is searched for")
        terminal.until("choose the namespace")


def test_a_key_that_cannot_be_used_says_why(still: StillCluster) -> None:
    with ui(still.kubeconfig) as terminal:
        terminal.until(r"bazarr +✖")
        terminal.send("2")
        terminal.until("following")
        terminal.send("n")
        terminal.until("Next: nothing is searched for")


def test_the_palette_finds_a_command_by_its_words(still: StillCluster) -> None:
    with ui(still.kubeconfig) as terminal:
        terminal.until(r"bazarr +✖")
        terminal.send(":")
        terminal.until("Search")
        terminal.send("sources")
        terminal.until("show how fresh each source is")
        terminal.send("\r")
        terminal.until(r"─ Sources ─[\s\S]*longhornVolumes +live")


def test_logs_of_all_apps_are_interleaved_searched_filtered_and_saved(still: StillCluster, tmp_path: object) -> None:
    with ui(still.kubeconfig, 140, 40) as terminal:
        terminal.until(r"bazarr +✖")
        terminal.send("2")
        terminal.until(r"arr \[Info\]")
        terminal.until(r"bazarr \S")
        terminal.send("i")
        terminal.until("show only lines that match")
        terminal.send("malformed\r")
        terminal.until(r"\+malformed")
        terminal.until_gone(r"arr \[Info\]")
        terminal.send("\x1b")
        terminal.until(r"arr \[Info\]")
        terminal.send("/malformed\r")
        terminal.until(r"/malformed")
        terminal.until("database disk image is malformed")
        terminal.send("x")
        terminal.until("hide lines that match")
        terminal.send("[\r")
        terminal.until("is not a regular expression")


def test_the_app_scope_limits_both_panes(still: StillCluster) -> None:
    with ui(still.kubeconfig) as terminal:
        terminal.until(r"bazarr +✖")
        terminal.send("a")
        terminal.until("─ Apps ─")
        terminal.send("jj\r")
        terminal.until_gone(r"bazarr +✖")
        assert "sonarr" in terminal.text
        terminal.send("2")
        terminal.until(r" sonarr  last lines")
        terminal.send("\x1b")
        terminal.until(r" all apps  last lines")
        terminal.send("1")
        terminal.until(r"bazarr +✖")


def test_what_may_not_be_read_says_so_where_its_value_would_be(still: StillCluster) -> None:
    for resource in ("httproutes", "nodes", "events"):
        still.do(partial(still.server.faults.add, Fault(403, resource)))
    with ui(still.kubeconfig, 120, 50) as terminal:
        terminal.until(r"Route +no permission")
        terminal.until(r"Events +no permission")
        terminal.until("live, 3 not permitted")


def test_a_server_that_dies_greys_the_picture_and_says_since_when(still: StillCluster) -> None:
    with ui(still.kubeconfig) as terminal:
        terminal.until("live")
        still.call(still.server.stop)
        terminal.until(r"stale for \d+s")
        assert "jellyfin" in terminal.text
        terminal.send("q")
        assert terminal.exit_code() == 0


def test_a_terminal_without_colour_still_tells_states_apart(still: StillCluster) -> None:
    with ui(still.kubeconfig, 80, 24, NO_COLOR="1") as terminal:
        terminal.until(r"bazarr +✖ fail")
        terminal.until(r"sonarr +✔ ok")


def test_a_resized_terminal_is_drawn_anew(still: StillCluster) -> None:
    with ui(still.kubeconfig, 120, 40) as terminal:
        terminal.until(r"WORKLOAD")
        terminal.resize(80, 24)
        terminal.until_gone(r"WORKLOAD")
        terminal.resize(120, 40)
        terminal.until(r"WORKLOAD")


def test_lines_are_copied_by_osc_52_and_saved_to_a_new_private_file_only(still: StillCluster, tmp_path: Path) -> None:
    with ui(still.kubeconfig, 140, 40) as terminal:
        terminal.until(r"bazarr +✖")
        terminal.send("2")
        terminal.until(r"sonarr \[")
        terminal.send("c")
        terminal.until("given to the terminal's clipboard")
        copied = re.search(rb"\x1b]52;c;([A-Za-z0-9+/=]+)", bytes(terminal.output))
        assert copied is not None
        assert "sonarr [Info]" in base64.b64decode(copied[1]).decode()
        path = tmp_path / "saved.log"
        terminal.send("\x13")
        terminal.until("mediatui-all.log")
        terminal.send("\x15")
        terminal.until("save the shown lines")
        terminal.send(f"{path}\r")
        terminal.until(r"lines saved")
        assert path.stat().st_mode & 0o777 == 0o600
        assert "sonarr [Info]" in path.read_text()
        terminal.send("\x13")
        terminal.until("mediatui-all.log")
        terminal.send("\x15")
        terminal.until("save the shown lines")
        terminal.send(f"{path}\r")
        terminal.until("File exists")


def test_the_previous_run_and_other_containers_are_read_on_demand(still: StillCluster) -> None:
    with ui(still.kubeconfig, 140, 40) as terminal:
        terminal.until(r"bazarr +✖")
        terminal.send("G")
        terminal.until("✖ CrashLoopBackOff")
        terminal.send("l")
        terminal.until("Bazarr exited with code 1")
        terminal.send("p")
        terminal.until(r"last run[\s\S]*")
        terminal.until("Bazarr exited with code 1")
        terminal.send("t")
        terminal.until(r" 5m ")


def test_the_theme_can_be_changed_and_an_unknown_one_is_told(still: StillCluster, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("theme: nowhere\n")
    command = [sys.executable, "-m", "mediatui", "--kubeconfig", str(still.kubeconfig), "--config", str(path)]
    with Terminal(command) as terminal:
        terminal.until("no theme 'nowhere'; there are ansi16, dark, light")
        terminal.until(r"bazarr +✖")


def test_keys_pressed_in_quick_succession_leave_the_last_reading_alone(still: StillCluster) -> None:
    with ui(still.kubeconfig, 140, 40) as terminal:
        terminal.until(r"bazarr +✖")
        terminal.send("2")
        terminal.until(r"sonarr \[")
        for _ in range(6):
            terminal.send("ppttotttopp")
        terminal.until(r"all apps  last lines  following|all apps  \w+ +following")
        terminal.send("\x1b")
        terminal.until_quiet()
        terminal.send("q")
        assert terminal.exit_code() == 0


def test_coming_back_to_the_logs_finds_what_was_read_and_asks_for_nothing(still: StillCluster) -> None:
    with ui(still.kubeconfig) as terminal:
        terminal.until(r"bazarr +✖")
        terminal.send("2")
        terminal.until(r"sonarr \[")
        asked = still.do(lambda: still.server.count("get", "pods"))
        assert asked
        terminal.send("1")
        terminal.until(r"bazarr +✖")
        terminal.send("2")
        terminal.until(r"sonarr \[")
        assert still.do(lambda: still.server.count("get", "pods")) == asked


def test_what_the_server_warns_of_is_shown_once_and_listed_with_the_sources(still: StillCluster) -> None:
    still.do(lambda: setattr(still.server.faults, "warning", "v1beta1 [b]is old[/b]"))
    with ui(still.kubeconfig) as terminal:
        terminal.until(r"The server warns[\s\S]+v1beta1 \[b\]is old")
        terminal.send("S")
        terminal.until(r"the server warns  v1beta1 \[b\]is old\[/b\]")


def test_an_object_that_may_not_be_read_is_said_beside_the_one_that_may(still: StillCluster) -> None:
    still.do(partial(still.server.faults.add, Fault(403, "statefulsets", "get")))
    with ui(still.kubeconfig, 140, 50) as terminal:
        terminal.until(r"bazarr +✖")
        terminal.send("d")
        terminal.until(r"StatefulSet media/\w+: .*cannot get")
        terminal.until("Container ")


def test_a_key_at_the_bottom_can_be_clicked_and_other_keys_are_shown_while_a_text_is_typed(still: StillCluster) -> None:
    with ui(still.kubeconfig) as terminal:
        terminal.until(r"bazarr +✖")
        line = terminal.until(r"Enter Open  l Logs").split("\n")[-1]
        column = line.index("l Logs") + 1
        terminal.send(f"\x1b[<0;{column};40M\x1b[<0;{column};40m")
        terminal.until("jellyfin  last lines")
        terminal.send("/")
        terminal.until("Enter Accept  Esc Cancel")
        terminal.send("\x1b")
        terminal.until("/ Search")
