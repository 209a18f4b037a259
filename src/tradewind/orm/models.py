"""All compat classes by Airflow's names, and the way from a light class to its mapped one."""

from __future__ import annotations

from typing import Any

from tradewind.sdk import connection as light_connection
from tradewind.sdk import lookups

from .access import Connection, Log, Pool, Variable
from .dags import (
    DagCode,
    DagModel,
    DagOwnerAttributes,
    DagTag,
    DagWarning,
    DatasetEvent,
    DatasetModel,
    ParseImportError,
    SerializedDagModel,
)
from .registry import Base
from .runs import (
    DagRun,
    DagRunNote,
    Job,
    RenderedTaskInstanceFields,
    SlaMiss,
    TaskFail,
    TaskInstance,
    TaskInstanceHistory,
    TaskInstanceNote,
    TaskMap,
    TaskReschedule,
    Trigger,
    XCom,
)

__all__ = [
    "Base",
    "Connection",
    "DagCode",
    "DagModel",
    "DagOwnerAttributes",
    "DagRun",
    "DagRunNote",
    "DagTag",
    "DagWarning",
    "DatasetEvent",
    "DatasetModel",
    "Job",
    "Log",
    "ParseImportError",
    "Pool",
    "RenderedTaskInstanceFields",
    "SerializedDagModel",
    "SlaMiss",
    "TaskFail",
    "TaskInstance",
    "TaskInstanceHistory",
    "TaskInstanceNote",
    "TaskMap",
    "TaskReschedule",
    "Trigger",
    "Variable",
    "XCom",
    "mapped",
    "row_of",
]

_COUNTERPARTS: dict[str, Any] = {
    "TaskInstance": TaskInstance,
    "DagRun": DagRun,
    "BaseXCom": XCom,
    "Variable": Variable,
    "Connection": Connection,
}


def mapped(name: str) -> Any:
    """The mapped class of the light class ``name``; None when it has none."""
    return _COUNTERPARTS.get(name)


def row_of(instance: Any) -> Any:
    """The object as a mapped one: a light Variable or Connection becomes its row, others stay."""
    if type(instance) is lookups.Variable:
        return Variable(key=instance.key, val=instance.val, description=instance.description)
    if type(instance) is light_connection.Connection:
        names = ("conn_id", "conn_type", "description", "host", "login", "password", "schema", "port", "extra")
        return Connection(**{name: getattr(instance, name) for name in names})
    return instance


def clear_task_instances(tis: Any, session: Any, dag: Any = None, **_: Any) -> None:
    """Have task instances run again when the session commits, as ``airflow.models.taskinstance`` offers it."""
    for one in tis:
        one.state = None
