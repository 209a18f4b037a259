"""Task instances: load those of a run, apply guarded changes, find candidates and what timers wait for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from tradewind.model.changes import Event, TaskChange
from tradewind.model.records import DagRun, RunKey, TaskInstance, TaskKey
from tradewind.model.states import TaskState

from .statements import Prepared, insert_for, literal
from .tables_runs import TASK_INSTANCE, TASK_INSTANCE_HISTORY
from .task_queries import TaskQueries
from .transaction import Work

_T = TASK_INSTANCE.c
FIELDS = tuple(TaskInstance.__dataclass_fields__)
COLUMNS = tuple(_T[name] for name in FIELDS)

_BY_KEY = (
    _T.dag_id == bindparam("k_dag_id"),
    _T.run_id == bindparam("k_run_id"),
    _T.task_id == bindparam("k_task_id"),
    _T.map_index == bindparam("k_map_index"),
)
_STATE = Prepared(select(_T.state, _T.token).where(*_BY_KEY).with_for_update())
_DELETE = Prepared(delete(TASK_INSTANCE).where(*_BY_KEY).returning(_T.state))
_ADD = Prepared(lambda dialect: insert_for(dialect, TASK_INSTANCE), keys=FIELDS)

_HISTORY = TASK_INSTANCE_HISTORY.c
_COPIED = tuple(column.name for column in _HISTORY if column.name != "id")
_UNIQUE = ["dag_id", "task_id", "run_id", "map_index", "try_number"]

_Shape = tuple[tuple[str, ...], TaskState | None, bool]
"""Columns to set, the state that must be there, whether a token must be there."""
_UPDATES: dict[_Shape, Prepared[TaskInstance]] = {}
_COPIES: dict[_Shape, Prepared[Any]] = {}


def _guard(old: TaskState | None, has_token: bool) -> list[Any]:
    # The state stands in the text: SQLite compares a bound value with the conditions of the partial indexes, and to
    # do so compiles the statement anew at every execution.
    conditions: list[Any] = [*_BY_KEY, _T.state.is_(None) if old is None else _T.state == literal(old)]
    if has_token:
        conditions.append(_T.token == bindparam("k_token"))
    return conditions


def _update(shape: _Shape) -> Prepared[TaskInstance]:
    found = _UPDATES.get(shape)
    if found is None:
        names, old, has_token = shape
        values = {name: bindparam(f"v_{name}", type_=_T[name].type) for name in (*names, "updated_at")}
        statement = update(TASK_INSTANCE).where(*_guard(old, has_token)).values(values).returning(*COLUMNS)
        found = _UPDATES[shape] = Prepared(statement, TaskInstance)
    return found


def _copy(shape: _Shape) -> Prepared[Any]:
    """Copies the row as it is, if the guard holds, into its history; ``shape``'s names are replaced by values."""
    found = _COPIES.get(shape)
    if found is None:
        names, old, has_token = shape
        columns = [
            bindparam(f"v_{name}", type_=_HISTORY[name].type).label(name) if name in names else _T[name]
            for name in _COPIED
        ]
        source = select(*columns).where(*_guard(old, has_token))

        def build(dialect: str) -> Any:
            copy = insert_for(dialect, TASK_INSTANCE_HISTORY).from_select(_COPIED, source)
            replaced = {name: copy.excluded[name] for name in _COPIED if name not in _UNIQUE}
            return copy.on_conflict_do_update(index_elements=_UNIQUE, set_=replaced)

        found = _COPIES[shape] = Prepared(build)
    return found


def _rounds(changes: Sequence[TaskChange]) -> Iterator[list[int]]:
    """Positions of changes that can be sent together: none of them twice the same task instance."""
    seen: set[tuple[RunKey, TaskKey]] = set()
    together: list[int] = []
    for position, change in enumerate(changes):
        place = (change.run, change.key)
        if place in seen:
            yield together
            together, seen = [], set()
        seen.add(place)
        together.append(position)
    if together:
        yield together


