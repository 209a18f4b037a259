"""``jobs check``: whether something is alive."""

from __future__ import annotations

import platform
from argparse import Namespace
from datetime import timedelta

from .session import CommandFailed, Session

JOB_TYPES = ("SchedulerJob", "DagProcessorJob", "TriggererJob", "WorkerJob")
"""The roles that keep a job; Airflow's LocalTaskJob and BackfillJob have no process of their own here."""


def check(args: Namespace, session: Session) -> int:
    """0 when a job is alive (exactly one, unless several are allowed)."""
    if args.hostname and args.local:
        raise CommandFailed("You can't use --hostname and --local at the same time")
    if args.allow_multiple and args.limit == 1:
        raise CommandFailed("To use option --allow-multiple, you must set the limit to a value greater than 1.")
    threshold = session.settings.number("scheduler", "scheduler_health_check_threshold", 30.0)
    hostname = platform.node() if args.local else args.hostname
    with session.database.read() as tx:
        since = tx.now - timedelta(seconds=threshold)
        kinds = [args.job_type] if args.job_type else JOB_TYPES
        found = [job for kind in kinds for job in tx.jobs.alive(kind, since)]
    alive = [job for job in found if hostname in (None, job.hostname)]
    if args.limit > 0:
        alive = alive[: args.limit]
    if not alive:
        raise CommandFailed("No alive jobs found.")
    if len(alive) > 1 and not args.allow_multiple:
        raise CommandFailed(f"Found {len(alive)} alive jobs. Expected only one.")
    session.say("Found one alive job." if len(alive) == 1 else f"Found {len(alive)} alive jobs.")
    return 0
