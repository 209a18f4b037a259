"""All tables of the first release.

Generated once from the metadata; from the first release on it is history and does not change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tradewind.storage.columns import UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    for make in TABLES:
        make()


def downgrade() -> None:
    """There is nothing before the first migration."""
    raise NotImplementedError("there is nothing before the first migration; use `tradewind db reset`")


def ab_permission() -> None:
    op.create_table(
        "ab_permission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name="ab_permission_pkey"),
        sa.UniqueConstraint("name", name="ab_permission_name_uq"),
    )


def ab_role() -> None:
    op.create_table(
        "ab_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="ab_role_pkey"),
        sa.UniqueConstraint("name", name="ab_role_name_uq"),
    )


def ab_user() -> None:
    op.create_table(
        "ab_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=256), nullable=False),
        sa.Column("last_name", sa.String(length=256), nullable=False),
        sa.Column("username", sa.String(length=512), nullable=False),
        sa.Column("password", sa.String(length=256), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("email", sa.String(length=512), nullable=False),
        sa.Column("last_login", UtcTime(), nullable=True),
        sa.Column("login_count", sa.Integer(), nullable=True),
        sa.Column("fail_login_count", sa.Integer(), nullable=True),
        sa.Column("created_on", UtcTime(), nullable=True),
        sa.Column("changed_on", UtcTime(), nullable=True),
        sa.Column("created_by_fk", sa.Integer(), nullable=True),
        sa.Column("changed_by_fk", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="ab_user_pkey"),
        sa.UniqueConstraint("email", name="ab_user_email_uq"),
    )
    op.create_index("idx_ab_user_username", "ab_user", [sa.text("lower(username)")], unique=True)


def ab_view_menu() -> None:
    op.create_table(
        "ab_view_menu",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.PrimaryKeyConstraint("id", name="ab_view_menu_pkey"),
        sa.UniqueConstraint("name", name="ab_view_menu_name_uq"),
    )


def callback_request() -> None:
    op.create_table(
        "callback_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("priority_weight", sa.Integer(), server_default="1", nullable=False),
        sa.Column("callback_data", sa.Text(), nullable=False),
        sa.Column("callback_type", sa.String(length=20), nullable=False),
        sa.Column("processor_subdir", sa.String(length=2000), nullable=True),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("run_id", sa.String(length=250), nullable=False),
        sa.Column("task_id", sa.String(length=250), nullable=True),
        sa.Column("map_index", sa.Integer(), server_default="-1", nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("claimed_by_job_id", sa.Integer(), nullable=True),
        sa.Column("claimed_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="callback_request_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_index("idx_callback_request_run", "callback_request", ["dag_id", "run_id"], unique=False)
    op.create_index("idx_callback_request_token", "callback_request", ["token"], unique=False)


def connection() -> None:
    op.create_table(
        "connection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conn_id", sa.String(length=250), nullable=False),
        sa.Column("conn_type", sa.String(length=500), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("host", sa.String(length=500), nullable=True),
        sa.Column("schema", sa.String(length=500), nullable=True),
        sa.Column("login", sa.Text(), nullable=True),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("port", sa.Integer(), nullable=True),
        sa.Column("is_encrypted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("is_extra_encrypted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="connection_pkey"),
        sa.UniqueConstraint("conn_id", name="connection_conn_id_uq"),
    )


def dag() -> None:
    op.create_table(
        "dag",
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("root_dag_id", sa.String(length=250), nullable=True),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("is_subdag", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("last_parsed_time", UtcTime(), nullable=True),
        sa.Column("last_pickled", UtcTime(), nullable=True),
        sa.Column("last_expired", UtcTime(), nullable=True),
        sa.Column("scheduler_lock", sa.Boolean(), nullable=True),
        sa.Column("pickle_id", sa.Integer(), nullable=True),
        sa.Column("fileloc", sa.String(length=2000), nullable=True),
        sa.Column("processor_subdir", sa.String(length=2000), nullable=True),
        sa.Column("owners", sa.String(length=2000), nullable=True),
        sa.Column("dag_display_name", sa.String(length=2000), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("default_view", sa.String(length=25), nullable=True),
        sa.Column("schedule_interval", sa.Text(), nullable=True),
        sa.Column("timetable_description", sa.String(length=1000), nullable=True),
        sa.Column("dataset_expression", sa.Text(), nullable=True),
        sa.Column("max_active_tasks", sa.Integer(), nullable=False),
        sa.Column("max_active_runs", sa.Integer(), nullable=True),
        sa.Column("max_consecutive_failed_dag_runs", sa.Integer(), nullable=False),
        sa.Column("has_task_concurrency_limits", sa.Boolean(), nullable=False),
        sa.Column("has_import_errors", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("next_dagrun", UtcTime(), nullable=True),
        sa.Column("next_dagrun_data_interval_start", UtcTime(), nullable=True),
        sa.Column("next_dagrun_data_interval_end", UtcTime(), nullable=True),
        sa.Column("next_dagrun_create_after", UtcTime(), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("timetable_summary", sa.Text(), nullable=True),
        sa.Column("timetable_kind", sa.String(length=50), nullable=True),
        sa.PrimaryKeyConstraint("dag_id", name="dag_pkey"),
    )
    op.create_index("idx_dag_fileloc", "dag", ["fileloc"], unique=False)
    op.create_index("idx_next_dagrun_create_after", "dag", ["next_dagrun_create_after"], unique=False)


def dag_code() -> None:
    op.create_table(
        "dag_code",
        sa.Column("fileloc_hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fileloc", sa.String(length=2000), nullable=False),
        sa.Column("last_updated", UtcTime(), nullable=False),
        sa.Column("source_code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("fileloc_hash", name="dag_code_pkey"),
    )


def dag_priority_parsing_request() -> None:
    op.create_table(
        "dag_priority_parsing_request",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("fileloc", sa.String(length=2000), nullable=False),
        sa.PrimaryKeyConstraint("id", name="dag_priority_parsing_request_pkey"),
    )


def dag_run() -> None:
    op.create_table(
        "dag_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("queued_at", UtcTime(), nullable=True),
        sa.Column("execution_date", UtcTime(), nullable=False),
        sa.Column("start_date", UtcTime(), nullable=True),
        sa.Column("end_date", UtcTime(), nullable=True),
        sa.Column("state", sa.String(length=50), nullable=False),
        sa.Column("run_id", sa.String(length=250), nullable=False),
        sa.Column("creating_job_id", sa.Integer(), nullable=True),
        sa.Column("external_trigger", sa.Boolean(), nullable=False),
        sa.Column("run_type", sa.String(length=50), nullable=False),
        sa.Column("conf", sa.Text(), nullable=True),
        sa.Column("data_interval_start", UtcTime(), nullable=True),
        sa.Column("data_interval_end", UtcTime(), nullable=True),
        sa.Column("last_scheduling_decision", UtcTime(), nullable=True),
        sa.Column("dag_hash", sa.String(length=64), nullable=True),
        sa.Column("log_template_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", UtcTime(), nullable=True),
        sa.Column("clear_number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("request_key", sa.String(length=250), nullable=True),
        sa.Column("timeout_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="dag_run_pkey"),
        sa.UniqueConstraint("dag_id", "execution_date", name="dag_run_dag_id_execution_date_key"),
        sa.UniqueConstraint("dag_id", "run_id", name="dag_run_dag_id_run_id_key"),
    )
    op.create_index("dag_id_state", "dag_run", ["dag_id", "state", "execution_date"], unique=False)
    op.create_index("idx_dag_run_dag_id", "dag_run", ["dag_id", "id"], unique=False)
    op.create_index("idx_dag_run_dag_start", "dag_run", ["dag_id", "start_date"], unique=False)
    op.create_index("idx_dag_run_end_date", "dag_run", ["end_date"], unique=False)
    op.create_index("idx_dag_run_execution_date", "dag_run", ["execution_date"], unique=False)
    op.create_index(
        "idx_dag_run_open",
        "dag_run",
        ["dag_id", "execution_date", "state", "run_type"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_index(
        "idx_dag_run_request_key",
        "dag_run",
        ["request_key"],
        unique=True,
        sqlite_where=sa.text("request_key IS NOT NULL"),
        postgresql_where=sa.text("request_key IS NOT NULL"),
    )
    op.create_index("idx_dag_run_start_date", "dag_run", ["start_date"], unique=False)
    op.create_index("idx_dag_run_state", "dag_run", ["state", "id"], unique=False)
    op.create_index(
        "idx_dag_run_timeout",
        "dag_run",
        ["timeout_at"],
        unique=False,
        sqlite_where=sa.text("state = 'running' AND timeout_at IS NOT NULL"),
        postgresql_where=sa.text("state = 'running' AND timeout_at IS NOT NULL"),
    )


def dag_version() -> None:
    op.create_table(
        "dag_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("dag_hash", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="dag_version_pkey"),
        sa.UniqueConstraint("dag_id", "version_number", name="dag_version_dag_id_version_number_uq"),
    )


def dataset() -> None:
    op.create_table(
        "dataset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uri", sa.String(length=3000), nullable=False),
        sa.Column("extra", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.Column("is_orphaned", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="dataset_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_index("idx_uri_unique", "dataset", ["uri"], unique=True)


def dataset_event() -> None:
    op.create_table(
        "dataset_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("extra", sa.Text(), nullable=False),
        sa.Column("source_task_id", sa.String(length=250), nullable=True),
        sa.Column("source_dag_id", sa.String(length=250), nullable=True),
        sa.Column("source_run_id", sa.String(length=250), nullable=True),
        sa.Column("source_map_index", sa.Integer(), server_default="-1", nullable=True),
        sa.Column("timestamp", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="dataset_event_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_index("idx_dataset_id_timestamp", "dataset_event", ["dataset_id", "timestamp"], unique=False)


def event_outbox() -> None:
    op.create_table(
        "event_outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=True),
        sa.Column("run_id", sa.String(length=250), nullable=True),
        sa.Column("task_id", sa.String(length=250), nullable=True),
        sa.Column("map_index", sa.Integer(), server_default="-1", nullable=False),
        sa.Column("try_number", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("origin", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name="event_outbox_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_index("idx_event_outbox_at", "event_outbox", ["at"], unique=False)


def import_error() -> None:
    op.create_table(
        "import_error",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("timestamp", UtcTime(), nullable=True),
        sa.Column("filename", sa.String(length=1024), nullable=True),
        sa.Column("stacktrace", sa.Text(), nullable=True),
        sa.Column("processor_subdir", sa.String(length=2000), nullable=True),
        sa.PrimaryKeyConstraint("id", name="import_error_pkey"),
        sa.UniqueConstraint("filename", name="import_error_filename_uq"),
    )


def job() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=True),
        sa.Column("job_type", sa.String(length=30), nullable=True),
        sa.Column("start_date", UtcTime(), nullable=True),
        sa.Column("end_date", UtcTime(), nullable=True),
        sa.Column("latest_heartbeat", UtcTime(), nullable=True),
        sa.Column("executor_class", sa.String(length=500), nullable=True),
        sa.Column("hostname", sa.String(length=500), nullable=True),
        sa.Column("unixname", sa.String(length=1000), nullable=True),
        sa.PrimaryKeyConstraint("id", name="job_pkey"),
    )
    op.create_index("idx_job_state_heartbeat", "job", ["state", "latest_heartbeat"], unique=False)
    op.create_index("job_type_heart", "job", ["job_type", "latest_heartbeat"], unique=False)


def log() -> None:
    op.create_table(
        "log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dttm", UtcTime(), nullable=True),
        sa.Column("dag_id", sa.String(length=250), nullable=True),
        sa.Column("task_id", sa.String(length=250), nullable=True),
        sa.Column("map_index", sa.Integer(), nullable=True),
        sa.Column("event", sa.String(length=60), nullable=True),
        sa.Column("execution_date", UtcTime(), nullable=True),
        sa.Column("run_id", sa.String(length=250), nullable=True),
        sa.Column("owner", sa.String(length=500), nullable=True),
        sa.Column("owner_display_name", sa.String(length=500), nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.Column("try_number", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="log_pkey"),
    )
    op.create_index("idx_log_dttm", "log", ["dttm"], unique=False)
    op.create_index("idx_log_event", "log", ["event"], unique=False)
    op.create_index(
        "idx_log_task_instance", "log", ["dag_id", "task_id", "run_id", "map_index", "try_number"], unique=False
    )


def parsed_file() -> None:
    op.create_table(
        "parsed_file",
        sa.Column("path", sa.String(length=2000), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("parsed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("path", name="parsed_file_pkey"),
    )


def row_count() -> None:
    op.create_table(
        "row_count",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "dag_id", "state", "shard", name="row_count_pkey"),
    )


def serialized_dag() -> None:
    op.create_table(
        "serialized_dag",
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("fileloc", sa.String(length=2000), nullable=False),
        sa.Column("fileloc_hash", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), nullable=True),
        sa.Column("data_compressed", sa.LargeBinary(), nullable=True),
        sa.Column("last_updated", UtcTime(), nullable=False),
        sa.Column("dag_hash", sa.String(length=64), nullable=False),
        sa.Column("processor_subdir", sa.String(length=2000), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("dag_id", name="serialized_dag_pkey"),
    )
    op.create_index("idx_fileloc_hash", "serialized_dag", ["fileloc_hash"], unique=False)


def slot_pool() -> None:
    op.create_table(
        "slot_pool",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pool", sa.String(length=256), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("include_deferred", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="slot_pool_pkey"),
        sa.UniqueConstraint("pool", name="slot_pool_pool_uq"),
    )


def trigger() -> None:
    op.create_table(
        "trigger",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("classpath", sa.String(length=1000), nullable=False),
        sa.Column("kwargs", sa.Text(), nullable=False),
        sa.Column("created_date", UtcTime(), nullable=False),
        sa.Column("triggerer_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="trigger_pkey"),
    )
    op.create_index("ix_trigger_triggerer_id", "trigger", ["triggerer_id"], unique=False)


def variable() -> None:
    op.create_table(
        "variable",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=250), nullable=False),
        sa.Column("val", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("is_encrypted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="variable_pkey"),
        sa.UniqueConstraint("key", name="variable_key_uq"),
    )


def ab_permission_view() -> None:
    op.create_table(
        "ab_permission_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("permission_id", sa.Integer(), nullable=False),
        sa.Column("view_menu_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["permission_id"], ["ab_permission.id"], name="ab_permission_view_permission_id_fkey"),
        sa.ForeignKeyConstraint(["view_menu_id"], ["ab_view_menu.id"], name="ab_permission_view_view_menu_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="ab_permission_view_pkey"),
        sa.UniqueConstraint("permission_id", "view_menu_id", name="ab_permission_view_permission_id_view_menu_id_uq"),
    )


def ab_user_role() -> None:
    op.create_table(
        "ab_user_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["ab_role.id"], name="ab_user_role_role_id_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name="ab_user_role_user_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="ab_user_role_pkey"),
        sa.UniqueConstraint("user_id", "role_id", name="ab_user_role_user_id_role_id_uq"),
    )
    op.create_index("ix_ab_user_role_role_id", "ab_user_role", ["role_id"], unique=False)


def access_token() -> None:
    op.create_table(
        "access_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=True),
        sa.Column("last_used_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name="access_token_user_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="access_token_pkey"),
        sa.UniqueConstraint("digest", name="access_token_digest_uq"),
    )
    op.create_index("ix_access_token_user_id", "access_token", ["user_id"], unique=False)


def dag_owner_attributes() -> None:
    op.create_table(
        "dag_owner_attributes",
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("owner", sa.String(length=500), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["dag_id"], ["dag.dag_id"], name="dag_owner_attributes_dag_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dag_id", "owner", name="dag_owner_attributes_pkey"),
    )


def dag_run_note() -> None:
    op.create_table(
        "dag_run_note",
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("dag_run_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.String(length=1000), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dag_run_id"], ["dag_run.id"], name="dag_run_note_dag_run_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dag_run_id", name="dag_run_note_pkey"),
    )


def dag_schedule_dataset_reference() -> None:
    op.create_table(
        "dag_schedule_dataset_reference",
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dag_id"], ["dag.dag_id"], name="dag_schedule_dataset_reference_dag_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name="dag_schedule_dataset_reference_dataset_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dataset_id", "dag_id", name="dag_schedule_dataset_reference_pkey"),
    )
    op.create_index(
        "idx_dag_schedule_dataset_reference_dag_id", "dag_schedule_dataset_reference", ["dag_id"], unique=False
    )


def dag_tag() -> None:
    op.create_table(
        "dag_tag",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.ForeignKeyConstraint(["dag_id"], ["dag.dag_id"], name="dag_tag_dag_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("name", "dag_id", name="dag_tag_pkey"),
    )
    op.create_index("idx_dag_tag_dag_id", "dag_tag", ["dag_id"], unique=False)


def dag_warning() -> None:
    op.create_table(
        "dag_warning",
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("warning_type", sa.String(length=50), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("timestamp", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["dag_id"], ["dag.dag_id"], name="dag_warning_dag_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("dag_id", "warning_type", name="dag_warning_pkey"),
    )


def dagrun_dataset_event() -> None:
    op.create_table(
        "dagrun_dataset_event",
        sa.Column("dag_run_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dag_run_id"], ["dag_run.id"], name="dagrun_dataset_event_dag_run_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["dataset_event.id"], name="dagrun_dataset_event_event_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dag_run_id", "event_id", name="dagrun_dataset_event_pkey"),
    )
    op.create_index("idx_dagrun_dataset_events_event_id", "dagrun_dataset_event", ["event_id"], unique=False)


def dataset_dag_run_queue() -> None:
    op.create_table(
        "dataset_dag_run_queue",
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("target_dag_id", sa.String(length=250), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name="dataset_dag_run_queue_dataset_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target_dag_id"], ["dag.dag_id"], name="dataset_dag_run_queue_target_dag_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dataset_id", "target_dag_id", name="dataset_dag_run_queue_pkey"),
    )
    op.create_index("idx_dataset_dag_run_queue_target_dag_id", "dataset_dag_run_queue", ["target_dag_id"], unique=False)


def task_instance() -> None:
    op.create_table(
        "task_instance",
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("run_id", sa.String(length=250), nullable=False),
        sa.Column("task_id", sa.String(length=250), nullable=False),
        sa.Column("map_index", sa.Integer(), server_default="-1", autoincrement=False, nullable=False),
        sa.Column("try_number", sa.Integer(), nullable=False),
        sa.Column("start_date", UtcTime(), nullable=True),
        sa.Column("end_date", UtcTime(), nullable=True),
        sa.Column("duration", sa.Float(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=True),
        sa.Column("max_tries", sa.Integer(), server_default="-1", nullable=False),
        sa.Column("hostname", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("unixname", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("pool", sa.String(length=256), nullable=False),
        sa.Column("pool_slots", sa.Integer(), nullable=False),
        sa.Column("queue", sa.String(length=256), nullable=False),
        sa.Column("priority_weight", sa.Integer(), nullable=False),
        sa.Column("operator", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("custom_operator_name", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("queued_dttm", UtcTime(), nullable=True),
        sa.Column("queued_by_job_id", sa.Integer(), nullable=True),
        sa.Column("pid", sa.Integer(), nullable=True),
        sa.Column("executor", sa.String(length=1000), nullable=True),
        sa.Column("executor_config", sa.Text(), nullable=True),
        sa.Column("updated_at", UtcTime(), nullable=True),
        sa.Column("rendered_map_index", sa.String(length=250), nullable=True),
        sa.Column("external_executor_id", sa.String(length=250), nullable=True),
        sa.Column("trigger_id", sa.Integer(), nullable=True),
        sa.Column("trigger_timeout", UtcTime(), nullable=True),
        sa.Column("next_method", sa.String(length=1000), nullable=True),
        sa.Column("next_kwargs", sa.Text(), nullable=True),
        sa.Column("task_display_name", sa.String(length=2000), nullable=True),
        sa.Column("logical_date", UtcTime(), nullable=False),
        sa.Column("wake_at", UtcTime(), nullable=True),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("first_start_date", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dag_id", "run_id"],
            ["dag_run.dag_id", "dag_run.run_id"],
            name="task_instance_dag_run_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("dag_id", "run_id", "task_id", "map_index", name="task_instance_pkey"),
    )
    op.create_index(
        "ti_active",
        "task_instance",
        ["dag_id", "task_id", "run_id", "state", "pool", "pool_slots", "queued_by_job_id"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'running', 'deferred')"),
        postgresql_where=sa.text("state IN ('queued', 'running', 'deferred')"),
    )
    op.create_index("ti_dag_task", "task_instance", ["dag_id", "task_id"], unique=False)
    op.create_index("ti_start_date", "task_instance", ["start_date"], unique=False)
    op.create_index("ti_state", "task_instance", ["state", "dag_id", "run_id", "task_id"], unique=False)
    op.create_index(
        "ti_token",
        "task_instance",
        ["token"],
        unique=True,
        sqlite_where=sa.text("token IS NOT NULL"),
        postgresql_where=sa.text("token IS NOT NULL"),
    )
    op.create_index(
        "ti_trigger_id",
        "task_instance",
        ["trigger_id"],
        unique=False,
        sqlite_where=sa.text("trigger_id IS NOT NULL"),
        postgresql_where=sa.text("trigger_id IS NOT NULL"),
    )
    op.create_index(
        "ti_wake_at",
        "task_instance",
        ["wake_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('up_for_retry', 'up_for_reschedule', 'deferred')"),
        postgresql_where=sa.text("state IN ('up_for_retry', 'up_for_reschedule', 'deferred')"),
    )
    op.create_index(
        "ti_candidates",
        "task_instance",
        [sa.text("priority_weight DESC"), "logical_date", "map_index", "pool", "pool_slots"],
        unique=False,
        sqlite_where=sa.text("state = 'scheduled'"),
        postgresql_where=sa.text("state = 'scheduled'"),
    )


def task_outlet_dataset_reference() -> None:
    op.create_table(
        "task_outlet_dataset_reference",
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("task_id", sa.String(length=250), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dag_id"], ["dag.dag_id"], name="task_outlet_dataset_reference_dag_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name="task_outlet_dataset_reference_dataset_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dataset_id", "dag_id", "task_id", name="task_outlet_dataset_reference_pkey"),
    )
    op.create_index(
        "idx_task_outlet_dataset_reference_dag_id", "task_outlet_dataset_reference", ["dag_id"], unique=False
    )


def ab_permission_view_role() -> None:
    op.create_table(
        "ab_permission_view_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("permission_view_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["permission_view_id"],
            ["ab_permission_view.id"],
            name="ab_permission_view_role_permission_view_id_fkey",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["ab_role.id"], name="ab_permission_view_role_role_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="ab_permission_view_role_pkey"),
        sa.UniqueConstraint(
            "permission_view_id", "role_id", name="ab_permission_view_role_permission_view_id_role_id_uq"
        ),
    )
    op.create_index("ix_ab_permission_view_role_role_id", "ab_permission_view_role", ["role_id"], unique=False)


def rendered_task_instance_fields() -> None:
    op.create_table(
        "rendered_task_instance_fields",
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("run_id", sa.String(length=250), nullable=False),
        sa.Column("task_id", sa.String(length=250), nullable=False),
        sa.Column("map_index", sa.Integer(), server_default="-1", autoincrement=False, nullable=False),
        sa.Column("rendered_fields", sa.Text(), nullable=False),
        sa.Column("k8s_pod_yaml", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dag_id", "run_id", "task_id", "map_index"],
            ["task_instance.dag_id", "task_instance.run_id", "task_instance.task_id", "task_instance.map_index"],
            name="rendered_task_instance_fields_dag_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("dag_id", "run_id", "task_id", "map_index", name="rendered_task_instance_fields_pkey"),
    )


def task_instance_history() -> None:
    op.create_table(
        "task_instance_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.String(length=250), nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("run_id", sa.String(length=250), nullable=False),
        sa.Column("map_index", sa.Integer(), server_default="-1", nullable=False),
        sa.Column("try_number", sa.Integer(), nullable=False),
        sa.Column("start_date", UtcTime(), nullable=True),
        sa.Column("end_date", UtcTime(), nullable=True),
        sa.Column("duration", sa.Float(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=True),
        sa.Column("max_tries", sa.Integer(), server_default="-1", nullable=False),
        sa.Column("hostname", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("unixname", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("pool", sa.String(length=256), nullable=False),
        sa.Column("pool_slots", sa.Integer(), nullable=False),
        sa.Column("queue", sa.String(length=256), nullable=False),
        sa.Column("priority_weight", sa.Integer(), nullable=False),
        sa.Column("operator", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("custom_operator_name", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("queued_dttm", UtcTime(), nullable=True),
        sa.Column("queued_by_job_id", sa.Integer(), nullable=True),
        sa.Column("pid", sa.Integer(), nullable=True),
        sa.Column("executor", sa.String(length=1000), nullable=True),
        sa.Column("executor_config", sa.Text(), nullable=True),
        sa.Column("updated_at", UtcTime(), nullable=True),
        sa.Column("rendered_map_index", sa.String(length=250), nullable=True),
        sa.Column("external_executor_id", sa.String(length=250), nullable=True),
        sa.Column("trigger_id", sa.Integer(), nullable=True),
        sa.Column("trigger_timeout", UtcTime(), nullable=True),
        sa.Column("next_method", sa.String(length=1000), nullable=True),
        sa.Column("next_kwargs", sa.Text(), nullable=True),
        sa.Column("task_display_name", sa.String(length=2000), nullable=True),
        sa.ForeignKeyConstraint(
            ["dag_id", "run_id", "task_id", "map_index"],
            ["task_instance.dag_id", "task_instance.run_id", "task_instance.task_id", "task_instance.map_index"],
            name="task_instance_history_dag_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="task_instance_history_pkey"),
        sa.UniqueConstraint(
            "dag_id", "task_id", "run_id", "map_index", "try_number", name="task_instance_history_dtrt_uq"
        ),
    )


def task_instance_note() -> None:
    op.create_table(
        "task_instance_note",
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("run_id", sa.String(length=250), nullable=False),
        sa.Column("task_id", sa.String(length=250), nullable=False),
        sa.Column("map_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.String(length=1000), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dag_id", "run_id", "task_id", "map_index"],
            ["task_instance.dag_id", "task_instance.run_id", "task_instance.task_id", "task_instance.map_index"],
            name="task_instance_note_dag_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("dag_id", "run_id", "task_id", "map_index", name="task_instance_note_pkey"),
    )


def task_map() -> None:
    op.create_table(
        "task_map",
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("run_id", sa.String(length=250), nullable=False),
        sa.Column("task_id", sa.String(length=250), nullable=False),
        sa.Column("map_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("keys", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dag_id", "run_id", "task_id", "map_index"],
            ["task_instance.dag_id", "task_instance.run_id", "task_instance.task_id", "task_instance.map_index"],
            name="task_map_dag_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("dag_id", "run_id", "task_id", "map_index", name="task_map_pkey"),
    )


def task_reschedule() -> None:
    op.create_table(
        "task_reschedule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.String(length=250), nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("run_id", sa.String(length=250), nullable=False),
        sa.Column("map_index", sa.Integer(), server_default="-1", nullable=False),
        sa.Column("try_number", sa.Integer(), nullable=False),
        sa.Column("start_date", UtcTime(), nullable=False),
        sa.Column("end_date", UtcTime(), nullable=False),
        sa.Column("duration", sa.Integer(), nullable=False),
        sa.Column("reschedule_date", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dag_id", "run_id", "task_id", "map_index"],
            ["task_instance.dag_id", "task_instance.run_id", "task_instance.task_id", "task_instance.map_index"],
            name="task_reschedule_dag_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="task_reschedule_pkey"),
    )
    op.create_index(
        "idx_task_reschedule_dag_task_run",
        "task_reschedule",
        ["dag_id", "run_id", "task_id", "map_index"],
        unique=False,
    )


def xcom() -> None:
    op.create_table(
        "xcom",
        sa.Column("dag_run_id", sa.Integer(), nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("run_id", sa.String(length=250), nullable=False),
        sa.Column("task_id", sa.String(length=250), nullable=False),
        sa.Column("map_index", sa.Integer(), server_default="-1", autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=512), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("timestamp", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dag_id", "run_id", "task_id", "map_index"],
            ["task_instance.dag_id", "task_instance.run_id", "task_instance.task_id", "task_instance.map_index"],
            name="xcom_dag_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("dag_id", "run_id", "task_id", "map_index", "key", name="xcom_pkey"),
    )
    op.create_index("idx_xcom_dag_task_key", "xcom", ["dag_id", "task_id", "key"], unique=False)


TABLES = (
    ab_permission,
    ab_role,
    ab_user,
    ab_view_menu,
    callback_request,
    connection,
    dag,
    dag_code,
    dag_priority_parsing_request,
    dag_run,
    dag_version,
    dataset,
    dataset_event,
    event_outbox,
    import_error,
    job,
    log,
    parsed_file,
    row_count,
    serialized_dag,
    slot_pool,
    trigger,
    variable,
    ab_permission_view,
    ab_user_role,
    access_token,
    dag_owner_attributes,
    dag_run_note,
    dag_schedule_dataset_reference,
    dag_tag,
    dag_warning,
    dagrun_dataset_event,
    dataset_dag_run_queue,
    task_instance,
    task_outlet_dataset_reference,
    ab_permission_view_role,
    rendered_task_instance_fields,
    task_instance_history,
    task_instance_note,
    task_map,
    task_reschedule,
    xcom,
)
