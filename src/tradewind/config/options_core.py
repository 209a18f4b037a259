"""Declared options of [core], [database], [logging], [metrics], [traces], [secrets], [tradewind]."""

from __future__ import annotations

from .option import Option, declare, in_section

LOG_LEVELS = ("CRITICAL", "FATAL", "ERROR", "WARN", "WARNING", "INFO", "DEBUG")

CORE: tuple[Option, ...] = tuple(
    in_section(
        "core",
        declare("dags_folder", "{home}/dags", "Folder of the DAG files, an absolute path."),
        declare("hostname_callable", "airflow.utils.net.getfqdn", "Function whose answer is this machine's name."),
        declare(
            "might_contain_dag_callable",
            "airflow.utils.file.might_contain_dag_via_default_heuristic",
            "Function that says whether a file is worth importing.",
        ),
        declare("default_timezone", "utc", "Zone of dates written without one: utc, system, or an IANA name."),
        declare("executor", "LocalExecutor", "Where attempts run: LocalExecutor, or a class path."),
        declare(
            "auth_manager",
            "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
            "Class that decides who may do what; the default stands for the built-in users and roles.",
        ),
        declare("parallelism", 32, "Attempts at once for each scheduler; 0 is no limit.", minimum=0),
        declare("max_active_tasks_per_dag", 16, "Attempts at once in all runs of one DAG.", minimum=0),
        declare("dags_are_paused_at_creation", True, "Whether a new DAG starts paused."),
        declare("max_active_runs_per_dag", 16, "Runs of one DAG at once.", minimum=0),
        declare(
            "max_consecutive_failed_dag_runs_per_dag", 0, "Failed runs in a row that pause a DAG; 0 never.", minimum=0
        ),
        declare("mp_start_method", None, "Read for old files; processes are started the same way always."),
        declare("load_examples", False, "Whether the DAGs that come with tradewind are loaded too."),
        declare("plugins_folder", "{home}/plugins", "Folder of plugin modules, on the import path."),
        declare("execute_tasks_new_python_interpreter", False, "Give each attempt a fresh interpreter, not a fork."),
        declare("fernet_key", "", "Keys that encrypt passwords, newest first, with commas.", sensitive=True),
        declare("donot_pickle", True, "Read for old files; DAGs are never pickled."),
        declare(
            "dagbag_import_timeout", 30.0, "Seconds the import of one DAG file may take; 0 is no limit.", minimum=0
        ),
        declare("dagbag_import_error_tracebacks", True, "Whether an import error keeps its traceback."),
        declare("dagbag_import_error_traceback_depth", 2, "How many entries of that traceback are kept.", minimum=0),
        declare("dag_file_processor_timeout", 50, "Seconds after which a parse of one file is killed.", minimum=1),
        declare("task_runner", "StandardTaskRunner", "Read for old files; attempts have one kind of process."),
        declare("default_impersonation", "", "User that attempts run as, when their task names none."),
        declare("security", "", "kerberos: attempts run with a ticket."),
        declare("unit_test_mode", False, "Read for old files."),
        declare("enable_xcom_pickling", False, "Read for old files; XComs are JSON."),
        declare("allowed_deserialization_classes", "airflow.*", "Globs of classes that XComs may bring back."),
        declare("allowed_deserialization_classes_regexp", "", "The same, as regular expressions."),
        declare("killed_task_cleanup_time", 60, "Seconds between asking an attempt to end and killing it.", minimum=0),
        declare("dag_run_conf_overrides_params", True, "Whether a run's conf replaces params of the same name."),
        declare("dag_discovery_safe_mode", True, "Import only files that mention dag and airflow."),
        declare("dag_ignore_file_syntax", "regexp", "Language of .airflowignore lines.", choices=("regexp", "glob")),
        declare("default_task_retries", 0, "Retries of a task that says nothing.", minimum=0),
        declare("default_task_retry_delay", 300, "Seconds before a retry, when the task says nothing.", minimum=0),
        declare("max_task_retry_delay", 86400, "Most seconds before a retry when the wait grows.", minimum=0),
        declare(
            "default_task_weight_rule",
            "downstream",
            "How a task's priority is added up.",
            choices=("absolute", "downstream", "upstream"),
        ),
        declare("task_success_overtime", 20, "Seconds an attempt may go on after its task has ended.", minimum=0),
        declare("default_task_execution_timeout", None, "Seconds a task may take, when it says nothing.", kind=int),
        declare("min_serialized_dag_update_interval", 30, "Read for old files; only real changes are written."),
        declare("compress_serialized_dags", False, "Read for old files."),
        declare("min_serialized_dag_fetch_interval", 10, "Read for old files; a new version is seen at once."),
        declare("max_num_rendered_ti_fields_per_task", 30, "Rendered fields kept for each task.", minimum=0),
        declare("check_slas", True, "Whether missed SLAs are looked for."),
        declare("xcom_backend", "airflow.models.xcom.BaseXCom", "Class that stores XCom values."),
        declare("lazy_load_plugins", True, "Load plugins only when something asks for them."),
        declare("lazy_discover_providers", True, "Look for providers only when something asks for them."),
        declare("hide_sensitive_var_conn_fields", True, "Mask variables and connection fields with telling names."),
        declare("sensitive_var_conn_names", "", "More such names, with commas."),
        declare("default_pool_task_slot_count", 128, "Slots of default_pool when it is made.", minimum=-1),
        declare("max_map_length", 1024, "Most task instances that one mapped task may become.", minimum=0),
        declare("daemon_umask", "0o077", "umask of a daemon, in octal."),
        declare("dataset_manager_class", None, "Class that is told of dataset events."),
        declare("dataset_manager_kwargs", None, "JSON of its arguments.", sensitive=True),
        declare("strict_dataset_uri_validation", False, "Refuse dataset URIs that break a provider's rules."),
        declare("database_access_isolation", False, "Read for old files; attempts never hold the database."),
        declare("internal_api_url", None, "Read for old files."),
        declare("internal_api_secret_key", "", "Read for old files.", sensitive=True),
        declare(
            "test_connection",
            "Disabled",
            "Whether connections may be tested.",
            choices=("Disabled", "Enabled", "Hidden"),
        ),
        declare("max_templated_field_length", 4096, "Characters of a rendered field that are kept.", minimum=0),
    )
)

