"""Webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tradewind.storage.columns import UtcTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "webhook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=True),
        sa.Column("dag_ids", sa.Text(), nullable=True),
        sa.Column("last_event_id", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name="webhook_user_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="webhook_pkey"),
        sa.UniqueConstraint("name", name="webhook_name_uq"),
    )
    op.create_index("ix_webhook_user_id", "webhook", ["user_id"], unique=False)


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("webhook")