class TaskInstanceStore(TaskQueries):
    """Task instances, with every change guarded, counted and announced."""

    def __init__(self, work: Work) -> None:
        super().__init__(work)

    def add(self, run: DagRun, rows: Sequence[TaskInstance]) -> None:
        """Insert rows of a run. Emits nothing, counts, and the run's revision goes up."""
        if not rows:
            return
        params = []
        for row in rows:
            values = {name: getattr(row, name) for name in FIELDS}
            values["logical_date"] = run.logical_date
            params.append(values)
            self._work.count("task", row.dag_id, row.state, 1)
        self._work.many(_ADD, params)
        self._work.touch(RunKey(run.dag_id, run.run_id))

    def delete(self, run: RunKey, keys: Iterable[TaskKey]) -> int:
        """Delete rows with all that hangs on them; how many there were."""
        statements = [(_DELETE, _key(run, key)) for key in keys]
        gone = 0
        for rows in self._work.batch(statements) if statements else ():
            for (state,) in rows:
                self._work.count("task", run.dag_id, state, -1)
                gone += 1
        if gone:
            self._work.touch(run)
        return gone

    def apply(self, changes: Sequence[TaskChange]) -> list[TaskInstance | None]:
        """Apply guarded changes in order: each changed row as it is now, or None where the guard failed.

        A change that holds bumps its run's revision, moves the counters and puts its event into the outbox."""
        results: list[TaskInstance | None] = [None] * len(changes)
        for positions in _rounds(changes):
            self._apply_round([(position, changes[position]) for position in positions], results)
        return results

    def _apply_round(self, changes: list[tuple[int, TaskChange]], results: list[TaskInstance | None]) -> None:
        states = self._old_states([change for _, change in changes])
        statements: list[tuple[Prepared[Any], dict[str, Any]]] = []
        sent: list[tuple[int, int]] = []
        for (position, change), known in zip(changes, states, strict=True):
            if known is None:
                continue
            if change.save_history:
                statements.append(self._statement(_copy, change, known[0], change.history))
            sent.append((position, len(statements)))
            statements.append(self._statement(_update, change, known[0], change.values))
        answers = self._work.batch(statements) if statements else []
        by_position = dict(changes)
        old = {position: known for (position, _), known in zip(changes, states, strict=True)}
        for position, place in sent:
            if answers[place]:
                results[position] = self._applied(by_position[position], old[position], answers[place][0])

    def _old_states(self, changes: list[TaskChange]) -> list[tuple[TaskState | None] | None]:
        """For each change the one state it may start from, in a tuple; None when the guard fails already.

        Counters need the old state, and RETURNING gives the new row only: where several are allowed, look (and, on
        PostgreSQL, lock) first."""
        unclear = [(_STATE, _key(change.run, change.key)) for change in changes if len(change.old_states) != 1]
        looked = iter(self._work.batch(unclear) if unclear else ())
        found: list[tuple[TaskState | None] | None] = []
        for change in changes:
            if len(change.old_states) == 1:
                found.append((next(iter(change.old_states)),))
                continue
            rows = next(looked)
            found.append((rows[0][0],) if rows and rows[0][0] in change.old_states else None)
        return found

    def _statement(
        self, build: Any, change: TaskChange, old: TaskState | None, values: Mapping[str, Any]
    ) -> tuple[Prepared[Any], dict[str, Any]]:
        params = {f"v_{name}": value for name, value in values.items()}
        params.update(_key(change.run, change.key))
        if build is _update:
            params["v_updated_at"] = self._work.now
        if change.token is not None:
            params["k_token"] = change.token
        return build((tuple(sorted(values)), old, change.token is not None)), params

    def _applied(self, change: TaskChange, old: tuple[TaskState | None] | None, row: TaskInstance) -> TaskInstance:
        work = self._work
        if old is not None and old[0] is not row.state:
            work.count("task", row.dag_id, old[0], -1)
            work.count("task", row.dag_id, row.state, 1)
        work.touch(change.run)
        work.emit(
            Event(
                kind=change.event,
                dag_id=row.dag_id,
                run_id=row.run_id,
                task_id=row.task_id,
                map_index=row.map_index,
                try_number=row.try_number,
                state=row.state,
                payload=change.payload,
            )
        )
        return row


def _key(run: RunKey, key: TaskKey) -> dict[str, Any]:
    return {"k_dag_id": run.dag_id, "k_run_id": run.run_id, "k_task_id": key.task_id, "k_map_index": key.map_index}
