"""Names that provider packages and plugins import from Airflow's corners: command line, metrics, logging, executors,
permissions. DAG files seldom see them."""

_AUTH = "tradewind.sdk.auth_records"
_ODDS = "tradewind.sdk.odds"
_LOGS = "tradewind.sdk.log_handlers"
_FORMATS = "tradewind.sdk.log_formatters"
_WEB = "tradewind.sdk.web_names"
_SERIALIZED = "tradewind.sdk.serialized_names"

MODULES: dict[str, dict[str, str]] = {
    "airflow.auth.managers.base_auth_manager": {_AUTH: "BaseAuthManager ResourceMethod"},
    "airflow.auth.managers.models.base_user": {_AUTH: "BaseUser"},
    "airflow.auth.managers.models.resource_details": {
        _AUTH: (
            "AccessView ConfigurationDetails ConnectionDetails DagAccessEntity DagDetails DatasetDetails PoolDetails "
            "VariableDetails"
        ),
    },
    "airflow.auth.managers.utils.fab": {_AUTH: "get_fab_action_from_method_map get_method_from_fab_action_map"},
    "airflow.security.kerberos": {"tradewind.sdk.kerberos_names": "renew_from_kt"},
    "airflow.security.utils": {"tradewind.sdk.kerberos_names": "get_components replace_hostname_pattern"},
    "airflow.io.path": {"tradewind.sdk.object_storage": "ObjectStoragePath"},
    "airflow.io": {"tradewind.sdk.file_systems": "get_fs has_fs"},
    "airflow.io.store": {"tradewind.sdk.file_systems": "ObjectStore attach"},
    "airflow.sdk": {"tradewind.sdk.object_storage": "ObjectStoragePath"},
    "airflow.cli.cli_config": {
        "tradewind.sdk.provider_commands": (
            "ActionCommand Arg CLICommand DefaultHelpParser GroupCommand lazy_load_command positive_int "
            "parsedate=parse_date string_list_type "
            "ARG_DAEMON ARG_DAG_ID ARG_DB_FROM_REVISION ARG_DB_FROM_VERSION ARG_DB_REVISION__DOWNGRADE "
            "ARG_DB_REVISION__UPGRADE ARG_DB_SKIP_INIT ARG_DB_SQL_ONLY ARG_DB_USE_MIGRATION_FILES "
            "ARG_DB_VERSION__DOWNGRADE ARG_DB_VERSION__UPGRADE ARG_EXECUTION_DATE ARG_LOG_FILE ARG_OUTPUT "
            "ARG_OUTPUT_PATH ARG_PID ARG_SKIP_SERVE_LOGS ARG_STDERR ARG_STDOUT ARG_SUBDIR ARG_TASK_ID ARG_VERBOSE "
            "ARG_YES"
        ),
    },
    "airflow.api.common.trigger_dag": {_ODDS: "trigger_dag"},
    "airflow.api.common.experimental.trigger_dag": {_ODDS: "trigger_dag"},
    "airflow.cli.commands.daemon_utils": {_ODDS: "run_command_with_daemon_option"},
    "airflow.cli.simple_table": {_ODDS: "AirflowConsole"},
    "airflow.cli.utils": {_ODDS: "print_export_output"},
    "airflow.executors.base_executor": {"tradewind.sdk.executor_base": "BaseExecutor PARALLELISM"},
    "airflow.www.app": {_WEB: "csrf"},
    "airflow.www.auth": {
        _WEB: (
            "has_access=declared has_access_cluster_activity=declared has_access_configuration=declared "
            "has_access_connection=declared has_access_dag=declared has_access_dag_entities=declared "
            "has_access_dataset=declared has_access_pool=declared has_access_variable=declared has_access_view=declared"
        ),
    },
    "airflow.www.views": {_WEB: "AirflowBaseView"},
    "airflow.logging_config": {_ODDS: "configure_logging"},
    "airflow.models": {_ODDS: "ID_LEN"},
    "airflow.policies": {_ODDS: "hookimpl=policy_hookimpl"},
    "airflow.security.permissions": {
        "tradewind.sdk.permission_names": (
            "ACTION_CAN_ACCESS_MENU ACTION_CAN_CREATE ACTION_CAN_DELETE ACTION_CAN_EDIT ACTION_CAN_READ "
            "DAG_ACTIONS DEPRECATED_ACTIONS DEPRECATED_ACTION_CAN_DAG_EDIT DEPRECATED_ACTION_CAN_DAG_READ "
            "PREFIX_LIST PREFIX_RESOURCES_MAP RESOURCE_DETAILS_MAP resource_name resource_name_for_dag "
            "RESOURCE_ACTION RESOURCE_ADMIN_MENU RESOURCE_ASSET RESOURCE_AUDIT_LOG RESOURCE_BACKFILL "
            "RESOURCE_BROWSE_MENU RESOURCE_CLUSTER_ACTIVITY RESOURCE_CONFIG RESOURCE_CONNECTION RESOURCE_DAG "
            "RESOURCE_DAG_CODE RESOURCE_DAG_DEPENDENCIES RESOURCE_DAG_PREFIX RESOURCE_DAG_RUN "
            "RESOURCE_DAG_RUN_PREFIX RESOURCE_DAG_WARNING RESOURCE_DATASET RESOURCE_DOCS RESOURCE_DOCS_MENU "
            "RESOURCE_IMPORT_ERROR RESOURCE_JOB RESOURCE_MY_PASSWORD RESOURCE_MY_PROFILE RESOURCE_PASSWORD "
            "RESOURCE_PERMISSION RESOURCE_PLUGIN RESOURCE_POOL RESOURCE_PROVIDER RESOURCE_RESOURCE RESOURCE_ROLE "
            "RESOURCE_SLA_MISS RESOURCE_TASK_INSTANCE RESOURCE_TASK_LOG RESOURCE_TASK_RESCHEDULE RESOURCE_TRIGGER "
            "RESOURCE_USER RESOURCE_USER_STATS_CHART RESOURCE_VARIABLE RESOURCE_WEBSITE RESOURCE_XCOM"
        ),
    },
    "airflow.serialization.serde": {"tradewind.serde.plain": "CLASSNAME DATA VERSION deserialize serialize"},
    "airflow.serialization.serialized_objects": {
        _SERIALIZED: (
            "BaseSerialization LazyDeserializedDAG SerializedBaseOperator SerializedDAG decode_timezone encode_timezone"
        ),
    },
    "airflow.settings": {_ODDS: "WEB_COLORS configure_orm pod_mutation_hook"},
    "airflow.stats": {"tradewind.sdk.stats": "Stats"},
    "airflow.utils.cli": {
        _ODDS: "action_cli action_logging=action_cli get_dag process_subdir setup_locations suppress_logs_and_warning"
    },
    "airflow.utils.context": {"tradewind.sdk.maskers": "AirflowContextDeprecationWarning"},
    "airflow.utils.deprecation_tools": {_ODDS: "add_deprecated_classes"},
    "airflow.utils.docs": {_ODDS: "get_docs_url"},
    "airflow.utils.file": {_ODDS: "correct_maybe_zipped"},
    "airflow.utils.json": {"tradewind.sdk.json_encoder": "XComDecoder XComEncoder"},
    "airflow.utils.log.file_task_handler": {_LOGS: "FileTaskHandler LogType"},
    "airflow.utils.log.colored_log": {_FORMATS: "CustomTTYColoredFormatter"},
    "airflow.utils.log.logging_mixin": {_FORMATS: "RedirectStdHandler"},
    "airflow.utils.log.timezone_aware": {_FORMATS: "TimezoneAware"},
    "airflow.config_templates.airflow_local_settings": {
        _FORMATS: (
            "BASE_LOG_FOLDER DEFAULT_LOGGING_CONFIG LOG_FORMAT LOG_FORMATTER_CLASS LOG_LEVEL REMOTE_BASE_LOG_FOLDER "
            "REMOTE_LOGGING"
        )
    },
    "airflow.utils.log.json_formatter": {_LOGS: "JSONFormatter"},
    "airflow.utils.log.log_reader": {_LOGS: "TaskLogReader"},
    "airflow.utils.log.secrets_masker": {
        "tradewind.observability.masking": "should_hide_value_for_key",
        "tradewind.sdk.maskers": "Redactable Redacted _secrets_masker=process_masker",
    },
    "airflow.utils.log.trigger_handler": {_LOGS: "ctx_indiv_trigger ctx_task_instance ctx_trigger_end ctx_trigger_id"},
    "airflow.utils.providers_configuration_loader": {_ODDS: "providers_configuration_loaded"},
    "airflow.utils.platform": {_ODDS: "get_airflow_git_version"},
    "airflow.utils.singleton": {_ODDS: "Singleton"},
    "airflow.utils.sqlalchemy": {"tradewind.orm.columns": "ExtendedJSON=JsonText UtcDateTime"},
    "airflow.models.base": {"tradewind.orm.lengths": "StringID _get_schema=schema naming_convention"},
}
