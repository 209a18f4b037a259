"""GET /ui/v1/dags/{dag_id}/grid: the matrix of tasks and runs, one character for a cell.

The column of a run is kept until the run's revision changes, so that a matrix of which nothing changed costs no look at
its task instances."""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tradewind.auth.permissions import on_dag
from tradewind.storage import ui_runs

from . import table
from .call import Call
from .problems import not_found
from .table import Operation
from .ui_answers import ABSENT, CHARS, WORST_FIRST, rounded, view
from .ui_layout import Layout, layout_of

MOST_RUNS = 365
_RANK = {char: rank for rank, char in enumerate(WORST_FIRST)}


@dataclass(frozen=True, slots=True)
class Column:
    """One run's cells from top to bottom."""

    chars: str
    tries: dict[int, int] = field(default_factory=dict)
    counts: dict[int, dict[str, int]] = field(default_factory=dict)


class Columns:
    """Columns of runs at their revisions. Thread-safe; bounded by the number of cells."""

    def __init__(self, most_cells: int = 8_000_000) -> None:
        self._left = most_cells
        self._kept: OrderedDict[tuple[Any, ...], Column] = OrderedDict()
        self._layouts: OrderedDict[int, Layout] = OrderedDict()
        self._lock = threading.Lock()

    def layout(self, call: Call, dag_id: str) -> tuple[int, Layout]:
        """The newest version of a DAG, and its rows. Raises the 404."""
        version = call.tx.dags.version_id(dag_id)
        if version is None:
            raise not_found("DAG not found", f"The DAG with dag_id: {dag_id} was not found")
        found = self._layouts.get(version)
        if found is None:
            found = layout_of(call.services.specs.of_version(call.tx, version))
            with self._lock:
                self._layouts[version] = found
                while len(self._layouts) > 256:
                    self._layouts.popitem(last=False)
        return version, found

    def of(self, call: Call, dag_id: str, version: int, layout: Layout, runs: Iterable[Any]) -> list[Column]:
        """The column of each run, in at most one statement."""
        keys = {run.run_id: (version, run.id, run.run_id, run.queued_at, run.revision) for run in runs}
        with self._lock:
            found = {run_id: self._kept[key] for run_id, key in keys.items() if key in self._kept}
        missing = [run_id for run_id in keys if run_id not in found]
        if missing:
            fresh = _read(call, dag_id, layout, missing)
            with self._lock:
                for run_id, column in fresh.items():
                    self._keep(keys[run_id], column)
            found.update(fresh)
        return [found[run_id] for run_id in keys]

    def _keep(self, key: tuple[Any, ...], column: Column) -> None:
        if key in self._kept:
            return
        self._kept[key] = column
        self._left -= len(column.chars)
        while self._left < 0 and len(self._kept) > 1:
            self._left += len(self._kept.popitem(last=False)[1].chars)


def _read(call: Call, dag_id: str, layout: Layout, run_ids: Sequence[str]) -> dict[str, Column]:
    by_run: dict[str, list[tuple[str, int, str | None, int]]] = {run_id: [] for run_id in run_ids}
    for run_id, *cell in ui_runs.cells(call.tx, dag_id, run_ids):
        by_run[run_id].append(tuple(cell))
    return {run_id: column_of(layout, cells) for run_id, cells in by_run.items()}


def column_of(layout: Layout, cells: Iterable[tuple[str, int, str | None, int]]) -> Column:
    """One run's column from its (task_id, map_index, state, try_number). Several instances of a task are shown by the
    worst, and so are groups."""
    chars = [ABSENT] * len(layout.rows)
    tries: dict[int, int] = {}
    counts: dict[int, dict[str, int]] = {}
    index = layout.index
    for task_id, map_index, state, try_number in cells:
        row = index.get(task_id)
        if row is None:
            continue
        char = CHARS.get(state, "n")
        if map_index >= 0:
            states = counts.setdefault(row, {})
            states[state or "none"] = states.get(state or "none", 0) + 1
            if _RANK[char] < _RANK[chars[row]]:
                chars[row] = char
        else:
            chars[row] = char
        if try_number > tries.get(row, 1):
            tries[row] = try_number
    # What is in a group comes after it: from the last row up, each has its own worst before its group asks.
    for row in range(len(chars) - 1, -1, -1):
        parent = layout.parents[row]
        if parent >= 0 and _RANK[chars[row]] < _RANK[chars[parent]]:
            chars[parent] = chars[row]
    return Column("".join(chars), tries, counts)


def run_summary(row: Any) -> dict[str, Any]:
    """A run as a column's head shows it."""
    body: dict[str, Any] = {
        "id": row.run_id,
        "state": row.state,
        "type": row.run_type,
        "logical": rounded(row.logical),
        "queued": rounded(row.queued_at, 1),
        "start": rounded(row.start_date, 1),
        "end": rounded(row.end_date, 1),
        "version": row.version_number,
    }
    if row.has_note:
        body["note"] = 1
    if row.has_conf:
        body["conf"] = 1
    return body


