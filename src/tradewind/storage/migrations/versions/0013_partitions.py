"""Partition keys of runs and of datasets' events, and events that wait for the run of their partition."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, make the table."""
    for table in ("dag_run", "dataset_event"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("partition_key", sa.String(length=250), nullable=True))
    op.create_table(
        "partition_queue",
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("partition_key", sa.String(length=250), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["dag_id"], ["dag.dag_id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["event_id"], ["dataset_event.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("dag_id", "partition_key", "event_id"),
    )
    op.create_index("idx_partition_queue_event_id", "partition_queue", ["event_id"])
    op.create_index("idx_task_state_store_expires_at", "task_state_store", ["expires_at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("idx_task_state_store_expires_at", "task_state_store")
    op.drop_table("partition_queue")
    for table in ("dataset_event", "dag_run"):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("partition_key")
