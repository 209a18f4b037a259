"""Indexes for lists of the API: runs of a state by start, task instances by their dates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.create_index("idx_dag_run_state_start", "dag_run", ["state", "start_date"], unique=False)
    op.create_index("ti_logical_date", "task_instance", ["logical_date"], unique=False)
    has_ended = sa.text("end_date IS NOT NULL")
    op.create_index(
        "ti_end_date", "task_instance", ["end_date"], sqlite_where=has_ended, postgresql_where=has_ended, unique=False
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ti_end_date", "task_instance")
    op.drop_index("ti_logical_date", "task_instance")
    op.drop_index("idx_dag_run_state_start", "dag_run")
