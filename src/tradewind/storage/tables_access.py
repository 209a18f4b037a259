"""Tables of access and settings: pools, variables, connections, users and roles, the audit log, sessions and tokens.
Names and columns are Airflow 2.10's (with FAB's ab_ tables) where they mean the same; what is ours says so."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
    true,
)

from .columns import METADATA, JsonText, UtcTime

SLOT_POOL = Table(
    "slot_pool",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("pool", String(256), nullable=False, unique=True),
    Column("slots", Integer, nullable=False),
    Column("description", Text),
    Column("include_deferred", Boolean, nullable=False, server_default=false()),
)

VARIABLE = Table(
    "variable",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("key", String(250), nullable=False, unique=True),
    Column("val", Text),
    Column("description", Text),
    Column("is_encrypted", Boolean, nullable=False, server_default=false()),
)

CONNECTION = Table(
    "connection",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("conn_id", String(250), nullable=False, unique=True),
    Column("conn_type", String(500), nullable=False),
    Column("description", Text),
    Column("host", String(500)),
    Column("schema", String(500)),
    Column("login", Text),
    Column("password", Text),
    Column("port", Integer),
    Column("is_encrypted", Boolean, nullable=False, server_default=false()),
    Column("is_extra_encrypted", Boolean, nullable=False, server_default=false()),
    Column("extra", Text),
)

LOG = Table(
    "log",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("dttm", UtcTime),
    Column("dag_id", String(250)),
    Column("task_id", String(250)),
    Column("map_index", Integer),
    Column("event", String(60)),
    Column("execution_date", UtcTime),
    Column("run_id", String(250)),
    Column("owner", String(500)),
    Column("owner_display_name", String(500)),
    Column("extra", Text),
    Column("try_number", Integer),
    Index("idx_log_dttm", "dttm"),
    Index("idx_log_event", "event"),
    Index("idx_log_task_instance", "dag_id", "task_id", "run_id", "map_index", "try_number"),
)

AB_PERMISSION = Table(
    "ab_permission",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
)

AB_VIEW_MENU = Table(
    "ab_view_menu",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String(250), nullable=False, unique=True),
)

AB_PERMISSION_VIEW = Table(
    "ab_permission_view",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("permission_id", Integer, ForeignKey("ab_permission.id"), nullable=False),
    Column("view_menu_id", Integer, ForeignKey("ab_view_menu.id"), nullable=False),
    UniqueConstraint("permission_id", "view_menu_id"),
)

AB_ROLE = Table(
    "ab_role",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
)

AB_PERMISSION_VIEW_ROLE = Table(
    "ab_permission_view_role",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("permission_view_id", Integer, ForeignKey("ab_permission_view.id", ondelete="CASCADE"), nullable=False),
    Column("role_id", Integer, ForeignKey("ab_role.id", ondelete="CASCADE"), nullable=False, index=True),
    UniqueConstraint("permission_view_id", "role_id"),
)

AB_USER = Table(
    "ab_user",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("first_name", String(256), nullable=False),
    Column("last_name", String(256), nullable=False),
    Column("username", String(512), nullable=False),
    Column("password", String(256)),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("email", String(512), nullable=False, unique=True),
    Column("last_login", UtcTime),
    Column("login_count", Integer),
    Column("fail_login_count", Integer),
    Column("created_on", UtcTime),
    Column("changed_on", UtcTime),
    Column("created_by_fk", Integer),
    Column("changed_by_fk", Integer),
)
# User names are one whatever their case.
Index("idx_ab_user_username", func.lower(AB_USER.c.username), unique=True)

AB_USER_ROLE = Table(
    "ab_user_role",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("user_id", Integer, ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False),
    Column("role_id", Integer, ForeignKey("ab_role.id", ondelete="CASCADE"), nullable=False, index=True),
    UniqueConstraint("user_id", "role_id"),
)

ACCESS_TOKEN = Table(
    # Ours: personal access tokens; only the digest of a token is kept.
    "access_token",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("user_id", Integer, ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(250), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("scopes", JsonText),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("last_used_at", UtcTime),
)

LOGIN_SESSION = Table(
    # Ours: who is logged in with a browser; only the digest of what the cookie holds is kept.
    "login_session",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("user_id", Integer, ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("password_mark", String(64), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
)

REQUEST_ANSWER = Table(
    # Ours: what was answered to a request with an Idempotency-Key. The answer is encrypted with that key.
    "request_answer",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("request_digest", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False, index=True),
)

WEBHOOK = Table(
    # Ours: who is told of events by HTTP. Delivery is in order: what comes after last_event_id is owed.
    "webhook",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String(250), nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("user_id", Integer, ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kinds", JsonText),
    Column("dag_ids", JsonText),
    Column("last_event_id", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("last_error", Text),
    Column("created_at", UtcTime, nullable=False),
)

EVENT_READER = Table(
    # Ours: who reads the outbox without missing anything, how far it has come, and whose turn it is to read for it.
    "event_reader",
    METADATA,
    Column("name", String(50), primary_key=True),
    Column("last_event_id", BigInteger, nullable=False),
    Column("owner", String(50), nullable=False),
    Column("claimed_until", UtcTime, nullable=False),
)
