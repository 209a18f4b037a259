"""What a command works with: settings, the database when it asks for one, and where it writes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from tradewind.config.settings import Settings, load_settings
from tradewind.model.errors import TradewindError
from tradewind.model.times import SystemClock
from tradewind.observability.hiding import hide_as

from .output import print_rows

if TYPE_CHECKING:
    from tradewind.model.spec import TimetableSpec
    from tradewind.plugins.in_process import InProcessHost
    from tradewind.storage.database import Database
    from tradewind.timetables.base import Timetable


class CommandFailed(TradewindError):
    """A command could not do what it was asked; the message is all that the user needs."""


class Session:
    """One call of one command. Opens the database when first asked for, closes it at the end."""

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None, settings: Settings | None = None) -> None:
        self.out = out or sys.stdout
        self.err = err or sys.stderr
        self.clock = SystemClock()
        self._settings = settings
        self._database: Database | None = None
        self._ends = ExitStack()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._ends:
            if self._database is not None:
                self._database.close()

    def at_end(self, action: Callable[[], object]) -> None:
        """Something to do when the command has ended, however it did."""
        self._ends.callback(action)

    @cached_property
    def settings(self) -> Settings:
        """The settings; former names in them are told once."""
        settings = self._settings or load_settings()
        hide_as(settings.section("core"), ())
        for warning in settings.warnings:
            self.complain(f"warning: {warning}")
        return settings

    @property
    def database(self) -> Database:
        """The configured database, checked: it is ours and up to date. Raises DatabaseRefused."""
        if self._database is None:
            database = self.open_database()
            try:
                database.check()
            except TradewindError:
                database.close()
                raise
            self._database = database
        return self._database

    def open_database(self) -> Database:
        """The configured database as it is, for commands that make or check it. The caller closes it."""
        from tradewind.app import open_database  # brings SQLAlchemy: most of the time that a small command takes

        return open_database(self.settings, self.clock)

    @cached_property
    def plugin_host(self) -> InProcessHost:
        """Asks plugins and providers in this very process."""
        from tradewind.app import plugin_host_here  # imports what plugins use

        return plugin_host_here(self.settings, lambda: self.database)

    def timetables(self, spec: TimetableSpec) -> Timetable:
        """The timetable of a DAG; the code of a plugin's is asked in this process."""
        from tradewind.plugins.hosted import builder  # timetables bring cron along, which few commands need

        return builder(self.plugin_host.ask)(spec)

    def say(self, text: str) -> None:
        """One line on standard output."""
        print(text, file=self.out)

    def complain(self, text: str) -> None:
        """One line on standard error."""
        print(text, file=self.err)

    def show(self, rows: Sequence[Mapping[str, Any]], output: str) -> None:
        """Rows in the asked format."""
        print_rows(rows, output, self.out)

    def confirm(self, question: str, *, yes: bool) -> None:
        """Asks, unless ``yes``. Raises CommandFailed when the answer is not y."""
        if yes:
            return
        if not sys.stdin.isatty():
            raise CommandFailed(f"{question} Nobody is there to answer; call it with --yes.")
        self.out.write(f"{question} (y/N) ")
        self.out.flush()
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            raise CommandFailed("cancelled")
