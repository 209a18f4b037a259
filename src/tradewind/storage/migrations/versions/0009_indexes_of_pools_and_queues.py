"""Indexes for task instances of a pool or a queue, where they cost an insert alone: on SQLite."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("ti_pool", "task_instance", ["pool"], unique=False)
        op.create_index("ti_queue", "task_instance", ["queue"], unique=False)


def downgrade() -> None:
    """Drop them."""
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("ti_queue", "task_instance")
        op.drop_index("ti_pool", "task_instance")
