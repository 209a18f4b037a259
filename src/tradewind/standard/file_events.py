"""Triggers that fire when a file appears, and take it away: events for asset watchers."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any

from tradewind.sdk.deferral import BaseEventTrigger, TriggerEvent


class FileDeleteTrigger(BaseEventTrigger):
    """Fires when the file is there, and deletes it first: each event stands for one file that came."""

    def __init__(self, filepath: str, poke_interval: float = 5.0, **kwargs: Any) -> None:
        super().__init__()
        self.filepath = filepath
        self.poke_interval = kwargs.get("poll_interval", poke_interval)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class path and arguments."""
        return (
            "airflow.providers.standard.triggers.file.FileDeleteTrigger",
            {"filepath": self.filepath, "poke_interval": self.poke_interval},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look, sleep, look again."""
        import asyncio  # large; of all processes with this module only the triggerer runs this

        while True:
            if os.path.isfile(self.filepath):
                os.unlink(self.filepath)
                yield TriggerEvent(True)
                return
            await asyncio.sleep(self.poke_interval)


class DirectoryFileDeleteTrigger(FileDeleteTrigger):
    """The same for a file of a directory."""

    def __init__(self, *, directory: str, filename: str, poke_interval: float = 5.0) -> None:
        super().__init__(os.path.join(directory, filename), poke_interval)
        self.directory = directory
        self.filename = filename

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class path and arguments."""
        return (
            "airflow.providers.standard.triggers.file.DirectoryFileDeleteTrigger",
            {"directory": self.directory, "filename": self.filename, "poke_interval": self.poke_interval},
        )
