"""GET /ui/v1/compare: up to five runs of a DAG side by side."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import Any

from tradewind.auth.permissions import on_dag
from tradewind.model.errors import Forbidden
from tradewind.storage import ui_runs, ui_tasks

from .call import Call
from .problems import bad_request, not_found
from .table import Operation
from .ui_answers import rounded, view
from .ui_run import run_of
from .validation import Parameter

MOST_RUNS = 5


def get_compare(call: Call) -> Any:
    """GET /compare?dag_id=&runs=a,b. ``code`` of a run tells texts of the file apart, which GET …/code shows."""
    dag_id = call.query["dag_id"]
    if not call.user.may(on_dag("GET", "TASK_INSTANCE"), dag_id):
        raise Forbidden(f"You may not read the runs of DAG {dag_id}.")
    names = list(dict.fromkeys(name for name in call.query["runs"].split(",") if name))
    if not 1 <= len(names) <= MOST_RUNS:
        raise bad_request(f"Name one to {MOST_RUNS} runs, with commas")
    dag = call.tx.dags.get(dag_id)
    if dag is None:
        raise not_found("DAG not found", f"There is no DAG {dag_id}")
    runs = [ui_tasks.run(call.tx, dag_id, name) for name in names]
    if None in runs:
        raise not_found("DAGRun not found", f"DAG {dag_id} has no run {names[runs.index(None)]}")
    tasks: dict[tuple[str, int], list[Any]] = defaultdict(lambda: [None] * len(names))
    for place, name in enumerate(names):
        for row in ui_runs.spans_of_run(call.tx, dag_id, name)[0]:
            tasks[row.task_id, row.map_index][place] = _cell(row)
    return {
        "dag_id": dag_id,
        "runs": [run_of(run) | {"code": _digest_of(call, dag.fileloc, run)} for run in runs],
        "tasks": [{"id": key[0], "map_index": key[1], "cells": cells} for key, cells in sorted(tasks.items())],
    }


def _digest_of(call: Call, fileloc: str | None, run: Any) -> str | None:
    """Which text the DAG's file had when the run began; None when it is not kept any more."""
    text = None if fileloc is None else call.tx.dags.source_of_run(fileloc, run.dag_id, run.run_id)
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()[:16]


def _cell(row: Any) -> dict[str, Any]:
    length = row.end_date - row.start_date if row.start_date is not None and row.end_date is not None else None
    return {
        "state": row.state,
        "try": row.try_number,
        "queued": rounded(row.queued),
        "start": rounded(row.start_date),
        "end": rounded(row.end_date),
        "duration": rounded(length),
        "op": row.operator,
    }


def _required(name: str) -> Parameter:
    return Parameter(name, {"type": "string"}, required=True)


OPERATIONS: tuple[Operation, ...] = (
    view("compare", "/compare", get_compare, on_dag("GET"), query=(_required("dag_id"), _required("runs"))),
)
