"""The controllers of a whole cluster, in the order in which they hear of a change."""

from __future__ import annotations

from mediatui.demo.controllers.attachment import AttachDetachController
from mediatui.demo.controllers.binder import RESYNC, Binder
from mediatui.demo.controllers.daemonset import DaemonSetController
from mediatui.demo.controllers.deployment import DeploymentController
from mediatui.demo.controllers.endpoints import EndpointSliceController
from mediatui.demo.controllers.garbage import GarbageCollector
from mediatui.demo.controllers.kubelets import Kubelets
from mediatui.demo.controllers.longhorn import LonghornManager
from mediatui.demo.controllers.loop import Loop
from mediatui.demo.controllers.namespaces import NamespaceController
from mediatui.demo.controllers.protection import ProtectionController
from mediatui.demo.controllers.provisioner import Provisioner
from mediatui.demo.controllers.quota import QuotaController
from mediatui.demo.controllers.replicaset import ReplicaSetController
from mediatui.demo.controllers.scheduler import Scheduler
from mediatui.demo.controllers.statefulset import StatefulSetController
from mediatui.demo.gitops.applications import ApplicationController
from mediatui.demo.gitops.sets import ApplicationSetController
from mediatui.demo.world import World


def settled_loop(world: World, *, resync: float = RESYNC) -> Loop:
    """Return the loop of a cluster that has been filled, with everything looked at once; see ``standard_loop``."""
    loop = standard_loop(world, resync=resync)
    loop.look_at_everything()
    loop.work()
    return loop


def standard_loop(world: World, *, resync: float = RESYNC) -> Loop:
    """Return the loop of a cluster's controllers.

    Args:
        world: The cluster.
        resync: Seconds between two looks of the volume binder at what nobody told it.
    """
    return Loop(
        world,
        (
            NamespaceController(world),
            QuotaController(world),
            DeploymentController(world),
            ReplicaSetController(world),
            StatefulSetController(world),
            DaemonSetController(world),
            Binder(world, resync),
            ProtectionController(world),
            Provisioner(world),
            AttachDetachController(world),
            Scheduler(world),
            Kubelets(world),
            EndpointSliceController(world),
            LonghornManager(world),
            ApplicationSetController(world),
            ApplicationController(world),
            GarbageCollector(world),
        ),
    )
