"""Bringing a database to this program's tables: fresh ones at once, older ones by Alembic, strangers' ones not at all.

The version is kept in ``tradewind_version``. Checking it needs no Alembic, whose import alone would cost a fifth of the
time to a healthy start."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from tradewind.model.errors import DatabaseRefused

from . import tables_access, tables_assets, tables_backfills, tables_dags, tables_runs
from .columns import METADATA

HEAD = "0013"
"""The newest migration; a test holds it equal to Alembic's own idea."""

VERSION_TABLE = "tradewind_version"
_AIRFLOW_TABLES = frozenset({"dag_run", "task_instance", "dag", "slot_pool", "ab_user"})

ALL_TABLES = (tables_access, tables_assets, tables_backfills, tables_dags, tables_runs)
"""The modules that put their tables into METADATA."""


def prepare(dialect: str) -> None:
    """Tell partial indexes their conditions in the dialect's own option; to be called before tables are made."""
    for table in METADATA.tables.values():
        for index in table.indexes:
            if "where" in index.info:
                index.dialect_options[dialect]["where"] = text(index.info["where"])


def version_of(connection: Connection) -> str | None:
    """The migration that the database is at; None for an empty one. Raises DatabaseRefused for somebody else's."""
    names = set(inspect(connection).get_table_names())
    if VERSION_TABLE in names:
        found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
        if found is not None:
            return str(found)
    strangers = sorted(names & _AIRFLOW_TABLES)
    if strangers:
        raise DatabaseRefused(
            f"the database holds tables of an Apache Airflow installation ({', '.join(strangers)} …); "
            "nothing in it was changed. "
            "Give tradewind a database of its own ([database] sql_alchemy_conn) and bring the data over with "
            "`tradewind import`."
        )
    return None


def check(connection: Connection) -> None:
    """Raises DatabaseRefused unless the database is at HEAD."""
    found = version_of(connection)
    if found is None:
        raise DatabaseRefused("the database has no tables yet; run `tradewind db migrate`")
    if found != HEAD:
        relation = "older" if found < HEAD else "newer"
        remedy = "run `tradewind db migrate`" if found < HEAD else "use the tradewind that wrote it, or a newer one"
        raise DatabaseRefused(f"the database is at migration {found}, {relation} than this program's {HEAD}; {remedy}")


def migrate(connection: Connection) -> bool:
    """Bring the database to HEAD; whether anything was done. Runs inside the caller's transaction."""
    found = version_of(connection)
    if found == HEAD:
        return False
    if found is None:
        # A test holds this equal to running all migrations.
        prepare(connection.dialect.name)
        METADATA.create_all(connection)
        stamp(connection, HEAD)
        return True
    if found > HEAD:
        check(connection)
    upgrade(connection)
    return True


def stamp(connection: Connection, version: str) -> None:
    """Write down which migration the database is at."""
    connection.execute(
        text(
            # To the letter what Alembic makes: SQLite keeps the text.
            f"CREATE TABLE IF NOT EXISTS {VERSION_TABLE} (\n\tversion_num VARCHAR(32) NOT NULL, \n"
            f"\tCONSTRAINT {VERSION_TABLE}_pkc PRIMARY KEY (version_num)\n)"
        )
    )
    connection.execute(text(f"DELETE FROM {VERSION_TABLE}"))
    connection.execute(text(f"INSERT INTO {VERSION_TABLE} VALUES (:version)"), {"version": version})


def upgrade(connection: Connection, target: str = "head") -> None:
    """Run Alembic's migrations on a connection, in its transaction."""
    # Heavy, and needed only when there is something to migrate.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "tradewind.storage:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, target)


def drop_all(connection: Connection) -> None:
    """Drop every table of ours. Raises DatabaseRefused for a database that is somebody else's."""
    version_of(connection)
    METADATA.drop_all(connection)
    connection.execute(text(f"DROP TABLE IF EXISTS {VERSION_TABLE}"))
