"""The Intel GPU as a container sees it: render nodes, and what VA-API says of them."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from typing import Final

from mediatui.demo.containers.container import Console
from mediatui.demo.containers.files import Entry

RENDER: Final = "/dev/dri/renderD128"
_CARD: Final = "/dev/dri/card0"
_VIDEO_GROUP: Final = 44
_RENDER_GROUP: Final = 104
_DEVICE: Final = stat.S_IFCHR | 0o660

DEVICES: Final = {
    _CARD: Entry(mode=_DEVICE, group=_VIDEO_GROUP, device=(226, 0)),
    RENDER: Entry(mode=_DEVICE, group=_RENDER_GROUP, device=(226, 128)),
}
"""What the device plugin puts into a container that asked for a GPU; the group ids are Debian's."""

_PROFILES: Final = (
    ("VAProfileNone", "VAEntrypointVideoProc"),
    ("VAProfileMPEG2Main", "VAEntrypointVLD"),
    ("VAProfileH264Main", "VAEntrypointVLD"),
    ("VAProfileH264Main", "VAEntrypointEncSliceLP"),
    ("VAProfileH264High", "VAEntrypointVLD"),
    ("VAProfileH264High", "VAEntrypointEncSliceLP"),
    ("VAProfileVC1Advanced", "VAEntrypointVLD"),
    ("VAProfileHEVCMain", "VAEntrypointVLD"),
    ("VAProfileHEVCMain", "VAEntrypointEncSliceLP"),
    ("VAProfileHEVCMain10", "VAEntrypointVLD"),
    ("VAProfileHEVCMain10", "VAEntrypointEncSliceLP"),
    ("VAProfileVP9Profile0", "VAEntrypointVLD"),
    ("VAProfileVP9Profile2", "VAEntrypointVLD"),
    ("VAProfileAV1Profile0", "VAEntrypointVLD"),
)


VAINFO: Final = "/usr/lib/jellyfin-ffmpeg/vainfo"
"""Where Jellyfin's packages have it; it is not on the PATH."""


async def vainfo(console: Console) -> int:
    """Say what the GPU can do, as far as the user may open it."""
    container = console.container
    device = container.files.find(RENDER)
    if device is None:
        await console.err(f"Failed to open the given device!\nerror: cannot open {RENDER}: No such file\n".encode())
        return 2
    if not _may_open(device, container.user, container.groups):
        await console.err(f"Failed to open the given device!\nerror: {RENDER}: Permission denied\n".encode())
        return 2
    await console.err(b"Trying display: drm\n")
    await console.say("vainfo: VA-API version: 1.22 (libva 2.22.0)")
    await console.say("vainfo: Driver version: Intel iHD driver for Intel(R) Gen Graphics - 25.2.4 ()")
    await console.say("vainfo: Supported profile and entrypoints")
    for profile, entrypoint in _PROFILES:
        await console.say(f"      {profile:<32}:\t{entrypoint}")
    return 0


def _may_open(device: Entry, user: int, groups: Iterable[int]) -> bool:
    return user == 0 or device.group in groups
