"""What overviews of many DAGs read: the list with its last runs, what failed, what is late. Each a constant number of
statements, whatever the number of DAGs.

Nothing here decides who may see what: ``readable`` are the DAGs that the user may read, None for all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Double,
    Float,
    Select,
    String,
    and_,
    case,
    cast,
    extract,
    false,
    func,
    literal_column,
    select,
    true,
    type_coerce,
)
from sqlalchemy.sql.elements import ColumnElement

from .columns import time_from_text
from .pages import Rows, among, fetch
from .shown import epoch, plain
from .statements import many, one_of
from .tables_backfills import DAG_FAVORITE
from .tables_dags import DAG, DAG_TAG, DAG_VERSION, DATASET_DAG_RUN_QUEUE, IMPORT_ERROR
from .tables_runs import DAG_RUN, JOB, TASK_FAILURE, TASK_INSTANCE

if TYPE_CHECKING:
    from .database import Transaction

Readable = Collection[str] | None

_SHOWN = DAG.c.is_active.is_(True) & DAG.c.is_subdag.is_(False)


def dag_rows(tx: Transaction, readable: Readable) -> Rows:
    """Active DAGs by id, with what a list shows of each."""
    d = DAG.c
    statement = (
        select(
            d.dag_id,
            d.dag_display_name,
            d.is_paused,
            d.timetable_summary,
            d.timetable_description,
            d.timetable_kind,
            d.owners,
            d.fileloc,
            d.max_active_runs,
            d.has_import_errors,
            epoch(d.next_dagrun_create_after, "next_at"),
        )
        .where(_SHOWN, *among(d.dag_id, readable))
        .order_by(d.dag_id)
    )
    return fetch(tx, statement)


def version_rows(tx: Transaction, readable: Readable) -> Rows:
    """Active DAGs by id: which version is the newest, and when it runs next."""
    d = DAG.c
    names = ("next_dagrun", "next_dagrun_data_interval_start", "next_dagrun_data_interval_end")
    columns = [d[name] for name in ("dag_id", "version_id", "is_paused", *names, "next_dagrun_create_after")]
    return fetch(tx, select(*columns, d.dag_display_name).where(_SHOWN, *among(d.dag_id, readable)).order_by(d.dag_id))


def version_data(tx: Transaction, version_ids: Collection[int]) -> Rows:
    """(version id, serialised DAG) of some versions."""
    v = DAG_VERSION.c
    statement = select(v.id, v.data).where(one_of(v.id, "version_ids", tx.dialect))
    return tx.connection.execute(statement, {"version_ids": many(version_ids, tx.dialect)}).all()


def tags(tx: Transaction, readable: Readable) -> Rows:
    """(dag_id, name) of all tags, in their order."""
    t = DAG_TAG.c
    return fetch(tx, select(t.dag_id, t.name).where(*among(t.dag_id, readable)).order_by(t.dag_id, t.name))


def last_runs(tx: Transaction, readable: Readable, count: int) -> Rows:
    """The last runs by logical date of every active DAG, oldest first. There may be tens of thousands: ``length`` in
    seconds comes from the database, and moments are as the driver gives them, for :func:`seconds`."""
    rows = fetch(tx, _last_runs(tx.dialect, count).where(*among(DAG.c.dag_id, readable)))
    return [row for row in rows if row.id is not None]


def _last_runs(dialect: str, count: int) -> Select[Any]:
    """One walk of the index for each DAG. A window over all runs would read all there ever were."""
    if dialect == "sqlite":
        run, other = DAG_RUN, DAG_RUN.alias("other")
        since = (
            select(other.c.execution_date)
            .where(other.c.dag_id == DAG.c.dag_id)
            .order_by(other.c.execution_date.desc())
            .limit(1)
            .offset(count - 1)
            .correlate(DAG)
            .scalar_subquery()
        )
        # A DAG with fewer runs than that shows all; no moment is less than the empty text.
        recent = run.c.execution_date >= func.coalesce(since, literal_column("''"))
        # Outer, so that SQLite begins with the DAGs: it would walk all runs, and ask for their limit at each.
        source: Any = DAG.outerjoin(run, and_(run.c.dag_id == DAG.c.dag_id, recent))
        columns: Any = run.c
    else:
        newest = (
            select(DAG_RUN)
            .where(DAG_RUN.c.dag_id == DAG.c.dag_id)
            .order_by(DAG_RUN.c.execution_date.desc())
            .limit(count)
            .correlate(DAG)
            .lateral("newest")
        )
        source, columns = DAG.join(newest, true()), newest.c
    return (
        select(
            columns.id,
            columns.dag_id,
            columns.run_id,
            plain(columns.state),
            *(type_coerce(columns[name], String()).label(name) for name in ("queued_at", "start_date", "end_date")),
            _length(columns, dialect).label("length"),
            columns.revision,
        )
        .select_from(source)
        .where(_SHOWN)
        .order_by(DAG.c.dag_id, columns.execution_date)
    )


def _length(columns: Any, dialect: str) -> ColumnElement[Any]:
    if dialect == "sqlite":
        days = func.julianday(columns.end_date) - func.julianday(columns.start_date)
        return type_coerce(func.round(type_coerce(days, Float()) * 86400.0, 1), Float())
    seconds_between = extract("epoch", columns.end_date - columns.start_date)
    return type_coerce(cast(seconds_between, Double()), Float())


def seconds(moment: str | datetime | None) -> float | None:
    """Seconds since 1970 of a moment as a driver gives it."""
    if moment is None:
        return None
    at = moment if isinstance(moment, datetime) else time_from_text(moment)
    return at.timestamp()


def states_of_runs(tx: Transaction, run_numbers: Collection[int]) -> Rows:
    """(number, state, n): task instances of some runs (by row id) by state."""
    dialect = tx.dialect
    t, r = TASK_INSTANCE.c, DAG_RUN.c
    statement = (
        select(r.id, plain(t.state), func.count().label("n"))
        .join_from(DAG_RUN, TASK_INSTANCE, and_(t.dag_id == r.dag_id, t.run_id == r.run_id))
        .where(one_of(r.id, "numbers", dialect))
        .group_by(r.id, t.state)
    )
    return tx.connection.execute(statement, {"numbers": many(run_numbers, dialect)}).all()


def starred(tx: Transaction, user_id: int | None) -> list[str]:
    """The DAGs that a user has starred, by id."""
    f = DAG_FAVORITE.c
    statement = select(f.dag_id).where(f.user_id == user_id if user_id is not None else false()).order_by(f.dag_id)
    return list(tx.connection.execute(statement).scalars())


def open_runs(tx: Transaction, readable: Readable) -> Rows:
    """(dag_id, state, n): open runs of each DAG by state."""
    r = DAG_RUN.c
    is_open: ColumnElement[bool] = literal_column("dag_run.state IN ('queued', 'running')")
    statement = select(r.dag_id, plain(r.state), func.count().label("n")).where(is_open, *among(r.dag_id, readable))
    return fetch(tx, statement.group_by(r.dag_id, r.state))


# What needs somebody -------------------------------------------------------------------------------------------------


def failures(tx: Transaction, readable: Readable, since: datetime, most: int) -> Rows:
    """Tries that failed since a moment and whose task instance is failed still, latest first."""
    f, t = TASK_FAILURE.c, TASK_INSTANCE.c
    same = and_(
        t.dag_id == f.dag_id,
        t.run_id == f.run_id,
        t.task_id == f.task_id,
        t.map_index == f.map_index,
        t.try_number == f.try_number,
    )
    statement = (
        select(f.dag_id, f.run_id, f.task_id, f.map_index, f.try_number, t.max_tries, f.error, epoch(f.ended_at))
        .join_from(TASK_FAILURE, TASK_INSTANCE, same)
        .where(f.ended_at >= since, t.state == "failed", *among(f.dag_id, readable))
        .order_by(f.ended_at.desc())
        .limit(most)
    )
    return fetch(tx, statement)


def states_of_keys(tx: Transaction, dag_ids: Collection[str], run_ids: Collection[str]) -> Rows:
    """(dag_id, run_id, state, n): task instances by run and state, of these DAGs' runs with these ids."""
    dialect = tx.dialect
    t = TASK_INSTANCE.c
    statement = (
        select(t.dag_id, t.run_id, plain(t.state), func.count().label("n"))
        .where(one_of(t.dag_id, "dag_ids", dialect), one_of(t.run_id, "run_ids", dialect))
        .group_by(t.dag_id, t.run_id, t.state)
    )
    given = {"dag_ids": many(dag_ids, dialect), "run_ids": many(run_ids, dialect)}
    return tx.connection.execute(statement, given).all()


