"""``dags``: list, look at, trigger, pause, delete."""

from __future__ import annotations

import json
import re
from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tradewind.model.states import RunType
from tradewind.storage.quick import DagLines, active_dags

from .inputs import json_object, moment
from .jobs import JOB_TYPES
from .lookup import dag_row, dag_run, dag_spec, is_under, matching_dags
from .run import application
from .run_view import watch
from .session import CommandFailed, Session
from .tree_dags import DEFAULT_COLUMNS

if TYPE_CHECKING:
    from tradewind.storage.rows import DagRow
    from tradewind.timetables.base import Timetable


def list_dags(args: Namespace, session: Session) -> int:
    """Active DAGs, by id."""
    found = active_dags(session.settings.sql_alchemy_conn) if args.columns == DEFAULT_COLUMNS else None
    rows, has_errors = (
        _all_columns(session, args) if found is None else (_quick_rows(found, args), found.has_import_errors)
    )
    names = _wanted_columns(args.columns, rows)
    session.show([{name: row[name] for name in names} for row in rows], args.output)
    if has_errors:
        session.complain("error: some DAG files cannot be loaded; see `dags list-import-errors`")
    return 0


def _quick_rows(found: DagLines, args: Namespace) -> list[dict[str, Any]]:
    return [row._asdict() | {"owners": _owners(row.owners)} for row in found.dags if is_under(row.fileloc, args.subdir)]


def _all_columns(session: Session, args: Namespace) -> tuple[list[dict[str, Any]], bool]:
    wants_tags = "tags" in args.columns.split(",")
    with session.database.read() as tx:
        rows = [row for row in tx.dags.all() if row.is_active and is_under(row.fileloc, args.subdir)]
        shown = [_columns(row) | ({"tags": tx.dags.tags(row.dag_id)} if wants_tags else {}) for row in rows]
        return shown, bool(tx.dags.import_errors())


def details(args: Namespace, session: Session) -> int:
    """Everything about one DAG, one property a row."""
    with session.database.read() as tx:
        row, spec, tags = dag_row(tx, args.dag_id), dag_spec(tx, args.dag_id), tx.dags.tags(args.dag_id)
    properties = _columns(row) | {
        "schedule_interval": spec.schedule_interval,
        "catchup": spec.catchup,
        "start_date": _iso(spec.start_date),
        "end_date": _iso(spec.end_date),
        "doc_md": spec.doc_md,
        "params": dict(spec.params),
        "tags": [{"name": tag} for tag in tags],
        "task_count": len(spec.tasks),
    }
    session.show([{"property_name": name, "property_value": value} for name, value in properties.items()], args.output)
    return 0


def trigger(args: Namespace, session: Session) -> int:
    """Starts a run."""
    from tradewind.actions import runs  # brings the engine along, which listing DAGs does not need

    date = moment(args.exec_date, session.settings.default_timezone) if args.exec_date else session.clock.now()
    if args.replace_microseconds:
        date = date.replace(microsecond=0)
    conf = json_object(args.conf, "--conf")
    with session.database.begin() as tx:
        run = runs.trigger(
            tx,
            dag_spec(tx, args.dag_id),
            run_id=args.run_id or None,
            logical_date=date,
            conf=conf,
            run_id_pattern=re.compile(session.settings.allowed_run_id_pattern),
            timetables=session.timetables,
            names_itself=True,
        )
    session.show(
        [
            {
                "conf": run.conf or {},
                "dag_id": run.dag_id,
                "dag_run_id": run.run_id,
                "data_interval_start": run.data_interval_start,
                "data_interval_end": run.data_interval_end,
                "end_date": run.end_date,
                "external_trigger": run.external_trigger,
                "last_scheduling_decision": run.last_scheduling_decision,
                "logical_date": run.logical_date,
                "run_type": run.run_type,
                "start_date": run.start_date,
                "state": run.state,
            }
        ],
        args.output,
    )
    return 0


def pause(args: Namespace, session: Session) -> int:
    """Pauses one DAG, or all that an expression matches."""
    return _set_paused(args, session, is_paused=True)


def unpause(args: Namespace, session: Session) -> int:
    """Lets one DAG, or all that an expression matches, run again."""
    return _set_paused(args, session, is_paused=False)


