"""Readers of the outbox that must miss nothing: the listeners' feed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tradewind.storage.columns import UtcTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "event_reader",
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("last_event_id", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.String(length=50), nullable=False),
        sa.Column("claimed_until", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="event_reader_pkey"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("event_reader")
