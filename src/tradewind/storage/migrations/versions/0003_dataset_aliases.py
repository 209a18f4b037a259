"""Names through which tasks write datasets that they choose while they run, and DAGs that wait for such a name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tradewind.storage.columns import UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the four tables."""
    op.create_table(
        "dataset_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=3000), nullable=False),
        sa.PrimaryKeyConstraint("id", name="dataset_alias_pkey"),
    )
    op.create_index("idx_name_unique", "dataset_alias", ["name"], unique=True)
    _pair("dataset_alias_dataset", "dataset_id", "dataset")
    _pair("dataset_alias_dataset_event", "event_id", "dataset_event")
    name = "dag_schedule_dataset_alias_reference"
    op.create_table(
        name,
        sa.Column("alias_id", sa.Integer(), nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["alias_id"], ["dataset_alias.id"], name=f"{name}_alias_id_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["dag_id"], ["dag.dag_id"], name=f"{name}_dag_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("alias_id", "dag_id", name=f"{name}_pkey"),
    )
    op.create_index(f"idx_{name}_dag_id", name, ["dag_id"], unique=False)


def _pair(name: str, column: str, target: str) -> None:
    op.create_table(
        name,
        sa.Column("alias_id", sa.Integer(), nullable=False),
        sa.Column(column, sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["alias_id"], ["dataset_alias.id"], name=f"{name}_alias_id_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"{name}_{column}_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("alias_id", column, name=f"{name}_pkey"),
    )
    op.create_index(f"idx_{name}_{column}", name, [column], unique=False)


def downgrade() -> None:
    """Drop them."""
    for name in (
        "dag_schedule_dataset_alias_reference",
        "dataset_alias_dataset_event",
        "dataset_alias_dataset",
        "dataset_alias",
    ):
        op.drop_table(name)