def owners_of(tx: Transaction, dag_ids: Collection[str]) -> dict[str, str]:
    """Owners by DAG id."""
    rows = tx.connection.execute(
        select(DAG.c.dag_id, DAG.c.owners).where(one_of(DAG.c.dag_id, "dag_ids", tx.dialect)),
        {"dag_ids": many(dag_ids, tx.dialect)},
    )
    return {dag_id: owners or "" for dag_id, owners in rows}


def last_failed_run(tx: Transaction, readable: Readable) -> Any | None:
    """The failed run that was made last, of all times."""
    r = DAG_RUN.c
    statement = (
        select(r.dag_id, r.run_id, epoch(r.end_date))
        .where(r.state == "failed", *among(r.dag_id, readable))
        .order_by(r.id.desc())
        .limit(1)
    )
    return tx.connection.execute(statement).one_or_none()


def active_counts(tx: Transaction, readable: Readable, queued_before: datetime) -> tuple[int, int]:
    """How many task instances run now, and how many are queued since before a moment."""
    t = TASK_INSTANCE.c
    is_active: ColumnElement[bool] = literal_column("task_instance.state IN ('queued', 'running', 'deferred')")
    long_queued = case((and_(t.state == "queued", t.queued_dttm < queued_before), 1))
    statement = select(func.count(case((t.state == "running", 1))), func.count(long_queued))
    running, queued = tx.connection.execute(statement.where(is_active, *among(t.dag_id, readable))).one()
    return int(running), int(queued)


