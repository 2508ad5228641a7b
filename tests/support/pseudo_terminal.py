"""Starting a program in a terminal of its own."""

from __future__ import annotations

import fcntl
import os
import pty
import subprocess
import termios
from collections.abc import Mapping, Sequence


def in_terminal(
    command: Sequence[str], columns: int, rows: int, environment: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], int]:
    """Start a program as the leader of a session with its own terminal.

    Args:
        command: What to run.
        columns: Width.
        rows: Height.
        environment: All of it, but for the terminal's type and a UTF-8 locale.

    Returns:
        The process, and the descriptor of the terminal's other side.
    """
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (rows, columns))
    process = subprocess.Popen(
        command,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        env={"TERM": "xterm-256color", "LANG": "C.UTF-8", **environment},
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(slave)
    return process, master
