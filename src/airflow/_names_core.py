"""The table of Airflow 2.10's own places: module → {where it lives: names}.

A row ``"X Y=Z m="`` under ``a.b`` gives X = a.b.X, Y = a.b.Z and m = the module a.b. What is left out on purpose is in
ABSENT, with the sentence that people get.
"""

MODULES: dict[str, dict[str, str]] = {
    "airflow": {
        "tradewind.sdk.dag": "DAG",
        "tradewind.sdk.assets": "Dataset DatasetAlias",
        "tradewind.sdk.xcom_arg": "XComArg",
        "tradewind.sdk.exceptions": "AirflowException",
    },
    "airflow.version": {"airflow": "version=__version__"},
    "airflow.configuration": {
        "tradewind.sdk.settings_reader": "conf AirflowConfigParser=SettingsReader",
        "tradewind.sdk.exceptions": "AirflowConfigException",
    },
    "airflow.settings": {
        "tradewind.sdk.process_settings": "AIRFLOW_HOME DAGS_FOLDER PLUGINS_FOLDER TIMEZONE",
        "tradewind.sdk.settings_reader": "conf",
        "tradewind.sdk.states": "State",
        "json": "json=",
    },
    "airflow.exceptions": {
        "tradewind.sdk.exceptions": (
            "AirflowBadRequest AirflowClusterPolicyError AirflowClusterPolicySkipDag AirflowClusterPolicyViolation "
            "AirflowConfigException AirflowDagCycleException AirflowDagDuplicatedIdException AirflowDagInconsistent "
            "AirflowException AirflowFailException AirflowFileParseException AirflowInternalRuntimeError "
            "AirflowNotFoundException AirflowOptionalProviderFeatureException AirflowProviderDeprecationWarning "
            "AirflowRescheduleException AirflowSensorTimeout AirflowSkipException AirflowTaskTerminated "
            "AirflowTaskTimeout AirflowTimetableInvalid AirflowWebServerTimeout BackfillUnfinished "
            "ConnectionNotUnique DagCodeNotFound DagConcurrencyLimitReached DagFileExists DagNotFound "
            "DagRunAlreadyExists DagRunNotFound DeserializingResultError DuplicateTaskIdFound "
            "FailStopDagInvalidTriggerRule FileSyntaxError InvalidStatsNameException NoAvailablePoolSlot "
            "ParamValidationError PodMutationHookException PodReconciliationError PoolNotFound "
            "RemovedInAirflow3Warning SerializationError TaskAlreadyInTaskGroup TaskConcurrencyLimitReached "
            "TaskDeferralError TaskDeferred TaskInstanceNotFound TaskNotFound UnknownExecutorException "
            "UnmappableOperator UnmappableXComLengthPushed UnmappableXComTypePushed XComForMappingNotPushed "
            "XComNotFound"
        ),
    },
    "airflow.models": {
        "tradewind.sdk.dag": "DAG",
        "tradewind.execution.dag_bag": "DagBag",
        "tradewind.sdk.operator": "BaseOperator",
        "tradewind.sdk.links": "BaseOperatorLink",
        "tradewind.sdk.mapping": "MappedOperator",
        "tradewind.sdk.lookups": "Connection Variable",
        "tradewind.sdk.params": "Param",
        "tradewind.sdk.task_instance": "TaskInstance DagRun=DagRun",
        "tradewind.sdk.xcom": "XCom",
        "tradewind.sdk.operators_union": "Operator",
        "tradewind.standard.skipping": "SkipMixin",
    },
    "airflow.models.abstractoperator": {
        "tradewind.sdk.abstract_operator": "AbstractOperator",
        "tradewind.sdk.operator": (
            "DEFAULT_EXECUTOR DEFAULT_IGNORE_FIRST_DEPENDS_ON_PAST DEFAULT_OWNER DEFAULT_POOL_SLOTS "
            "DEFAULT_PRIORITY_WEIGHT DEFAULT_QUEUE DEFAULT_RETRIES DEFAULT_RETRY_DELAY DEFAULT_TASK_EXECUTION_TIMEOUT "
            "DEFAULT_TRIGGER_RULE DEFAULT_WAIT_FOR_PAST_DEPENDS_BEFORE_SKIPPING DEFAULT_WEIGHT_RULE MAX_RETRY_DELAY"
        ),
    },
    "airflow.models.baseoperator": {
        "tradewind.sdk.operator": (
            "BaseOperator "
            "DEFAULT_EXECUTOR DEFAULT_IGNORE_FIRST_DEPENDS_ON_PAST DEFAULT_OWNER DEFAULT_POOL_SLOTS "
            "DEFAULT_PRIORITY_WEIGHT DEFAULT_QUEUE DEFAULT_RETRIES DEFAULT_RETRY_DELAY DEFAULT_TASK_EXECUTION_TIMEOUT "
            "DEFAULT_TRIGGER_RULE DEFAULT_WAIT_FOR_PAST_DEPENDS_BEFORE_SKIPPING DEFAULT_WEIGHT_RULE coerce_timedelta "
            "parse_retries=coerce_retries"
        ),
        "tradewind.sdk.operator_meta": "BaseOperatorMeta",
        "tradewind.sdk.links": "BaseOperatorLink",
        "tradewind.sdk.edges": "EdgeModifier chain chain_linear cross_downstream",
        "tradewind.sdk.xcom_arg": "XCOM_RETURN_KEY",
    },
    "airflow.models.baseoperatorlink": {"tradewind.sdk.links": "BaseOperatorLink"},
    "airflow.models.connection": {"tradewind.sdk.lookups": "Connection"},
    "airflow.models.dag": {
        "tradewind.sdk.dag": "DAG dag",
        "tradewind.sdk.contexts": "DagContext",
    },
    "airflow.models.dagrun": {
        "tradewind.sdk.task_instance": "DagRun",
        "tradewind.model.states": "DagRunState=RunState DagRunType=RunType",
    },
    "airflow.models.expandinput": {
        "tradewind.sdk.expand_input": (
            "DictOfListsExpandInput ListOfDictsExpandInput MappedArgument NotFullyPopulated is_mappable"
        ),
    },
    "airflow.models.dagbag": {"tradewind.execution.dag_bag": "DagBag"},
    "airflow.models.mappedoperator": {"tradewind.sdk.mapping": "MappedOperator OperatorPartial"},
    "airflow.models.operator": {"tradewind.sdk.operators_union": "Operator"},
    "airflow.models.param": {"tradewind.sdk.params": "DagParam Param ParamsDict process_params"},
    "airflow.models.skipmixin": {
        "tradewind.standard.skipping": ("SkipMixin XCOM_SKIPMIXIN_FOLLOWED XCOM_SKIPMIXIN_KEY XCOM_SKIPMIXIN_SKIPPED"),
    },
    "airflow.models.taskinstance": {
        "tradewind.sdk.task_instance": "TaskInstance TaskInstanceKey",
        "tradewind.sdk.context": "Context",
        "tradewind.model.states": "TaskInstanceState=TaskState",
    },
    "airflow.models.taskinstancekey": {"tradewind.sdk.task_instance": "TaskInstanceKey"},
    "airflow.models.taskmixin": {"tradewind.sdk.edges": "DependencyMixin", "tradewind.sdk.node": "DAGNode"},
    "airflow.models.variable": {"tradewind.sdk.lookups": "Variable"},
    "airflow.models.xcom": {
        "tradewind.sdk.xcom": "BaseXCom XCom LazyXComSelectSequence XCOM_RETURN_KEY",
    },
    "airflow.models.xcom_arg": {"tradewind.sdk.xcom_arg": "ConcatXComArg MapXComArg PlainXComArg XComArg ZipXComArg"},
    "airflow.decorators": {
        "tradewind.sdk.dag": "dag",
        "tradewind.sdk.decorators": "TaskDecorator TaskDecoratorCollection setup task task_group teardown",
        "tradewind.standard.decorators": (
            "python_task branch_task branch_virtualenv_task "
            "branch_external_python_task short_circuit_task virtualenv_task external_python_task sensor_task bash_task"
        ),
        "tradewind.standard.conditions": "run_if skip_if",
    },
    "airflow.decorators.base": {
        "tradewind.sdk.decorated": (
            "DecoratedMappedOperator DecoratedOperator TaskDecorator get_unique_task_id task_decorator_factory"
        ),
    },
    "airflow.decorators.bash": {"tradewind.standard.decorators": "bash_task _BashDecoratedOperator"},
    "airflow.decorators.branch_python": {"tradewind.standard.decorators": "branch_task _BranchPythonDecoratedOperator"},
    "airflow.decorators.external_python": {"tradewind.standard.decorators": "external_python_task"},
    "airflow.decorators.python": {"tradewind.standard.decorators": "python_task _PythonDecoratedOperator"},
    "airflow.decorators.python_virtualenv": {"tradewind.standard.decorators": "virtualenv_task"},
    "airflow.decorators.sensor": {"tradewind.standard.decorators": "sensor_task DecoratedSensorOperator"},
    "airflow.decorators.short_circuit": {"tradewind.standard.decorators": "short_circuit_task"},
    "airflow.decorators.task_group": {"tradewind.sdk.decorators": "task_group"},
    "airflow.operators.bash": {"tradewind.standard.bash": "BashOperator"},
    "airflow.operators.branch": {"tradewind.standard.branch": "BaseBranchOperator BranchMixIn"},
    "airflow.operators.datetime": {"tradewind.standard.branch": "BranchDateTimeOperator target_times_as_dates"},
    "airflow.operators.email": {"tradewind.standard.email": "EmailOperator"},
    "airflow.operators.empty": {"tradewind.standard.branch": "EmptyOperator"},
    "airflow.operators.latest_only": {"tradewind.standard.branch": "LatestOnlyOperator"},
    "airflow.operators.python": {
        "tradewind.standard.python": "BranchPythonOperator PythonOperator ShortCircuitOperator",
        "tradewind.standard.other_python": (
            "BranchExternalPythonOperator BranchPythonVirtualenvOperator ExternalPythonOperator "
            "PythonVirtualenvOperator is_venv_installed"
        ),
        "tradewind.standard.branch": "BranchMixIn",
        "tradewind.standard.skipping": "SkipMixin",
        "tradewind.sdk.context": "get_current_context",
        "tradewind.sdk.decorators": "task",
    },
    "airflow.operators.smooth": {"tradewind.standard.branch": "SmoothOperator"},
    "airflow.operators.subdag": {"tradewind.standard.subdag": "SkippedStatePropagationOptions SubDagOperator"},
    "airflow.operators.trigger_dagrun": {
        "tradewind.standard.dag_runs": "TriggerDagRunOperator XCOM_LOGICAL_DATE_ISO XCOM_RUN_ID"
    },
    "airflow.operators.weekday": {
        "tradewind.standard.branch": "BranchDayOfWeekOperator",
        "tradewind.sdk.weekday": "WeekDay",
    },
    "airflow.sensors.base": {"tradewind.sdk.sensor": "BaseSensorOperator PokeReturnValue poke_mode_only"},
    "airflow.sensors.bash": {"tradewind.standard.polling": "BashSensor"},
    "airflow.sensors.date_time": {"tradewind.standard.waiting": "DateTimeSensor DateTimeSensorAsync"},
    "airflow.sensors.external_task": {"tradewind.standard.external_task": "ExternalTaskMarker ExternalTaskSensor"},
    "airflow.sensors.filesystem": {"tradewind.standard.polling": "FileSensor"},
    "airflow.sensors.python": {"tradewind.standard.polling": "PythonSensor"},
    "airflow.sensors.time_delta": {"tradewind.standard.waiting": "TimeDeltaSensor TimeDeltaSensorAsync"},
    "airflow.sensors.time_sensor": {"tradewind.standard.waiting": "TimeSensor TimeSensorAsync"},
    "airflow.sensors.weekday": {"tradewind.standard.waiting": "DayOfWeekSensor", "tradewind.sdk.weekday": "WeekDay"},
    "airflow.hooks.base": {"tradewind.sdk.lookups": "BaseHook"},
    "airflow.hooks.filesystem": {"tradewind.standard.filesystem": "FSHook"},
    "airflow.hooks.subprocess": {
        "tradewind.standard.subprocess_hook": "SubprocessHook SubprocessResult working_directory"
    },
    "airflow.triggers.base": {
        "tradewind.sdk.deferral": "BaseTaskEndEvent BaseTrigger StartTriggerArgs TaskFailedEvent TaskSkippedEvent"
        " TaskSuccessEvent TriggerEvent"
    },
    "airflow.triggers.testing": {"tradewind.standard.triggers": "FailureTrigger SuccessTrigger"},
    "airflow.triggers.external_task": {"tradewind.standard.triggers": "DagStateTrigger WorkflowTrigger"},
    "airflow.triggers.file": {"tradewind.standard.triggers": "FileTrigger"},
    "airflow.triggers.temporal": {"tradewind.standard.triggers": "DateTimeTrigger TimeDeltaTrigger"},
    "airflow.lineage.entities": {"tradewind.sdk.lineage_entities": "Column File Table Tag User"},
    "airflow.lineage.hook": {
        "tradewind.plugins.lineage": (
            "DatasetLineageInfo HookLineage HookLineageCollector HookLineageReader NoOpCollector "
            "get_hook_lineage_collector"
        ),
    },
    "airflow.listeners": {"tradewind.plugins.listeners": "hookimpl hookspec"},
    "airflow.listeners.listener": {"tradewind.plugins.listeners": "ListenerManager get_listener_manager"},
    "airflow.plugins_manager": {
        "tradewind.plugins.airflow_plugin": (
            "AirflowPlugin AirflowPluginException AirflowPluginSource EntryPointSource PluginsDirectorySource"
        ),
        "tradewind.plugins.discovery": "integrate_macros_plugins is_valid_plugin=is_plugin",
    },
    "airflow.providers_manager": {
        "tradewind.plugins.providers": "HookInfo ProviderInfo ProvidersManager",
    },
    "airflow.hooks.package_index": {"tradewind.standard.package_index": "PackageIndexHook"},
    "airflow.secrets": {"tradewind.sdk.secrets": "BaseSecretsBackend DEFAULT_SECRETS_SEARCH_PATH"},
    "airflow.secrets.base_secrets": {"tradewind.sdk.secrets": "BaseSecretsBackend"},
    "airflow.secrets.environment_variables": {"tradewind.sdk.secrets": "EnvironmentVariablesBackend"},
    "airflow.secrets.local_filesystem": {
        "tradewind.sdk.secrets": "LocalFilesystemBackend load_connections_dict load_variables"
    },
    "airflow.secrets.metastore": {"tradewind.sdk.secrets": "MetastoreBackend"},
    "airflow.notifications.basenotifier": {"tradewind.sdk.notifier": "BaseNotifier"},
    "airflow.datasets": {
        "tradewind.sdk.assets": "Dataset DatasetAlias DatasetAll DatasetAny expand_alias_to_datasets extract_event_key"
    },
    "airflow.datasets.metadata": {"tradewind.sdk.assets": "Metadata"},
    "airflow.macros": {
        "tradewind.sdk.macros": "datetime_diff_for_humans ds_add ds_format ds_format_locale",
        "datetime": "datetime timedelta",
        "dateutil": "dateutil=",
        "random": "random=",
        "time": "time=",
        "uuid": "uuid=",
        "json": "json=",
        "yaml": "yaml=",
    },
    "airflow.task.priority_strategy": {"tradewind.sdk.weights": "PriorityWeightStrategy"},
    "airflow.task.trigger_rule": {"tradewind.model.states": "TriggerRule"},
    "airflow.task.weight_rule": {"tradewind.model.states": "WeightRule"},
    "airflow.template.templater": {"tradewind.sdk.templating": "LiteralValue Templater"},
    "airflow.timetables.base": {
        "tradewind.timetables.base": "DagRunInfo DataInterval TimeRestriction Timetable",
    },
    "airflow.timetables.assets": {"tradewind.timetables.datasets": "AssetOrTimeSchedule=DatasetOrTimeSchedule"},
    "airflow.timetables.datasets": {"tradewind.timetables.datasets": "DatasetOrTimeSchedule"},
    "airflow.timetables.events": {"tradewind.timetables.events": "EventsTimetable"},
    "airflow.timetables.interval": {
        "tradewind.timetables.cron": "CronDataIntervalTimetable",
        "tradewind.timetables.interval": "DeltaDataIntervalTimetable",
    },
    "airflow.timetables.simple": {
        "tradewind.timetables.simple": "ContinuousTimetable NullTimetable OnceTimetable",
        "tradewind.timetables.datasets": "DatasetTriggeredTimetable",
    },
    "airflow.timetables.trigger": {"tradewind.timetables.cron": "CronTriggerTimetable"},
    "airflow.typing_compat": {
        "typing": "Literal ParamSpec Protocol Self TypeGuard TypedDict runtime_checkable",
    },
    "airflow.compat.functools": {"functools": "cache cached_property"},
    "airflow.utils.context": {
        "tradewind.sdk.context": "Context",
        "tradewind.sdk.callables": "context_merge",
        "tradewind.sdk.dataset_events": "InletEventsAccessors OutletEventAccessor OutletEventAccessors",
        "tradewind.standard.callable_runner": "context_get_outlet_events",
    },
    "airflow.utils.dag_cycle_tester": {"tradewind.sdk.dag_checks": "check_cycle"},
    "airflow.utils.dag_parsing_context": {"tradewind.sdk.parsing_context": "AirflowParsingContext get_parsing_context"},
    "airflow.utils.dates": {
        "tradewind.sdk.days": (
            "cron_presets date_range datetime_to_nano days_ago infer_time_unit parse_execution_date round_time "
            "scale_time_units"
        ),
        "datetime": "datetime timedelta",
        "tradewind.sdk.timezone": "timezone=",
    },
    "airflow.utils.db": {},
    "airflow.utils.decorators": {"tradewind.sdk.old_decorators": "apply_defaults"},
    "airflow.utils.edgemodifier": {"tradewind.sdk.edges": "EdgeModifier Label"},
    "airflow.utils.email": {
        "tradewind.sdk.mail": ("build_mime_message get_email_address_list send_email send_email_smtp send_mime_email"),
    },
    "airflow.utils.file": {"tradewind.sdk.files": "get_unique_dag_module_name mkdirs TemporaryDirectory"},
    "airflow.utils.hashlib_wrapper": {"hashlib": "md5"},
    "airflow.utils.helpers": {
        "tradewind.sdk.containers": (
            "as_flattened_list as_tuple at_most_one chunks exactly_one is_container merge_dicts partition "
            "prevent_duplicates prune_dict reduce_in_chunks"
        ),
        "tradewind.sdk.identifiers": "convert_camel_to_snake KEY_REGEX GROUP_KEY_REGEX CAMELCASE_TO_SNAKE_CASE_REGEX",
        "tradewind.sdk.types": "validate_group_key validate_key",
        "tradewind.sdk.web_addresses": "build_airflow_url_with_query",
        "tradewind.sdk.jinja": "render_template_as_native=render_native render_template_to_string=render_text",
        "tradewind.sdk.edges": "chain cross_downstream",
    },
    "airflow.utils.json": {"tradewind.sdk.json_encoder": "AirflowJsonEncoder WebEncoder=AirflowJsonEncoder"},
    "airflow.utils.log.logging_mixin": {
        "tradewind.sdk.logging_mixin": "ExternalLoggingMixin LoggingMixin remove_escape_codes"
    },
    "airflow.utils.log.secrets_masker": {
        "tradewind.observability.masking": "mask_secret redact",
        "tradewind.sdk.maskers": "SecretsMasker",
    },
    "airflow.utils.module_loading": {"tradewind.sdk.loading": "import_string iter_namespace qualname"},
    "airflow.utils.net": {"tradewind.sdk.processes": "get_host_ip_address get_hostname getfqdn"},
    "airflow.utils.operator_helpers": {
        "tradewind.standard.callable_runner": "ExecutionCallableRunner",
        "tradewind.sdk.callables": (
            "AIRFLOW_VAR_NAME_FORMAT_MAPPING DEFAULT_FORMAT_PREFIX ENV_VAR_FORMAT_PREFIX KeywordParameters "
            "context_to_airflow_vars determine_kwargs make_kwargs_callable"
        ),
    },
    "airflow.utils.platform": {"tradewind.sdk.processes": "IS_WINDOWS getuser is_tty"},
    "airflow.utils.process_utils": {
        "tradewind.sdk.processes": (
            "DEFAULT_TIME_TO_WAIT_AFTER_SIGTERM IS_WINDOWS execute_in_subprocess execute_in_subprocess_with_kwargs "
            "patch_environ reap_process_group"
        ),
    },
    "airflow.utils.setup_teardown": {"tradewind.sdk.contexts": "SetupTeardownContext"},
    "airflow.utils.state": {
        "tradewind.sdk.states": "JobState State",
        "tradewind.model.states": "DagRunState=RunState TaskInstanceState=TaskState",
    },
    "airflow.utils.strings": {"tradewind.sdk.identifiers": "TRUE_LIKE_VALUES get_random_string to_boolean"},
    "airflow.utils.task_group": {"tradewind.sdk.task_group": "MappedTaskGroup TaskGroup"},
    "airflow.utils.template": {"tradewind.sdk.templating": "LiteralValue literal"},
    "airflow.utils.timeout": {"tradewind.sdk.timeouts": "timeout"},
    "airflow.utils.timezone": {
        "tradewind.sdk.timezone": (
            "coerce_datetime convert_to_utc datetime from_timestamp is_localized is_naive local_timezone make_aware "
            "make_naive parse parse_timezone td_format utc utc_epoch utcnow"
        ),
        "pendulum": "DateTime",
    },
    "airflow.utils.trigger_rule": {"tradewind.model.states": "TriggerRule"},
    "airflow.utils.types": {
        "tradewind.sdk.types": "ArgNotSet NOTSET",
        "tradewind.model.states": "DagRunType=RunType",
    },
    "airflow.utils.weekday": {"tradewind.sdk.weekday": "WeekDay"},
    "airflow.utils.weight_rule": {"tradewind.model.states": "WeightRule"},
    "airflow.utils.xcom": {"tradewind.sdk.xcom_arg": "XCOM_RETURN_KEY"},
    "airflow.utils.yaml": {"yaml": "YAMLError dump dump_all load load_all safe_dump safe_load safe_load_all"},
}

ABSENT: dict[str, str] = {
    **{
        f"airflow.executors.{name}_executor": "[core] executor says where tasks run; its class is not for DAG files"
        for name in ("local", "sequential", "debug")
    },
    "airflow.models.dagpickle": "DAGs are not pickled",
    "airflow.models.db_callback_request": "callbacks are the scheduler's own affair",
    "airflow.api.client": "ask the REST API over HTTP",
    "airflow.api_connexion": "the API server is another one; ask it over HTTP",
    **{
        f"airflow.www.{name}": "the web server is another one; nothing of Airflow's is there"
        for name in ("constants", "extensions", "fab_security", "security_manager", "session", "utils")
    },
}
