"""Usage as a real metrics-server measures it on a real node."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Object, Place, workload
from tests.lab.build import CannotBuildError
from tests.lab.images.catalogue import image
from tests.lab.metrics import Metrics
from tests.lab.node import Node
from tests.support.waiting import eventually


def test_usage_is_what_metrics_server_measures(fresh_node: Node) -> None:
    place = Place(fresh_node.kubeconfig(), "default", fresh_node.client())
    with place.client:
        assert place.status()["sources"]["podMetrics@default"] == "notInstalled"
        try:
            Metrics(fresh_node).start()
        except CannotBuildError as error:
            pytest.skip(str(error))
        busy = workload("Deployment", "busy", image("sonarr"), command=["sh", "-c", "while true; do :; done"])
        place.post("apis/apps/v1/deployments", busy)

        def usage() -> Object:
            apps: list[Object] = place.status()["apps"]
            found: Object = apps[0]["usage"] if apps else {}
            return found if found.get("cpu", 0) > 0.3 else {}

        said = eventually(usage, "a busy container is seen as one", 120)
        assert 0 < said["memory"] < 256 * 1024 * 1024
