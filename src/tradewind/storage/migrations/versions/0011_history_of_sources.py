"""The texts that DAG files had, so that the code of an older version or run can be shown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tradewind.storage.columns import UtcTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; what is known now is where it begins."""
    op.create_table(
        "dag_code_history",
        sa.Column("fileloc_hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("source_code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("fileloc_hash", "since", name="dag_code_history_pkey"),
    )
    op.execute(
        "INSERT INTO dag_code_history (fileloc_hash, since, source_code)"
        " SELECT fileloc_hash, last_updated, source_code FROM dag_code"
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("dag_code_history")
