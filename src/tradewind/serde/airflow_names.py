"""By which module Airflow's users know a class of ours: what the API's ``class_ref`` says."""

from __future__ import annotations

from collections.abc import Mapping

_MODULES: Mapping[str, tuple[str, ...]] = {
    "airflow.models.baseoperator": ("BaseOperator",),
    "airflow.decorators.base": ("DecoratedOperator",),
    "airflow.decorators.bash": ("_BashDecoratedOperator",),
    "airflow.decorators.branch_external_python": ("_BranchExternalPythonDecoratedOperator",),
    "airflow.decorators.branch_python": ("_BranchPythonDecoratedOperator",),
    "airflow.decorators.branch_virtualenv": ("_BranchPythonVirtualenvDecoratedOperator",),
    "airflow.decorators.external_python": ("_PythonExternalDecoratedOperator",),
    "airflow.decorators.python": ("_PythonDecoratedOperator",),
    "airflow.decorators.python_virtualenv": ("_PythonVirtualenvDecoratedOperator",),
    "airflow.decorators.sensor": ("DecoratedSensorOperator",),
    "airflow.decorators.short_circuit": ("_ShortCircuitDecoratedOperator",),
    "airflow.operators.bash": ("BashOperator",),
    "airflow.operators.branch": ("BaseBranchOperator",),
    "airflow.operators.datetime": ("BranchDateTimeOperator",),
    "airflow.operators.email": ("EmailOperator",),
    "airflow.operators.empty": ("EmptyOperator",),
    "airflow.operators.latest_only": ("LatestOnlyOperator",),
    "airflow.operators.python": (
        "PythonOperator",
        "BranchPythonOperator",
        "ShortCircuitOperator",
        "PythonVirtualenvOperator",
        "BranchPythonVirtualenvOperator",
        "ExternalPythonOperator",
        "BranchExternalPythonOperator",
    ),
    "airflow.operators.smooth": ("SmoothOperator",),
    "airflow.operators.trigger_dagrun": ("TriggerDagRunOperator", "TriggerDagRunLink"),
    "airflow.operators.weekday": ("BranchDayOfWeekOperator",),
    "airflow.sensors.base": ("BaseSensorOperator",),
    "airflow.sensors.bash": ("BashSensor",),
    "airflow.sensors.date_time": ("DateTimeSensor", "DateTimeSensorAsync"),
    "airflow.sensors.external_task": ("ExternalTaskSensor", "ExternalTaskMarker", "ExternalDagLink"),
    "airflow.sensors.filesystem": ("FileSensor",),
    "airflow.sensors.python": ("PythonSensor",),
    "airflow.sensors.time_delta": ("TimeDeltaSensor", "TimeDeltaSensorAsync", "WaitSensor"),
    "airflow.sensors.time_sensor": ("TimeSensor", "TimeSensorAsync"),
    "airflow.sensors.weekday": ("DayOfWeekSensor",),
}
_BY_CLASS = {name: module for module, names in _MODULES.items() for name in names}


def public_module(cls: type) -> str:
    """The module under which authors import the class; of a class that is not ours, its own."""
    if cls.__module__.startswith("tradewind."):
        return _BY_CLASS.get(cls.__name__, cls.__module__)
    return cls.__module__