DATABASE: tuple[Option, ...] = tuple(
    in_section(
        "database",
        declare("alembic_ini_file_path", "alembic.ini", "Read for old files."),
        declare("sql_alchemy_conn", "sqlite:///{home}/tradewind.db", "URL of the database.", sensitive=True),
        declare("sql_alchemy_engine_args", None, "JSON of more engine arguments.", sensitive=True),
        declare("sql_engine_encoding", "utf-8", "Read for old files."),
        declare("sql_engine_collation_for_ids", None, "Read for old files; only MySQL needed it."),
        declare("sql_alchemy_pool_enabled", True, "Keep connections open between uses (PostgreSQL)."),
        declare("sql_alchemy_pool_size", 5, "Connections kept open in each process.", minimum=0),
        declare("sql_alchemy_max_overflow", 10, "Connections beyond those, at need; -1 is no limit.", minimum=-1),
        declare("sql_alchemy_pool_recycle", 1800, "Seconds after which a connection is made anew.", minimum=-1),
        declare("sql_alchemy_pool_pre_ping", True, "Try a connection before using it."),
        declare("sql_alchemy_schema", "", "Schema of the tables (PostgreSQL)."),
        declare("sql_alchemy_connect_args", None, "Path of a dict with arguments of the driver."),
        declare("sql_alchemy_session_maker", None, "Read for old files."),
        declare("load_default_connections", True, "Make Airflow's default connections in a new database."),
        declare("max_db_retries", 3, "Tries of a statement when the database is away.", minimum=1),
        declare("check_migrations", True, "Refuse to start on tables of another version."),
    )
)

