"""Where Airflow 2.10 has the operators that come with the house: clients compare ``class_ref`` and ``extra_links``.

A serialised task names the class that was used; ours live in modules of our own. Facts of Airflow's import paths only.
"""

from __future__ import annotations

from tradewind.model.spec import TaskSpec

_OURS = "tradewind."
_MODULES: dict[str, str] = {
    "BaseOperator": "airflow.models.baseoperator",
    "BashOperator": "airflow.operators.bash",
    "BranchPythonOperator": "airflow.operators.python",
    "BranchPythonVirtualenvOperator": "airflow.operators.python",
    "BranchExternalPythonOperator": "airflow.operators.python",
    "ExternalPythonOperator": "airflow.operators.python",
    "PythonOperator": "airflow.operators.python",
    "PythonVirtualenvOperator": "airflow.operators.python",
    "ShortCircuitOperator": "airflow.operators.python",
    "EmptyOperator": "airflow.operators.empty",
    "BranchDateTimeOperator": "airflow.operators.datetime",
    "BranchDayOfWeekOperator": "airflow.operators.weekday",
    "BaseBranchOperator": "airflow.operators.branch",
    "EmailOperator": "airflow.operators.email",
    "LatestOnlyOperator": "airflow.operators.latest_only",
    "TriggerDagRunOperator": "airflow.operators.trigger_dagrun",
    "SmoothOperator": "airflow.operators.smooth",
    "BashSensor": "airflow.sensors.bash",
    "DateTimeSensor": "airflow.sensors.date_time",
    "DateTimeSensorAsync": "airflow.sensors.date_time",
    "DayOfWeekSensor": "airflow.sensors.weekday",
    "ExternalTaskSensor": "airflow.sensors.external_task",
    "ExternalTaskMarker": "airflow.sensors.external_task",
    "FileSensor": "airflow.sensors.filesystem",
    "PythonSensor": "airflow.sensors.python",
    "TimeDeltaSensor": "airflow.sensors.time_delta",
    "TimeDeltaSensorAsync": "airflow.sensors.time_delta",
    "TimeSensor": "airflow.sensors.time_sensor",
    "TimeSensorAsync": "airflow.sensors.time_sensor",
    "_PythonDecoratedOperator": "airflow.decorators.python",
    "_PythonVirtualenvDecoratedOperator": "airflow.decorators.python_virtualenv",
    "_PythonExternalDecoratedOperator": "airflow.decorators.external_python",
    "_BranchPythonDecoratedOperator": "airflow.decorators.branch_python",
    "_BranchPythonVirtualenvDecoratedOperator": "airflow.decorators.branch_virtualenv",
    "_BranchExternalPythonDecoratedOperator": "airflow.decorators.branch_external_python",
    "_ShortCircuitDecoratedOperator": "airflow.decorators.short_circuit",
    "_BashDecoratedOperator": "airflow.decorators.bash",
    "DecoratedSensorOperator": "airflow.decorators.sensor",
}
_LINKS: dict[str, tuple[str, str]] = {
    "TriggerDagRunOperator": ("TriggerDagRunLink", "airflow.operators.trigger_dagrun"),
    "ExternalTaskSensor": ("ExternalDagLink", "airflow.sensors.external_task"),
    "ExternalTaskMarker": ("ExternalDagLink", "airflow.sensors.external_task"),
}


def module_of(task: TaskSpec) -> str:
    """The module path of the task's class, as Airflow has it."""
    if task.class_module.startswith(_OURS):
        return _MODULES.get(task.task_type, task.class_module)
    return task.class_module


def links_of(task: TaskSpec) -> list[tuple[str, str]]:
    """(class, module) of the task's extra links."""
    known = _LINKS.get(task.task_type)
    found = [] if known is None else [known]
    for dotted in task.extra_links:
        module, dot, name = dotted.rpartition(".")
        if dot and (name, module) not in found:
            found.append((name, module))
    return found
