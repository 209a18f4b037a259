"""Changes in the DAG folder as events: watchfiles in a thread, which makes a descriptor readable."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

import watchfiles

from tradewind.wire.news import News

STEP_MS = 80
"""How often the watcher's thread looks at what inotify has told it; a change is seen after two quiet looks at most.
Each look costs a processor at rest 40 microseconds."""
DEBOUNCE_MS = 200


class FolderWatch:
    """Watches folders with all below them. ``fileno`` is readable when something has changed since the last
    :meth:`drain`. Folders that are not there (yet) are left to the slow re-scan."""

    def __init__(self, folders: Iterable[str]) -> None:
        self.folders = self.existing(folders)
        self._news = News()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="dag-folder-watch", daemon=True)
        if self.folders:
            self._thread.start()

    @staticmethod
    def existing(folders: Iterable[str]) -> tuple[str, ...]:
        """Those that are there, each once."""
        return tuple(sorted(folder for folder in set(folders) if Path(folder).exists()))

    def fileno(self) -> int:
        return self._news.fileno()

    def drain(self) -> set[str]:
        """The paths that changed."""
        return self._news.drain()

    def close(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._news.close()

    def _watch(self) -> None:
        batches = watchfiles.watch(
            *self.folders,
            watch_filter=_is_of_interest,
            debounce=DEBOUNCE_MS,
            step=STEP_MS,
            stop_event=self._stop,
            raise_interrupt=False,
            ignore_permission_denied=True,
        )
        for batch in batches:
            self._news.tell(path for _, path in batch)


def _is_of_interest(change: watchfiles.Change, path: str) -> bool:
    """Byte code that our own imports write must not wake us up again."""
    return "/__pycache__" not in path and "/.git/" not in path and not path.endswith((".pyc", ".swp", "~"))
