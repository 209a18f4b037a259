"""What the drawers of one run and one task instance read. Each a constant number of statements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, case, func, select, type_coerce

from tradewind.model.records import RunKey

from .pages import Rows, among, fetch
from .shown import epoch, plain
from .tables_access import LOG
from .tables_backfills import BACKFILL
from .tables_dags import DAG_VERSION, DAG_WARNING, DATASET, DATASET_EVENT
from .tables_runs import DAG_RUN, DAG_RUN_NOTE, TASK_INSTANCE, XCOM

if TYPE_CHECKING:
    from .database import Transaction

_T = TASK_INSTANCE.c
_R = DAG_RUN.c
_ATTENTION = ("failed", "upstream_failed", "up_for_retry", "running", "restarting", "deferred", "queued", "scheduled")
"""States in which a list of a run's task instances begins."""
_TRIGGERING = ("api.post_dag_run", "trigger", "cli_dag_trigger", "dags_trigger")


def run(tx: Transaction, dag_id: str, run_id: str) -> Any | None:
    """One run with all that its head shows."""
    statement = (
        select(
            *(_R[name] for name in ("id", "dag_id", "run_id", "external_trigger", "clear_number", "revision")),
            type_coerce(_R.conf, String()).label("conf"),
            plain(_R.state),
            plain(_R.run_type),
            epoch(_R.execution_date, "logical"),
            epoch(_R.queued_at),
            epoch(_R.start_date),
            epoch(_R.end_date),
            epoch(_R.data_interval_start),
            epoch(_R.data_interval_end),
            epoch(_R.last_scheduling_decision),
            _R.version_id,
            DAG_VERSION.c.version_number,
            DAG_RUN_NOTE.c.content.label("note"),
        )
        .select_from(
            DAG_RUN.outerjoin(DAG_RUN_NOTE, DAG_RUN_NOTE.c.dag_run_id == _R.id).outerjoin(
                DAG_VERSION, DAG_VERSION.c.id == _R.version_id
            )
        )
        .where(_R.dag_id == dag_id, _R.run_id == run_id)
    )
    return tx.connection.execute(statement).one_or_none()


_TASK_COLUMNS = (
    _T.task_id,
    _T.map_index,
    _T.rendered_map_index,
    plain(_T.state),
    epoch(_T.start_date),
    epoch(_T.end_date),
    _T.duration,
    _T.try_number,
    _T.max_tries,
    _T.operator,
    _T.hostname,
)


def tasks_of_run(
    tx: Transaction,
    key: RunKey,
    most: int,
    *,
    task_id: str | None = None,
    states: Collection[str | None] | None = None,
    offset: int = 0,
) -> Rows:
    """Task instances of a run, what needs attention first; of one task: its mapped instances by index."""
    conditions = [_T.dag_id == key.dag_id, _T.run_id == key.run_id]
    order: Sequence[Any] = (
        case({state: place for place, state in enumerate(_ATTENTION)}, value=_T.state, else_=len(_ATTENTION)),
        _T.start_date.asc().nulls_last(),
        _T.task_id,
        _T.map_index,
    )
    if task_id is not None:
        conditions += [_T.task_id == task_id, _T.map_index >= 0]
        order = (_T.map_index,)
    if states is not None:
        named = _T.state.in_([state for state in states if state is not None])
        conditions.append(named | _T.state.is_(None) if None in states else named)
    statement = select(*_TASK_COLUMNS).where(*conditions).order_by(*order).limit(most).offset(offset)
    return fetch(tx, statement)


def states(tx: Transaction, key: RunKey, task_id: str | None = None) -> dict[str, int]:
    """How many task instances of a run (or mapped ones of one task in it) are in which state."""
    conditions = [_T.dag_id == key.dag_id, _T.run_id == key.run_id]
    if task_id is not None:
        conditions += [_T.task_id == task_id, _T.map_index >= 0]
    statement = select(plain(_T.state), func.count().label("n")).where(*conditions).group_by(_T.state)
    return {state or "none": count for state, count in fetch(tx, statement)}


