"""Extra links that need no user code: those of the operators that come with the house."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import msgspec

from tradewind.model.records import RunKey, TaskKey
from tradewind.model.spec import TaskSpec
from tradewind.serde.shown import shown
from tradewind.storage import listings

from . import class_names
from .bodies import iso

if TYPE_CHECKING:
    from tradewind.storage.database import Transaction


def links_of(tx: Transaction, task: TaskSpec, row: Any) -> dict[str, str | None]:
    """Name → address. Links of other operators are the plugin host's to make."""
    names = {name for name, _ in class_names.links_of(task)}
    found: dict[str, str | None] = {}
    if "TriggerDagRunLink" in names:
        found["Triggered DAG"] = _triggered(tx, task, row)
    if "ExternalDagLink" in names:
        found["External DAG"] = _external(task, row)
    return found


def _rendered(task: TaskSpec, row: Any, field: str) -> Any:
    if row.rendered_fields:
        value = msgspec.json.decode(row.rendered_fields).get(field)
        if value is not None:
            return value
    return task.static_fields.get(field, task.trigger_dag_id)


def _grid(dag_id: Any, **query: str | None) -> str:
    given = {name: value for name, value in query.items() if value}
    return f"/dags/{quote(str(dag_id), safe='')}/grid" + (f"?{urlencode(given)}" if given else "")


def _triggered(tx: Transaction, task: TaskSpec, row: Any) -> str:
    pushed = listings.xcom(tx, RunKey(row.dag_id, row.run_id), TaskKey(row.task_id, row.map_index), "trigger_run_id")
    run_id = None if pushed is None or pushed.value is None else str(shown(pushed.value))
    return _grid(_rendered(task, row, "trigger_dag_id"), dag_run_id=run_id)


def _external(task: TaskSpec, row: Any) -> str:
    return _grid(_rendered(task, row, "external_dag_id"), execution_date=iso(row.logical_date))