def scheduled_dags(tx: Transaction, readable: Readable, late_since: datetime, most: int) -> tuple[int, Rows]:
    """How many DAGs should have had a run before a moment and have not, and the next (dag_id, at) of all."""
    d = DAG.c
    is_due = (_SHOWN, d.is_paused.is_(False), d.next_dagrun_create_after.is_not(None), *among(d.dag_id, readable))
    late = select(func.count()).select_from(DAG).where(*is_due, d.next_dagrun_create_after < late_since)
    coming = (
        select(d.dag_id, epoch(d.next_dagrun_create_after, "at"))
        .where(*is_due)
        .order_by(d.next_dagrun_create_after, d.dag_id)
        .limit(most)
    )
    return int(tx.connection.execute(late).scalar_one()), fetch(tx, coming)


def import_error_count(tx: Transaction, readable: Readable) -> int:
    """Files that cannot be loaded; with ``readable`` those that held one of these DAGs."""
    statement = select(func.count()).select_from(IMPORT_ERROR)
    if readable is not None:
        files = select(DAG.c.fileloc).where(*among(DAG.c.dag_id, readable))
        statement = statement.where(IMPORT_ERROR.c.filename.in_(files))
    return int(tx.connection.execute(statement).scalar_one())


def dags_waiting_for_assets(tx: Transaction, readable: Readable) -> int:
    """DAGs of which some dataset has news, and others have not yet."""
    q = DATASET_DAG_RUN_QUEUE.c
    statement = select(func.count(q.target_dag_id.distinct())).where(*among(q.target_dag_id, readable))
    return int(tx.connection.execute(statement).scalar_one())


def jobs(tx: Transaction, kind: str | None, state: str | None, most: int) -> Rows:
    """Jobs of the roles, those that were heard of last first."""
    j = JOB.c
    equal = [column == value for column, value in ((j.job_type, kind), (j.state, state)) if value]
    statement = (
        select(
            *(j.id, j.job_type, j.dag_id, plain(j.state), j.hostname, j.unixname, j.executor_class),
            *(epoch(j.start_date), epoch(j.end_date), epoch(j.latest_heartbeat)),
        )
        .where(*equal)
        .order_by(j.latest_heartbeat.desc().nulls_last(), j.id.desc())
        .limit(most)
    )
    return fetch(tx, statement)


def latest_jobs(tx: Transaction, kinds: Sequence[str]) -> Rows:
    """Of each kind of job the one that was heard of last, with how many run."""
    j = JOB.c
    newest = select(j.job_type, func.max(j.latest_heartbeat).label("at")).where(j.job_type.in_(kinds))
    found = newest.group_by(j.job_type).subquery()
    statement = (
        select(j.job_type, plain(j.state), j.hostname, epoch(j.latest_heartbeat), epoch(j.start_date))
        .join_from(found, JOB, and_(j.job_type == found.c.job_type, j.latest_heartbeat == found.c.at))
        .order_by(j.job_type, j.id)
    )
    return fetch(tx, statement)
