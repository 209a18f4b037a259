"""Rows and specs as the bodies of Airflow 2.10.5: names, order of nothing, forms of dates and durations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from tradewind.model.spec import DagSpec, TaskSpec
from tradewind.serde import values

from .class_names import links_of, module_of
from .tokens import sign

NO_CLASSES = values.AllowedClasses(globs=())

DAG_FIELDS = frozenset(
    {
        "dag_id",
        "dag_display_name",
        "root_dag_id",
        "is_paused",
        "is_active",
        "is_subdag",
        "last_parsed_time",
        "last_pickled",
        "last_expired",
        "scheduler_lock",
        "pickle_id",
        "default_view",
        "fileloc",
        "file_token",
        "owners",
        "description",
        "schedule_interval",
        "timetable_description",
        "tags",
        "max_active_tasks",
        "max_active_runs",
        "max_consecutive_failed_dag_runs",
        "has_task_concurrency_limits",
        "has_import_errors",
        "next_dagrun",
        "next_dagrun_data_interval_start",
        "next_dagrun_data_interval_end",
        "next_dagrun_create_after",
    }
)
DAG_DETAIL_FIELDS = DAG_FIELDS | {
    "timezone",
    "catchup",
    "orientation",
    "concurrency",
    "start_date",
    "dag_run_timeout",
    "doc_md",
    "params",
    "end_date",
    "is_paused_upon_creation",
    "last_parsed",
    "template_searchpath",
    "render_template_as_native_obj",
    "dataset_expression",
}
RUN_FIELDS = frozenset(
    {
        "dag_run_id",
        "dag_id",
        "execution_date",
        "logical_date",
        "start_date",
        "end_date",
        "data_interval_start",
        "data_interval_end",
        "last_scheduling_decision",
        "run_type",
        "state",
        "external_trigger",
        "conf",
        "note",
    }
)


def iso(moment: datetime | str | None) -> str | None:
    """A date and time as Airflow writes it: 2024-01-02T03:04:05.000006+00:00, fractions only when there are any.
    A text comes from a listing and has that form."""
    return moment.isoformat() if isinstance(moment, datetime) else moment


def naive(moment: datetime | None) -> str | None:
    """A date and time of a user, which Airflow writes without zone."""
    return None if moment is None else moment.replace(tzinfo=None).isoformat()


def time_delta(seconds: float | None) -> dict[str, Any] | None:
    """A duration as {"__type": "TimeDelta", …}."""
    if seconds is None:
        return None
    whole, fraction = divmod(round(seconds * 1_000_000), 1_000_000)
    days, rest = divmod(whole, 86_400)
    return {"__type": "TimeDelta", "days": days, "seconds": rest, "microseconds": fraction}


def dag_body(row: Any, tags: Iterable[str], secret: str) -> dict[str, Any]:
    """A row of table dag."""
    return {
        "dag_id": row.dag_id,
        "dag_display_name": row.dag_display_name or row.dag_id,
        "root_dag_id": row.root_dag_id,
        "is_paused": row.is_paused,
        "is_active": row.is_active,
        "is_subdag": row.is_subdag,
        "last_parsed_time": iso(row.last_parsed_time),
        "last_pickled": iso(row.last_pickled),
        "last_expired": iso(row.last_expired),
        "scheduler_lock": row.scheduler_lock,
        "pickle_id": row.pickle_id,
        "default_view": row.default_view,
        "fileloc": row.fileloc,
        "file_token": _file_token(row.fileloc, secret),
        "owners": row.owners.split(",") if row.owners else [],
        "description": row.description,
        "schedule_interval": _schedule(row.schedule_interval),
        "timetable_description": row.timetable_description,
        "tags": [{"name": tag} for tag in tags],
        "max_active_tasks": row.max_active_tasks,
        "max_active_runs": row.max_active_runs,
        "max_consecutive_failed_dag_runs": row.max_consecutive_failed_dag_runs,
        "has_task_concurrency_limits": row.has_task_concurrency_limits,
        "has_import_errors": row.has_import_errors,
        "next_dagrun": iso(row.next_dagrun),
        "next_dagrun_data_interval_start": iso(row.next_dagrun_data_interval_start),
        "next_dagrun_data_interval_end": iso(row.next_dagrun_data_interval_end),
        "next_dagrun_create_after": iso(row.next_dagrun_create_after),
    }


@lru_cache(maxsize=4096)
def _file_token(fileloc: str, secret: str) -> str:
    return sign(fileloc, secret)


def _schedule(stored: Any) -> Any:
    return msgspec.Raw(stored.encode()) if isinstance(stored, str) else stored


def dag_details(row: Any, tags: Iterable[str], spec: DagSpec, *, secret: str, default_timezone: str) -> dict[str, Any]:
    """A DAG with what only its serialised form knows. ``default_timezone``: see ApiOptions."""
    parsed = iso(row.last_parsed_time)
    return {
        **dag_body(row, tags, secret),
        "owners": [],
        "timezone": default_timezone,
        "catchup": spec.catchup,
        "orientation": spec.orientation,
        "concurrency": spec.max_active_tasks,
        "start_date": iso(spec.start_date),
        "dag_run_timeout": time_delta(spec.dagrun_timeout),
        "doc_md": spec.doc_md,
        "params": params(spec.params),
        "end_date": iso(spec.end_date),
        "is_paused_upon_creation": spec.is_paused_upon_creation,
        "last_parsed": parsed,
        "template_searchpath": list(spec.template_searchpath) if spec.template_searchpath is not None else None,
        "render_template_as_native_obj": spec.render_template_as_native_obj,
        "dataset_expression": spec.dataset_condition,
    }


def params(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Params as the serialiser of Airflow shows them."""
    return {name: {"__class": "airflow.models.param.Param", **_param(value)} for name, value in stored.items()}


