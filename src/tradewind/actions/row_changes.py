"""What the compat ORM's sessions commit: each change becomes the action of the same meaning, or is refused.

User code may think that it writes tables. What no decision hangs on is written; a state becomes *mark* or *clear*,
``is_paused`` becomes *pause*; a run that is finished may be deleted; everything else is refused with a sentence, and
then nothing of the commit is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tradewind.model.errors import Forbidden, InvalidInput, NotFound
from tradewind.model.records import DagRun, RunKey, TaskInstance, TaskKey
from tradewind.model.spec import DagSpec
from tradewind.model.states import TERMINAL_RUN_STATES, TERMINAL_TASK_STATES, RunState, TaskState
from tradewind.storage import free_rows
from tradewind.storage.database import Transaction
from tradewind.storage.rows import ConnectionRow
from tradewind.wire.messages import RowChange

from . import access, dags, runs, tasks

SpecOf = Callable[[Transaction, str], DagSpec | None]
_CONNECTION_FIELDS = ("conn_type", "description", "host", "login", "password", "schema", "port", "extra")
_INDIFFERENT = frozenset({"updated_at", "end_date", "start_date", "duration", "last_scheduling_decision", "queued_at"})
"""Columns that Airflow's users set beside a state, and that the action sets by itself."""


@dataclass(slots=True)
class Changing:
    """One commit being carried out."""

    tx: Transaction
    spec_of: SpecOf
    touched: dict[RunKey, None] = field(default_factory=dict)
    """Runs whose rows have changed."""


def apply(tx: Transaction, spec_of: SpecOf, changes: Iterable[RowChange]) -> tuple[int, tuple[RunKey, ...]]:
    """Carry out a commit in the caller's transaction: how many rows, and the runs that changed.

    Raises Forbidden for a change that has no meaning here, InvalidInput, NotFound."""
    doing = Changing(tx, spec_of)
    count = 0
    for change in changes:
        count += _rule(change)(doing, change)
    return count, tuple(doing.touched)


def _rule(change: RowChange) -> Callable[[Changing, RowChange], int]:
    rule = RULES.get((change.kind, change.table))
    if rule is not None:
        return rule
    if change.kind == "delete" and change.table in free_rows.FREE:
        return _delete_free
    allowed = sorted(table for kind, table in RULES if kind == change.kind)
    if change.kind == "delete":
        allowed = sorted({*allowed, *free_rows.FREE})
    raise Forbidden(
        f"an ORM session may not {change.kind} rows of {change.table}: the scheduler decides about them. "
        f"It may {change.kind} rows of {', '.join(allowed)}; for the rest use the operators, the REST API or the CLI"
    )


def _delete_free(doing: Changing, change: RowChange) -> int:
    return free_rows.remove(doing.tx, change.table, change.key)


# Runs and task instances -----------------------------------------------------------------------------------------


def _spec(doing: Changing, dag_id: str) -> DagSpec:
    spec = doing.spec_of(doing.tx, dag_id)
    if spec is None:
        raise NotFound(f"DAG '{dag_id}' is not there any more: its states cannot be changed")
    return spec


def _only(change: RowChange, allowed: str, hint: str) -> Any:
    others = sorted(set(change.values) - {allowed} - _INDIFFERENT)
    if others or allowed not in change.values:
        raise Forbidden(
            f"of {change.table} an ORM session may change {allowed}, not {', '.join(others or change.values)}; {hint}"
        )
    return change.values[allowed]


def _run_of(doing: Changing, change: RowChange) -> DagRun | None:
    return doing.tx.runs.by_id(int(change.key["id"]))


def _update_run(doing: Changing, change: RowChange) -> int:
    state = _only(change, "state", "the rest belongs to the scheduler")
    run = _run_of(doing, change)
    if run is None:
        return 0
    if run.state != state:
        wanted = _member(RunState, state, "a DAG run's state")
        if wanted is RunState.RUNNING:
            wanted = RunState.QUEUED  # the scheduler starts it, within max_active_runs
        key = RunKey(run.dag_id, run.run_id)
        runs.set_state(doing.tx, _spec(doing, run.dag_id), key, wanted)
        doing.touched[key] = None
    return 1


def _delete_run(doing: Changing, change: RowChange) -> int:
    run = _run_of(doing, change)
    if run is None:
        return 0
    if run.state not in TERMINAL_RUN_STATES:
        raise Forbidden(
            f"run {run.run_id} of DAG {run.dag_id} is {run.state}; an ORM session deletes finished runs only. "
            "Mark it first, or delete it by the REST API"
        )
    key = RunKey(run.dag_id, run.run_id)
    runs.delete_run(doing.tx, key)
    doing.touched[key] = None
    return 1


def _instance(doing: Changing, change: RowChange) -> tuple[RunKey, TaskInstance | None]:
    run = RunKey(change.key["dag_id"], change.key["run_id"])
    return run, doing.tx.task_instances.get(run, TaskKey(change.key["task_id"], int(change.key["map_index"])))


def _update_instance(doing: Changing, change: RowChange) -> int:
    state = _only(change, "state", "the rest belongs to the scheduler")
    run, row = _instance(doing, change)
    if row is None:
        return 0
    if row.state != state:
        spec = _spec(doing, run.dag_id)
        if state is None:
            wish = tasks.ClearWish(run_id=run.run_id, task_ids=[row.task_id], only_failed=False, dry_run=False)
            tasks.clear(doing.tx, spec, wish)
        else:
            wanted = _member(TaskState, state, "a task instance's state")
            if wanted not in (TaskState.SUCCESS, TaskState.FAILED, TaskState.SKIPPED):
                raise Forbidden(
                    f"a session may set a task instance to success, failed or skipped, or clear it (None), not to "
                    f"{state}: {row.task_id} of run {run.run_id}"
                )
            tasks.set_state(doing.tx, spec, run, row.key, wanted)
        doing.touched[run] = None
    return 1


