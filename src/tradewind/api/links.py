"""Extra links: those of the operators that come with the house, and those that plugins and providers are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import msgspec
import structlog

from tradewind.actions.replies import run_reply
from tradewind.model.records import RunKey, TaskKey
from tradewind.model.spec import TaskSpec
from tradewind.serde.shown import shown
from tradewind.storage import listings
from tradewind.wire.plugin_messages import PluginFailed, TaskLinks

from . import class_names
from .bodies import iso

if TYPE_CHECKING:
    from tradewind.storage.database import Transaction

    from .services import Services

_log = structlog.get_logger(__name__)


def links_of(tx: Transaction, task: TaskSpec, row: Any) -> dict[str, str | None]:
    """Name → address. Links of other operators are the plugin host's to make."""
    names = {name for name, _ in class_names.links_of(task)}
    found: dict[str, str | None] = {}
    if "TriggerDagRunLink" in names:
        found["Triggered DAG"] = _triggered(tx, task, row)
    if "ExternalDagLink" in names:
        found["External DAG"] = _external(task, row)
    return found


def links_of_plugins(services: Services, tx: Transaction, task: TaskSpec, row: Any) -> dict[str, str | None]:
    """Name → address of the links that plugins and providers make; none when their code fails, which the log tells."""
    ours = {name for name, _ in class_names.links_of(task)}
    classes = {name: path for name, path in task.extra_link_classes.items() if path.rpartition(".")[2] not in ours}
    run_key = RunKey(row.dag_id, row.run_id)
    run = tx.runs.get(run_key)
    if run is None or not (classes or services.has_plugins()):
        return {}
    stored = msgspec.json.decode(row.rendered_fields) if row.rendered_fields else {}
    question = TaskLinks(
        links=classes,
        task={"task_id": task.task_id, "class": f"{class_names.module_of(task)}.{task.task_type}"},
        fields={**task.static_fields, **stored},
        run=run_reply(run),
        map_index=row.map_index,
        try_number=row.try_number,
        xcoms={one.key: one.value for one in tx.xcoms.of_instance(run_key, TaskKey(row.task_id, row.map_index))},
    )
    try:
        return dict(services.ask_plugins(question) or {})
    except PluginFailed as problem:
        _log.warning("links.failed", dag_id=row.dag_id, task_id=row.task_id, reason=str(problem))
        return dict.fromkeys(classes)


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
