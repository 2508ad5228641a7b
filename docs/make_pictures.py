"""Make the pictures of the documentation from the running application: ``python docs/make_pictures.py``."""

from __future__ import annotations

import asyncio
from pathlib import Path

from mediatui.bootstrap import open_session
from mediatui.config import Config
from mediatui.session import Target
from mediatui.tui.app import MediaApp

PICTURES = Path(__file__).parent / "pictures"


async def main() -> None:
    """Open the UI on the demo cluster, look at its panes, and write a picture of each."""
    app = MediaApp(lambda: open_session(Target(demo="", seed=1)), Config(Path("none")))
    async with app.run_test(size=(120, 36)) as pilot:
        while not any(unit.routes for unit in app.stack.apps):
            await pilot.pause(0.1)
        await pilot.pause(1)
        await pilot.press("G")
        await pilot.pause(0.5)
        app.save_screenshot("status.svg", str(PICTURES))
        await pilot.press("2")
        await pilot.pause(2)
        app.save_screenshot("logs.svg", str(PICTURES))


if __name__ == "__main__":
    asyncio.run(main())
