"""The demo's types are those of the control plane in the laboratory."""

from __future__ import annotations

from tests.lab import schema
from tests.lab.controlplane import ControlPlane


def test_the_demos_types_are_those_of_the_real_api_server(control_plane: ControlPlane) -> None:
    with control_plane.client() as client:
        assert schema.text(schema.read(client)) == schema.FILE.read_text()
