"""The table of old places, Airflow 1.10's and early 2.x's: still there, with a RemovedInAirflow3Warning on use."""

_OLD: dict[str, tuple[dict[str, str], str]] = {
    # module: (rows, what to import instead)
    "airflow.hooks.base_hook": ({"tradewind.sdk.lookups": "BaseHook"}, "airflow.hooks.base"),
    "airflow.models.dagparam": ({"tradewind.sdk.params": "DagParam"}, "airflow.models.param"),
    "airflow.operators.bash_operator": ({"tradewind.standard.bash": "BashOperator"}, "airflow.operators.bash"),
    "airflow.operators.branch_operator": (
        {"tradewind.standard.branch": "BaseBranchOperator"},
        "airflow.operators.branch",
    ),
    "airflow.operators.dagrun_operator": (
        {"tradewind.standard.dag_runs": "TriggerDagRunOperator"},
        "airflow.operators.trigger_dagrun",
    ),
    "airflow.operators.dummy": (
        {"tradewind.standard.branch": "DummyOperator=EmptyOperator EmptyOperator"},
        "airflow.operators.empty",
    ),
    "airflow.operators.dummy_operator": (
        {"tradewind.standard.branch": "DummyOperator=EmptyOperator EmptyOperator"},
        "airflow.operators.empty",
    ),
    "airflow.operators.email_operator": ({"tradewind.standard.email": "EmailOperator"}, "airflow.operators.email"),
    "airflow.operators.latest_only_operator": (
        {"tradewind.standard.branch": "LatestOnlyOperator"},
        "airflow.operators.latest_only",
    ),
    "airflow.operators.python_operator": (
        {
            "tradewind.standard.python": "BranchPythonOperator PythonOperator ShortCircuitOperator",
            "tradewind.standard.other_python": "PythonVirtualenvOperator",
        },
        "airflow.operators.python",
    ),
    "airflow.sensors.base_sensor_operator": (
        {"tradewind.sdk.sensor": "BaseSensorOperator"},
        "airflow.sensors.base",
    ),
    "airflow.sensors.date_time_sensor": (
        {"tradewind.standard.waiting": "DateTimeSensor"},
        "airflow.sensors.date_time",
    ),
    "airflow.sensors.external_task_sensor": (
        {"tradewind.standard.external_task": "ExternalTaskMarker ExternalTaskSensor"},
        "airflow.sensors.external_task",
    ),
    "airflow.sensors.time_delta_sensor": (
        {"tradewind.standard.waiting": "TimeDeltaSensor"},
        "airflow.sensors.time_delta",
    ),
    "airflow.contrib.hooks.fs_hook": ({"tradewind.standard.filesystem": "FSHook"}, "airflow.hooks.filesystem"),
    "airflow.contrib.operators.dummy_operator": (
        {"tradewind.standard.branch": "DummyOperator=EmptyOperator"},
        "airflow.operators.empty",
    ),
    "airflow.contrib.sensors.bash_sensor": ({"tradewind.standard.polling": "BashSensor"}, "airflow.sensors.bash"),
    "airflow.contrib.sensors.file_sensor": (
        {"tradewind.standard.polling": "FileSensor"},
        "airflow.sensors.filesystem",
    ),
    "airflow.contrib.sensors.python_sensor": (
        {"tradewind.standard.polling": "PythonSensor"},
        "airflow.sensors.python",
    ),
    "airflow.contrib.sensors.weekday_sensor": (
        {"tradewind.standard.waiting": "DayOfWeekSensor"},
        "airflow.sensors.weekday",
    ),
    "airflow.contrib.utils.weekday": ({"tradewind.sdk.weekday": "WeekDay"}, "airflow.utils.weekday"),
}

MODULES: dict[str, dict[str, str]] = {module: rows for module, (rows, _) in _OLD.items()}

MOVED: dict[str, str] = {
    **{module: new for module, (_, new) in _OLD.items()},
    "airflow.utils.helpers.chain": "airflow.models.baseoperator.chain",
    "airflow.utils.helpers.cross_downstream": "airflow.models.baseoperator.cross_downstream",
    "airflow.AirflowException": "airflow.exceptions.AirflowException",
    "airflow.utils.decorators.apply_defaults": "nothing (every operator applies default_args)",
}
"""Old module or name → where it is now; using it warns."""
