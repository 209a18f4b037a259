"""What a DAG may name only when a plugin lists it: custom timetables and weight strategies."""

from __future__ import annotations

from typing import Any

from tradewind.model.spec import TimetableSpec
from tradewind.sdk.exceptions import AirflowException, SerializationError
from tradewind.sdk.loading import qualname
from tradewind.timetables.registry import spec_from_json, to_spec

from . import discovery


def check_timetable(dag: Any) -> None:
    """Raises SerializationError, in Airflow's words, when no plugin lists the class of the DAG's timetable."""
    classpath = _custom_class(to_spec(dag.timetable))
    if classpath is not None and classpath not in discovery.loaded().registered("timetables"):
        raise SerializationError(f"Failed to serialize DAG {dag.dag_id!r}: {not_registered('Timetable', classpath)}")


def _custom_class(spec: TimetableSpec) -> str | None:
    if spec.kind == "dataset_or_time":
        return _custom_class(spec_from_json(spec.args["timetable"]))
    return str(spec.args["class"]) if spec.kind == "custom" else None


def not_registered(kind: str, classpath: str) -> str:
    """Airflow's sentence for a class that no plugin lists."""
    return (
        f"{kind} class {classpath!r} is not registered or you have a top level database access that disrupted the "
        "session. Please check the airflow best practices documentation."
    )


def weight_strategy(rule: Any) -> Any:
    """The strategy of a dotted name, or the strategy itself. Raises AirflowException when no plugin lists its class."""
    path = rule if isinstance(rule, str) else qualname(rule)
    cls = discovery.loaded().registered("priority_weight_strategies").get(path)
    if cls is None:
        raise AirflowException(f"Unknown priority strategy {path}")
    return cls() if isinstance(rule, str) else rule
