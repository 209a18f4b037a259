"""The configured database: the one place of the command line that knows storage's options."""

from __future__ import annotations

from tradewind.config.settings import Settings
from tradewind.model.times import Clock
from tradewind.storage.database import Database, DatabaseOptions, open_database


def open_configured(settings: Settings, clock: Clock) -> Database:
    """The database of the settings, opened, not checked."""
    options = DatabaseOptions(
        fernet_keys=settings.fernet_keys,
        pool_size=settings.integer("database", "sql_alchemy_pool_size", 5),
        default_pool_slots=settings.default_pool_task_slot_count,
    )
    return open_database(settings.sql_alchemy_conn, clock=clock, options=options)
