"""Backfills, starred DAGs, and the error lines of failed tries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tradewind.storage.columns import UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the four tables."""
    _backfill()
    _backfill_dag_run()
    op.create_table(
        "dag_favorite",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name="dag_favorite_user_id_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["dag_id"], ["dag.dag_id"], name="dag_favorite_dag_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "dag_id", name="dag_favorite_pkey"),
    )
    op.create_index("idx_dag_favorite_dag_id", "dag_favorite", ["dag_id"], unique=False)
    _task_failure()


def _backfill() -> None:
    op.create_table(
        "backfill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("from_date", UtcTime(), nullable=False),
        sa.Column("to_date", UtcTime(), nullable=False),
        sa.Column("dag_run_conf", sa.Text(), nullable=True),
        sa.Column("is_paused", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("reprocess_behavior", sa.String(length=250), nullable=False),
        sa.Column("max_active_runs", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("completed_at", UtcTime(), nullable=True),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.Column("triggering_user_name", sa.String(length=512), nullable=True),
        sa.Column("run_backwards", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("options", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["dag_id"], ["dag.dag_id"], name="backfill_dag_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="backfill_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_index("idx_backfill_dag_id", "backfill", ["dag_id"], unique=False)
    is_open = sa.text("completed_at IS NULL")
    op.create_index(
        "idx_backfill_open", "backfill", ["dag_id"], unique=True, sqlite_where=is_open, postgresql_where=is_open
    )


def _backfill_dag_run() -> None:
    name = "backfill_dag_run"
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("backfill_id", sa.Integer(), nullable=False),
        sa.Column("dag_run_id", sa.Integer(), nullable=True),
        sa.Column("exception_reason", sa.String(length=250), nullable=True),
        sa.Column("logical_date", UtcTime(), nullable=False),
        sa.Column("sort_ordinal", sa.Integer(), nullable=False),
        sa.Column("data_interval_start", UtcTime(), nullable=False),
        sa.Column("data_interval_end", UtcTime(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["backfill_id"], ["backfill.id"], name=f"{name}_backfill_id_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["dag_run_id"], ["dag_run.id"], name=f"{name}_dag_run_id_fkey", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=f"{name}_pkey"),
        sa.UniqueConstraint("backfill_id", "dag_run_id", name="ix_bdr_backfill_id_dag_run_id"),
    )
    op.create_index(f"idx_{name}_dag_run_id", name, ["dag_run_id"], unique=False)
    waits = sa.text("started_at IS NULL AND exception_reason IS NULL")
    columns = ["backfill_id", "sort_ordinal"]
    op.create_index(f"idx_{name}_waiting", name, columns, unique=False, sqlite_where=waits, postgresql_where=waits)


def _task_failure() -> None:
    key = ["dag_id", "run_id", "task_id", "map_index"]
    op.create_table(
        "task_failure",
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("run_id", sa.String(length=250), nullable=False),
        sa.Column("task_id", sa.String(length=250), nullable=False),
        sa.Column("map_index", sa.Integer(), server_default="-1", autoincrement=False, nullable=False),
        sa.Column("try_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            key, [f"task_instance.{name}" for name in key], name="task_failure_dag_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(*key, "try_number", name="task_failure_pkey"),
    )
    op.create_index("idx_task_failure_ended_at", "task_failure", ["ended_at"], unique=False)


def downgrade() -> None:
    """Drop them."""
    for name in ("task_failure", "dag_favorite", "backfill_dag_run", "backfill"):
        op.drop_table(name)
