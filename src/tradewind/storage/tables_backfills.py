"""Tables of backfills and of the DAGs that people have starred. Names and columns are Airflow 3's where they mean the
same; what is ours says so."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint, false

from tradewind.model.states import ReprocessBehavior

from .columns import METADATA, EnumText, JsonText, UtcTime

BACKFILL = Table(
    "backfill",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("dag_id", String(250), ForeignKey("dag.dag_id", ondelete="CASCADE"), nullable=False),
    Column("from_date", UtcTime, nullable=False),
    Column("to_date", UtcTime, nullable=False),
    Column("dag_run_conf", JsonText),
    Column("is_paused", Boolean, nullable=False, server_default=false()),
    Column("reprocess_behavior", EnumText(ReprocessBehavior, 250), nullable=False),
    Column("max_active_runs", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("completed_at", UtcTime),
    Column("updated_at", UtcTime, nullable=False),
    Column("triggering_user_name", String(512)),
    # Ours.
    Column("run_backwards", Boolean, nullable=False, server_default=false()),
    Column("options", JsonText),
    # One open backfill a DAG, as in Airflow.
    Index("idx_backfill_open", "dag_id", unique=True, info={"where": "completed_at IS NULL"}),
    Index("idx_backfill_dag_id", "dag_id"),
    # Ids are shown in addresses: one that is gone is not given again.
    sqlite_autoincrement=True,
)

BACKFILL_DAG_RUN = Table(
    "backfill_dag_run",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("backfill_id", Integer, ForeignKey("backfill.id", ondelete="CASCADE"), nullable=False),
    Column("dag_run_id", Integer, ForeignKey("dag_run.id", ondelete="SET NULL")),
    Column("exception_reason", String(250)),
    Column("logical_date", UtcTime, nullable=False),
    Column("sort_ordinal", Integer, nullable=False),
    # Ours. A date waits until it has a start or a reason: its run is made when the backfill has room for it.
    Column("data_interval_start", UtcTime, nullable=False),
    Column("data_interval_end", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    UniqueConstraint("backfill_id", "dag_run_id", name="ix_bdr_backfill_id_dag_run_id"),
    Index("idx_backfill_dag_run_dag_run_id", "dag_run_id"),
    Index(
        "idx_backfill_dag_run_waiting",
        "backfill_id",
        "sort_ordinal",
        info={"where": "started_at IS NULL AND exception_reason IS NULL"},
    ),
)

DAG_FAVORITE = Table(
    "dag_favorite",
    METADATA,
    Column("user_id", Integer, ForeignKey("ab_user.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("dag_id", String(250), ForeignKey("dag.dag_id", ondelete="CASCADE"), primary_key=True),
    Index("idx_dag_favorite_dag_id", "dag_id"),
)
