"""What the experimental API shows of runs, task instances, tasks and pools, as recorded from Airflow 2.10.5."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

from tradewind.model.records import DagRun
from tradewind.model.spec import TaskSpec

_TEXTS = [
    "dag_id",
    "executor",
    "external_executor_id",
    "hostname",
    "job_id",
    "map_index",
    "max_tries",
    "next_kwargs",
    "next_method",
    "operator",
    "pid",
    "pool",
    "pool_slots",
    "priority_weight",
    "queue",
    "queued_by_job_id",
    "rendered_map_index",
    "run_id",
    "state",
    "task_id",
    "trigger_id",
    "try_number",
    "unixname",
    "duration",
]
_MOMENTS = ("end_date", "queued_dttm", "start_date", "trigger_timeout", "updated_at")


def shown_run(run: DagRun) -> str:
    """A run as Airflow's objects show themselves."""
    return (
        f"<DagRun {run.dag_id} @ {run.logical_date}: {run.run_id}, state:{run.state}, queued_at: {run.queued_at}. "
        f"externally triggered: {run.external_trigger}>"
    )


def run_item(dag_id: str, date: str, start_date: str | None) -> dict[str, Any]:
    """A run in a list; moments are texts already."""
    return {
        "dag_id": dag_id,
        "dag_run_url": f"/dags/{dag_id}/graph?execution_date={quote_plus(date.replace('T', ' '))}",
        "execution_date": date,
        "start_date": start_date or "",
    }


def instance_body(run: DagRun, row: Any) -> dict[str, str]:
    """A task instance, every value a text. ``row`` is one of task_listings.task_instances."""
    found = {name: str(getattr(row, name, None)) for name in _TEXTS}
    # Rows hold moments as API v1 shows them; here they are Python's own texts.
    found |= {name: str(getattr(row, name)).replace("T", " ") for name in _MOMENTS}
    found |= {
        "custom_operator_name": str(row.custom_operator_name or None),
        "dag_run": shown_run(run),
        "executor_config": "{}",
        "hostname": row.hostname or "",
        "rendered_task_instance_fields": "None",
        "test_mode": "False",
    }
    return dict(sorted(found.items()))


def task_body(task: TaskSpec) -> dict[str, str]:
    """What is known of a task, in Python's own spelling, as the original shows an operator's attributes."""
    same = [
        "depends_on_past",
        "do_xcom_push",
        "doc",
        "doc_md",
        "email",
        "email_on_failure",
        "email_on_retry",
        "end_date",
        "executor",
        "ignore_first_depends_on_past",
        "max_active_tis_per_dag",
        "max_active_tis_per_dagrun",
        "multiple_outputs",
        "owner",
        "pool",
        "pool_slots",
        "priority_weight",
        "queue",
        "retries",
        "retry_exponential_backoff",
        "start_date",
        "task_id",
        "trigger_rule",
        "ui_color",
        "ui_fgcolor",
        "wait_for_downstream",
        "wait_for_past_depends_before_skipping",
        "weight_rule",
    ]
    values: dict[str, Any] = {**task.static_fields, **{name: getattr(task, name) for name in same}}
    values |= {
        "downstream_task_ids": set(task.downstream_task_ids),
        "upstream_task_ids": set(task.upstream_task_ids),
        "execution_timeout": _span(task.execution_timeout),
        "executor_config": task.executor_config or {},
        "inlets": list(task.inlets),
        "max_retry_delay": _span(task.max_retry_delay),
        "outlets": list(task.outlets),
        "params": dict(task.params),
        "retry_delay": _span(task.retry_delay),
        "sla": _span(task.sla),
        "template_fields": list(task.template_fields),
        "template_fields_renderers": dict(task.template_fields_renderers),
    }
    return {name: str(value) for name, value in sorted(values.items())}


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def pool_body(row: Any) -> Mapping[str, Any]:
    """A pool as stored."""
    return {
        "description": row.description,
        "id": row.id,
        "include_deferred": row.include_deferred,
        "pool": row.pool,
        "slots": row.slots,
    }
