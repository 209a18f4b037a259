"""What Alembic runs: the connection is given by migration.upgrade, and the transaction is its caller's."""

from __future__ import annotations

from alembic import context

from tradewind.storage.columns import METADATA
from tradewind.storage.migration import ALL_TABLES, VERSION_TABLE

assert ALL_TABLES  # they have put their tables into METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
