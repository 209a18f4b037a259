"""What the long lists of the user interface read: one page of what a selection (selections.py) matches, in an order,
and how many match in all. The same selections say what bulk actions act on: what is listed is what is changed."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, and_, case, func, select, type_coerce
from sqlalchemy.sql.elements import ColumnElement

from .pages import Order, Page, Rows, among, count, fetch
from .selections import RunSelection, TaskSelection, run_conditions, task_conditions
from .shown import epoch, plain
from .tables_runs import DAG_RUN, DAG_RUN_NOTE, TASK_INSTANCE, TASK_INSTANCE_NOTE, XCOM

if TYPE_CHECKING:
    from .database import Transaction

_R = DAG_RUN.c
_T = TASK_INSTANCE.c
_X = XCOM.c
_CONF = type_coerce(_R.conf, String())
PREVIEW = 200
"""So many characters of an XCom are shown in a list."""

_RUN_COLUMNS = (
    _R.dag_id,
    _R.run_id,
    plain(_R.state),
    plain(_R.run_type),
    epoch(_R.execution_date, "logical"),
    epoch(_R.queued_at),
    epoch(_R.start_date),
    epoch(_R.end_date),
    DAG_RUN_NOTE.c.content.label("note"),
    case((and_(_CONF.is_not(None), _CONF != "{}"), 1), else_=0).label("has_conf"),
)
_TASK_COLUMNS = (
    _T.dag_id,
    _T.run_id,
    _T.task_id,
    _T.map_index,
    plain(_T.state),
    _T.try_number,
    _T.max_tries,
    epoch(_T.logical_date, "logical"),
    epoch(_T.queued_dttm, "queued"),
    epoch(_T.start_date),
    epoch(_T.end_date),
    _T.duration,
    case((_T.custom_operator_name != "", _T.custom_operator_name), else_=_T.operator).label("op"),
    _T.pool,
    _T.pool_slots,
    _T.queue,
    _T.hostname,
    TASK_INSTANCE_NOTE.c.content.label("note"),
)
_TASK_KEY = (_T.dag_id, _T.run_id, _T.task_id, _T.map_index)


def runs(tx: Transaction, wanted: RunSelection, page: Page, order: Order) -> tuple[Rows, int]:
    """DAG runs with their notes."""
    conditions = run_conditions(tx, wanted)
    total = count(tx, select(func.count()).select_from(DAG_RUN).where(*conditions))
    noted = DAG_RUN.outerjoin(DAG_RUN_NOTE, DAG_RUN_NOTE.c.dag_run_id == _R.id)
    statement = select(*_RUN_COLUMNS).select_from(noted).where(*conditions)
    return fetch(tx, _paged(statement, _R[order.name], page, order, _R.id)), total


def task_instances(tx: Transaction, wanted: TaskSelection, page: Page, order: Order) -> tuple[Rows, int]:
    """Task instances with their notes."""
    conditions = task_conditions(tx, wanted)
    total = count(tx, select(func.count()).select_from(TASK_INSTANCE).where(*conditions))
    note = TASK_INSTANCE_NOTE.c
    noted = TASK_INSTANCE.outerjoin(TASK_INSTANCE_NOTE, and_(*(note[column.name] == column for column in _TASK_KEY)))
    statement = select(*_TASK_COLUMNS).select_from(noted).where(*conditions)
    return fetch(tx, _paged(statement, _T[order.name], page, order, *_TASK_KEY)), total


def _paged(statement: Any, column: Any, page: Page, order: Order, *ties: Any) -> Any:
    """Nulls stand where the database's indexes have them: an order of ours would sort the whole table."""
    ordered = column.desc() if order.descending else column.asc()
    return statement.order_by(ordered, *ties).limit(page.limit).offset(page.offset)


def xcoms(
    tx: Transaction, page: Page, *, dag_ids: Collection[str] | None, texts: dict[str, str | None]
) -> tuple[Rows, int]:
    """XComs, newest first, with the beginning of their values. ``texts``: what columns must hold, any case."""
    conditions: list[ColumnElement[bool]] = list(among(_X.dag_id, dag_ids))
    conditions += [_X[name].icontains(text, autoescape=True) for name, text in texts.items() if text]
    value = type_coerce(_X.value, String())
    statement = (
        select(
            *(_X.dag_id, _X.run_id, _X.task_id, _X.map_index, _X.key),
            epoch(_X.timestamp),
            func.substr(value, 1, PREVIEW).label("preview"),
            func.length(value).label("size"),
        )
        .where(*conditions)
        .order_by(_X.timestamp.desc(), _X.dag_id, _X.run_id, _X.task_id, _X.map_index, _X.key)
    )
    total = count(tx, select(func.count()).select_from(XCOM).where(*conditions))
    return fetch(tx, statement.limit(page.limit).offset(page.offset)), total
