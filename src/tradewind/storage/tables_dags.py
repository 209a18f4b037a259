"""Tables of DAGs: what was parsed, its versions, errors, datasets. Names and columns are Airflow 2.10's where they
mean the same; what is ours says so."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from .columns import METADATA, JsonText, UtcTime

DAG = Table(
    "dag",
    METADATA,
    Column("dag_id", String(250), primary_key=True),
    Column("root_dag_id", String(250)),
    Column("is_paused", Boolean, nullable=False),
    Column("is_subdag", Boolean, nullable=False, server_default=false()),
    Column("is_active", Boolean, nullable=False),
    Column("last_parsed_time", UtcTime),
    Column("last_pickled", UtcTime),
    Column("last_expired", UtcTime),
    Column("scheduler_lock", Boolean),
    Column("pickle_id", Integer),
    Column("fileloc", String(2000)),
    Column("processor_subdir", String(2000)),
    Column("owners", String(2000)),
    Column("dag_display_name", String(2000)),
    Column("description", Text),
    Column("default_view", String(25)),
    Column("schedule_interval", Text),
    Column("timetable_description", String(1000)),
    Column("dataset_expression", JsonText),
    Column("max_active_tasks", Integer, nullable=False),
    Column("max_active_runs", Integer),
    Column("max_consecutive_failed_dag_runs", Integer, nullable=False),
    Column("has_task_concurrency_limits", Boolean, nullable=False),
    Column("has_import_errors", Boolean, nullable=False, server_default=false()),
    Column("next_dagrun", UtcTime),
    Column("next_dagrun_data_interval_start", UtcTime),
    Column("next_dagrun_data_interval_end", UtcTime),
    Column("next_dagrun_create_after", UtcTime),
    # Ours: the newest dag_version, and what the schedule is as text (Airflow derives it when asked).
    Column("version_id", Integer),
    Column("timetable_summary", Text),
    Column("timetable_kind", String(50)),
    Index("idx_next_dagrun_create_after", "next_dagrun_create_after"),
    Index("idx_dag_fileloc", "fileloc"),
)

DAG_TAG = Table(
    "dag_tag",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("dag_id", String(250), ForeignKey("dag.dag_id", ondelete="CASCADE"), primary_key=True),
    Index("idx_dag_tag_dag_id", "dag_id"),
)

DAG_OWNER_ATTRIBUTES = Table(
    "dag_owner_attributes",
    METADATA,
    Column("dag_id", String(250), ForeignKey("dag.dag_id", ondelete="CASCADE"), primary_key=True),
    Column("owner", String(500), primary_key=True),
    Column("link", String(500), nullable=False),
)

DAG_VERSION = Table(
    # Ours: one row per real change of a DAG. Runs keep the version they were made from; serialized_dag has the newest.
    "dag_version",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("dag_id", String(250), nullable=False),
    Column("version_number", Integer, nullable=False),
    Column("dag_hash", String(64), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("dag_id", "version_number"),
)

SERIALIZED_DAG = Table(
    "serialized_dag",
    METADATA,
    Column("dag_id", String(250), primary_key=True),
    Column("fileloc", String(2000), nullable=False),
    Column("fileloc_hash", BigInteger, nullable=False),
    Column("data", Text),
    Column("data_compressed", LargeBinary),
    Column("last_updated", UtcTime, nullable=False),
    Column("dag_hash", String(64), nullable=False),
    Column("processor_subdir", String(2000)),
    Column("version_id", Integer, nullable=False),
    Index("idx_fileloc_hash", "fileloc_hash"),
)

DAG_CODE = Table(
    "dag_code",
    METADATA,
    Column("fileloc_hash", BigInteger, primary_key=True, autoincrement=False),
    Column("fileloc", String(2000), nullable=False),
    Column("last_updated", UtcTime, nullable=False),
    Column("source_code", Text, nullable=False),
)

DAG_CODE_HISTORY = Table(
    # Ours: the texts that a DAG file had, each from the parse that found it; dag_code has the newest.
    "dag_code_history",
    METADATA,
    Column("fileloc_hash", BigInteger, primary_key=True, autoincrement=False),
    Column("since", UtcTime, primary_key=True),
    Column("source_code", Text, nullable=False),
)

IMPORT_ERROR = Table(
    "import_error",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("timestamp", UtcTime),
    Column("filename", String(1024), unique=True),
    Column("stacktrace", Text),
    Column("processor_subdir", String(2000)),
)

DAG_WARNING = Table(
    "dag_warning",
    METADATA,
    Column("dag_id", String(250), ForeignKey("dag.dag_id", ondelete="CASCADE"), primary_key=True),
    Column("warning_type", String(50), primary_key=True),
    Column("message", Text, nullable=False),
    Column("timestamp", UtcTime, nullable=False),
)

PARSED_FILE = Table(
    # Ours: what processing keeps of a DAG file between starts, so that an unchanged file is not imported again.
    "parsed_file",
    METADATA,
    Column("path", String(2000), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("state", JsonText),
    Column("parsed_at", UtcTime, nullable=False),
)

DAG_PRIORITY_PARSING_REQUEST = Table(
    "dag_priority_parsing_request",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("fileloc", String(2000), nullable=False),
)

DATASET = Table(
    "dataset",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("uri", String(3000), nullable=False),
    Column("extra", JsonText, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("is_orphaned", Boolean, nullable=False, server_default=false()),
    Index("idx_uri_unique", "uri", unique=True),
    sqlite_autoincrement=True,
)

DATASET_EVENT = Table(
    "dataset_event",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", Integer, nullable=False),
    Column("extra", JsonText, nullable=False),
    Column("source_task_id", String(250)),
    Column("source_dag_id", String(250)),
    Column("source_run_id", String(250)),
    Column("source_map_index", Integer, server_default="-1"),
    Column("timestamp", UtcTime, nullable=False),
    Column("partition_key", String(250)),
    Index("idx_dataset_id_timestamp", "dataset_id", "timestamp"),
    sqlite_autoincrement=True,
)

DAG_SCHEDULE_DATASET_REFERENCE = Table(
    "dag_schedule_dataset_reference",
    METADATA,
    Column("dataset_id", Integer, ForeignKey("dataset.id", ondelete="CASCADE"), primary_key=True),
    Column("dag_id", String(250), ForeignKey("dag.dag_id", ondelete="CASCADE"), primary_key=True),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Index("idx_dag_schedule_dataset_reference_dag_id", "dag_id"),
)

TASK_OUTLET_DATASET_REFERENCE = Table(
    "task_outlet_dataset_reference",
    METADATA,
    Column("dataset_id", Integer, ForeignKey("dataset.id", ondelete="CASCADE"), primary_key=True),
    Column("dag_id", String(250), ForeignKey("dag.dag_id", ondelete="CASCADE"), primary_key=True),
    Column("task_id", String(250), primary_key=True),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Index("idx_task_outlet_dataset_reference_dag_id", "dag_id"),
)

DATASET_ALIAS = Table(
    "dataset_alias",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String(3000), nullable=False),
    Index("idx_name_unique", "name", unique=True),
)

DATASET_ALIAS_DATASET = Table(
    "dataset_alias_dataset",
    METADATA,
    Column("alias_id", Integer, ForeignKey("dataset_alias.id", ondelete="CASCADE"), primary_key=True),
    Column("dataset_id", Integer, ForeignKey("dataset.id", ondelete="CASCADE"), primary_key=True),
    Index("idx_dataset_alias_dataset_dataset_id", "dataset_id"),
)

DATASET_ALIAS_DATASET_EVENT = Table(
    "dataset_alias_dataset_event",
    METADATA,
    Column("alias_id", Integer, ForeignKey("dataset_alias.id", ondelete="CASCADE"), primary_key=True),
    Column("event_id", Integer, ForeignKey("dataset_event.id", ondelete="CASCADE"), primary_key=True),
    Index("idx_dataset_alias_dataset_event_event_id", "event_id"),
)

DAG_SCHEDULE_DATASET_ALIAS_REFERENCE = Table(
    "dag_schedule_dataset_alias_reference",
    METADATA,
    Column("alias_id", Integer, ForeignKey("dataset_alias.id", ondelete="CASCADE"), primary_key=True),
    Column("dag_id", String(250), ForeignKey("dag.dag_id", ondelete="CASCADE"), primary_key=True),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Index("idx_dag_schedule_dataset_alias_reference_dag_id", "dag_id"),
)

DATASET_DAG_RUN_QUEUE = Table(
    "dataset_dag_run_queue",
    METADATA,
    Column("dataset_id", Integer, ForeignKey("dataset.id", ondelete="CASCADE"), primary_key=True),
    Column("target_dag_id", String(250), ForeignKey("dag.dag_id", ondelete="CASCADE"), primary_key=True),
    Column("created_at", UtcTime, nullable=False),
    Index("idx_dataset_dag_run_queue_target_dag_id", "target_dag_id"),
)

DAGRUN_DATASET_EVENT = Table(
    "dagrun_dataset_event",
    METADATA,
    Column("dag_run_id", Integer, ForeignKey("dag_run.id", ondelete="CASCADE"), primary_key=True),
    Column("event_id", Integer, ForeignKey("dataset_event.id", ondelete="CASCADE"), primary_key=True),
    Index("idx_dagrun_dataset_events_event_id", "event_id"),
)
