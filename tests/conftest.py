"""Fixtures that many tests share: a PostgreSQL server, and a migrated database on each dialect."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from postgres_server import PostgresServer

from tradewind.storage.database import Database, DatabaseOptions, open_database

# How long an example takes is the machine's affair: benchmarks judge time, tests do not.
settings.register_profile("tradewind", deadline=None)
settings.load_profile("tradewind")


class StillClock:
    """A clock that moves only when told."""

    def __init__(self, at: datetime = datetime(2024, 5, 1, 12, tzinfo=UTC)) -> None:
        self.at = at

    def now(self) -> datetime:
        """Where it stands."""
        return self.at

    def monotonic(self) -> float:
        """The same moment in seconds."""
        return self.at.timestamp()

    def advance(self, seconds: float) -> datetime:
        """Move forward; the new moment."""
        self.at += timedelta(seconds=seconds)
        return self.at


@pytest.fixture
def clock() -> StillClock:
    """A clock that stands at noon of the first of May 2024."""
    return StillClock()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server for the whole session."""
    server = PostgresServer()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The name of a migrated database to copy."""
    postgres_server.execute("CREATE DATABASE template_tradewind")
    database = open_database(postgres_server.url("template_tradewind"), clock=StillClock())
    database.migrate()
    database.close()
    return "template_tradewind"


_numbers = itertools.count(1)


@pytest.fixture
def new_postgres_url(postgres_server: PostgresServer) -> Iterator[Callable[..., str]]:
    """Makes a database (empty, or a copy of a template): its URL. All are dropped after the test."""
    made: list[str] = []

    def make(template: str | None = None) -> str:
        name = f"test_{next(_numbers)}"
        postgres_server.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        made.append(name)
        return postgres_server.url(name)

    yield make
    postgres_server.execute(*(f"DROP DATABASE {name} WITH (FORCE)" for name in made))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def dialect(request: pytest.FixtureRequest) -> str:
    """Each database in turn."""
    return str(request.param)


@pytest.fixture
def empty_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables."""
    if dialect == "sqlite":
        return f"sqlite:///{tmp_path / 'tradewind.db'}"
    return str(request.getfixturevalue("new_postgres_url")())


@pytest.fixture
def database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a migrated database."""
    if dialect == "sqlite":
        url = f"sqlite:///{tmp_path / 'tradewind.db'}"
        database = open_database(url, clock=StillClock())
        database.migrate()
        database.close()
        return url
    template = request.getfixturevalue("postgres_template")
    return str(request.getfixturevalue("new_postgres_url")(template))


@pytest.fixture
def database(database_url: str, clock: StillClock) -> Iterator[Database]:
    """A migrated database on each dialect, open."""
    opened = open_database(database_url, clock=clock, options=DatabaseOptions(synchronous="OFF"))
    yield opened
    opened.close()
