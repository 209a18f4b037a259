"""The commands about backfills: ``backfill create`` of Airflow 3 and ``dags backfill`` of Airflow 2."""

from __future__ import annotations

from .tree import DAG_ID, OUTPUT, SUBDIR, VERBOSE, YES, Command, Group, argument, flag

BACKFILL = Group(
    "backfill",
    "run the dates of a range",
    (
        Command(
            "create",
            "create a backfill, which the scheduler runs",
            "backfills:create",
            (
                argument("--dag-id", required=True, help="id of the DAG"),
                argument("--dag-run-conf", help="configuration of the runs, a JSON object"),
                flag("--dry-run", help="only say which dates would be run"),
                argument("--from-date", required=True, help="first logical date"),
                argument("--to-date", required=True, help="last logical date"),
                argument("--max-active-runs", type=int, default=10, help="runs at a time"),
                argument(
                    "--reprocess-behavior",
                    choices=("none", "completed", "failed"),
                    default="none",
                    help="which dates that have a run are run again",
                ),
                flag("--run-backwards", help="the latest date first"),
                flag("--no-run-on-latest-version", help="read for old scripts"),
                OUTPUT,
            ),
        ),
    ),
)

DAGS_BACKFILL = Command(
    "backfill",
    "run the dates of a range, and wait for them",
    "backfills:backfill",
    (
        DAG_ID,
        argument("-s", "--start-date", help="first logical date"),
        argument("-e", "--end-date", help="last logical date"),
        argument("-c", "--conf", help="configuration of the runs, a JSON object"),
        flag("--continue-on-failures", help="go on although runs have failed"),
        argument("--delay-on-limit", type=float, help="read for old scripts"),
        flag("--disable-retry", help="a failed task is not tried again"),
        flag("-x", "--donot-pickle", help="read for old scripts"),
        flag("-n", "--dry-run", help="only say which dates would be run"),
        flag("-i", "--ignore-dependencies", help="with --task-regex: without what the tasks follow"),
        flag("-I", "--ignore-first-depends-on-past", help="read for old scripts"),
        flag("-l", "--local", help="read for old scripts"),
        flag("-m", "--mark-success", help="only mark the tasks as succeeded"),
        argument("--pool", help="the pool of all tasks"),
        flag("--rerun-failed-tasks", help="run failed tasks of runs that are there again"),
        flag("--reset-dagruns", help="run all tasks of runs that are there again"),
        flag("-B", "--run-backwards", help="the latest date first"),
        SUBDIR,
        argument("-t", "--task-regex", help="only tasks whose id this expression is found in"),
        flag("--treat-dag-as-regex", help="the id is a regular expression"),
        flag("--treat-dag-id-as-regex", help="the id is a regular expression"),
        VERBOSE,
        YES,
    ),
)
