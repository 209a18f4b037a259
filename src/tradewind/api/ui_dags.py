"""GET /ui/v1/dags: the list of all DAGs in one answer."""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from typing import Any

from tradewind.auth.permissions import on_dag
from tradewind.storage import ui_dags

from .call import Call
from .table import Operation
from .ui_answers import CHARS, perms, rounded, view
from .v1_dags import readable

STRIP = 20
"""Runs that the list shows of each DAG."""
_Counts = dict[str, int]


class RunStates:
    """How many task instances of a run are in which state, kept for as long as the run's revision stays. Thread-safe;
    bounded."""

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[Any, ...], _Counts] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, tx: Any, rows: Iterable[Any]) -> dict[int, _Counts]:
        """Counts by state of each run, by its row id. One statement, whatever is kept already."""
        wanted = {row.id: (row.id, row.dag_id, row.run_id, row.queued_at, row.revision) for row in rows}
        with self._lock:
            kept = {number: self._kept[key] for number, key in wanted.items() if key in self._kept}
        fresh: dict[int, _Counts] = {number: {} for number in wanted if number not in kept}
        for number, state, count in ui_dags.states_of_runs(tx, fresh.keys()):
            fresh[number][state or "none"] = count
        with self._lock:
            for number, counts in fresh.items():
                self._kept[wanted[number]] = counts
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return kept | fresh


def get_dags(call: Call) -> Any:
    """GET /dags"""
    permitted = readable(call)
    tx, user = call.tx, call.user
    tags: dict[str, list[str]] = defaultdict(list)
    for dag_id, name in ui_dags.tags(tx, permitted):
        tags[dag_id].append(name)
    runs: dict[str, list[Any]] = defaultdict(list)
    for row in ui_dags.last_runs(tx, permitted, STRIP):
        runs[row.dag_id].append(row)
    states = _states(call).of(tx, [rows[-1] for rows in runs.values()])
    active: dict[str, int] = defaultdict(int)
    for dag_id, state, count in ui_dags.open_runs(tx, permitted):
        active[dag_id] += count if state == "running" else 0
    stars = set(ui_dags.starred(tx, user.user_id))
    bodies = []
    for row in ui_dags.dag_rows(tx, permitted):
        letters = perms(user, row.dag_id)
        seen = runs[row.dag_id] if "r" in letters else []
        counts = states.get(seen[-1].id, {}) if seen and "i" in letters else {}
        bodies.append(
            {
                **_dag(row, call.services.options.dags_folder),
                "tags": tags[row.dag_id],
                "starred": row.dag_id in stars,
                "active": active[row.dag_id] if "r" in letters else 0,
                "perms": letters,
                "ti": counts,
                **_strip(seen),
            }
        )
    return {"dags": bodies, "total": len(bodies)}


def _states(call: Call) -> RunStates:
    # One for each Services: what tests and several databases in a process keep must not mix.
    kept: RunStates = call.services.kept("run_states", RunStates)
    return kept


def _dag(row: Any, folder: str) -> dict[str, Any]:
    file = (row.fileloc or "").removeprefix(folder.rstrip("/") + "/") if folder else row.fileloc or ""
    name = row.dag_display_name
    return {
        "id": row.dag_id,
        "name": name if name and name != row.dag_id else None,
        "paused": row.is_paused,
        "schedule": row.timetable_summary,
        "cron_title": row.timetable_description,
        "timetable": row.timetable_kind,
        "owners": [owner.strip() for owner in row.owners.split(",")] if row.owners else [],
        "next": rounded(row.next_at),
        "import_error": row.has_import_errors,
        "file": file,
        "folder": file.rpartition("/")[0],
        "max_active": row.max_active_runs,
    }


def _strip(rows: list[Any]) -> dict[str, Any]:
    last = rows[-1] if rows else None
    return {
        "last": None
        if last is None
        else {
            "run_id": last.run_id,
            "state": last.state,
            "start": rounded(ui_dags.seconds(last.start_date), 1),
            "end": rounded(ui_dags.seconds(last.end_date), 1),
        },
        "strip": "".join([CHARS[row.state] for row in rows]),
        "strip_d": [rounded(row.length, 1) for row in rows],
        "strip_ids": [row.run_id for row in rows],
    }


OPERATIONS: tuple[Operation, ...] = (view("dags", "/dags", get_dags, on_dag("GET")),)
