"""Tables of runs: dag_run, task_instance and what hangs on them. Names and columns are Airflow 2.10's where they mean
the same; what is ours says so. The order of primary keys is ours: one run is one range."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from tradewind.model.states import RunState, RunType, TaskState

from .columns import METADATA, EnumText, JsonText, UtcTime


def _where(name: str, condition: str, *columns: Any, unique: bool = False) -> Index:
    """A partial index; both databases know them, and want the condition literally in the query to use it.

    migration.prepare makes the dialect's option of the condition: said here, it would import both dialects with all
    their drivers, a tenth of a second at each start."""
    return Index(name, *columns, unique=unique, info={"where": condition})


def _of_task_instance() -> ForeignKeyConstraint:
    columns = ["dag_id", "run_id", "task_id", "map_index"]
    return ForeignKeyConstraint(columns, [f"task_instance.{name}" for name in columns], ondelete="CASCADE")


LOG_TEMPLATE = Table(
    "log_template",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("filename", Text, nullable=False),
    Column("elasticsearch_id", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

DAG_RUN = Table(
    "dag_run",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("dag_id", String(250), nullable=False),
    Column("queued_at", UtcTime),
    Column("execution_date", UtcTime, nullable=False),
    Column("start_date", UtcTime),
    Column("end_date", UtcTime),
    Column("state", EnumText(RunState, 50), nullable=False),
    Column("run_id", String(250), nullable=False),
    Column("creating_job_id", Integer),
    Column("external_trigger", Boolean, nullable=False),
    Column("run_type", EnumText(RunType, 50), nullable=False),
    Column("conf", JsonText),
    Column("data_interval_start", UtcTime),
    Column("data_interval_end", UtcTime),
    Column("last_scheduling_decision", UtcTime),
    Column("dag_hash", String(64)),
    Column("log_template_id", Integer),
    Column("updated_at", UtcTime),
    Column("clear_number", Integer, nullable=False, server_default="0"),
    # Ours.
    Column("version_id", Integer),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("request_key", String(250)),
    Column("partition_key", String(250)),
    Column("timeout_at", UtcTime),
    UniqueConstraint("dag_id", "execution_date", name="dag_run_dag_id_execution_date_key"),
    UniqueConstraint("dag_id", "run_id", name="dag_run_dag_id_run_id_key"),
    Index("idx_dag_run_dag_id", "dag_id", "id"),
    Index("dag_id_state", "dag_id", "state", "execution_date"),
    Index("idx_dag_run_state", "state", "id"),
    Index("idx_dag_run_state_start", "state", "start_date"),
    Index("idx_dag_run_execution_date", "execution_date"),
    Index("idx_dag_run_start_date", "start_date"),
    Index("idx_dag_run_end_date", "end_date"),
    Index("idx_dag_run_dag_start", "dag_id", "start_date"),
    _where("idx_dag_run_open", "state IN ('queued', 'running')", "dag_id", "execution_date", "state", "run_type"),
    _where("idx_dag_run_timeout", "state = 'running' AND timeout_at IS NOT NULL", "timeout_at"),
    _where("idx_dag_run_request_key", "request_key IS NOT NULL", "request_key", unique=True),
)


def _task_instance_columns() -> list[Column[Any]]:
    """What a task instance and a row of its history have in common."""
    return [
        Column("try_number", Integer, nullable=False),
        Column("start_date", UtcTime),
        Column("end_date", UtcTime),
        Column("duration", Float),
        Column("state", EnumText(TaskState, 20)),
        Column("max_tries", Integer, nullable=False, server_default="-1"),
        Column("hostname", String(1000), nullable=False, server_default=""),
        Column("unixname", String(1000), nullable=False, server_default=""),
        Column("job_id", Integer),
        Column("pool", String(256), nullable=False),
        Column("pool_slots", Integer, nullable=False),
        Column("queue", String(256), nullable=False),
        Column("priority_weight", Integer, nullable=False),
        Column("operator", String(1000), nullable=False, server_default=""),
        Column("custom_operator_name", String(1000), nullable=False, server_default=""),
        Column("queued_dttm", UtcTime),
        Column("queued_by_job_id", Integer),
        Column("pid", Integer),
        Column("executor", String(1000)),
        Column("executor_config", JsonText),
        Column("updated_at", UtcTime),
        Column("rendered_map_index", String(250)),
        Column("external_executor_id", String(250)),
        Column("trigger_id", Integer),
        Column("trigger_timeout", UtcTime),
        Column("next_method", String(1000)),
        Column("next_kwargs", JsonText),
        Column("task_display_name", String(2000)),
    ]


TASK_INSTANCE = Table(
    "task_instance",
    METADATA,
    Column("dag_id", String(250), primary_key=True),
    Column("run_id", String(250), primary_key=True),
    Column("task_id", String(250), primary_key=True),
    Column("map_index", Integer, primary_key=True, autoincrement=False, server_default="-1"),
    *_task_instance_columns(),
    # Ours. logical_date repeats the run's, which never changes: candidates are ordered by it without a join.
    Column("logical_date", UtcTime, nullable=False),
    Column("wake_at", UtcTime),
    Column("token", String(64)),
    Column("first_start_date", UtcTime),
    ForeignKeyConstraint(
        ["dag_id", "run_id"],
        ["dag_run.dag_id", "dag_run.run_id"],
        name="task_instance_dag_run_fkey",
        ondelete="CASCADE",
    ),
    # Lists by state, or by DAG and state, in the order of the key. One index and not two: each costs every transition.
    Index("ti_state", "state", "dag_id", "run_id", "task_id"),
    Index("ti_dag_task", "dag_id", "task_id"),
    Index("ti_start_date", "start_date"),
    # Neither costs a transition anything but the last: a logical date never changes, an end is set once.
    Index("ti_logical_date", "logical_date"),
    _where("ti_end_date", "end_date IS NOT NULL", "end_date"),
    # SQLite's updates touch only the indexes whose columns change; PostgreSQL's would pay for these at each transition.
    Index("ti_pool", "pool").ddl_if(dialect="sqlite"),
    Index("ti_queue", "queue").ddl_if(dialect="sqlite"),
    _where(
        "ti_candidates",
        "state = 'scheduled'",
        text("priority_weight DESC"),
        "logical_date",
        "map_index",
        "pool",
        "pool_slots",
    ),
    _where(
        "ti_active",
        "state IN ('queued', 'running', 'deferred')",
        "dag_id",
        "task_id",
        "run_id",
        "state",
        "pool",
        "pool_slots",
        "queued_by_job_id",
    ),
    _where("ti_wake_at", "state IN ('up_for_retry', 'up_for_reschedule', 'deferred')", "wake_at"),
    _where("ti_token", "token IS NOT NULL", "token", unique=True),
    _where("ti_trigger_id", "trigger_id IS NOT NULL", "trigger_id"),
)

TASK_INSTANCE_HISTORY = Table(
    "task_instance_history",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("task_id", String(250), nullable=False),
    Column("dag_id", String(250), nullable=False),
    Column("run_id", String(250), nullable=False),
    Column("map_index", Integer, nullable=False, server_default="-1"),
    *_task_instance_columns(),
    UniqueConstraint("dag_id", "task_id", "run_id", "map_index", "try_number", name="task_instance_history_dtrt_uq"),
    _of_task_instance(),
)

TASK_FAILURE = Table(
    # Ours: the last line of the error of each try that failed, so that an overview of failures reads no log.
    "task_failure",
    METADATA,
    Column("dag_id", String(250), primary_key=True),
    Column("run_id", String(250), primary_key=True),
    Column("task_id", String(250), primary_key=True),
    Column("map_index", Integer, primary_key=True, autoincrement=False, server_default="-1"),
    Column("try_number", Integer, primary_key=True, autoincrement=False),
    Column("ended_at", UtcTime, nullable=False),
    Column("error", String(500), nullable=False),
    _of_task_instance(),
    Index("idx_task_failure_ended_at", "ended_at"),
)

TASK_MAP = Table(
    "task_map",
    METADATA,
    Column("dag_id", String(250), primary_key=True),
    Column("run_id", String(250), primary_key=True),
    Column("task_id", String(250), primary_key=True),
    Column("map_index", Integer, primary_key=True, autoincrement=False),
    Column("length", Integer, nullable=False),
    Column("keys", JsonText),
    _of_task_instance(),
)

TASK_RESCHEDULE = Table(
    "task_reschedule",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("task_id", String(250), nullable=False),
    Column("dag_id", String(250), nullable=False),
    Column("run_id", String(250), nullable=False),
    Column("map_index", Integer, nullable=False, server_default="-1"),
    Column("try_number", Integer, nullable=False),
    Column("start_date", UtcTime, nullable=False),
    Column("end_date", UtcTime, nullable=False),
    Column("duration", Integer, nullable=False),
    Column("reschedule_date", UtcTime, nullable=False),
    _of_task_instance(),
    Index("idx_task_reschedule_dag_task_run", "dag_id", "run_id", "task_id", "map_index"),
)

RENDERED = Table(
    "rendered_task_instance_fields",
    METADATA,
    Column("dag_id", String(250), primary_key=True),
    Column("run_id", String(250), primary_key=True),
    Column("task_id", String(250), primary_key=True),
    Column("map_index", Integer, primary_key=True, autoincrement=False, server_default="-1"),
    Column("rendered_fields", Text, nullable=False),
    Column("k8s_pod_yaml", JsonText),
    _of_task_instance(),
)

XCOM = Table(
    "xcom",
    METADATA,
    Column("dag_run_id", Integer, nullable=False),
    Column("dag_id", String(250), primary_key=True),
    Column("run_id", String(250), primary_key=True),
    Column("task_id", String(250), primary_key=True),
    Column("map_index", Integer, primary_key=True, autoincrement=False, server_default="-1"),
    Column("key", String(512), primary_key=True),
    Column("value", Text),
    Column("timestamp", UtcTime, nullable=False),
    _of_task_instance(),
    Index("idx_xcom_dag_task_key", "dag_id", "task_id", "key"),
)

SLA_MISS = Table(
    "sla_miss",
    METADATA,
    Column("task_id", String(250), primary_key=True),
    Column("dag_id", String(250), primary_key=True),
    Column("execution_date", UtcTime, primary_key=True),
    Column("email_sent", Boolean),
    Column("timestamp", UtcTime),
    Column("description", Text),
    Column("notification_sent", Boolean),
    Index("sm_dag", "dag_id"),
)

DAG_RUN_NOTE = Table(
    "dag_run_note",
    METADATA,
    Column("user_id", Integer),
    Column("dag_run_id", Integer, ForeignKey("dag_run.id", ondelete="CASCADE"), primary_key=True),
    Column("content", String(1000)),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

TASK_INSTANCE_NOTE = Table(
    "task_instance_note",
    METADATA,
    Column("user_id", Integer),
    Column("dag_id", String(250), primary_key=True),
    Column("run_id", String(250), primary_key=True),
    Column("task_id", String(250), primary_key=True),
    Column("map_index", Integer, primary_key=True, autoincrement=False),
    Column("content", String(1000)),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    _of_task_instance(),
)

TRIGGER = Table(
    "trigger",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("classpath", String(1000), nullable=False),
    Column("kwargs", Text, nullable=False),
    Column("created_date", UtcTime, nullable=False),
    Column("triggerer_id", Integer, index=True),
)

JOB = Table(
    "job",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("dag_id", String(250)),
    Column("state", String(20)),
    Column("job_type", String(30)),
    Column("start_date", UtcTime),
    Column("end_date", UtcTime),
    Column("latest_heartbeat", UtcTime),
    Column("executor_class", String(500)),
    Column("hostname", String(500)),
    Column("unixname", String(1000)),
    Index("idx_job_state_heartbeat", "state", "latest_heartbeat"),
    Index("job_type_heart", "job_type", "latest_heartbeat"),
)

CALLBACK_REQUEST = Table(
    # A callback owed. Airflow's columns hold what and when; ours whose it is and who runs it now.
    "callback_request",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("created_at", UtcTime, nullable=False),
    Column("priority_weight", Integer, nullable=False, server_default="1"),
    Column("callback_data", JsonText, nullable=False),
    Column("callback_type", String(20), nullable=False),
    Column("processor_subdir", String(2000)),
    Column("dag_id", String(250), nullable=False),
    Column("run_id", String(250), nullable=False),
    Column("task_id", String(250)),
    Column("map_index", Integer, nullable=False, server_default="-1"),
    Column("token", String(64)),
    Column("claimed_by_job_id", Integer),
    Column("claimed_at", UtcTime),
    Index("idx_callback_request_run", "dag_id", "run_id"),
    Index("idx_callback_request_token", "token"),
    sqlite_autoincrement=True,
)

OUTBOX = Table(
    # Ours: one row per state change, written in its transaction. Ids only grow, in the order of commits.
    "event_outbox",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("kind", String(60), nullable=False),
    Column("dag_id", String(250)),
    Column("run_id", String(250)),
    Column("task_id", String(250)),
    Column("map_index", Integer, nullable=False, server_default="-1"),
    Column("try_number", Integer),
    Column("state", String(20)),
    Column("payload", JsonText),
    Column("origin", String(32)),
    Index("idx_event_outbox_at", "at"),
    sqlite_autoincrement=True,
)

ROW_COUNT = Table(
    # Ours: how many rows there are, kept in the transactions that change them. A sum over shards is exact; shards
    # keep concurrent PostgreSQL sessions from queueing on one row.
    "row_count",
    METADATA,
    Column("kind", String(20), primary_key=True),
    Column("dag_id", String(250), primary_key=True),
    Column("state", String(20), primary_key=True),
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("n", Integer, nullable=False),
)