def _columns(call: Call) -> Columns:
    return call.services.kept("grid_columns", Columns)


def get_grid(call: Call) -> Any:
    """GET …/grid"""
    dag_id = call.path["dag_id"]
    # The revision is read first: what changes while we read comes again with the next.
    revision = call.tx.outbox.last_id()
    columns = _columns(call)
    version, layout = columns.layout(call, dag_id)
    rows = _runs(call)
    since = call.query.get("since")
    if since is not None:
        is_known, changed = ui_runs.runs_changed_since(call.tx, dag_id, since)
        if is_known and since <= revision:
            return _changes(call, version, layout, rows, set(changed)) | {"rev": revision}
    found = columns.of(call, dag_id, version, layout, rows)
    return {
        "rev": revision,
        "version": version,
        "tasks": layout.rows,
        "runs": [run_summary(row) for row in rows],
        "st": "".join(map("".join, zip(*(column.chars for column in found), strict=True))),
        **_sparse(found),
        "note": _notes(call, layout, rows),
    }


def _runs(call: Call) -> Any:
    count = min(max(call.query.get("runs", 25), 1), MOST_RUNS)
    return ui_runs.runs_of(call.tx, call.path["dag_id"], count, call.query.get("before"))


def _sparse(columns: Sequence[Column]) -> dict[str, Any]:
    tries = {f"{row},{at}": number for at, column in enumerate(columns) for row, number in column.tries.items()}
    counts = {f"{row},{at}": states for at, column in enumerate(columns) for row, states in column.counts.items()}
    return {"try": tries, "map": counts}


def _notes(call: Call, layout: Layout, rows: Sequence[Any]) -> list[str]:
    places = {row.run_id: at for at, row in enumerate(rows)}
    noted = ui_runs.noted_tasks(call.tx, call.path["dag_id"], places.keys())
    return sorted(f"{layout.index[task_id]},{places[run_id]}" for run_id, task_id in noted if task_id in layout.index)


def _changes(call: Call, version: int, layout: Layout, rows: Sequence[Any], changed: set[str]) -> dict[str, Any]:
    """The cells of the runs that something happened to; places are those of ``runs``, which has all runs as they are
    now."""
    touched = [(at, row) for at, row in enumerate(rows) if row.run_id in changed]
    found = _columns(call).of(call, call.path["dag_id"], version, layout, [row for _, row in touched])
    cells = [
        [row, at, char, column.tries.get(row, 1)]
        for (at, _), column in zip(touched, found, strict=True)
        for row, char in enumerate(column.chars)
    ]
    counts = {
        f"{row},{at}": states
        for (at, _), column in zip(touched, found, strict=True)
        for row, states in column.counts.items()
    }
    return {"version": version, "runs": [run_summary(row) for row in rows], "cells": cells, "map": counts}


def get_times(call: Call) -> Any:
    """GET …/grid/times: when each cell started, in seconds after its run's start, and how long it took."""
    dag_id = call.path["dag_id"]
    columns = _columns(call)
    version, layout = columns.layout(call, dag_id)
    rows = _runs(call)
    spans: dict[str, dict[int, tuple[Any, Any]]] = defaultdict(dict)
    for run_id, task_id, _, start, end in ui_runs.times(call.tx, dag_id, [row.run_id for row in rows]):
        place = layout.index.get(task_id)
        if place is not None and start is not None:
            known = spans[run_id].get(place)
            first = start if known is None else min(known[0], start)
            last = end if known is None or (end is not None and known[1] is not None and end > known[1]) else known[1]
            spans[run_id][place] = (first, last)
    starts, lengths = [], []
    for row in rows:
        base, of_run = row.start_date or row.logical, spans[row.run_id]
        pairs = [of_run.get(place) for place in range(len(layout.rows))]
        starts.append([None if pair is None else round(pair[0].timestamp() - base) for pair in pairs])
        lengths.append([_seconds(pair) for pair in pairs])
    return {"version": version, "runs": [row.run_id for row in rows], "start": starts, "dur": lengths}


def _seconds(pair: tuple[Any, Any] | None) -> float | None:
    if pair is None or pair[1] is None:
        return None
    return rounded((pair[1] - pair[0]).total_seconds(), 1)


_READ = (on_dag("GET", "TASK_INSTANCE"),)
_RUNS = (table.integer("runs", default=25), table.string("before"))

OPERATIONS: tuple[Operation, ...] = (
    view("grid", "/dags/{dag_id}/grid", get_grid, *_READ, query=(*_RUNS, table.integer("since"))),
    view("grid_times", "/dags/{dag_id}/grid/times", get_times, *_READ, query=_RUNS),
)
