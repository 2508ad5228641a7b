"""Which images a node has: pause, and the stand-ins of the five apps under names that are discovered as them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from tests.lab.build import cache, programs
from tests.lab.images.archive import Image, layer, write
from tests.lab.packages import NODE, unpacked

PAUSE: Final = "localhost/lab/pause:1"
VERSIONS: Final = {
    "jellyfin": "10.11.10",
    "sonarr": "4.0.17",
    "radarr": "6.2.0",
    "prowlarr": "2.4.0",
    "bazarr": "1.5.5",
}
"""The tag of each app's image."""
_TOOLS: Final = (
    "sh cat ls id stat df mount date sleep echo env grep head tail wc nc wget nslookup kill ps sed tty stty true false "
    "mkdir rm cp mv tar sha256sum od find du test touch"
)


def image(app: str) -> str:
    """Return the name of an app's image."""
    return f"ghcr.io/home-operations/{app}:{VERSIONS[app]}"


def archive() -> Path:
    """Return the archive of all images, made anew when a program in it has changed."""
    built = programs("node")
    busybox = next(path for path in unpacked(NODE).rglob("busybox") if path.is_file() and path.parent.name == "bin")
    content = layer(
        {
            "/pause": built["pause"],
            "/media": built["media"],
            "/bin/busybox": busybox,
            **{f"/bin/{tool}": "busybox" for tool in _TOOLS.split()},
        }
    )
    images = [
        Image(PAUSE, ["/pause"]),
        *(Image(image(app), ["/media", app], {"APP_VERSION": VERSIONS[app]}) for app in VERSIONS),
    ]
    described = repr(images).encode() + Path(__file__).read_bytes()
    path = cache() / f"images-{hashlib.sha256(content + described).hexdigest()[:12]}.tar"
    if not path.is_file():
        part = path.with_suffix(".part")
        write(part, content, images)
        part.replace(path)
    return path