def _param(stored: Any) -> dict[str, Any]:
    if not isinstance(stored, Mapping):
        return {"value": stored, "description": None, "schema": {}}
    return {
        "value": stored.get("value"),
        "description": stored.get("description"),
        "schema": stored.get("schema", {}),
    }


def task_body(task: TaskSpec, inherited: Mapping[str, Any]) -> dict[str, Any]:
    """A task; ``inherited`` are the DAG's params, which each of its tasks has too."""
    return {
        "task_id": task.task_id,
        "task_display_name": task.display_name or task.task_id,
        "class_ref": {"class_name": task.task_type, "module_path": module_of(task)},
        "operator_name": task.operator_name or task.task_type,
        "owner": task.owner,
        "start_date": iso(task.start_date),
        "end_date": iso(task.end_date),
        "trigger_rule": str(task.trigger_rule),
        "extra_links": [{"class_name": name, "module_path": module} for name, module in links_of(task)],
        "depends_on_past": task.depends_on_past,
        "wait_for_downstream": task.wait_for_downstream,
        "retries": float(task.retries),
        "queue": task.queue,
        "pool": task.pool,
        "pool_slots": float(task.pool_slots),
        "execution_timeout": time_delta(task.execution_timeout),
        "retry_delay": time_delta(task.retry_delay),
        "retry_exponential_backoff": task.retry_exponential_backoff,
        "priority_weight": float(task.priority_weight),
        "weight_rule": str(task.weight_rule),
        "ui_color": task.ui_color,
        "ui_fgcolor": task.ui_fgcolor,
        "template_fields": list(task.template_fields),
        "downstream_task_ids": sorted(task.downstream_task_ids),
        "params": params({**inherited, **task.params}),
        "is_mapped": task.is_mapped,
        "doc_md": task.doc_md,
    }


def run_body(run: Any) -> dict[str, Any]:
    """A DAG run: a row of the listing, or a record."""
    logical_date = iso(run.logical_date)
    return {
        "conf": run.conf or {},
        "dag_id": run.dag_id,
        "dag_run_id": run.run_id,
        "data_interval_end": iso(run.data_interval_end),
        "data_interval_start": iso(run.data_interval_start),
        "end_date": iso(run.end_date),
        "execution_date": logical_date,
        "external_trigger": run.external_trigger,
        "last_scheduling_decision": iso(run.last_scheduling_decision),
        "logical_date": logical_date,
        "note": run.note,
        "run_type": run.run_type,
        "start_date": iso(run.start_date),
        "state": run.state,
    }