def _delete_instance(doing: Changing, change: RowChange) -> int:
    run, row = _instance(doing, change)
    if row is None:
        return 0
    if row.state is not None and row.state not in TERMINAL_TASK_STATES:
        raise Forbidden(
            f"task {row.task_id} of run {run.run_id} is {row.state}; an ORM session deletes finished ones only"
        )
    doing.touched[run] = None
    return doing.tx.task_instances.delete(run, [row.key])


def _delete_xcom(doing: Changing, change: RowChange) -> int:
    run, row = _instance(doing, change)
    if row is None:
        return 0
    return int(doing.tx.xcoms.delete(run, row.key, change.key["key"]))


def _member(kind: Any, value: Any, what: str) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise InvalidInput(f"{value!r} is not {what}; it is one of {', '.join(kind)}") from None


# DAGs, pools, variables, connections, the audit log --------------------------------------------------------------


def _update_dag(doing: Changing, change: RowChange) -> int:
    is_paused = _only(change, "is_paused", "the rest comes from the DAG file")
    dags.set_paused(doing.tx, [change.key["dag_id"]], is_paused=bool(is_paused))
    return 1


def _delete_dag(doing: Changing, change: RowChange) -> int:
    if doing.tx.dags.get(change.key["dag_id"]) is None:
        return 0
    dags.delete_dag(doing.tx, change.key["dag_id"])
    return 1


def _named(doing: Changing, change: RowChange) -> str | None:
    return free_rows.name_of(doing.tx, change.table, int(change.key["id"]))


def _insert_variable(doing: Changing, change: RowChange) -> int:
    values = change.values
    access.set_variable(doing.tx, values["key"], str(values.get("val", "")), values.get("description"))
    return 1


def _update_variable(doing: Changing, change: RowChange) -> int:
    key = _named(doing, change)
    row = None if key is None else doing.tx.vault.get_variable(key)
    if row is None:
        return 0
    values = change.values
    description = values.get("description", row.description)
    access.set_variable(doing.tx, values.get("key", row.key), str(values.get("val", row.value)), description)
    if values.get("key", row.key) != row.key:
        access.delete_variable(doing.tx, row.key)
    return 1


def _delete_variable(doing: Changing, change: RowChange) -> int:
    key = _named(doing, change)
    return int(key is not None and access.delete_variable(doing.tx, key))


def _insert_connection(doing: Changing, change: RowChange) -> int:
    values = change.values
    if not values.get("conn_id"):
        raise InvalidInput("a connection needs a conn_id")
    fields: dict[str, Any] = {name: values.get(name) for name in _CONNECTION_FIELDS}
    fields["conn_type"] = fields["conn_type"] or ""
    doing.tx.vault.put_connection(ConnectionRow(conn_id=values["conn_id"], **fields))
    return 1


def _update_connection(doing: Changing, change: RowChange) -> int:
    name = _named(doing, change)
    row = None if name is None else doing.tx.vault.get_connection(name)
    if row is None:
        return 0
    fields: Mapping[str, Any] = {key: value for key, value in change.values.items() if key in _CONNECTION_FIELDS}
    doing.tx.vault.put_connection(replace(row, **fields))
    return 1


def _delete_connection(doing: Changing, change: RowChange) -> int:
    name = _named(doing, change)
    return int(name is not None and doing.tx.vault.delete_connection(name))


def _insert_pool(doing: Changing, change: RowChange) -> int:
    values = change.values
    access.create_pool(
        doing.tx,
        values.get("pool", ""),
        int(values.get("slots", 0)),
        description=values.get("description"),
        include_deferred=bool(values.get("include_deferred", False)),
    )
    return 1


def _update_pool(doing: Changing, change: RowChange) -> int:
    name = _named(doing, change)
    pool = None if name is None else doing.tx.pools.get(name)
    if pool is None:
        return 0
    values = change.values
    access.change_pool(
        doing.tx,
        pool.name,
        new_name=values.get("pool", pool.name),
        slots=int(values.get("slots", pool.slots)),
        description=values.get("description", pool.description),
        include_deferred=bool(values.get("include_deferred", pool.include_deferred)),
    )
    return 1


def _delete_pool(doing: Changing, change: RowChange) -> int:
    name = _named(doing, change)
    if name is None:
        return 0
    access.delete_pool(doing.tx, name)
    return 1


def _insert_log(doing: Changing, change: RowChange) -> int:
    values = {name: value for name, value in change.values.items() if name not in ("id", "dttm", "execution_date")}
    event = values.pop("event", "") or ""
    doing.tx.history.add(event, logical_date=change.values.get("execution_date"), **values)
    return 1


RULES: Mapping[tuple[str, str], Callable[[Changing, RowChange], int]] = {
    ("update", "dag_run"): _update_run,
    ("delete", "dag_run"): _delete_run,
    ("update", "task_instance"): _update_instance,
    ("delete", "task_instance"): _delete_instance,
    ("delete", "xcom"): _delete_xcom,
    ("update", "dag"): _update_dag,
    ("delete", "dag"): _delete_dag,
    ("insert", "variable"): _insert_variable,
    ("update", "variable"): _update_variable,
    ("delete", "variable"): _delete_variable,
    ("insert", "connection"): _insert_connection,
    ("update", "connection"): _update_connection,
    ("delete", "connection"): _delete_connection,
    ("insert", "slot_pool"): _insert_pool,
    ("update", "slot_pool"): _update_pool,
    ("delete", "slot_pool"): _delete_pool,
    ("insert", "log"): _insert_log,
}
"""What may be changed, and what it means."""
