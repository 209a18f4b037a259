"""Names of assets, DAGs that wait for a name, and what tasks keep."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tradewind.storage.columns import UtcTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_OF_INSTANCE = ("dag_id", "run_id", "task_id", "map_index")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "asset_name",
        sa.Column("name", sa.String(length=1500), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("group_name", sa.String(length=1500), server_default="asset", nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index("idx_asset_name_dataset_id", "asset_name", ["dataset_id"])
    op.create_table(
        "dag_schedule_asset_name_reference",
        sa.Column("name", sa.String(length=1500), nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["dag_id"], ["dag.dag_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("name", "dag_id"),
    )
    op.create_index("idx_dag_schedule_asset_name_reference_dag_id", "dag_schedule_asset_name_reference", ["dag_id"])
    op.create_table(
        "task_state_store",
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("run_id", sa.String(length=250), nullable=False),
        sa.Column("task_id", sa.String(length=250), nullable=False),
        sa.Column("map_index", sa.Integer(), server_default="-1", autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=512), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(_OF_INSTANCE, [f"task_instance.{name}" for name in _OF_INSTANCE], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(*_OF_INSTANCE, "key"),
    )
    op.create_table(
        "asset_state_store",
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=512), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("dataset_id", "key"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("asset_state_store", "task_state_store", "dag_schedule_asset_name_reference", "asset_name"):
        op.drop_table(table)
