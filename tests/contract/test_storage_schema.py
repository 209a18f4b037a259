"""Tables and versions, on both databases: fresh equals migrated, an Airflow's database is refused, reset is empty."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from contract.storage_rows import a_dag
from sqlalchemy import Connection, MetaData, text

from tradewind.model.errors import ConfigError, DatabaseRefused
from tradewind.model.times import Clock
from tradewind.storage import migration
from tradewind.storage.database import Database, open_database


def schema(connection: Connection) -> dict[str, Any]:
    """What the database itself says about its tables, comparable between two databases."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT type, name, tbl_name, sql FROM sqlite_master"))
        return {f"{kind} {name or table}": _normal(sql) for kind, name, table, sql in rows}
    found = MetaData()
    found.reflect(connection)
    tables = {
        table.name: (
            sorted(
                (
                    column.name,
                    str(column.type),
                    column.nullable,
                    str(column.server_default and column.server_default.arg),
                )
                for column in table.columns
            ),  # type: ignore[attr-defined]
            sorted(constraint.name or "" for constraint in table.constraints if constraint.name),
        )
        for table in found.tables.values()
    }
    indexes = connection.execute(text("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"))
    return {"tables": tables, "indexes": dict(tuple(row) for row in indexes)}


def _normal(sql: str | None) -> Any:
    # Constraints and added columns of a table come in any order; quotes, blanks and line ends do not matter.
    lines = (sql or "").replace('"', "").replace("\t", " ").replace(")", ")\n").replace(", ", ",\n").splitlines()
    return sorted(filter(None, (" ".join(line.split()).rstrip(",") for line in lines)))


def test_a_fresh_database_equals_a_migrated_one(empty_url: str, clock: Clock) -> None:
    database = open_database(empty_url, clock=clock)
    with database.begin() as tx:
        migration.upgrade(tx.connection)
        migrated = schema(tx.connection)
    with database.begin() as tx:
        migration.drop_all(tx.connection)
    database.migrate()
    with database.read() as tx:
        fresh = schema(tx.connection)
    database.close()
    assert migrated == fresh


def test_head_is_alembics_newest_migration_and_the_line_is_one() -> None:
    config = Config()
    config.set_main_option("script_location", "tradewind.storage:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [migration.HEAD]


def test_migrating_twice_changes_nothing_the_second_time(empty_url: str, clock: Clock) -> None:
    database = open_database(empty_url, clock=clock)
    with pytest.raises(DatabaseRefused, match="db migrate"):
        database.check()
    assert database.migrate()
    assert not database.migrate()
    database.check()
    database.close()


def test_an_airflow_database_is_refused_and_nothing_in_it_changed(empty_url: str, clock: Clock) -> None:
    database = open_database(empty_url, clock=clock)
    with database.begin() as tx:
        for statement in (
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
            "INSERT INTO alembic_version VALUES ('5f2621c13b39')",
            "CREATE TABLE dag_run (id INTEGER PRIMARY KEY)",
            "CREATE TABLE task_instance (task_id VARCHAR(250))",
        ):
            tx.connection.execute(text(statement))
        before = schema(tx.connection)
    for refused in (database.migrate, database.check, database.reset):
        with pytest.raises(DatabaseRefused, match="tradewind import"):
            refused()
    with database.read() as tx:
        assert schema(tx.connection) == before
    database.close()


def test_a_newer_database_is_refused(database: Database) -> None:
    with database.begin() as tx:
        migration.stamp(tx.connection, "9999")
    for refused in (database.migrate, database.check):
        with pytest.raises(DatabaseRefused, match="newer"):
            refused()


def test_reset_leaves_empty_tables(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
    database.reset()
    with database.read() as tx:
        assert tx.dags.all() == []
        assert list(tx.pools.all()) == ["default_pool"]
    database.check()


@pytest.mark.parametrize(
    ("url", "word"),
    [("sqlite://", "needs a file"), ("mysql://x/y", "not supported"), ("nonsense", "not a database URL")],
)
def test_an_url_that_cannot_be_used_is_named(url: str, word: str, clock: Clock) -> None:
    with pytest.raises(ConfigError, match=word):
        open_database(url, clock=clock)
