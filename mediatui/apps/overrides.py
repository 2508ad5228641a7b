"""What the operator says about an app, which wins over everything that discovery concludes."""

from __future__ import annotations

from dataclasses import dataclass

from mediatui.model.workload import Resources


@dataclass(frozen=True, slots=True)
class AppOverride:
    """One entry of ``apps:`` in the configuration.

    ``workload`` and ``namespace`` say which workload is meant; without them the entry holds for every unit of the app.
    """

    app: str
    namespace: str = ""
    workload: str = ""
    container: str = ""
    ignore: bool = False
    port: int | None = None
    url_base: str | None = None
    expected: Resources | None = None

    def concerns(self, namespace: str, workload: str, container: str) -> bool:
        """Tell whether the entry is about this container."""
        return (
            self.namespace in ("", namespace) and self.workload in ("", workload) and self.container in ("", container)
        )

    @property
    def names_workload(self) -> bool:
        """Whether the entry alone makes a workload this app, whatever its image."""
        return bool(self.workload)