LOGGING: tuple[Option, ...] = tuple(
    in_section(
        "logging",
        declare("base_log_folder", "{home}/logs", "Folder of the attempts' logs."),
        declare("remote_logging", False, "Whether logs are also kept in a remote store."),
        declare("remote_log_conn_id", "", "Connection of that store."),
        declare("delete_local_logs", False, "Delete a local log once it is in the store."),
        declare("google_key_path", "", "Key file for Google's store."),
        declare("remote_base_log_folder", "", "URL of the folder in the store: s3://…, gs://…, wasb…"),
        declare("remote_task_handler_kwargs", "", "JSON of more arguments for the store's handler.", sensitive=True),
        declare("encrypt_s3_logs", False, "Ask S3 to encrypt."),
        declare("logging_level", "INFO", "Least level that is logged.", choices=LOG_LEVELS),
        declare("celery_logging_level", "", "Level of Celery's own loggers.", choices=(*LOG_LEVELS, "")),
        declare("fab_logging_level", "WARNING", "Level of the login's loggers.", choices=LOG_LEVELS),
        declare("logging_config_class", "", "Path of a logging dictionary that replaces ours."),
        declare("colored_console_log", True, "Colour on a terminal."),
        declare(
            "colored_log_format",
            "[%(blue)s%(asctime)s%(reset)s] {%(blue)s%(filename)s:%(reset)s%(lineno)d} "
            "%(log_color)s%(levelname)s%(reset)s - %(log_color)s%(message)s%(reset)s",
            "Line format on a terminal.",
        ),
        declare("colored_formatter_class", "airflow.utils.log.colored_log.CustomTTYColoredFormatter", "Its class."),
        declare(
            "log_format",
            "[%(asctime)s] {%(filename)s:%(lineno)d} %(levelname)s - %(message)s",
            "Line format of task logs.",
        ),
        declare("simple_log_format", "%(asctime)s %(levelname)s - %(message)s", "A shorter line format."),
        declare("dag_processor_log_target", "file", "Where parse logs go.", choices=("file", "stdout")),
        declare(
            "dag_processor_log_format",
            "[%(asctime)s] [SOURCE:DAG_PROCESSOR] {%(filename)s:%(lineno)d} %(levelname)s - %(message)s",
            "Line format of parse logs.",
        ),
        declare("log_formatter_class", "airflow.utils.log.timezone_aware.TimezoneAware", "Class of the formatter."),
        declare("secret_mask_adapter", "", "Function that gives more spellings of a secret to mask."),
        declare("task_log_prefix_template", "", "Jinja text in front of each task log line."),
        declare(
            "log_filename_template",
            "dag_id={{ ti.dag_id }}/run_id={{ ti.run_id }}/task_id={{ ti.task_id }}/"
            "{% if ti.map_index >= 0 %}map_index={{ ti.map_index }}/{% endif %}attempt={{ try_number }}.log",
            "Path of an attempt's log inside the folder, Jinja.",
        ),
        declare("log_processor_filename_template", "{{ filename }}.log", "Path of a file's parse log, Jinja."),
        declare(
            "dag_processor_manager_log_location",
            "{home}/logs/dag_processor_manager/dag_processor_manager.log",
            "Log of the role that parses.",
        ),
        declare("dag_processor_manager_log_stdout", False, "That log on standard output too."),
        declare("task_log_reader", "task", "Name of the handler that reads task logs."),
        declare("extra_logger_names", "", "Loggers that get our handlers too, with commas."),
        declare("worker_log_server_port", 8793, "Port where a worker serves its logs.", minimum=0, maximum=65535),
        declare("trigger_log_server_port", 8794, "Port where a triggerer serves its logs.", minimum=0, maximum=65535),
        declare("interleave_timestamp_parser", None, "Function that reads the time of a log line."),
        declare("file_task_handler_new_folder_permissions", "0o775", "Mode of new log folders, octal."),
        declare("file_task_handler_new_file_permissions", "0o664", "Mode of new log files, octal."),
        declare("celery_stdout_stderr_separation", False, "Two streams for Celery workers."),
        declare("enable_task_context_logger", True, "Write what the scheduler did to an attempt into its log."),
        declare("color_log_error_keywords", "error,exception", "Words that make a log line red, with commas."),
        declare("color_log_warning_keywords", "warn", "Words that make a log line yellow, with commas."),
    )
)

