"""``python -m mediatui``: the same as the console script."""

from __future__ import annotations

import sys

from mediatui.cli import main

sys.exit(main())
