"""XComs: push, pull, slices of mapped tasks; and rendered template fields. Values are JSON text and stay so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, String, bindparam, delete, func, select

from tradewind.model.records import RunKey, TaskKey
from tradewind.wire.messages import GetXComs, XComRow

from .rows import XComValue
from .statements import Prepared, insert_for, many, one_of
from .tables_runs import DAG_RUN, RENDERED, TASK_MAP, XCOM
from .transaction import Work

_X = XCOM.c
_M = TASK_MAP.c
_RUN_ID = (
    select(DAG_RUN.c.id)
    .where(DAG_RUN.c.dag_id == bindparam("dag_id"), DAG_RUN.c.run_id == bindparam("run_id"))
    .scalar_subquery()
)
_PUT = Prepared(
    lambda dialect: (
        insert := insert_for(dialect, XCOM).values(
            {
                "dag_run_id": _RUN_ID,
                **{name: bindparam(name, type_=_X[name].type) for name in ("dag_id", "run_id", "task_id")},
                **{name: bindparam(name, type_=_X[name].type) for name in ("map_index", "key", "value", "timestamp")},
            }
        )
    ).on_conflict_do_update(
        index_elements=["dag_id", "run_id", "task_id", "map_index", "key"],
        set_={"value": insert.excluded.value, "timestamp": insert.excluded.timestamp},
    )
)
_PUT_LENGTH = Prepared(
    lambda dialect: (insert := insert_for(dialect, TASK_MAP)).on_conflict_do_update(
        index_elements=["dag_id", "run_id", "task_id", "map_index"], set_={"length": insert.excluded.length}
    ),
    keys=("dag_id", "run_id", "task_id", "map_index", "length"),
)


def _of_task(columns: Any) -> tuple[Any, ...]:
    return (
        columns.dag_id == bindparam("dag_id"),
        columns.run_id == bindparam("run_id"),
        columns.task_id == bindparam("task_id"),
        columns.map_index == bindparam("map_index"),
    )


_CLEAR = Prepared(delete(XCOM).where(*_of_task(_X)))
_CLEAR_LENGTH = Prepared(delete(TASK_MAP).where(*_of_task(_M)))
_DELETE = Prepared(delete(XCOM).where(*_of_task(_X), _X.key == bindparam("key")))
_LENGTHS = Prepared(
    select(_M.task_id, _M.map_index, _M.length).where(
        _M.dag_id == bindparam("dag_id"), _M.run_id == bindparam("run_id")
    )
)
_OF_INSTANCE = Prepared(
    select(_X.task_id, _X.map_index, _X.run_id, _X.value, _X.key, _X.timestamp).where(*_of_task(_X)).order_by(_X.key),
    XComValue,
)
_KEY = "sqlite_autoindex_xcom_1"
"""The primary key: the index for earlier dates looks as good to SQLite, and holds all runs of the DAG."""
_PULLS: dict[tuple[bool, bool, bool], Prepared[XComRow]] = {}
_COUNTS: dict[tuple[bool, bool, bool], Prepared[tuple[Any, ...]]] = {}


def _chosen(shape: tuple[bool, bool, bool], dialect: str) -> list[Any]:
    some_tasks, some_indexes, with_prior = shape
    conditions: list[Any] = [_X.dag_id == bindparam("dag_id"), _X.key == bindparam("key")]
    if with_prior:
        conditions += [DAG_RUN.c.execution_date <= func.coalesce(_date_of("own_dag_id"), _date_of("dag_id"))]
    else:
        conditions.append(_X.run_id == bindparam("run_id"))
    if some_tasks:
        conditions.append(one_of(_X.task_id, "task_ids", dialect))
    if some_indexes:
        conditions.append(one_of(_X.map_index, "map_indexes", dialect))
    return conditions


def _date_of(dag_id: str) -> Any:
    """The date of the run that is asked for: a task that pulls from another DAG names its own run."""
    run = DAG_RUN.alias("asked_run").c
    where = (run.dag_id == bindparam(dag_id), run.run_id == bindparam("run_id"))
    return select(run.execution_date).where(*where).scalar_subquery()


def _from(statement: Any, with_prior: bool) -> Any:
    if not with_prior:
        return statement.select_from(XCOM)
    return statement.select_from(XCOM.join(DAG_RUN, (DAG_RUN.c.dag_id == _X.dag_id) & (DAG_RUN.c.run_id == _X.run_id)))


def _pull(shape: tuple[bool, bool, bool]) -> Prepared[XComRow]:
    def build(dialect: str) -> Any:
        columns = select(_X.task_id, _X.map_index, _X.run_id, func.coalesce(_X.value, "null").label("value"))
        order: list[Any] = [DAG_RUN.c.execution_date.desc()] if shape[2] else []
        # Airflow gives the values of several tasks in the order in which the tasks were asked for.
        # Of any task the newest comes first.
        order += [_position(dialect)] if shape[0] else [_X.timestamp.desc(), _X.task_id]
        statement = _from(columns, shape[2]).where(*_chosen(shape, dialect)).order_by(*order, _X.map_index)
        return statement.limit(bindparam("rows")).offset(bindparam("offset"))

    if shape not in _PULLS:
        _PULLS[shape] = Prepared(build, XComRow, sqlite_index=None if shape[2] else _KEY)
    return _PULLS[shape]


def _position(dialect: str) -> Any:
    if dialect == "sqlite":
        listed = func.json_each(bindparam("task_ids")).table_valued("key", "value", name="asked")
        return select(func.min(listed.c.key)).where(listed.c.value == _X.task_id).correlate(XCOM).scalar_subquery()
    return func.array_position(bindparam("task_ids", type_=ARRAY(String())), _X.task_id)


def _count(shape: tuple[bool, bool, bool]) -> Prepared[tuple[Any, ...]]:
    if shape not in _COUNTS:
        _COUNTS[shape] = Prepared(
            lambda dialect: _from(select(func.count()), shape[2]).where(*_chosen(shape, dialect)),
            sqlite_index=None if shape[2] else _KEY,
        )
    return _COUNTS[shape]


class XComStore:
    """XComs of task instances."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def put(self, run: RunKey, key: TaskKey, name: str, value: str, length: int | None = None) -> None:
        """Store (or replace) one XCom. ``length`` of a list or dict is kept for mapped tasks."""
        place = {"dag_id": run.dag_id, "run_id": run.run_id, "task_id": key.task_id, "map_index": key.map_index}
        self._work.run(_PUT, **place, key=name, value=value, timestamp=self._work.now)
        if length is not None:
            self._work.run(_PUT_LENGTH, **place, length=length)

    def get(self, wanted: GetXComs, own_dag_id: str = "") -> tuple[list[XComRow], int]:
        """The rows that are asked for, and how many there are without offset and limit. ``own_dag_id``: the DAG of
        whose task instance they are asked."""
        work = self._work
        shape = (wanted.task_ids is not None, wanted.map_indexes is not None, wanted.include_prior_dates)
        params: dict[str, Any] = {"dag_id": wanted.dag_id, "run_id": wanted.run_id, "key": wanted.key}
        if wanted.include_prior_dates:
            params["own_dag_id"] = own_dag_id
        if wanted.task_ids is not None:
            params["task_ids"] = many(wanted.task_ids, work.dialect)
        if wanted.map_indexes is not None:
            params["map_indexes"] = many(wanted.map_indexes, work.dialect)
        if wanted.count_only:
            return [], int(work.scalar(_count(shape), **params))
        rows = work.all(
            _pull(shape), **params, offset=wanted.offset, rows=wanted.limit if wanted.limit is not None else 2**31 - 1
        )
        if wanted.offset == 0 and (wanted.limit is None or len(rows) < wanted.limit):
            return rows, len(rows)
        return rows, int(work.scalar(_count(shape), **params))

    def value(self, run: RunKey, key: TaskKey, name: str = "return_value") -> str | None:
        """One XCom's JSON text."""
        rows, _ = self.get(
            GetXComs(
                key=name, dag_id=run.dag_id, run_id=run.run_id, task_ids=(key.task_id,), map_indexes=(key.map_index,)
            )
        )
        return rows[0].value if rows else None

    def of_instance(self, run: RunKey, key: TaskKey) -> list[XComValue]:
        """All XComs of a task instance, by key."""
        return self._work.all(
            _OF_INSTANCE, dag_id=run.dag_id, run_id=run.run_id, task_id=key.task_id, map_index=key.map_index
        )

    def clear(self, run: RunKey, key: TaskKey) -> int:
        """Remove all XComs of a task instance, as at the start of a try; how many there were."""
        place = {"dag_id": run.dag_id, "run_id": run.run_id, "task_id": key.task_id, "map_index": key.map_index}
        gone = self._work.run(_CLEAR, **place)
        if gone:
            self._work.run(_CLEAR_LENGTH, **place)
        return gone

    def clear_many(self, run: RunKey, keys: Iterable[TaskKey]) -> int:
        """The same for several task instances."""
        return sum(self.clear(run, key) for key in keys)

    def delete(self, run: RunKey, key: TaskKey, name: str) -> bool:
        """Remove one XCom; whether there was one."""
        place = {"dag_id": run.dag_id, "run_id": run.run_id, "task_id": key.task_id, "map_index": key.map_index}
        return bool(self._work.run(_DELETE, **place, key=name))

    def lengths(self, run: RunKey) -> dict[tuple[str, int], int]:
        """(task_id, map_index) → length of what it returned."""
        rows = self._work.all(_LENGTHS, dag_id=run.dag_id, run_id=run.run_id)
        return {(task_id, map_index): length for task_id, map_index, length in rows}


_R = RENDERED.c
_PUT_FIELDS = Prepared(
    lambda dialect: (insert := insert_for(dialect, RENDERED)).on_conflict_do_update(
        index_elements=["dag_id", "run_id", "task_id", "map_index"],
        set_={"rendered_fields": insert.excluded.rendered_fields},
    ),
    keys=("dag_id", "run_id", "task_id", "map_index", "rendered_fields"),
)
_GET_FIELDS = Prepared(select(_R.rendered_fields).where(*_of_task(_R)))


class RenderedStore:
    """Rendered template fields of task instances, as JSON text."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def put(self, run: RunKey, key: TaskKey, fields: str) -> None:
        """Store (or replace) the fields of the present try."""
        self._work.run(
            _PUT_FIELDS,
            dag_id=run.dag_id,
            run_id=run.run_id,
            task_id=key.task_id,
            map_index=key.map_index,
            rendered_fields=fields,
        )

    def get(self, run: RunKey, key: TaskKey) -> str | None:
        """The fields, or None when none were stored."""
        text: str | None = self._work.scalar(
            _GET_FIELDS, dag_id=run.dag_id, run_id=run.run_id, task_id=key.task_id, map_index=key.map_index
        )
        return text