METRICS: tuple[Option, ...] = tuple(
    in_section(
        "metrics",
        declare("metrics_use_pattern_match", False, "The two lists hold regular expressions, not prefixes."),
        declare("metrics_allow_list", "", "Only these metrics are sent, with commas."),
        declare("metrics_block_list", "", "These metrics are not sent, with commas."),
        declare("statsd_on", False, "Send metrics to StatsD."),
        declare("statsd_host", "localhost", "Its host."),
        declare("statsd_port", 8125, "Its port.", minimum=0, maximum=65535),
        declare("statsd_prefix", "airflow", "First part of each metric's name."),
        declare("stat_name_handler", "", "Function that changes or refuses a metric's name."),
        declare("statsd_datadog_enabled", False, "Datadog's dialect."),
        declare("statsd_datadog_tags", "", "Tags on everything, key:value with commas."),
        declare("statsd_datadog_metrics_tags", True, "Tags of single metrics in that dialect."),
        declare("statsd_custom_client_path", None, "Class of a StatsD client."),
        declare("statsd_disabled_tags", "job_id,run_id", "Tags that are left out, with commas."),
        declare("statsd_influxdb_enabled", False, "InfluxDB's way of writing tags."),
        declare("otel_on", False, "Send metrics by OpenTelemetry."),
        declare("otel_host", "localhost", "Host of the collector."),
        declare("otel_port", 8889, "Port of the collector.", minimum=0, maximum=65535),
        declare("otel_prefix", "airflow", "First part of each metric's name."),
        declare("otel_interval_milliseconds", 60000, "Time between exports.", minimum=1),
        declare("otel_debugging_on", False, "Print metrics as well."),
        declare("otel_service", "Airflow", "Name of the service."),
        declare("otel_ssl_active", False, "TLS to the collector."),
    )
)

TRACES: tuple[Option, ...] = tuple(
    in_section(
        "traces",
        declare("otel_on", False, "Send spans by OpenTelemetry."),
        declare("otel_host", "localhost", "Host of the collector."),
        declare("otel_port", 8889, "Port of the collector.", minimum=0, maximum=65535),
        declare("otel_service", "Airflow", "Name of the service."),
        declare("otel_debugging_on", False, "Print spans as well."),
        declare("otel_ssl_active", False, "TLS to the collector."),
        declare("otel_task_log_event", False, "Task log lines as events of the span."),
    )
)

SECRETS: tuple[Option, ...] = tuple(
    in_section(
        "secrets",
        declare("backend", "", "Class that is asked for connections, variables and options first."),
        declare("backend_kwargs", "", "JSON of its arguments.", sensitive=True),
        declare("use_cache", False, "Remember its answers while parsing."),
        declare("cache_ttl_seconds", 900, "For how long.", minimum=0),
    )
)

TRADEWIND: tuple[Option, ...] = tuple(
    in_section(
        "tradewind",
        declare("compat_level", 2, "Whose defaults hold: Airflow 2's or 3's.", choices=("2", "3")),
        declare(
            "compat_level_of_folders", "", 'Levels of folders below the DAG folder that differ, e.g. "new=3, old/a=2".'
        ),
        declare(
            "log_format", "auto", "How roles log; auto: console on a terminal.", choices=("auto", "console", "json")
        ),
        declare(
            "max_xcom_bytes",
            64 * 1024 * 1024,
            "Size of the largest XCom that a task may store; 0: what a message can carry.",
            minimum=0,
        ),
        declare("zygote_limit", 32, "DAG file versions a worker keeps imported at once.", minimum=0),
        declare("zygote_idle_seconds", 120.0, "Seconds without an attempt after which such a process ends.", minimum=0),
        declare("zygote_max_age_seconds", 3600.0, "Seconds after which it is made anew.", minimum=1),
        declare("zygote_memory_mib", 1024, "Memory of all of them together; the least used one goes.", minimum=0),
        declare(
            "volatile_reimport_seconds", 60.0, "Age at which a file with side effects is imported anew.", minimum=0
        ),
        declare("parse_memory_limit_mib", 2048, "Memory one parse may take; 0 is no limit.", minimum=0),
        declare("heartbeat_seconds", 5.0, "Time between signs of life of a worker.", minimum=0.1),
        declare("outbox_retention_seconds", 86400.0, "How long events stay readable in the outbox.", minimum=60),
        declare("log_retention_days", 0.0, "Days that entries of the audit log are kept; 0: for ever.", minimum=0),
        declare("watch_dag_files", True, "See changed DAG files at once, not only at the interval."),
        declare("embed_origins", "", "Origins whose pages may show ours in a frame, with spaces; empty: none."),
        declare("run_folder", "{home}/run", "Folder of sockets and lock files."),
    )
)