def test(args: Namespace, session: Session) -> int:
    """Runs a DAG once in this process; 0 when the run succeeds."""
    zone = session.settings.default_timezone
    looks = application().test_dag_of_folder(
        session.settings,
        args.dag_id,
        subdir=args.subdir,
        logical_date=moment(args.execution_date, zone) if args.execution_date else None,
        conf=json_object(args.conf, "--conf"),
        mark_success_pattern=args.mark_success_pattern,
    )
    return 0 if watch(looks, session.out, session.clock) else 1


def list_runs(args: Namespace, session: Session) -> int:
    """A DAG's runs, newest first."""
    from tradewind.storage import listings, pages  # the lists of the API; most commands do without

    zone = session.settings.default_timezone
    span = pages.Span(
        moment(args.start_date, zone) if args.start_date else None,
        moment(args.end_date, zone) if args.end_date else None,
    )
    wanted = listings.RunFilter(dag_ids=[args.dag_id], states=[args.state] if args.state else None, logical_date=span)
    with session.database.read() as tx:
        if tx.dags.get(args.dag_id) is None:
            raise CommandFailed(f"DAG: {args.dag_id} does not exist in 'dag' table")
        order = pages.Order("execution_date", descending=True)
        found, _ = listings.runs(tx, wanted, pages.Page(limit=1_000_000), order)
    rows = [
        {
            "dag_id": run.dag_id,
            "run_id": run.run_id,
            "state": run.state,
            "execution_date": _iso(run.logical_date),
            "start_date": _iso(run.start_date) or "",
            "end_date": _iso(run.end_date) or "",
        }
        for run in found
        if not (args.no_backfill and run.run_type == RunType.BACKFILL)
    ]
    session.show(rows, args.output)
    return 0


def list_jobs(args: Namespace, session: Session) -> int:
    """The latest job of each kind, newest first. Attempts have none of their own, so that no job belongs to a DAG."""
    with session.database.read() as tx:
        latest = [] if args.dag_id else [tx.jobs.latest(kind) for kind in JOB_TYPES]
    jobs = [job for job in latest if job is not None and args.state in (None, job.state)]
    rows = [
        {
            "dag_id": None,
            "state": job.state,
            "job_type": job.job_type,
            "start_date": _iso(job.start_date),
            "end_date": _iso(job.end_date),
        }
        for job in sorted(jobs, key=lambda job: job.id, reverse=True)[: args.limit]
    ]
    session.show(rows, args.output)
    return 0


def state(args: Namespace, session: Session) -> int:
    """State of the run of a date, and its conf; None when there is no run."""
    with session.database.read() as tx:
        dag_row(tx, args.dag_id)
        try:
            run = dag_run(tx, args.dag_id, args.execution_date, session.settings.default_timezone)
        except CommandFailed:
            session.say("None")
            return 0
    session.say(f"{run.state}, {json.dumps(run.conf)}" if run.conf else str(run.state))
    return 0


def next_execution(args: Namespace, session: Session) -> int:
    """The next logical dates, one a line."""
    if args.num_executions < 1:
        raise CommandFailed("--num-executions must be at least 1")
    with session.database.read() as tx:
        row, spec = dag_row(tx, args.dag_id), dag_spec(tx, args.dag_id)
    if row.is_paused:
        session.complain("[INFO] Please be reminded this DAG is PAUSED now.")
    if row.next_dagrun is None:
        session.complain(
            "[WARN] No following schedule can be found. This DAG may have schedule interval '@once' or `None`."
        )
        session.say("None")
        return 0
    dates = _next_dates(row, session.timetables(spec.timetable), spec.end_date)
    for _, date in zip(range(args.num_executions), dates, strict=False):
        session.say(str(_iso(date)))
    return 0


def list_import_errors(args: Namespace, session: Session) -> int:
    """Files that cannot be loaded, with the reason; 1 when there are any, as with Airflow."""
    with session.database.read() as tx:
        errors = [error for error in tx.dags.import_errors() if is_under(error.filename, args.subdir)]
    session.show([{"filepath": error.filename, "error": error.stacktrace} for error in errors], args.output)
    return 1 if errors else 0


def delete(args: Namespace, session: Session) -> int:
    """Deletes all that is stored about a DAG; its file stays."""
    from tradewind.actions import dags as actions  # needs more than listing does

    with session.database.read() as tx:
        dag_row(tx, args.dag_id)
    question = "This will drop all existing records related to the specified DAG. Proceed?"
    session.confirm(question, yes=args.yes)
    with session.database.begin() as tx:
        actions.delete_dag(tx, args.dag_id)
    session.say(f"Removed DAG {args.dag_id}")
    return 0


