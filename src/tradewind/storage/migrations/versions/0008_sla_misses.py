"""Missed service level agreements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tradewind.storage.columns import UtcTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "sla_miss",
        sa.Column("task_id", sa.String(length=250), nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("execution_date", UtcTime(), nullable=False),
        sa.Column("email_sent", sa.Boolean(), nullable=True),
        sa.Column("timestamp", UtcTime(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("notification_sent", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("task_id", "dag_id", "execution_date", name="sla_miss_pkey"),
    )
    op.create_index("sm_dag", "sla_miss", ["dag_id"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("sla_miss")
