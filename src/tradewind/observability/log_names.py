"""Where a try's log is inside the log folder: ``[logging] log_filename_template``, in both of its forms.

A run keeps the template that it was created with, so that its logs are found after the option has changed. Airflow's
default needs no Jinja and is written without it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from types import SimpleNamespace

from tradewind.model.errors import ConfigError
from tradewind.model.records import DagRun

from .task_logs import log_path, safe_part

DEFAULT_TEMPLATE = (
    "dag_id={{ ti.dag_id }}/run_id={{ ti.run_id }}/task_id={{ ti.task_id }}/"
    "{% if ti.map_index >= 0 %}map_index={{ ti.map_index }}/{% endif %}attempt={{ try_number }}.log"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """What a template may ask of a try."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int = -1
    try_number: int = 1
    logical_date: datetime | None = None
    data_interval_start: datetime | None = None
    data_interval_end: datetime | None = None


def log_name(template: str | None, one: Try) -> str:
    """The try's log file relative to the log folder, never outside of it. ``template``: None for the default."""
    if not template or template == DEFAULT_TEMPLATE:
        return log_path(one.dag_id, one.run_id, one.task_id, one.map_index, one.try_number)
    rendered = posixpath.normpath(_compiled(template)(one)).lstrip("/")
    return "/".join("%2E%2E" if part == ".." else part for part in rendered.split("/"))


def log_name_in(run: DagRun, task_id: str, map_index: int, try_number: int) -> str:
    """The same for a try of a task of ``run``, by the run's own template."""
    one = Try(
        dag_id=run.dag_id,
        run_id=run.run_id,
        task_id=task_id,
        map_index=map_index,
        try_number=try_number,
        logical_date=run.logical_date,
        data_interval_start=run.data_interval_start,
        data_interval_end=run.data_interval_end,
    )
    return log_name(run.log_template, one)


def check_template(template: str) -> None:
    """Raises ConfigError for a template that cannot be rendered, or gives all tries of a task one file."""
    day = datetime(2024, 1, 1, tzinfo=UTC)
    first = Try(dag_id="dag", run_id="run", task_id="task", map_index=0, logical_date=day)
    try:
        names = {log_name(template, first), log_name(template, replace(first, try_number=2))}
    except Exception as problem:  # whatever Jinja or str.format raises
        raise ConfigError(f"[logging] log_filename_template {template!r} cannot be rendered: {problem}") from problem
    if len(names) == 1:
        raise ConfigError(
            f"[logging] log_filename_template {template!r} gives all tries of a task the same file; "
            "it must contain try_number"
        )


@lru_cache(maxsize=64)
def _compiled(template: str) -> Callable[[Try], str]:
    if "{{" in template:
        # Heavy, and few deployments have a template of their own.
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        compiled = ImmutableSandboxedEnvironment().from_string(template)
        return lambda one: compiled.render(_jinja_names(one))
    return lambda one: template.format(**_format_names(one))


def _jinja_names(one: Try) -> dict[str, object]:
    ids = {"dag_id": safe_part(one.dag_id), "run_id": safe_part(one.run_id), "task_id": safe_part(one.task_id)}
    date = one.logical_date
    dates = {
        "logical_date": date,
        "execution_date": date,
        "data_interval_start": one.data_interval_start,
        "data_interval_end": one.data_interval_end,
    }
    dag_run = SimpleNamespace(dag_id=ids["dag_id"], run_id=ids["run_id"], **dates)
    ti = SimpleNamespace(**ids, map_index=one.map_index, try_number=one.try_number, **dates, dag_run=dag_run)
    return {
        **dates,
        "ti": ti,
        "task_instance": ti,
        "dag_run": dag_run,
        "run_id": ids["run_id"],
        "dag": SimpleNamespace(dag_id=ids["dag_id"]),
        "task": SimpleNamespace(task_id=ids["task_id"]),
        "try_number": one.try_number,
        "ts": date.isoformat() if date else "",
        "ts_nodash": f"{date:%Y%m%dT%H%M%S}" if date else "",
        "ds": f"{date:%Y-%m-%d}" if date else "",
        "ds_nodash": f"{date:%Y%m%d}" if date else "",
    }


def _format_names(one: Try) -> dict[str, object]:
    def text(date: datetime | None) -> str:
        return date.isoformat() if date else ""

    return {
        "dag_id": safe_part(one.dag_id),
        "task_id": safe_part(one.task_id),
        "run_id": safe_part(one.run_id),
        "map_index": one.map_index,
        "data_interval_start": text(one.data_interval_start),
        "data_interval_end": text(one.data_interval_end),
        "execution_date": text(one.logical_date),
        "logical_date": text(one.logical_date),
        "try_number": one.try_number,
    }