def reserialize(args: Namespace, session: Session) -> int:
    """Parses all DAG files again, in this process's children."""
    application().reserialize(session.settings, subdir=args.subdir, clear_only=args.clear_only)
    return 0


def report(args: Namespace, session: Session) -> int:
    """How long each DAG file took to parse, slowest first."""
    folder = str(session.settings.dags_folder)
    with session.database.read() as tx:
        states = [state for state in tx.dags.file_states().values() if is_under(state.path, args.subdir)]
        rows = []
        for found in states:
            dag_ids = tx.dags.by_file(found.path)
            rows.append(
                {
                    "file": found.path.removeprefix(folder),
                    "duration": timedelta(seconds=_seconds(found.state)),
                    "dag_num": len(dag_ids),
                    "task_num": sum(len(dag_spec(tx, dag_id).tasks) for dag_id in dag_ids),
                    "dags": ",".join(dag_ids),
                }
            )
    session.show(sorted(rows, key=lambda row: row["duration"], reverse=True), args.output)
    return 0


def _set_paused(args: Namespace, session: Session, *, is_paused: bool) -> int:
    from tradewind.actions import dags as actions  # needs more than listing does

    verb, other = ("pause", "unpaused") if is_paused else ("unpause", "paused")
    with session.database.read() as tx:
        found = matching_dags(tx, args.dag_id, is_regex=args.treat_dag_id_as_regex)
    chosen = [row.dag_id for row in found if row.is_paused != is_paused]
    if not chosen:
        session.say(f"No {other} DAGs were found")
        return 0
    if args.treat_dag_id_as_regex:
        session.confirm(f"You are about to {verb} {len(chosen)} DAGs: {', '.join(chosen)}. Are you sure?", yes=args.yes)
    with session.database.begin() as tx:
        changed = actions.set_paused(tx, chosen, is_paused=is_paused)
    session.show([{"dag_id": dag_id, "is_paused": is_paused} for dag_id in sorted(changed)], args.output)
    return 0


def _columns(row: DagRow) -> dict[str, Any]:
    return {
        "dag_id": row.dag_id,
        "dag_display_name": row.dag_display_name or row.dag_id,
        "is_paused": row.is_paused,
        "is_active": row.is_active,
        "last_parsed_time": _iso(row.last_parsed_time),
        "default_view": row.default_view,
        "fileloc": row.fileloc,
        "owners": _owners(row.owners),
        "description": row.description,
        "schedule_interval": row.schedule_interval,
        "timetable_description": row.timetable_description,
        "max_active_tasks": row.max_active_tasks,
        "max_active_runs": row.max_active_runs,
        "max_consecutive_failed_dag_runs": row.max_consecutive_failed_dag_runs,
        "has_task_concurrency_limits": row.has_task_concurrency_limits,
        "has_import_errors": row.has_import_errors,
        "next_dagrun": _iso(row.next_dagrun),
        "next_dagrun_data_interval_start": _iso(row.next_dagrun_data_interval_start),
        "next_dagrun_data_interval_end": _iso(row.next_dagrun_data_interval_end),
        "next_dagrun_create_after": _iso(row.next_dagrun_create_after),
    }


def _owners(text: str | None) -> list[str]:
    return [owner.strip() for owner in (text or "").split(",") if owner.strip()]


def _wanted_columns(text: str, rows: Sequence[dict[str, Any]]) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if rows and name not in rows[0]]
    if unknown:
        raise CommandFailed(f"there is no column {unknown[0]}; there are {', '.join(rows[0])}")
    return names


def _next_dates(row: DagRow, timetable: Timetable, end_date: datetime | None) -> Iterator[datetime]:
    # Timetables bring cron and time zones along, which no other command needs.
    from tradewind.timetables.base import DataInterval, TimeRestriction

    interval = DataInterval(row.next_dagrun_data_interval_start, row.next_dagrun_data_interval_end)  # type: ignore[arg-type]  # set together with next_dagrun
    restriction = TimeRestriction(earliest=row.next_dagrun, latest=end_date, catchup=True)
    while True:
        yield interval.start
        info = timetable.next_dagrun_info(last_automated_data_interval=interval, restriction=restriction)
        if info is None:
            return
        interval = info.data_interval


def _iso(value: datetime | str | None) -> str | None:
    # The lists give moments as the text that the API answers.
    return value.isoformat() if isinstance(value, datetime) else value


def _seconds(parsed: Any) -> float:
    return float(parsed.get("seconds", 0.0)) if isinstance(parsed, dict) else 0.0
