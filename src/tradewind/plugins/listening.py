"""Whether somebody listens in this process: what attempts and the template need, without loading what listeners use."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from . import catalogue


@dataclass(frozen=True, slots=True)
class Component:
    """What begins or ends, for ``on_starting`` and ``before_stopping``: a job, by its type."""

    job_type: str


class Told(Protocol):
    """The listeners, as those see them who have something to tell."""

    def tell(self, name: str, **values: Any) -> list[str]:
        """Call one hook of all listeners; the names of those that raised, which the log tells of."""
        ...


_PREPARED: list[Told] = []


def prepare(folder: str) -> None:
    """Load the listeners of all plugins, for this process and its forks; nothing where there are no plugins."""
    _PREPARED.clear()
    if catalogue.exist(folder):
        manager = import_module("tradewind.plugins.listeners").get_listener_manager()
        if manager.has_listeners:
            _PREPARED.append(manager)


def prepared() -> Told | None:
    """The listeners, when they were loaded and there are any."""
    return _PREPARED[0] if _PREPARED else None
