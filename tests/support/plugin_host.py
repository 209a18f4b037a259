"""A plugin host for tests: the role in a forked process of its own, without a template."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

from tradewind.execution.endpoints import RoleLock, connect
from tradewind.execution.options import WorkerOptions
from tradewind.execution.plugin_host import LOCK, SOCKET, PluginHostRole
from tradewind.model.times import SystemClock
from tradewind.plugins.client import HostClient, Lookup, refuse


class HostedPlugins:
    """A home with a plugins folder; ``client`` starts the host when none runs, as a template would."""

    def __init__(self, folder: Path, lookup: Lookup = refuse) -> None:
        self.plugins = folder / "plugins"
        self.plugins.mkdir()
        (folder / "run").mkdir()
        self.options = WorkerOptions(
            home=str(folder),
            dags_folder=str(folder / "dags"),
            log_folder=str(folder / "logs"),
            plugins_folder=str(self.plugins),
            dagbag_import_timeout=5.0,
            config={"core": {"plugins_folder": str(self.plugins)}},
        )
        self.started: list[int] = []
        self.client = HostClient(self.connect, SystemClock(), lookup)

    def put(self, name: str, text: str) -> None:
        (self.plugins / name).write_text(text)

    def stop(self) -> None:
        for pid in self.started:
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                continue
            os.waitpid(pid, 0)

    def connect(self) -> socket.socket:
        """A connection to the host, which is started when none runs."""
        path = self.options.run_folder / SOCKET
        try:
            return connect(path)
        except OSError:
            reader, writer = os.pipe()
            pid = os.fork()
            if pid == 0:
                self._serve(reader, writer)
            self.started.append(pid)
            os.close(writer)
            assert os.read(reader, 1) == b"!", "the host did not start"
            os.close(reader)
            return connect(path)

    def _serve(self, reader: int, writer: int) -> None:
        """The host's process; it says when it listens."""
        os.close(reader)
        lock = RoleLock(self.options.run_folder / LOCK)
        assert lock.acquire()
        role = PluginHostRole(self.options, SystemClock(), lock, idle_seconds=60.0)
        os.write(writer, b"!")
        os.close(writer)
        role.serve()
        os._exit(0)
