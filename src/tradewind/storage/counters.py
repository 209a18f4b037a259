"""Exact row counts without counting rows: kept in the transactions that change them, summed when asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, delete, func, literal, select

from .statements import Prepared, many, one_of
from .tables_runs import DAG_RUN, ROW_COUNT, TASK_INSTANCE
from .transaction import Work

_C = ROW_COUNT.c


def _total(*, by_dag: bool, by_state: bool) -> Prepared[tuple[int, ...]]:
    def build(dialect: str) -> Any:
        total = select(func.coalesce(func.sum(_C.n), 0)).where(_C.kind == bindparam("kind"))
        if by_dag:
            total = total.where(one_of(_C.dag_id, "dag_ids", dialect))
        if by_state:
            total = total.where(one_of(_C.state, "states", dialect))
        return total

    return Prepared(build)


_TOTALS = {
    (by_dag, by_state): _total(by_dag=by_dag, by_state=by_state)
    for by_dag in (False, True)
    for by_state in (False, True)
}
_BY_DAG_STATE = Prepared(
    lambda dialect: (
        select(_C.dag_id, _C.state, func.sum(_C.n))
        .where(_C.kind == bindparam("kind"), one_of(_C.dag_id, "dag_ids", dialect))
        .group_by(_C.dag_id, _C.state)
    )
)
_FOLDABLE = Prepared(
    select(_C.kind, _C.dag_id, _C.state, _C.shard, _C.n).where(_C.shard != 0).with_for_update(skip_locked=True)
)
_DROP = Prepared(
    delete(ROW_COUNT).where(
        _C.kind == bindparam("kind"),
        _C.dag_id == bindparam("dag_id"),
        _C.state == bindparam("state"),
        _C.shard == bindparam("shard"),
    )
)
_CLEAR = Prepared(delete(ROW_COUNT))


def _counted() -> tuple[Any, Any]:
    tasks = select(
        literal("task").label("kind"),
        TASK_INSTANCE.c.dag_id,
        TASK_INSTANCE.c.state,
        func.count().label("n"),
    ).group_by(TASK_INSTANCE.c.dag_id, TASK_INSTANCE.c.state)
    runs = select(literal("run").label("kind"), DAG_RUN.c.dag_id, DAG_RUN.c.state, func.count().label("n")).group_by(
        DAG_RUN.c.dag_id, DAG_RUN.c.state
    )
    return tasks, runs


_RECOUNT = tuple(Prepared(part) for part in _counted())


class CounterStore:
    """Counts of task instances and runs."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def task_instances(
        self,
        dag_id: str | None = None,
        state: str | Iterable[str | None] | None = (),
        dag_ids: Iterable[str] | None = None,
    ) -> int:
        """How many task instances there are: of a DAG (or DAGs), in a state (or one of several; None is "no state")."""
        return self._total("task", dag_id, dag_ids, state)

    def runs(
        self, dag_id: str | None = None, state: str | Iterable[str | None] = (), dag_ids: Iterable[str] | None = None
    ) -> int:
        """How many DAG runs there are: of a DAG (or DAGs), in a state (or one of several)."""
        return self._total("run", dag_id, dag_ids, state)

    def by_state(self, kind: str, dag_ids: Iterable[str]) -> dict[tuple[str, str | None], int]:
        """(dag_id, state) → number of rows, for "run" or "task"; states without rows are left out."""
        self._work.flush_counts()
        rows = self._work.all(_BY_DAG_STATE, kind=kind, dag_ids=many(dag_ids, self._work.dialect))
        return {(dag_id, state or None): int(n) for dag_id, state, n in rows if n}

    def _total(
        self, kind: str, dag_id: str | None, dag_ids: Iterable[str] | None, state: str | Iterable[str | None] | None
    ) -> int:
        self._work.flush_counts()
        states = [state] if state is None or isinstance(state, str) else list(state)
        dags = [dag_id] if dag_id is not None else None if dag_ids is None else list(dag_ids)
        params: dict[str, object] = {"kind": kind}
        if dags is not None:
            params["dag_ids"] = many(dags, self._work.dialect)
        if states:
            params["states"] = many([str(each) if each is not None else "" for each in states], self._work.dialect)
        return int(self._work.scalar(_TOTALS[dags is not None, bool(states)], **params))

    def fold(self) -> int:
        """Add the shards of PostgreSQL's sessions to the first one; how many rows went. Does nothing on SQLite."""
        if self._work.dialect == "sqlite":
            return 0
        rows = self._work.all(_FOLDABLE)
        for kind, dag_id, state, shard, n in rows:
            self._work.run(_DROP, kind=kind, dag_id=dag_id, state=state, shard=shard)
            self._work.count(kind, dag_id, state, n)
        self._work.link.shard, shard = 0, self._work.link.shard
        try:
            self._work.flush_counts()
        finally:
            self._work.link.shard = shard
        return len(rows)

    def recount(self) -> None:
        """Count everything anew, for a database that somebody wrote to by hand."""
        self._work.run(_CLEAR)
        for statement in _RECOUNT:
            for kind, dag_id, state, n in self._work.all(statement):
                self._work.count(kind, dag_id, state, n)
        self._work.flush_counts()
