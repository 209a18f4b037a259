"""All declared options, and the names that earlier Airflow versions had for some of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .option import Option
from .options_core import CORE, DATABASE, LOGGING, METRICS, SECRETS, TRACES, TRADEWIND
from .options_services import API, OTHERS, SCHEDULER, WEBSERVER
from .options_sign_in import SIGN_IN

Name = tuple[str, str]

OPTIONS: Mapping[Name, Option] = MappingProxyType(
    {
        (option.section, option.key): option
        for group in (
            *(CORE, DATABASE, LOGGING, METRICS, TRACES, SECRETS, TRADEWIND),
            *(API, WEBSERVER, SCHEDULER, OTHERS, SIGN_IN),
        )
        for option in group
    }
)

PROVIDER_SECRETS: frozenset[Name] = frozenset(
    {
        ("celery", "broker_url"),
        ("celery", "result_backend"),
        ("celery", "flower_basic_auth"),
        ("atlas", "password"),
        ("sentry", "sentry_dsn"),
        ("opensearch", "password"),
        ("elasticsearch", "password"),
    }
)
"""Options of provider packages that are secret too: masked, and readable by command."""


def _moved(section: str, *keys: str, to: str) -> dict[Name, tuple[Name, ...]]:
    return {(to, key): ((section, key),) for key in keys}


FORMER_NAMES: Mapping[Name, tuple[Name, ...]] = MappingProxyType(
    {
        **_moved(
            "core",
            *("sql_alchemy_conn", "sql_engine_encoding", "sql_engine_collation_for_ids", "sql_alchemy_pool_enabled"),
            *("sql_alchemy_pool_size", "sql_alchemy_max_overflow", "sql_alchemy_pool_recycle"),
            *("sql_alchemy_pool_pre_ping", "sql_alchemy_schema", "sql_alchemy_connect_args"),
            *("load_default_connections", "max_db_retries"),
            to="database",
        ),
        **_moved(
            "core",
            *("interleave_timestamp_parser", "base_log_folder", "remote_logging", "remote_log_conn_id"),
            *("remote_base_log_folder", "encrypt_s3_logs", "logging_level", "fab_logging_level"),
            *("logging_config_class", "colored_console_log", "colored_log_format", "colored_formatter_class"),
            *("log_format", "simple_log_format", "task_log_prefix_template", "log_filename_template"),
            *("log_processor_filename_template", "dag_processor_manager_log_location", "task_log_reader"),
            to="logging",
        ),
        **_moved(
            "scheduler",
            *("statsd_on", "statsd_host", "statsd_port", "statsd_prefix", "stat_name_handler"),
            *("statsd_datadog_enabled", "statsd_datadog_tags", "statsd_datadog_metrics_tags"),
            "statsd_custom_client_path",
            to="metrics",
        ),
        ("metrics", "metrics_allow_list"): (("metrics", "statsd_allow_list"), ("scheduler", "statsd_allow_list")),
        ("metrics", "metrics_block_list"): (("metrics", "statsd_block_list"),),
        ("scheduler", "parsing_processes"): (("scheduler", "max_threads"),),
        ("scheduler", "scheduler_idle_sleep_time"): (("scheduler", "processor_poll_interval"),),
        ("scheduler", "parsing_cleanup_interval"): (("scheduler", "deactivate_stale_dags_interval"),),
        ("scheduler", "task_queued_timeout"): (
            ("celery", "stalled_task_timeout"),
            ("celery", "task_adoption_timeout"),
            ("kubernetes_executor", "worker_pods_pending_timeout"),
        ),
        ("scheduler", "task_queued_timeout_check_interval"): (
            ("kubernetes_executor", "worker_pods_pending_timeout_check_interval"),
        ),
        ("operators", "default_queue"): (("celery", "default_queue"),),
        ("core", "hide_sensitive_var_conn_fields"): (("admin", "hide_sensitive_variable_fields"),),
        ("core", "sensitive_var_conn_names"): (("admin", "sensitive_variable_fields"),),
        ("core", "default_pool_task_slot_count"): (("core", "non_pooled_task_slot_count"),),
        ("core", "max_active_tasks_per_dag"): (("core", "dag_concurrency"),),
        ("logging", "worker_log_server_port"): (("celery", "worker_log_server_port"),),
        ("api", "access_control_allow_origins"): (("api", "access_control_allow_origin"),),
        ("api", "auth_backends"): (("api", "auth_backend"),),
    }
)
"""Name today → names it had, newest first. Read with a warning."""

PRESENT_NAMES: Mapping[Name, Name] = MappingProxyType(
    {former: present for present, formers in FORMER_NAMES.items() for former in formers}
)
"""The other way round: code that asks by a former name gets the present option's value."""
