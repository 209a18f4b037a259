"""``backfill create`` leaves the work to the scheduler; ``dags backfill`` waits for it, and brings a scheduler along
when none is running."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from typing import Any

from tradewind.actions import backfills as actions
from tradewind.actions.backfills import BackfillWish, PlannedRun, RunOptions
from tradewind.model.errors import Conflict
from tradewind.model.spec import DagSpec
from tradewind.model.states import ReprocessBehavior
from tradewind.storage import backfills
from tradewind.storage.backfills import BackfillRow

from .inputs import json_object, moment
from .lookup import dag_row, dag_spec, is_under, matching_dags
from .services import stop_execution
from .session import CommandFailed, Session

LOOK_SECONDS = 2.0
"""The longest time between two looks at a backfill; events come sooner."""


def create(args: Namespace, session: Session) -> int:
    """Makes a backfill, or says what it would be."""
    zone = session.settings.default_timezone
    wish = BackfillWish(
        from_date=moment(args.from_date, zone),
        to_date=moment(args.to_date, zone),
        reprocess_behavior=ReprocessBehavior(args.reprocess_behavior),
        run_backwards=args.run_backwards,
        max_active_runs=args.max_active_runs,
    )
    conf = json_object(args.dag_run_conf, "--dag-run-conf")
    with session.database.read() as tx:
        spec = dag_spec(tx, args.dag_id)
        planned = actions.plan(tx, spec, wish)
    if args.dry_run:
        session.show(_shown(args.dag_id, planned), args.output)
        return 0
    with session.database.begin() as tx:
        row = actions.create(tx, spec, wish, conf=conf, user_name=_user(), planned=planned)
        progress = backfills.progress(tx, [row.id])[row.id]
    session.show([_row_of(row) | {"runs": progress["waiting"], "left_out": progress["skipped"]}], args.output)
    return 0


def _row_of(row: BackfillRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "dag_id": row.dag_id,
        "from_date": row.from_date,
        "to_date": row.to_date,
        "reprocess_behavior": str(row.reprocess_behavior),
        "max_active_runs": row.max_active_runs,
    }


def _user() -> str:
    return os.environ.get("USER") or os.environ.get("LOGNAME") or str(os.getuid())  # noqa: TID251  the environment of whoever types the command


def _shown(dag_id: str, planned: Sequence[PlannedRun]) -> list[dict[str, Any]]:
    return [
        {
            "dag_id": dag_id,
            "logical_date": one.run.logical_date,
            "action": one.action,
            "run_id": one.existing.run_id if one.existing else None,
            "reason": one.reason,
        }
        for one in planned
    ]


# dags backfill -------------------------------------------------------------------------------------------------------


def backfill(args: Namespace, session: Session) -> int:
    """Runs a range of one DAG, or of all that an expression matches, one after the other; 1 when a task failed."""
    start, end = _range(args, session)
    dag_ids = _dag_ids(args, session)
    if args.reset_dagruns and not args.dry_run:
        session.confirm(
            f"Runs of {', '.join(dag_ids)} between {start} and {end} that have ended are run again.", yes=args.yes
        )
    codes = [_backfill_one(args, session, dag_id, start, end) for dag_id in dag_ids]
    return max(codes)


def _range(args: Namespace, session: Session) -> tuple[datetime, datetime]:
    zone = session.settings.default_timezone
    if not args.start_date and not args.end_date:
        raise CommandFailed("Provide a start_date and/or end_date")
    start = moment(args.start_date or args.end_date, zone)
    return start, moment(args.end_date, zone) if args.end_date else start


def _dag_ids(args: Namespace, session: Session) -> list[str]:
    with session.database.read() as tx:
        if not (args.treat_dag_as_regex or args.treat_dag_id_as_regex):
            return [dag_row(tx, args.dag_id).dag_id]
        found = [
            row.dag_id for row in matching_dags(tx, args.dag_id, is_regex=True) if is_under(row.fileloc, args.subdir)
        ]
    if not found:
        raise CommandFailed(f"No DAG's id matches {args.dag_id!r}")
    return found


def _backfill_one(args: Namespace, session: Session, dag_id: str, start: datetime, end: datetime) -> int:
    with session.database.read() as tx:
        spec, is_paused = dag_spec(tx, dag_id), dag_row(tx, dag_id).is_paused
        wish = _wish(args, spec, start, end)
        planned = actions.plan(tx, spec, wish)
    if args.dry_run:
        session.show(_shown(dag_id, planned), "table")
        return 0
    if all(one.reason for one in planned):
        session.say(f"{dag_id}: nothing to run, {len(planned)} dates have runs that are left as they are")
        return 0
    if is_paused:
        raise CommandFailed(
            f"DAG '{dag_id}' is paused, and its runs would wait for it: run `dags unpause {dag_id}` first"
        )
    options = _options(args, spec)
    conf = json_object(args.conf, "--conf")
    with session.database.begin() as tx:
        row = actions.create(tx, spec, wish, conf=conf, user_name=_user(), options=options, planned=planned)
    return _wait(session, row, goes_on=args.continue_on_failures)


def _wish(args: Namespace, spec: DagSpec, start: datetime, end: datetime) -> BackfillWish:
    behavior = ReprocessBehavior.NONE
    if args.reset_dagruns:
        behavior = ReprocessBehavior.COMPLETED
    elif args.rerun_failed_tasks:
        behavior = ReprocessBehavior.FAILED
    return BackfillWish(
        from_date=start,
        to_date=end,
        reprocess_behavior=behavior,
        run_backwards=args.run_backwards,
        max_active_runs=max(spec.max_active_runs, 1),
        may_leave_past=True,
    )


def _options(args: Namespace, spec: DagSpec) -> RunOptions:
    task_ids = None
    if args.task_regex:
        try:
            pattern = re.compile(args.task_regex)
        except re.error as error:
            raise CommandFailed(f"{args.task_regex!r} is not a regular expression: {error}") from None
        matched = [task.task_id for task in spec.tasks if pattern.search(task.task_id)]
        task_ids = actions.matching_tasks(spec, matched, with_upstream=not args.ignore_dependencies)
        if not task_ids:
            raise CommandFailed(f"There are no tasks that match {args.task_regex!r}; nothing to run")
    return RunOptions(
        task_ids=task_ids,
        pool=args.pool,
        mark_success=args.mark_success,
        disable_retry=args.disable_retry,
        only_failed=args.rerun_failed_tasks and not args.reset_dagruns,
    )


def _wait(session: Session, row: BackfillRow, *, goes_on: bool) -> int:
    """Until the backfill is over: how it went. The first failure cancels it unless it ``goes_on``; so does Ctrl-C."""
    shown: Mapping[str, int] = {}
    with closing(session.database.listen()) as listener, _scheduler(session):
        try:
            while True:
                with session.database.read() as tx:
                    now = actions.get(tx, row.id)
                    progress = backfills.progress(tx, [row.id])[row.id]
                    failed = backfills.failed_tasks(tx, row.id)
                if progress != shown:
                    session.say(_line(row, progress))
                    shown = progress
                if now.completed_at is not None and not progress["running"] and not progress["queued"]:
                    return _verdict(session, row, failed)
                if failed and not goes_on and now.completed_at is None:
                    _cancel(session, row)
                select.select([listener.fileno()], [], [], LOOK_SECONDS)
                listener.drain()
        except KeyboardInterrupt:
            _cancel(session, row)
            session.complain(f"backfill {row.id} is cancelled; what runs goes on")
            raise


def _line(row: BackfillRow, progress: Mapping[str, int]) -> str:
    total = sum(progress.values()) - progress["skipped"]
    done = progress["success"] + progress["failed"]
    return f"{row.dag_id}: {done} of {total} runs done, {progress['running']} running, {progress['failed']} failed"


def _verdict(session: Session, row: BackfillRow, failed: Sequence[Any]) -> int:
    if not failed:
        session.say(f"{row.dag_id}: backfill done")
        return 0
    session.complain("Some task instances failed:")
    for task in failed:
        session.complain(f"  {task.dag_id} {task.task_id} {task.run_id} map_index={task.map_index}")
    return 1


def _cancel(session: Session, row: BackfillRow) -> None:
    try:
        with session.database.begin() as tx:
            actions.cancel(tx, row.id)
    except Conflict:
        return  # it ended at this very moment


@contextmanager
def _scheduler(session: Session) -> Iterator[None]:
    """A scheduler for the time being, when none is alive: one that makes no runs of its own accord. The worker and the
    template that it starts end with it."""
    threshold = timedelta(seconds=session.settings.number("scheduler", "scheduler_health_check_threshold", 30.0))
    with session.database.read() as tx:
        if tx.jobs.alive("SchedulerJob", tx.now - threshold):
            yield
            return
    environment = {**os.environ, "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False"}  # noqa: TID251  the environment of whoever types the command
    process = subprocess.Popen([sys.executable, "-m", "tradewind", "scheduler"], env=environment, stdout=sys.stderr)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
        stop_execution(session.settings)
