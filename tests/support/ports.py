"""Ports of this machine: a free one for a server that a test starts, and whether it listens there by now."""

from __future__ import annotations

import socket
import subprocess
from typing import Any

STEP_SECONDS = 0.1


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def listens(server: subprocess.Popen[Any], port: int, *, patience: float = 10) -> bool:
    """Waits until somebody listens; False when the server has ended, or ``patience`` seconds have."""
    for _ in range(round(patience / STEP_SECONDS)):
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return True
        try:
            server.wait(STEP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return False
    return False
