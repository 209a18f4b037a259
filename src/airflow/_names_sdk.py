"""The table of newer places: ``airflow.sdk`` of Airflow 3 and ``airflow.providers.standard``, for what we have."""

_EXCEPTIONS = (
    "AirflowConfigException AirflowException AirflowFailException AirflowNotFoundException "
    "AirflowOptionalProviderFeatureException AirflowRescheduleException AirflowSensorTimeout AirflowSkipException "
    "AirflowTaskTerminated AirflowTaskTimeout DagRunAlreadyExists ParamValidationError TaskDeferred XComNotFound"
)

_COMPAT = {
    "tradewind.sdk.dag": "DAG dag",
    "tradewind.sdk.operator": "BaseOperator",
    "tradewind.sdk.links": "BaseOperatorLink",
    "tradewind.sdk.lookups": "BaseHook Connection Variable",
    "tradewind.sdk.notifier": "BaseNotifier",
    "tradewind.sdk.sensor": "BaseSensorOperator PokeReturnValue poke_mode_only",
    "tradewind.sdk.xcom": "XCom",
    "tradewind.sdk.xcom_arg": "XComArg",
    "tradewind.sdk.callables": (
        "AIRFLOW_VAR_NAME_FORMAT_MAPPING KeywordParameters context_to_airflow_vars determine_kwargs"
    ),
    "tradewind.sdk.context": "Context context_merge get_current_context",
    "tradewind.sdk.decorated": (
        "DecoratedMappedOperator DecoratedOperator TaskDecorator get_unique_task_id task_decorator_factory"
    ),
    "tradewind.sdk.decorators": "setup task task_group teardown",
    "tradewind.sdk.edges": "EdgeModifier Label chain chain_linear cross_downstream",
    "tradewind.sdk.mapping": "MappedOperator",
    "tradewind.sdk.object_storage": "ObjectStoragePath",
    "tradewind.sdk.params": "Param",
    "tradewind.sdk.parsing_context": "get_parsing_context",
    "tradewind.sdk.retry_policy": "ExceptionRetryPolicy RetryAction RetryDecision RetryPolicy RetryRule",
    "tradewind.sdk.settings_reader": "conf",
    "tradewind.sdk.task_group": "TaskGroup",
    "tradewind.sdk.templating": "literal",
    "tradewind.sdk.timeouts": "timeout",
    "tradewind.sdk.timezone": "timezone=",
    "tradewind.sdk.types": "SET_DURING_EXECUTION",
    "tradewind.sdk.assets": ("Asset=Dataset AssetAlias=DatasetAlias AssetAll=DatasetAll AssetAny=DatasetAny Metadata"),
    "tradewind.model.states": "DagRunState=RunState TaskInstanceState=TaskState TriggerRule WeightRule",
    "tradewind.observability.masking": "mask_secret redact",
    "tradewind.standard.branch": "BaseBranchOperator BranchMixIn",
    "tradewind.standard.skipping": "SkipMixin",
    "tradewind.sdk.exceptions": (
        "AirflowConfigException AirflowException AirflowFailException AirflowNotFoundException "
        "AirflowOptionalProviderFeatureException AirflowSensorTimeout AirflowSkipException AirflowTaskTimeout "
        "DownstreamTasksSkipped ParamValidationError TaskDeferred XComNotFound"
    ),
}
"""What provider packages import by way of ``apache-airflow-providers-common-compat``, where that is not installed."""

_MAPPERS = (
    "AllowedKeyMapper ChainMapper DayWindow FanOutMapper FixedKeyMapper HourWindow IdentityMapper MinimumCount "
    "MonthWindow PartitionMapper ProductMapper QuarterWindow RollupMapper SegmentWindow StartOfDayMapper "
    "StartOfHourMapper StartOfMonthMapper StartOfQuarterMapper StartOfWeekMapper StartOfYearMapper WaitForAll "
    "WeekWindow Window YearWindow"
)
_PARTITIONS = "CronPartitionTimetable PartitionedAssetTimetable PartitionedAtRuntime"

