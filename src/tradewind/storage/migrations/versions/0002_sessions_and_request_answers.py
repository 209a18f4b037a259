"""Log-ins by browser, and answers to requests with an Idempotency-Key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tradewind.storage.columns import UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "login_session",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("password_mark", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name="login_session_user_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest", name="login_session_pkey"),
    )
    op.create_index("ix_login_session_user_id", "login_session", ["user_id"], unique=False)
    op.create_index("ix_login_session_expires_at", "login_session", ["expires_at"], unique=False)
    op.create_table(
        "request_answer",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("request_digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="request_answer_pkey"),
    )
    op.create_index("ix_request_answer_created_at", "request_answer", ["created_at"], unique=False)


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("request_answer")
    op.drop_table("login_session")