def states_of_tasks(tx: Transaction, key: RunKey, task_ids: Collection[str]) -> Rows:
    """(task_id, map_index, state) of some tasks in a run."""
    statement = select(_T.task_id, _T.map_index, plain(_T.state)).where(
        _T.dag_id == key.dag_id, _T.run_id == key.run_id, *among(_T.task_id, task_ids)
    )
    return fetch(tx, statement.order_by(_T.task_id, _T.map_index))


def produced_events(tx: Transaction, key: RunKey) -> Rows:
    """Dataset events that a run made."""
    e = DATASET_EVENT.c
    statement = (
        select(e.id, DATASET.c.uri, e.source_task_id, e.source_map_index, e.extra, epoch(e.timestamp))
        .join_from(DATASET_EVENT, DATASET, DATASET.c.id == e.dataset_id)
        .where(e.source_dag_id == key.dag_id, e.source_run_id == key.run_id)
        .order_by(e.id)
    )
    return fetch(tx, statement)


def who_triggered(tx: Transaction, dag_id: str, queued_at: Any) -> str | None:
    """Whose request to trigger the DAG was noted at about the moment at which a run was queued."""
    if queued_at is None:
        return None
    near = timedelta(seconds=5)
    statement = (
        select(LOG.c.owner)
        .where(
            LOG.c.dag_id == dag_id, LOG.c.event.in_(_TRIGGERING), LOG.c.dttm.between(queued_at - near, queued_at + near)
        )
        .order_by(LOG.c.id.desc())
        .limit(1)
    )
    owner: str | None = tx.connection.execute(statement).scalar()
    return owner


def xcom_values(tx: Transaction, key: RunKey, task_id: str, map_index: int, most: int) -> Rows:
    """All XComs of a task instance; a value that is longer than ``most`` characters is cut."""
    x = XCOM.c
    statement = (
        select(
            x.key, func.substr(x.value, 1, most).label("value"), func.length(x.value).label("size"), epoch(x.timestamp)
        )
        .where(x.dag_id == key.dag_id, x.run_id == key.run_id, x.task_id == task_id, x.map_index == map_index)
        .order_by(x.key)
    )
    return fetch(tx, statement)


# The head of a DAG's page --------------------------------------------------------------------------------------------


def versions(tx: Transaction, dag_id: str) -> Rows:
    """A DAG's versions, newest first."""
    v = DAG_VERSION.c
    statement = select(v.id, v.version_number, v.dag_hash, epoch(v.created_at)).where(v.dag_id == dag_id)
    return fetch(tx, statement.order_by(v.version_number.desc()))


def warnings(tx: Transaction, dag_id: str) -> Rows:
    """(warning_type, message) of a DAG."""
    w = DAG_WARNING.c
    return fetch(tx, select(w.warning_type, w.message).where(w.dag_id == dag_id).order_by(w.warning_type))


def open_backfills(tx: Transaction, dag_id: str) -> int:
    """Backfills of a DAG that are not over."""
    statement = select(func.count()).select_from(BACKFILL)
    return int(
        tx.connection.execute(
            statement.where(BACKFILL.c.dag_id == dag_id, BACKFILL.c.completed_at.is_(None))
        ).scalar_one()
    )


def latest_confs(tx: Transaction, dag_id: str, most: int) -> Rows:
    """(run_id, conf as JSON text) of the last manual runs of a DAG that had one, newest first."""
    text = type_coerce(_R.conf, String())
    statement = (
        select(_R.run_id, text.label("conf"), epoch(_R.queued_at), plain(_R.state))
        .where(_R.dag_id == dag_id, _R.run_type == "manual", text.is_not(None), text != "{}")
        .order_by(_R.id.desc())
        .limit(most)
    )
    return fetch(tx, statement)
