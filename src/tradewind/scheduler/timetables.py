"""Where the scheduler has timetables from. Those of plugins answer later: app gives a source that asks the plugin
host."""

from __future__ import annotations

from typing import Protocol

from tradewind.model.spec import TimetableSpec
from tradewind.timetables import registry
from tradewind.timetables.base import Timetable


class TimetableSource(Protocol):
    """Builds timetables; plugins.background has the one with a plugin host."""

    def build(self, spec: TimetableSpec, asker: str = "") -> Timetable:
        """The timetable. Its methods may raise AnswerPending: ``drain`` names the asker when the answer has come."""
        ...

    def fileno(self) -> int | None:
        """Readable when answers have come; None: nobody is ever asked."""
        ...

    def drain(self) -> set[str]:
        """Whose answers have come."""
        ...

    def expired(self) -> set[str]:
        """Who is to ask again because a plugin had failed a while ago."""
        ...

    def close(self) -> None:
        """Wait for no answer any more."""
        ...


class BuiltInTimetables:
    """Only the timetables of the house; one of a plugin raises AirflowTimetableInvalid."""

    def build(self, spec: TimetableSpec, asker: str = "") -> Timetable:
        return registry.build(spec)

    def fileno(self) -> int | None:
        return None

    def drain(self) -> set[str]:
        return set()

    def expired(self) -> set[str]:
        return set()

    def close(self) -> None:
        """There is nobody to wait for."""