def basic_run_body(run: Any) -> dict[str, Any]:
    """A DAG run inside a dataset event."""
    return {
        "dag_run_id": run.run_id,
        "dag_id": run.dag_id,
        "logical_date": iso(run.logical_date),
        "start_date": iso(run.start_date),
        "end_date": iso(run.end_date),
        "state": run.state,
        "data_interval_start": iso(run.data_interval_start),
        "data_interval_end": iso(run.data_interval_end),
    }


def try_body(row: Any, unixname: str) -> dict[str, Any]:
    """One try of a task instance: a row of its history, or the present one. ``unixname``: see ApiOptions."""
    return {
        "task_id": row.task_id,
        "task_display_name": row.task_display_name or row.task_id,
        "dag_id": row.dag_id,
        "dag_run_id": row.run_id,
        "start_date": iso(row.start_date),
        "end_date": iso(row.end_date),
        "duration": row.duration,
        "state": row.state,
        "try_number": row.try_number,
        "map_index": row.map_index,
        "max_tries": row.max_tries,
        "hostname": row.hostname,
        "unixname": row.unixname or unixname,
        "pool": row.pool,
        "pool_slots": row.pool_slots,
        "queue": row.queue,
        "priority_weight": row.priority_weight,
        "operator": row.operator,
        "queued_when": iso(row.queued_dttm),
        "pid": row.pid,
        "executor": row.executor,
        "executor_config": str(row.executor_config) if row.executor_config else "{}",
    }


def sla_miss_body(row: Any) -> dict[str, Any]:
    """A missed service level agreement."""
    return {
        "task_id": row.task_id,
        "dag_id": row.dag_id,
        "execution_date": iso(row.execution_date),
        "email_sent": row.email_sent,
        "timestamp": iso(row.timestamp),
        "description": row.description,
        "notification_sent": row.notification_sent,
    }


def task_instance_body(
    row: Any, unixname: str, waiting: tuple[Any, Any] | None = None, sla_miss: Any = None
) -> dict[str, Any]:
    """A task instance of the listing. ``waiting``: the trigger that it waits for, and its triggerer's job."""
    trigger, job = waiting or (None, None)
    rendered = row.rendered_fields
    return {
        **try_body(row, unixname),
        "execution_date": iso(row.logical_date),
        "note": row.note,
        "rendered_fields": msgspec.Raw(rendered.encode()) if rendered else {},
        "rendered_map_index": row.rendered_map_index,
        "sla_miss": None if sla_miss is None else sla_miss_body(sla_miss),
        "trigger": None if trigger is None else trigger_body(trigger),
        "triggerer_job": None if job is None else job_body(job),
    }


def trigger_body(row: Any) -> dict[str, Any]:
    """A trigger; its arguments as Python shows them."""
    return {
        "id": row.id,
        "classpath": row.classpath,
        "kwargs": shown_kwargs(row.kwargs),
        "created_date": iso(row.created_date),
        "triggerer_id": row.triggerer_id,
    }


def shown_kwargs(text: str) -> str:
    """Stored arguments as Python shows them. No class of a user is imported for it: what would need one stays JSON."""
    try:
        return str(values.loads(text, allowed=NO_CLASSES))
    except (ImportError, TypeError, ValueError):
        return text


def job_body(row: Any) -> dict[str, Any]:
    """A role's job."""
    return {
        "id": row.id,
        "dag_id": row.dag_id,
        "state": row.state,
        "job_type": row.job_type,
        "start_date": iso(row.start_date),
        "end_date": iso(row.end_date),
        "latest_heartbeat": iso(row.latest_heartbeat),
        "executor_class": row.executor_class,
        "hostname": row.hostname,
        "unixname": row.unixname,
    }


def reference_body(dag_id: str, run_id: str, task_id: str, logical_date: datetime | str) -> dict[str, Any]:
    """A task instance that an action touches or would touch."""
    return {"dag_id": dag_id, "dag_run_id": run_id, "execution_date": iso(logical_date), "task_id": task_id}


def collection(name: str, bodies: Sequence[Any], total: int) -> dict[str, Any]:
    """A list with its total."""
    return {name: bodies, "total_entries": total}