MODULES: dict[str, dict[str, str]] = {
    "airflow.sdk": {
        "tradewind.sdk.dag": "DAG dag",
        "tradewind.sdk.operator": "BaseOperator",
        "tradewind.sdk.async_operator": "BaseAsyncOperator",
        "tradewind.sdk.task_instance": "TaskInstance",
        "tradewind.sdk.links": "BaseOperatorLink",
        "tradewind.sdk.lookups": "BaseHook Connection Variable",
        "tradewind.sdk.macros": "macros=",
        "tradewind.sdk.object_storage": "ObjectStoragePath",
        "tradewind.sdk.parsing_context": "get_parsing_context",
        "tradewind.sdk.settings_reader": "conf",
        "tradewind.sdk.retry_policy": "ExceptionRetryPolicy RetryAction RetryDecision RetryPolicy RetryRule",
        "tradewind.sdk.deadlines": (
            "AsyncCallback BaseDeadlineReference DeadlineAlert DeadlineReference SyncCallback deadline_reference"
        ),
        "tradewind.sdk.kept_states": "NEVER_EXPIRE",
        "tradewind.standard.asset_definition": "asset",
        "tradewind.standard.branch": "BaseBranchOperator BranchMixIn",
        "tradewind.standard.skipping": "SkipMixin",
        "tradewind.sdk.notifier": "BaseNotifier",
        "tradewind.sdk.sensor": "BaseSensorOperator PokeReturnValue",
        "tradewind.sdk.xcom": "BaseXCom",
        "tradewind.sdk.xcom_arg": "XComArg",
        "tradewind.sdk.context": "Context get_current_context",
        "tradewind.sdk.edges": "EdgeModifier Label chain chain_linear cross_downstream",
        "tradewind.sdk.mapping": "MappedOperator",
        "tradewind.sdk.params": "Param ParamsDict",
        "tradewind.sdk.task_group": "TaskGroup",
        "tradewind.sdk.decorators": "result setup task task_group teardown",
        "tradewind.sdk.assets": (
            "Asset=Dataset AssetAccessControl AssetAlias=DatasetAlias AssetAll=DatasetAll AssetAny=DatasetAny "
            "AssetWatcher Metadata"
        ),
        "tradewind.sdk.templating": "literal",
        "tradewind.sdk.timezone": "timezone=",
        "tradewind.model.states": "DagRunState=RunState TaskInstanceState=TaskState TriggerRule WeightRule",
        "tradewind.timetables.cron": "CronDataIntervalTimetable CronTriggerTimetable MultipleCronTriggerTimetable",
        "tradewind.timetables.datasets": "AssetOrTimeSchedule=DatasetOrTimeSchedule",
        "tradewind.timetables.partition_mappers": _MAPPERS,
        "tradewind.timetables.partitions": _PARTITIONS,
        "tradewind.timetables.interval": "DeltaDataIntervalTimetable DeltaTriggerTimetable",
        "tradewind.timetables.events": "EventsTimetable",
    },
    "airflow.partition_mappers.base": {"tradewind.timetables.partition_mappers": "PartitionMapper RollupMapper"},
    "airflow.partition_mappers.window": {
        "tradewind.timetables.partition_mappers": (
            "DayWindow HourWindow MonthWindow QuarterWindow SegmentWindow WeekWindow Window YearWindow"
        )
    },
    "airflow.sdk.bases.decorator": {
        "tradewind.sdk.decorated": "DecoratedOperator TaskDecorator get_unique_task_id task_decorator_factory",
        "tradewind.sdk.callables": "determine_kwargs",
    },
    "airflow.sdk.bases.hook": {"tradewind.sdk.lookups": "BaseHook"},
    "airflow.sdk.bases.notifier": {"tradewind.sdk.notifier": "BaseNotifier"},
    "airflow.sdk.bases.branch": {"tradewind.standard.branch": "BaseBranchOperator BranchMixIn"},
    "airflow.sdk.bases.operator": {
        "tradewind.sdk.operator": "BaseOperator",
        "tradewind.sdk.async_operator": "BaseAsyncOperator",
        "tradewind.sdk.edges": "chain chain_linear cross_downstream",
    },
    "airflow.sdk.bases.operatorlink": {"tradewind.sdk.links": "BaseOperatorLink"},
    "airflow.sdk.bases.sensor": {"tradewind.sdk.sensor": "BaseSensorOperator PokeReturnValue poke_mode_only"},
    "airflow.sdk.bases.skipmixin": {"tradewind.standard.skipping": "SkipMixin"},
    "airflow.sdk.bases.xcom": {"tradewind.sdk.xcom": "BaseXCom"},
    "airflow.sdk.configuration": {"tradewind.sdk.settings_reader": "conf"},
    "airflow.sdk.definitions.asset": {
        "tradewind.sdk.assets": (
            "Asset=Dataset AssetAccessControl AssetAlias=DatasetAlias AssetAll=DatasetAll AssetAny=DatasetAny "
            "AssetNameRef AssetUriRef AssetWatcher BaseAsset=BaseDataset Dataset Model"
        ),
    },
    "airflow.sdk.definitions.asset.decorators": {
        "tradewind.standard.asset_definition": "AssetDefinition MultiAssetDefinition asset"
    },
    "airflow.sdk.definitions.callback": {"tradewind.sdk.deadlines": "AsyncCallback SyncCallback"},
    "airflow.sdk.definitions.deadline": {
        "tradewind.sdk.deadlines": (
            "AsyncCallback BaseDeadlineReference DeadlineAlert DeadlineReference SyncCallback deadline_reference"
        )
    },
    "airflow.sdk.definitions.retry_policy": {
        "tradewind.sdk.retry_policy": "ExceptionRetryPolicy RetryAction RetryDecision RetryPolicy RetryRule"
    },
    "airflow.sdk.definitions.timetables.assets": {
        "tradewind.timetables.datasets": "AssetOrTimeSchedule=DatasetOrTimeSchedule"
    },
    "airflow.sdk.definitions.timetables.events": {"tradewind.timetables.events": "EventsTimetable"},
    "airflow.sdk.definitions.timetables.interval": {
        "tradewind.timetables.cron": "CronDataIntervalTimetable",
        "tradewind.timetables.interval": "DeltaDataIntervalTimetable",
    },
    "airflow.sdk.definitions.timetables.trigger": {
        "tradewind.timetables.cron": "CronTriggerTimetable MultipleCronTriggerTimetable",
        "tradewind.timetables.interval": "DeltaTriggerTimetable",
    },
    "airflow.sdk.definitions.template": {"tradewind.sdk.templating": "literal"},
    "airflow.sdk.types": {"tradewind.sdk.task_instance": "TaskInstanceKey"},
    "airflow.sdk.plugins_manager": {"tradewind.plugins.airflow_plugin": "AirflowPlugin"},
    "airflow.sdk.io": {"tradewind.sdk.object_storage": "ObjectStoragePath"},
    "airflow.sdk.definitions.asset.metadata": {"tradewind.sdk.assets": "Metadata"},
    "airflow.sdk.definitions.connection": {"tradewind.sdk.lookups": "Connection"},
    "airflow.sdk.definitions.context": {"tradewind.sdk.context": "Context context_merge get_current_context"},
    "airflow.sdk.definitions.decorators": {"tradewind.sdk.decorators": "setup task task_group teardown"},
    "airflow.sdk.definitions.dag": {"tradewind.sdk.dag": "DAG dag"},
    "airflow.sdk.definitions.edges": {"tradewind.sdk.edges": "EdgeModifier Label"},
    "airflow.sdk.definitions.mappedoperator": {"tradewind.sdk.mapping": "MappedOperator"},
    "airflow.sdk.definitions.param": {"tradewind.sdk.params": "Param ParamsDict"},
    "airflow.sdk.definitions.taskgroup": {"tradewind.sdk.task_group": "TaskGroup"},
    "airflow.sdk.definitions.variable": {"tradewind.sdk.lookups": "Variable"},
    "airflow.sdk.definitions.xcom_arg": {"tradewind.sdk.xcom_arg": "XComArg"},
    "airflow.sdk.definitions._internal.abstractoperator": {
        "tradewind.sdk.operator": "DEFAULT_OWNER DEFAULT_QUEUE DEFAULT_RETRIES"
    },
    "airflow.sdk.definitions._internal.types": {
        "tradewind.sdk.types": "ArgNotSet NOTSET SET_DURING_EXECUTION SetDuringExecution"
    },
    "airflow.sdk.exceptions": {"tradewind.sdk.exceptions": _EXCEPTIONS},
    "airflow.sdk.execution_time.context": {
        "tradewind.sdk.kept_states": "NEVER_EXPIRE",
        "tradewind.sdk.callables": "AIRFLOW_VAR_NAME_FORMAT_MAPPING context_to_airflow_vars",
    },
    "airflow.sdk.execution_time.macros": {
        "tradewind.sdk.macros": "datetime_diff_for_humans ds_add ds_format ds_format_locale"
    },
    # Scripts of external Pythons ask whether it is there, and only then what is in it.
    "airflow.sdk.execution_time.task_runner": {},
    "airflow.sdk.execution_time.xcom": {"tradewind.sdk.xcom": "XCom"},
    "airflow.sdk.execution_time.timeout": {"tradewind.sdk.timeouts": "timeout"},
    "airflow.sdk.log": {"tradewind.observability.masking": "mask_secret redact"},
    "airflow.sdk.module_loading": {"tradewind.sdk.loading": "import_string qualname"},
    "airflow.sdk.timezone": {
        "tradewind.sdk.timezone": (
            "coerce_datetime convert_to_utc datetime from_timestamp is_localized is_naive make_aware make_naive parse "
            "parse_timezone td_format utc utcnow"
        ),
    },
    "airflow.providers.common.compat.sdk": _COMPAT,
    "airflow.providers.standard": {},
    "airflow.providers.standard.decorators": {},
    "airflow.providers.standard.decorators.bash": {"tradewind.standard.decorators": "bash_task"},
    "airflow.providers.standard.decorators.python": {"tradewind.standard.decorators": "python_task"},
    "airflow.providers.standard.hooks.filesystem": {"tradewind.standard.filesystem": "FSHook"},
    "airflow.providers.standard.hooks.subprocess": {
        "tradewind.standard.subprocess_hook": "SubprocessHook SubprocessResult working_directory"
    },
    "airflow.providers.standard.operators.bash": {"tradewind.standard.bash": "BashOperator"},
    "airflow.providers.standard.operators.branch": {"tradewind.standard.branch": "BaseBranchOperator BranchMixIn"},
    "airflow.providers.standard.operators.datetime": {
        "tradewind.standard.branch": "BranchDateTimeOperator target_times_as_dates"
    },
    "airflow.providers.standard.operators.empty": {"tradewind.standard.branch": "EmptyOperator"},
    "airflow.providers.standard.operators.hitl": {
        "tradewind.standard.human_input": "ApprovalOperator HITLBranchOperator HITLEntryOperator HITLOperator"
    },
    "airflow.providers.standard.exceptions": {
        "tradewind.standard.human_input": "HITLRejectException HITLTimeoutError HITLTriggerEventError"
    },
    "airflow.providers.standard.operators.latest_only": {"tradewind.standard.branch": "LatestOnlyOperator"},
    "airflow.providers.standard.operators.python": {
        "tradewind.standard.python": "BranchPythonOperator PythonOperator ShortCircuitOperator",
        "tradewind.standard.other_python": (
            "BranchExternalPythonOperator BranchPythonVirtualenvOperator ExternalPythonOperator "
            "PythonVirtualenvOperator"
        ),
        "tradewind.sdk.context": "get_current_context",
    },
    "airflow.providers.standard.operators.smooth": {"tradewind.standard.branch": "SmoothOperator"},
    "airflow.providers.standard.operators.trigger_dagrun": {"tradewind.standard.dag_runs": "TriggerDagRunOperator"},
    "airflow.providers.standard.operators.weekday": {"tradewind.standard.branch": "BranchDayOfWeekOperator"},
    "airflow.providers.standard.sensors.bash": {"tradewind.standard.polling": "BashSensor"},
    "airflow.providers.standard.sensors.date_time": {
        "tradewind.standard.waiting": "DateTimeSensor DateTimeSensorAsync"
    },
    "airflow.providers.standard.sensors.external_task": {
        "tradewind.standard.external_task": "ExternalTaskMarker ExternalTaskSensor"
    },
    "airflow.providers.standard.sensors.filesystem": {"tradewind.standard.polling": "FileSensor"},
    "airflow.providers.standard.sensors.python": {"tradewind.standard.polling": "PythonSensor"},
    "airflow.providers.standard.sensors.time": {"tradewind.standard.waiting": "TimeSensor TimeSensorAsync"},
    "airflow.providers.standard.sensors.time_delta": {
        "tradewind.standard.waiting": "TimeDeltaSensor TimeDeltaSensorAsync WaitSensor"
    },
    "airflow.providers.standard.sensors.weekday": {"tradewind.standard.waiting": "DayOfWeekSensor"},
    "airflow.providers.standard.triggers.external_task": {
        "tradewind.standard.triggers": "DagStateTrigger WorkflowTrigger"
    },
    "airflow.providers.standard.triggers.file": {
        "tradewind.standard.triggers": "FileTrigger",
        "tradewind.standard.file_events": "DirectoryFileDeleteTrigger FileDeleteTrigger",
    },
    "airflow.providers.standard.triggers.temporal": {"tradewind.standard.triggers": "DateTimeTrigger TimeDeltaTrigger"},
    "airflow.providers.standard.utils.skipmixin": {"tradewind.standard.skipping": "SkipMixin"},
    "airflow.providers.standard.utils.weekday": {"tradewind.sdk.weekday": "WeekDay"},
}
