"""Names of assets, DAGs that wait for a name, and what tasks keep for their next try or run (Airflow 3)."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Index, Integer, String, Table, Text

from .columns import METADATA, UtcTime

ASSET_NAME = Table(
    # Ours: a dataset's name and group, when it has more than a URI. Airflow 3 has them in its table of assets.
    "asset_name",
    METADATA,
    Column("name", String(1500), primary_key=True),
    Column("dataset_id", Integer, ForeignKey("dataset.id", ondelete="CASCADE"), nullable=False),
    Column("group_name", String(1500), nullable=False, server_default="asset"),
    Index("idx_asset_name_dataset_id", "dataset_id"),
)

DAG_SCHEDULE_ASSET_NAME_REFERENCE = Table(
    "dag_schedule_asset_name_reference",
    METADATA,
    Column("name", String(1500), primary_key=True),
    Column("dag_id", String(250), ForeignKey("dag.dag_id", ondelete="CASCADE"), primary_key=True),
    Column("created_at", UtcTime, nullable=False),
    Index("idx_dag_schedule_asset_name_reference_dag_id", "dag_id"),
)

TASK_STATE_STORE = Table(
    "task_state_store",
    METADATA,
    Column("dag_id", String(250), primary_key=True),
    Column("run_id", String(250), primary_key=True),
    Column("task_id", String(250), primary_key=True),
    Column("map_index", Integer, primary_key=True, autoincrement=False, server_default="-1"),
    Column("key", String(512), primary_key=True),
    Column("value", Text, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    ForeignKeyConstraint(
        ["dag_id", "run_id", "task_id", "map_index"],
        [f"task_instance.{name}" for name in ("dag_id", "run_id", "task_id", "map_index")],
        ondelete="CASCADE",
    ),
    Index("idx_task_state_store_expires_at", "expires_at"),
)

ASSET_STATE_STORE = Table(
    "asset_state_store",
    METADATA,
    Column("dataset_id", Integer, ForeignKey("dataset.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(512), primary_key=True),
    Column("value", Text, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

PARTITION_QUEUE = Table(
    # Ours: events of partitions that wait for a run. ``partition_key`` is empty until the DAG's mapper was asked.
    "partition_queue",
    METADATA,
    Column("dag_id", String(250), ForeignKey("dag.dag_id", ondelete="CASCADE"), primary_key=True),
    Column("partition_key", String(250), primary_key=True),
    Column("event_id", Integer, ForeignKey("dataset_event.id", ondelete="CASCADE"), primary_key=True),
    Index("idx_partition_queue_event_id", "event_id"),
)
